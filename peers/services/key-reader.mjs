// Keys out of telephone-events: each once, however many packets of it come. RFC 4733 §2.5.

export const KEYS = '0123456789*#ABCD'
/** A key whose end was lost has ended when so long nothing of it came. */
const LOST_MS = 600

export class KeyReader {
  #onKey
  #key
  #timer

  /** @param onKey gets each key when it has ended */
  constructor(onKey) {
    this.#onKey = onKey
  }

  take(payload, timestamp) {
    if (payload.length < 4 || payload[0] >= KEYS.length) return
    const [event, hasEnded] = [payload[0], (payload[1] & 0x80) !== 0]
    // §2.5.1.3: what lasts longer than a duration can tell goes on under a new time.
    const isSegment = this.#key?.event === event && timestamp === (this.#key.timestamp + 0xffff) >>> 0
    if (isSegment && !this.#key.hasEnded) this.#key.timestamp = timestamp
    const isNew = this.#key?.timestamp !== timestamp
    // What comes late of a key that has ended.
    if (isNew ? isBefore(timestamp, this.#key?.timestamp) : this.#key.hasEnded) return
    if (isNew) {
      this.#ends()
      this.#key = { event, timestamp, hasEnded: false }
    }
    clearTimeout(this.#timer)
    if (hasEnded) this.#ends()
    else this.#timer = setTimeout(() => this.#ends(), LOST_MS)
  }

  #ends() {
    clearTimeout(this.#timer)
    if (this.#key === undefined || this.#key.hasEnded) return
    this.#key.hasEnded = true
    this.#onKey(KEYS[this.#key.event])
  }

  close() {
    clearTimeout(this.#timer)
  }
}

const isBefore = (one, other) => other !== undefined && (one - other) >> 0 < 0
