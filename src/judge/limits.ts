/** What a capture does not show: told, and never held against anybody. */
import type { Capture } from '../capture/events.js'
import type { Scene } from './scene.js'

const MOST_TROUBLES = 12
const counted = (many: number, one: string, several = `${one}s`): string => `${many} ${many === 1 ? one : several}`

export function limitsOf(capture: Capture, scene: Scene): string[] {
  const { calls, streams, messages, encrypted, gaps, cut, twice, translated, left, view, broken, keysAreMasked } = scene
  const unread = keysAreMasked ? 0 : streams.filter((one) => one.unread > 0).length
  const begun = calls.filter(({ legs }) => legs.length === 0).length
  const limits = [
    ...(messages.length === 0 && streams.length > 0
      ? ['No signalling was seen: audio alone shows loss, jitter and gaps, not who calls whom.']
      : []),
    ...(messages.length === 0 && streams.length === 0 ? ['Neither SIP nor RTP was found in it.'] : []),
    ...(messages.length > 0 && streams.length === 0 && calls.some(({ legs }) => legs.some(({ answer }) => answer))
      ? [
          'No audio was seen: it went another way, or was filtered out. What is said of calls is about signalling alone.',
        ]
      : []),
    ...(broken.size > 0
      ? [
          `Of ${counted(broken.size, 'call or other exchange', 'calls or other exchanges')} messages are missing, or may be: the standing checks passed over them.`,
        ]
      : []),
    ...(begun > 0 ? [`${counted(begun, 'call')} began before the capture: only what came later was judged.`] : []),
    ...(encrypted > 0
      ? [`${counted(encrypted, 'connection')} with TLS could not be read: give the session keys with --tls-secrets.`]
      : []),
    ...(gaps > 0 ? [`Bytes are missing in ${counted(gaps, 'connection')}: messages in them were not judged.`] : []),
    ...(cut > 0
      ? [`${counted(cut, 'datagram')} cut short when captured (snap length, or a fragment is missing).`]
      : []),
    ...(unread > 0
      ? [
          `${counted(unread, 'encrypted stream')} could not be opened, as the capture has no keys for ${unread === 1 ? 'it' : 'them'} (DTLS, or signalling over TLS): loss and jitter were judged, not what is said.`,
        ]
      : []),
    ...(keysAreMasked
      ? ['SRTP keys were made unreadable before the capture was passed on: nothing was opened with them.']
      : []),
    ...(twice > 0
      ? [`${counted(twice, 'message')} captured twice, as on all interfaces at once: each was counted once.`]
      : []),
    ...(translated > 0
      ? [
          `${counted(translated, 'packet')} captured on both sides of a router that translates addresses (NAT): each was counted once, as seen on the inner side.`,
        ]
      : []),
    ...(left > 0
      ? [`${counted(left, 'message or packet', 'messages or packets')} not kept, as there were too many.`]
      : []),
    ...(view.servers.size === 0 && messages.length > 0
      ? [`Who is the provider is not known: ${view.serversWhy}.`]
      : []),
  ]
  const troubles = capture.troubles.map(
    ({ text, count, frame }) =>
      `The file: ${text.replace(/\.$/, '')}${count > 1 ? `, ${count} times` : ''}${frame === undefined ? '' : ` (frame ${frame})`}.`,
  )
  const more = troubles.length - MOST_TROUBLES
  return [...limits, ...troubles.slice(0, MOST_TROUBLES), ...(more > 0 ? [`The file: ${more} more troubles.`] : [])]
}
