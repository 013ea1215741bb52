/** Whether an offer of audio has the encryption that the provider wants on its transport (EP-2). */
import { sessionDescriptionIn } from '../message/body-parts.js'
import type { SipRequest } from '../message/message.js'
import { SessionDescription } from '../sdp/session-description.js'
import type { TransportName } from '../transport/flow.js'
import type { ProviderContext } from './context.js'

/** Whether a request offers audio without encryption where calls have to be encrypted: then it is refused with 488. */
export function lacksEncryption(
  { policy, rules }: ProviderContext,
  request: SipRequest,
  transport: TransportName,
): boolean {
  if (!policy.encryptedOn.includes(transport) || !rules.relay.wantsEncryption) return false
  if (request.method !== 'INVITE' && request.method !== 'UPDATE') return false
  const body = sessionDescriptionIn(request)
  if (body === undefined) return false
  return SessionDescription.parse(body).media.some(
    ({ media, port, protocol }) => media === 'audio' && port !== 0 && !/SAVPF?$/.test(protocol),
  )
}
