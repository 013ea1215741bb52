/**
 * A full ICE agent with one candidate for each of its sockets (RFC 8445): offers them, checks the paths from them to the
 * candidate of an answer, and answers the checks of a peer that is a full agent, too.
 */
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import { answerCheck, encodeCheck, integrityOf } from '../nat/ice-check.js'
import { parseStun, type StunMessage } from '../nat/stun-message.js'
import { formatCandidate, type IceCredentials, priorityOf } from '../sdp/ice.js'
import type { Endpoint } from '../transport/network.js'
import type { RawRtp } from './raw-rtp.js'

/** RFC 8489 §6.2.1: initial retransmission timeout; RFC 8445 §14.3 has no less. */
const RTO_MS = 500
const LOOK_MS = 20
/** RFC 8445 §5.1.2.1. */
const PEER_REFLEXIVE = 110

/** What came of a check. */
export interface CheckOutcome {
  /** Undefined: nothing came. */
  readonly answer: StunMessage | undefined
  /** MESSAGE-INTEGRITY of the answer, by the password of the description. */
  readonly integrity: 'right' | 'wrong' | 'missing' | undefined
  readonly words: string
}

interface Heard {
  readonly data: Buffer
  readonly from: Endpoint
}

export class IceAgent {
  readonly own: IceCredentials
  readonly #clock: Clock
  readonly #random: Random
  readonly #tieBreaker: Buffer
  readonly #heard: Heard[] = []

  constructor({ clock, random }: { readonly clock: Clock; readonly random: Random }) {
    this.#clock = clock
    this.#random = random
    this.#tieBreaker = random.bytes(8)
    // RFC 8839 §5.4: 24 and 128 bits at least.
    this.own = { ufrag: random.token(8), password: random.token(28) }
  }

  /** Checks go out from this socket and come in at it. */
  uses(audio: RawRtp): void {
    audio.onStun = (data, from) => {
      if (parseStun(data)?.class !== 'request') this.#heard.push({ data, from })
      const { answer } = answerCheck(data, from, this.own)
      if (answer !== undefined) audio.throws(answer, from)
    }
  }

  /**
   * Attributes of the audio's section, `a=…`; the first socket is the one of c= and m=.
   * @param reports of RTCP, where the answer does not have it share the port: one for each socket (RFC 5761 §5.1.3)
   */
  lines(sockets: readonly RawRtp[], reports: readonly RawRtp[]): string[] {
    const candidates = [sockets, reports].flatMap((ofComponent, index) =>
      ofComponent.map(({ local: { address, port } }, nth) =>
        formatCandidate({
          foundation: '1',
          component: index + 1,
          transport: 'UDP',
          priority: priorityOf(index + 1, 126, 65_535 - nth),
          address,
          port,
          type: 'host',
        }),
      ),
    )
    const fallback = reports.slice(0, 1).map(({ local: { port } }) => `a=rtcp:${port}`)
    return [
      'a=ice-options:ice2',
      `a=ice-ufrag:${this.own.ufrag}`,
      `a=ice-pwd:${this.own.password}`,
      'a=rtcp-mux',
      ...fallback,
      ...candidates.map((line) => `a=candidate:${line}`),
    ]
  }

  /** Asks, again and again, until an answer comes or the time (ms) is over. */
  async checks(
    audio: RawRtp,
    to: Endpoint,
    theirs: IceCredentials,
    o: { readonly withinMs: number; readonly nominates?: boolean },
  ): Promise<CheckOutcome> {
    const transactionId = this.#random.bytes(12)
    const request = encodeCheck({
      transactionId,
      own: this.own,
      theirs,
      priority: priorityOf(1, PEER_REFLEXIVE),
      tieBreaker: this.#tieBreaker,
      nominates: o.nominates ?? false,
    })
    const until = this.#clock.now() + o.withinMs
    for (let waitMs = RTO_MS; this.#clock.now() < until; waitMs *= 2) {
      audio.throws(request, to)
      const next = Math.min(until, this.#clock.now() + waitMs)
      while (this.#clock.now() < next) {
        await this.#clock.sleep(LOOK_MS)
        const outcome = this.#outcomeOf(transactionId, theirs.password)
        if (outcome !== undefined) return outcome
      }
    }
    return { answer: undefined, integrity: undefined, words: 'no answer' }
  }

  #outcomeOf(transactionId: Buffer, password: string): CheckOutcome | undefined {
    for (const { data } of this.#heard) {
      const answer = parseStun(data)
      if (answer === undefined || !answer.transactionId.equals(transactionId)) continue
      const code = answer.errorCode?.code
      const words = answer.class === 'success' ? 'success' : `${answer.class} ${code ?? ''}`.trim()
      return { answer, integrity: integrityOf(data, password), words }
    }
    return undefined
  }
}
