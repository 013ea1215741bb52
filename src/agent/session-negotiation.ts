/** The session of one call: offers and answers of both sides, and the media session that they are about. */
import { InviteSession } from '../dialog/invite-session.js'
import type { MediaSession } from '../media/media-session.js'
import type { SipRequest } from '../message/message.js'
import { SessionDescription } from '../sdp/session-description.js'
import type { AgentCore } from './agent-core.js'
import type { Answer, Call } from './call.js'
import type { MediaFactory, MediaWish } from './media-factory.js'

export class SessionNegotiation extends InviteSession {
  media: MediaSession | undefined
  /** As they went over the wire, latest ones. */
  localSdp: string | undefined
  remoteSdp: string | undefined
  /** See `Call.onOffer`. */
  onOffer: Call['onOffer']
  /** Why the offer of a 2xx could not be taken: after its ACK comes a BYE (RFC 3261 §13.2.2.4, §14.2). */
  unacceptable: string | undefined
  readonly #core: AgentCore
  #over = false
  readonly #waiting: (() => void)[] = []

  constructor(core: AgentCore) {
    super()
    this.#core = core
  }

  /** Opens the media session, once. @param factory the agent's by default; `false`: there is to be none */
  async openMedia(factory: MediaFactory | false | undefined, wish: Omit<MediaWish, 'agent'>): Promise<void> {
    const open = factory ?? this.#core.options.media
    if (open === undefined || open === false || this.media !== undefined) return

    this.media = await open({ agent: this.#core.name, ...wish })
    if (this.#over) this.closeMedia()
  }

  /** The call is over: a media session that is opened later is closed at once. */
  closeMedia(): void {
    this.#over = true
    if (this.media !== undefined) this.#core.unattended(this.media.close())
  }

  /** Resolves when an INVITE transaction has ended or the call is over, whichever comes first. */
  changes(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }

  /** Whoever waits for `changes` looks again. */
  wake(): void {
    for (const go of this.#waiting.splice(0)) go()
  }

  /** The session description that an offer, or the wish for one, is answered with; or the refusal. */
  respondToOffer(offer: string | undefined, request: SipRequest): string | undefined | Answer {
    const decided = this.onOffer?.(offer, request)
    if (decided !== undefined) return decided

    // Without a media session the session goes on as described before.
    if (this.media === undefined) return this.localSdp

    if (offer === undefined) return this.media.offer().toString()

    const answer = this.media.answer(offer)
    // RFC 3261 §13.3.1.3, §14.2: Warning says why.
    return 'rejected' in answer
      ? { status: answer.status, headers: { Warning: warning(answer.rejected) } }
      : answer.toString()
  }

  /** Takes a description that answers our offer. What is wrong with it, or undefined. */
  takeAnswer(sdp: string): string | undefined {
    this.offer = 'idle'
    this.remoteSdp = sdp
    return this.media?.accept(sdp)?.rejected
  }

  /** The answer that an ACK or PRACK carries when the response brought the offer (RFC 3261 §13.2.2.4, RFC 3262 §5). */
  answerLate(offer: string): string | undefined {
    this.remoteSdp = offer
    if (this.media === undefined) return this.localSdp

    const answer = this.media.answer(offer)
    if ('rejected' in answer) {
      this.unacceptable = answer.rejected
      return refuseAll(offer)
    }
    this.localSdp = answer.toString()
    return this.localSdp
  }

  /** The ACK for our 2xx has come. @param offering the 2xx had an offer, so that the ACK is to bring the answer */
  takeAck(answer: string | undefined, offering: boolean): void {
    this.acknowledged()
    if (offering && answer !== undefined) this.takeAnswer(answer)
  }
}

/** Refuses every stream of an offer: RFC 3264 §6, port zero. */
function refuseAll(offer: string): string {
  const answer = SessionDescription.parse(offer)
  for (const media of answer.media) media.port = 0

  return answer.toString()
}

/** Warning header field value (RFC 3261 §20.43), 399 for whatever has no code of its own. */
function warning(text: string): string {
  return `399 ringproof "${text.replaceAll(/["\\\r\n]/g, "'")}"`
}
