/** How an offer that a story made by hand is answered. */
import type { OutgoingCall } from '../agent/call.js'
import { sessionDescriptionIn } from '../message/body-parts.js'
import type { MediaDescription } from '../sdp/section.js'
import { SessionDescription } from '../sdp/session-description.js'
import { inconclusive, loginTaken, precondition } from './outcome.js'
import type { StageTools } from './stage.js'
import type { Rules } from './rule.js'

export type OfferOutcome =
  | {
      readonly kind: 'taken'
      readonly status: number
      readonly answer: SessionDescription
      readonly audio: MediaDescription
    }
  /** By a final response, or by port 0 in a 2xx. */
  | { readonly kind: 'refused'; readonly status: number; readonly answer?: SessionDescription }

/** Statuses about the offer, not about who is there or the server's state (RFC 3261 §21.4.26, §21.6.4 and others). */
const ABOUT_THE_OFFER = new Set([400, 403, 406, 415, 421, 488, 493, 494, 580, 606])
const ANSWER_MS = 12_000

/** Waits for the answer to the call's offer. Answers that are not about the offer (480, 503), and none, are inconclusive. */
export async function outcomeOfOffer<R extends Rules>(
  call: OutgoingCall,
  { within }: Pick<StageTools<R>, 'within'>,
): Promise<OfferOutcome> {
  const final = await within(call.answered, ANSWER_MS)
  precondition(final, 'the call got no final response', 'no-answer')
  const { status } = final
  if (ABOUT_THE_OFFER.has(status)) return { kind: 'refused', status }
  loginTaken(final)
  if (status >= 300) inconclusive(`the call was rejected with ${status}, which is not about the offer`, 'call-refused')
  const answer = SessionDescription.parse(sessionDescriptionIn(final) ?? '')
  const audio = answer.media.find((media) => media.media === 'audio')
  precondition(audio, 'the 2xx has no audio in its session description', 'no-audio')
  return audio.port === 0 ? { kind: 'refused', status, answer } : { kind: 'taken', status, answer, audio }
}
