/** Why a call did not come about, or cannot be used: the same for calls to accounts and to services. */
import type { Call, OutgoingCall } from '../agent/call.js'
import { chooseChallenge, parseChallenges } from '../message/digest.js'
import type { SipResponse } from '../message/message.js'
import { checkAnswer } from '../sdp/offer-answer-rules.js'
import { SessionDescription } from '../sdp/session-description.js'
import type { Trouble } from './trouble.js'

/** What a 401 or 407 that ended a call says; undefined for other responses. */
export function challengeTrouble(final: SipResponse): Trouble | undefined {
  const { status, headers } = final
  if (status !== 401 && status !== 407) return undefined
  const name = status === 407 ? 'Proxy-Authenticate' : 'WWW-Authenticate'
  const values = headers.all(name)
  const about = { code: `rejected-${status}`, certain: true } as const
  if (chooseChallenge(parseChallenges(values)) !== undefined)
    return { ...about, cause: 'call-refused', sentence: `The log-in of INVITE is refused with ${status}` }

  const lacks = values.length === 0 ? `carries no ${name}` : `carries no ${name} that a telephone can answer`
  return { ...about, cause: 'challenge-malformed', sentence: `INVITE is challenged with a ${status} that ${lacks}` }
}

/** What is wrong where the session descriptions of a call left its media without agreement. */
export function descriptionTrouble(call: Call): Trouble | undefined {
  if (!call.media || call.media.negotiated) return undefined
  const what =
    call.direction === 'outgoing'
      ? answerProblem(call)
      : 'the offer that reaches the callee holds nothing that was offered'
  return { code: 'bad-answer', cause: 'answer-unusable', certain: true, sentence: `Calls cannot be used: ${what}` }
}

/** Told by the two descriptions. */
function answerProblem({ localSdp, remoteSdp }: Pick<OutgoingCall, 'localSdp' | 'remoteSdp'>): string {
  if (remoteSdp === undefined) return 'the 2xx has no session description, so nobody knows where audio goes'
  if (localSdp === undefined) return 'the session description of the answer fits no offer'
  const answered = SessionDescription.parse(remoteSdp)
  const [media] = answered.media
  if (media?.port === 0) return 'the answer refuses the audio stream (port 0) in a 2xx'
  const [problem] = checkAnswer(SessionDescription.parse(localSdp), answered)
  if (problem?.code === 'answer-no-common-format') {
    const codecs = media?.rtpMaps.map(({ encoding }) => encoding) ?? []
    return `the answer names a codec that was never offered: ${codecs.join(', ') || media?.formats.join(' ')}`
  }
  return problem
    ? `the answer has ${problem.actual} in place of ${problem.expected} (${problem.rule})`
    : 'the answer does not fit the offer'
}

/** `488 Not Acceptable Here`. */
export const statusLine = ({ status, reason }: SipResponse): string => `${status}${reason ? ` ${reason}` : ''}`
