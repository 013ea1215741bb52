/** Session descriptions of our devices: a target that hands one on is not to blame for how it is written. */
import { SessionDescription } from '../../sdp/session-description.js'

/** As long as there are not too many. */
const MOST = 200

export class SentDescriptions {
  readonly #bodies = new Map<string, Buffer>()
  /** What was learned from so many of them. */
  #learned = { bodies: 0, lines: new Set<string>(), codes: new Set<string>() }

  /** @param fingerprint `ScannedSdp.body` */
  add(fingerprint: string, bytes: Buffer): void {
    if (this.#bodies.size < MOST && !this.#bodies.has(fingerprint)) this.#bodies.set(fingerprint, bytes)
  }

  has(fingerprint: string): boolean {
    return this.#bodies.has(fingerprint)
  }

  /** Does one of them break the grammar in the same way, or have the same line? */
  explains(code: string, line: string): boolean {
    if (this.#learned.bodies !== this.#bodies.size) this.#learn()
    // Where something is missing, the line only tells the place.
    return this.#learned.codes.has(code) || (!code.endsWith('-missing') && this.#learned.lines.has(line))
  }

  #learn(): void {
    const lines = new Set<string>()
    const codes = new Set<string>()
    for (const body of this.#bodies.values()) {
      for (const line of body.toString('latin1').split(/\r?\n/)) lines.add(line)
      for (const { code } of SessionDescription.parse(body).violations) codes.add(code)
    }
    this.#learned = { bodies: this.#bodies.size, lines, codes }
  }
}
