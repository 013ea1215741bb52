/** What comes of an offer that a story made by hand. */
import type { OutgoingCall } from '../agent/call.js'
import { sessionDescriptionIn } from '../message/body-parts.js'
import { type MediaDescription, SessionDescription } from '../sdp/session-description.js'
import { inconclusive, precondition } from './outcome.js'
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

/** Statuses that say something about the offer, not about whether somebody is there (RFC 3261 §21.4.26, §21.6.4 and others). */
const ABOUT_THE_OFFER = new Set([400, 403, 406, 415, 421, 488, 493, 494, 580, 606])
const ANSWER_MS = 12_000

/** Waits for the answer to the call's offer. Whatever tells nothing of the offer (480, 503, silence) is inconclusive. */
export async function outcomeOfOffer<R extends Rules>(
  call: OutgoingCall,
  { within }: Pick<StageTools<R>, 'within'>,
): Promise<OfferOutcome> {
  const final = await within(call.answered, ANSWER_MS)
  precondition(final, 'the call got no final answer')
  const { status } = final
  if (ABOUT_THE_OFFER.has(status)) return { kind: 'refused', status }
  if (status >= 300) inconclusive(`the call was answered ${status}, which tells nothing of the offer`)
  const answer = SessionDescription.parse(sessionDescriptionIn(final) ?? '')
  const audio = answer.media.find((media) => media.media === 'audio')
  precondition(audio, 'the 2xx has no audio in its session description')
  return audio.port === 0 ? { kind: 'refused', status, answer } : { kind: 'taken', status, answer, audio }
}
