/** Messages of MIKEY that were taken: none is taken a second time (RFC 3830 §5.4). */
import { createHash } from 'node:crypto'

/** Some hundred bytes each. */
const CAPACITY = 10_000

interface Taken {
  /** What its timestamp says, ms since 1970. */
  readonly sentMs: number
  /** From then on its timestamp is refused anyhow. */
  readonly untilMs: number
}

/** The older of its messages are forgotten where there are too many; then the clock skew that is allowed shrinks instead. */
export class ReplayCache {
  readonly #capacity: number
  readonly #taken = new Map<string, Taken>()
  #forgottenUntil = Number.NEGATIVE_INFINITY

  /** @param capacity how many messages are remembered */
  constructor(capacity = CAPACITY) {
    this.#capacity = capacity
  }

  /** Was it taken before? @param sentMs where messages as old have been forgotten it may have been */
  knows(message: Buffer, sentMs: number): boolean {
    return sentMs <= this.#forgottenUntil || this.#taken.has(digestOf(message))
  }

  /** Only what has been authenticated: others could fill it. */
  add(message: Buffer, taken: Taken, nowMs: number): void {
    if (this.#taken.size >= this.#capacity) this.#makeRoom(nowMs)
    this.#taken.set(digestOf(message), taken)
  }

  get size(): number {
    return this.#taken.size
  }

  #makeRoom(nowMs: number): void {
    for (const [digest, { untilMs }] of this.#taken) if (untilMs < nowMs) this.#taken.delete(digest)
    if (this.#taken.size < this.#capacity) return
    const byAge = [...this.#taken].sort(([, a], [, b]) => a.sentMs - b.sentMs)
    for (const [digest, { sentMs }] of byAge.slice(0, Math.ceil(this.#capacity / 2))) {
      this.#taken.delete(digest)
      this.#forgottenUntil = Math.max(this.#forgottenUntil, sentMs)
    }
  }
}

const digestOf = (message: Buffer): string => createHash('sha256').update(message).digest('base64')
