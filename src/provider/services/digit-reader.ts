/** Reads the digits that a caller presses, from telephone-events (RFC 4733), as well as the rules of the provider let it. */
import type { RtpPacket } from '../../media/rtp.js'
import { digitOfEvent, EventReceiver, parseEvents } from '../../media/telephone-event.js'
import type { Rules } from '../rules/rules.js'

export class DigitReader {
  readonly #rules: Rules['serviceMedia']
  readonly #receiver = new EventReceiver()
  #heard = 0
  #last = ''

  constructor(rules: Rules['serviceMedia']) {
    this.#rules = rules
  }

  /** @param at when the packet came, ms of the clock @returns the digits that it makes known */
  read(packet: RtpPacket, at: number): string[] {
    if (!this.#rules.countsEvents) {
      // Takes every end packet for a digit of its own.
      return (parseEvents(packet.payload) ?? []).flatMap(({ end, event }) => (end ? (digitOfEvent(event) ?? []) : []))
    }
    this.#receiver.push(packet.payload, packet.timestamp, packet.marker, at)
    const { digits } = this.#receiver
    const fresh = Array.from(digits.slice(this.#heard)).filter((digit) => {
      const isSwallowed = !this.#rules.countsRepeats && digit === this.#last
      this.#last = digit
      return !isSwallowed
    })
    this.#heard = digits.length
    return fresh
  }
}
