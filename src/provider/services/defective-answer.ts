import type { NegotiatedAudio, Rejection } from '../../sdp/offer-answer.js'
import { SessionDescription } from '../../sdp/session-description.js'
import type { ProviderContext } from '../context.js'

/** The answer as a user agent with the chosen defects writes it; the answer itself where there are none. */
export function defectiveAnswer(
  { faults }: ProviderContext,
  answer: SessionDescription,
  negotiated: NegotiatedAudio | undefined,
): SessionDescription {
  for (const media of answer.media) {
    for (const line of media.attributes('crypto')) {
      if (faults.has('crypto-tag-not-echoed')) media.setAttribute('crypto', line.replace(/^\d+/, '7'))
      const theirs = negotiated?.crypto?.receive.keys[0]?.keySalt.toString('base64')
      if (theirs !== undefined && faults.has('srtp-key-reused'))
        media.setAttribute('crypto', line.replace(/inline:[^|\s]+/, `inline:${theirs}`))
    }
    const { connection } = media
    if (connection?.addrType === 'IP6' && faults.has('sdp-says-ip4'))
      answer.session.setLine('c', `IN IP4 ${connection.address}`)

    if (faults.has('hold-ignored') && media.direction !== 'sendrecv') media.direction = 'sendrecv'
  }
  const { origin } = answer
  if (origin !== undefined && faults.has('origin-version-kept')) answer.origin = { ...origin, version: '1' }
  if (!faults.has('media-lines-dropped')) return answer
  const [head = '', ...sections] = answer.toString().split(/^(?=m=)/m)
  return SessionDescription.parse([head, ...sections.filter((section) => !/^m=\S+ 0 /.test(section))].join(''))
}

/** What a user agent with the chosen defects answers to an offer that must be refused; undefined: it refuses. */
export function defectiveRefusal(
  { faults }: ProviderContext,
  offer: SessionDescription,
  refusal: Rejection,
): SessionDescription | undefined {
  if (!faults.has('no-common-codec-accepted') || !/codec/i.test(refusal.rejected)) return undefined
  const address = offer.media[0]?.connection?.address ?? '127.0.0.1'
  const family = address.includes(':') ? 'IP6' : 'IP4'
  return SessionDescription.fromLines([
    'v=0',
    `o=- 1 1 IN ${family} ${address}`,
    's=-',
    `c=IN ${family} ${address}`,
    't=0 0',
    'm=audio 40000 RTP/AVP 8',
    'a=rtpmap:8 PCMA/8000',
  ])
}
