/** How faults answer offers whose protection is not to be had here, where a service that does right refuses them. */
import { isRejection, type Rejection } from '../../sdp/offer-answer.js'
import { SessionDescription } from '../../sdp/session-description.js'
import type { EncryptionRules } from '../rules/encryption.js'

type AnswerPlain = (offer: SessionDescription) => SessionDescription | Rejection

const KEYING = /^a=(?:fingerprint|key-mgmt|setup):.*\r?\n/gm
const AS_PLAIN = /(?:UDP\/TLS\/)?RTP\/SAVP/g

/** @param answer to the same offer as RTP. Returns undefined where the rules refuse it */
export function carelessAnswer(
  offer: SessionDescription,
  { meansKeying, refusesOtherKeying, needsKeys }: EncryptionRules,
  answer: AnswerPlain,
): SessionDescription | undefined {
  const text = offer.toString()
  if (!text.includes('RTP/SAVP')) return undefined
  if (!meansKeying) return pretendingAnswer(text, answer)
  if (!refusesOtherKeying && /^a=(?:fingerprint|key-mgmt):/m.test(text)) return plainAnswer(text, answer)
  if (needsKeys) return undefined
  const answered = answerOf(text.replaceAll('RTP/SAVP', 'RTP/AVP'), answer)
  for (const media of answered?.media ?? []) media.protocol = media.protocol.replace('RTP/AVP', 'RTP/SAVP')
  return answered
}

const plainAnswer = (offer: string, answer: AnswerPlain) =>
  answerOf(offer.replaceAll(KEYING, '').replaceAll(AS_PLAIN, 'RTP/AVP'), answer)

function answerOf(offer: string, answer: AnswerPlain): SessionDescription | undefined {
  const answered = answer(SessionDescription.parse(offer))
  return isRejection(answered) ? undefined : answered
}

/** Accepts key agreements that are not spoken here: the fingerprint is that of no certificate, the message the offer's own. */
function pretendingAnswer(offer: string, answer: AnswerPlain): SessionDescription | undefined {
  const lines = [...offer.matchAll(/^a=(fingerprint|key-mgmt):(.*)\r?$/gm)]
  const answered = lines.length === 0 ? undefined : plainAnswer(offer, answer)
  for (const media of answered?.media ?? []) {
    media.protocol = offer.includes('UDP/TLS/RTP/SAVP') ? 'UDP/TLS/RTP/SAVP' : 'RTP/SAVP'
    for (const [, name = '', value = ''] of lines) media.addAttribute(name, value)
    if (lines.some(([, name]) => name === 'fingerprint')) media.addAttribute('setup', 'active')
  }
  return answered
}
