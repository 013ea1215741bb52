/** Faxes: calls whose audio is changed to T.38 by re-INVITE (RFC 3264 §8.3.3). */
import type { SipRequest } from '../message/message.js'
import type { MediaDescription } from '../sdp/section.js'

/** Does the request offer a fax? */
export function offersFax({ method, body }: SipRequest): boolean {
  return (method === 'INVITE' || method === 'UPDATE') && /^m=image [1-9]/m.test(body.toString('latin1'))
}

/** G.711 in place of a fax that was offered. */
export function nameAudio(media: MediaDescription): void {
  media.setLine('m', `audio ${media.port} RTP/AVP 8`)
  for (const name of ['T38FaxVersion', 'T38MaxBitRate', 'T38FaxRateManagement', 'T38FaxUdpEC'])
    media.removeAttribute(name)
}
