/** Answers of services whose rules for media are not the right ones. */
import { isEvent, type NegotiatedAudio } from '../../sdp/audio-stream.js'
import type { Rejection } from '../../sdp/offer-answer.js'
import type { MediaDescription } from '../../sdp/section.js'
import { SessionDescription } from '../../sdp/session-description.js'
import type { ProviderContext } from '../context.js'
import { miswritten } from './misread-keys.js'

/** The answer as the rules have it; where they are the right ones, the answer itself. */
export function defectiveAnswer(
  { rules }: ProviderContext,
  offer: SessionDescription,
  answer: SessionDescription,
  negotiated: NegotiatedAudio | undefined,
): SessionDescription {
  for (const [index, media] of answer.media.entries()) {
    for (const line of media.attributes('crypto')) {
      const tag = line.split(/\s/)[0] ?? ''
      const accepted = offer.media[index]?.attributes('crypto').find((one) => one.startsWith(`${tag} `))
      const written = miswritten(line, accepted, rules.encryption)
      if (written !== line) media.setAttribute('crypto', written)
      if (!rules.encryption.echoesTag) media.setAttribute('crypto', line.replace(/^\d+/, '7'))
      const theirs = negotiated?.crypto?.receive.keys[0]?.keySalt.toString('base64')
      if (theirs !== undefined && !rules.encryption.usesOwnKeys)
        media.setAttribute('crypto', line.replace(/inline:[^|\s]+/, `inline:${theirs}`))
    }
    const { connection } = media
    if (connection?.addrType === 'IP6' && !rules.relay.tellsFamily)
      answer.session.setLine('c', `IN IP4 ${connection.address}`)

    if (!rules.serviceMedia.namesOfferedCodecs) nameUnofferedCodec(media)
    if (!rules.serviceMedia.honoursHold && media.direction !== 'sendrecv') media.direction = 'sendrecv'
  }
  const { origin } = answer
  if (origin !== undefined && !rules.serviceMedia.raisesVersion) answer.origin = { ...origin, version: '1' }
  if (rules.serviceMedia.answersAllStreams) return answer
  const [head = '', ...sections] = answer.toString().split(/^(?=m=)/m)
  return SessionDescription.parse([head, ...sections.filter((section) => !/^m=\S+ 0 /.test(section))].join(''))
}

/** G.729 in place of all that was agreed on. */
export function nameUnofferedCodec(media: MediaDescription): void {
  if (media.port === 0) return
  media.formats = ['18']
  for (const name of ['rtpmap', 'fmtp']) media.removeAttribute(name)
  media.addAttribute('rtpmap', '18 G729/8000')
}

/** The same formats without telephone-event. */
export function leaveOutEvents(media: MediaDescription): void {
  const types = media.rtpMaps.filter(isEvent).map(({ payloadType }) => String(payloadType))
  const maps = media.attributes('rtpmap').filter((line) => !types.includes(line.split(' ')[0] ?? ''))
  const parameters = media.attributes('fmtp').filter((line) => !types.includes(line.split(' ')[0] ?? ''))
  media.formats = media.formats.filter((format) => !types.includes(format))
  for (const name of ['rtpmap', 'fmtp']) media.removeAttribute(name)
  for (const line of maps) media.addAttribute('rtpmap', line)
  for (const line of parameters) media.addAttribute('fmtp', line)
}

/** What is answered to an offer that must be refused; undefined: it is refused. */
export function defectiveRefusal(
  { rules }: ProviderContext,
  offer: SessionDescription,
  refusal: Rejection,
): SessionDescription | undefined {
  if (rules.serviceMedia.needsCommonCodec || !/codec/i.test(refusal.rejected)) return undefined
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

/** The offer as one of RTP, whose keys nobody needs. */
export function withoutEncryption(offer: SessionDescription): SessionDescription {
  const text = offer.toString().replaceAll(/^a=crypto:.*\r?\n/gm, '')
  return SessionDescription.parse(text.replaceAll('RTP/SAVP', 'RTP/AVP'))
}
