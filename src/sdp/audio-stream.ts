/** One audio stream of an offer or answer: what our side writes of it, and what of theirs can be used (RFC 3264 §5.1, §6.1). */
import { isIPv4, isIPv6 } from 'node:net'
import { type CryptoAttribute, formatCrypto, type SuiteName } from './crypto-attribute.js'
import { chooseCrypto } from './crypto-choice.js'
import type { Direction } from './direction.js'
import { answerDtls, isDtlsProtocol, type LocalDtls, type NegotiatedDtls } from './dtls-setup.js'
import type { MediaDescription } from './section.js'
import type { RtpMap } from './values.js'

export type CodecName = 'PCMA' | 'PCMU' | 'G722'

/** RFC 3551 §6. */
const STATIC_TYPES: Readonly<Record<CodecName, number>> = { PCMA: 8, PCMU: 0, G722: 9 }
const COMFORT_NOISE_TYPE = 13
/** The number of a codec in our offers. */
export const staticType = (codec: CodecName): number => STATIC_TYPES[codec]

export interface MediaAddress {
  readonly address: string
  readonly port: number
}

/** What our side can do and where it listens, for one audio stream. */
export interface LocalAudio {
  readonly address: string
  readonly port: number
  /** Undefined: the next port. */
  readonly rtcpPort?: number
  /** Offer and accept RTP and RTCP on one port (RFC 5761). */
  readonly rtcpMux?: boolean
  /** In order of preference. */
  readonly codecs: readonly CodecName[]
  /** Payload type of telephone-event in our offers; undefined: neither offered nor accepted. */
  readonly dtmfPayloadType?: number
  /** Packet time that we would like to receive. Default 20. */
  readonly ptimeMs?: number
  /** Most that a packet may hold (a=maxptime). */
  readonly maxPtimeMs?: number
  /** Offer and accept comfort noise (RFC 3551 §4.1). */
  readonly comfortNoise?: boolean
  readonly direction?: Direction
  /** Suites in order of preference; empty: no SRTP. */
  readonly suites: readonly SuiteName[]
  /** With suites: offers of plain RTP are refused. */
  readonly srtpRequired?: boolean
  /** Present: DTLS-SRTP is offered, and nothing else; offers of it are accepted. */
  readonly dtls?: LocalDtls
  /** Accept UNENCRYPTED_* and UNAUTHENTICATED_SRTP (RFC 4568 §6.3.2, §6.3.3); default false. */
  readonly allowWeakened?: boolean
}

/** The outcome of an exchange for the audio stream. */
export interface NegotiatedAudio {
  readonly mediaIndex: number
  /** Undefined: nothing is to be sent, neither RTP nor RTCP (0.0.0.0, RFC 3264 §8.4). */
  readonly remote: MediaAddress | undefined
  readonly remoteRtcp: MediaAddress | undefined
  readonly rtcpMux: boolean
  /** What we may do. RTCP flows whatever it is (RFC 3264 §5.1). */
  readonly direction: Direction
  readonly codec: CodecName
  /** The peer's number for it (RFC 3264 §5.1, §6.1). */
  readonly sendPayloadType: number
  /** The peer's numbers for every codec in common. */
  readonly sendPayloadTypes: ReadonlyMap<CodecName, number>
  /** Payload type -> codec of what may arrive. */
  readonly receivePayloadTypes: ReadonlyMap<number, CodecName>
  /** `events`: what the peer takes, e.g. '0-15' (RFC 4733 §2.5.1.1). */
  readonly dtmf?: { readonly send: number; readonly receive: number; readonly events: string }
  /** Payload type of comfort noise, the same both ways; undefined: none is sent in silence. */
  readonly comfortNoise?: number
  /** Packet time that the peer would like to receive, and the longest that it takes. */
  readonly ptimeMs: number
  readonly maxPtimeMs?: number
  /** Present for SRTP. */
  readonly crypto?: { readonly send: CryptoAttribute; readonly receive: CryptoAttribute }
  /** Present for DTLS-SRTP: `crypto` comes of the handshake. */
  readonly dtls?: NegotiatedDtls
}

export interface Format {
  readonly payloadType: number
  readonly map: string
  readonly fmtp?: string
}

/** A format of theirs that we speak, too. */
export interface CommonFormat {
  readonly map: RtpMap
  /** Undefined: telephone-event, or comfort noise. */
  readonly codec: CodecName | undefined
}

/** One that carries a voice. */
export interface CommonCodec extends CommonFormat {
  readonly codec: CodecName
}

/** What can be used of a stream of theirs. */
export interface Stream {
  readonly formats: readonly CommonFormat[]
  readonly preferred: CommonCodec
  readonly address: MediaAddress | undefined
}

export const telephoneEvent = (payloadType: number): Format => ({
  payloadType,
  map: 'telephone-event/8000',
  fmtp: '0-15',
})
export const comfortNoise: Format = { payloadType: COMFORT_NOISE_TYPE, map: 'CN/8000' }
export const isEvent = (map: RtpMap) => map.encoding.toLowerCase() === 'telephone-event' && map.clockRate === 8000

/** Generic comfort noise beside codecs of 8,000 timestamps a second: its number is a static one. */
const isComfortNoise = ({ encoding, clockRate, payloadType }: RtpMap) =>
  encoding.toUpperCase() === 'CN' && clockRate === 8000 && payloadType === COMFORT_NOISE_TYPE

/** The media description of our stream. */
export function audioLines(
  local: LocalAudio,
  protocol: string,
  formats: readonly Format[],
  crypto: readonly CryptoAttribute[],
  direction: Direction,
  mux: boolean,
  dtls: readonly string[] = [],
): string[] {
  const lines = [`m=audio ${local.port} ${protocol} ${formats.map((format) => format.payloadType).join(' ')}`]
  for (const format of formats) {
    lines.push(`a=rtpmap:${format.payloadType} ${format.map}`)
    if (format.fmtp !== undefined) lines.push(`a=fmtp:${format.payloadType} ${format.fmtp}`)
  }
  lines.push(`a=ptime:${local.ptimeMs ?? 20}`)
  if (local.maxPtimeMs !== undefined) lines.push(`a=maxptime:${local.maxPtimeMs}`)
  if (local.rtcpPort !== undefined && local.rtcpPort !== local.port + 1) lines.push(`a=rtcp:${local.rtcpPort}`)
  if (mux) lines.push('a=rtcp-mux')
  for (const attribute of crypto) lines.push(`a=crypto:${formatCrypto(attribute)}`)
  lines.push(...dtls, `a=${direction}`)
  return lines
}

/** RFC 3264 §6: port 0, at least one format; attributes need not be there. */
export function rejectedLine(media: MediaDescription): string {
  return `m=${media.media || 'audio'} 0 ${media.protocol || 'RTP/AVP'} ${media.formats[0] ?? '0'}`
}

/** What of an offered stream can be used, or why it cannot. @param roleBefore ours in the association that there is */
export function chooseStream(
  media: MediaDescription,
  local: LocalAudio,
  roleBefore?: NegotiatedDtls['role'],
): (Stream & { crypto: CryptoAttribute | undefined; dtls?: Exclude<ReturnType<typeof answerDtls>, string> }) | string {
  if (media.media !== 'audio') return 'only audio is spoken here'
  const protocol = media.protocol.toUpperCase()
  const isDtls = local.dtls !== undefined && isDtlsProtocol(protocol)
  if (protocol !== 'RTP/AVP' && protocol !== 'RTP/SAVP' && !isDtls) return refusalOf(media)
  const formats = formatsOf(media, local)
  const preferred = preferredOf(formats)
  if (preferred === undefined) return 'no codec in common'
  const address = addressOf(media, local)
  if (typeof address === 'string') return address
  if (local.dtls !== undefined && isDtls) {
    const dtls = answerDtls(media, local.dtls, roleBefore)
    return typeof dtls === 'string' ? dtls : { formats, preferred, address, crypto: undefined, dtls }
  }
  if (protocol === 'RTP/AVP') {
    if (local.srtpRequired && local.suites.length > 0) return 'SRTP is required'
    return { formats, preferred, address, crypto: undefined }
  }
  if (local.suites.length === 0) return 'SRTP is not spoken here'
  const management = media.keyManagement
  if (!management.kinds.includes('sdes')) {
    return management.kinds.length === 0
      ? 'SRTP without key management'
      : `key management by ${management.kinds.join(' and ')} is not spoken here`
  }
  const crypto = chooseCrypto(management.crypto, local.suites, local.allowWeakened ?? false)
  return crypto === undefined
    ? 'no valid crypto attribute of a suite in common'
    : { formats, preferred, address, crypto }
}

const refusalOf = ({ protocol }: MediaDescription) => `transport ${protocol} is not spoken here`

/** Formats of theirs that we speak, in their order. */
export function formatsOf(media: MediaDescription, local: LocalAudio): CommonFormat[] {
  const formats: CommonFormat[] = []
  for (const map of media.rtpMaps) {
    const codec = local.codecs.find((name) => name === map.encoding.toUpperCase())
    if (codec !== undefined && map.clockRate === 8000 && map.channels === 1) formats.push({ map, codec })
    else if (isEvent(map) && local.dtmfPayloadType !== undefined) formats.push({ map, codec: undefined })
    else if (isComfortNoise(map) && local.comfortNoise === true) formats.push({ map, codec: undefined })
  }
  return formats
}

/** RFC 3264 §6.1, §8.3.2: the most preferred codec of those in both. */
export function preferredOf(formats: readonly CommonFormat[]): CommonCodec | undefined {
  for (const { map, codec } of formats) if (codec !== undefined) return { map, codec }
  return undefined
}

export function codecsByType(formats: readonly CommonFormat[]): Map<number, CodecName> {
  const codecs = new Map<number, CodecName>()
  for (const { map, codec } of formats) if (codec !== undefined) codecs.set(map.payloadType, codec)
  return codecs
}

/** RFC 3264 §8.4: neither RTP nor RTCP is sent there. */
const UNSPECIFIED: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

/** Whether packets can be sent to it as it is: no host name, no multicast group. */
export function isUnicastAddress(address: string): boolean {
  if (isIPv4(address)) {
    const first = Number.parseInt(address, 10)
    return first < 224 || first > 239
  }
  return isIPv6(address) && !/^ff/i.test(address)
}

/** Where a stream wants its media, or why nothing can be sent there. */
export function addressOf(media: MediaDescription, local: LocalAudio): MediaAddress | undefined | string {
  const connection = media.connection
  if (connection === undefined) return 'no c= line (RFC 8866 §5.7)'
  const { address } = connection
  const family = isIPv4(address) ? 4 : 6
  if (!isUnicastAddress(address)) return `no unicast address literal: ${address.slice(0, 60)}`
  if (UNSPECIFIED.has(address)) return undefined
  if (family !== (isIPv4(local.address) ? 4 : 6)) return `an address of the other family: ${address}`
  return { address, port: media.port }
}

/** Where a stream wants its RTCP (RFC 3605 §2.1); undefined where none can be sent. */
function rtcpOf(media: MediaDescription, remote: MediaAddress | undefined): MediaAddress | undefined {
  if (remote === undefined) return undefined
  const address = media.rtcp?.connection?.address ?? remote.address
  const port = media.rtcp?.port ?? remote.port + 1
  const reachable = isUnicastAddress(address) && !UNSPECIFIED.has(address) && isIPv4(address) === isIPv4(remote.address)
  return reachable && port > 0 && port <= 65535 ? { address, port } : undefined
}

/** The stream as it is agreed on. */
export function streamOf(
  media: MediaDescription,
  mediaIndex: number,
  direction: Direction,
  rtcpMux: boolean,
  { formats, preferred, address: remote }: Stream,
): NegotiatedAudio {
  const event = formats.find(({ map }) => isEvent(map))?.map.payloadType
  const noise = formats.find(({ map }) => isComfortNoise(map))?.map.payloadType
  return {
    mediaIndex,
    remote,
    remoteRtcp: rtcpMux ? remote : rtcpOf(media, remote),
    rtcpMux,
    direction,
    codec: preferred.codec,
    // RFC 3264 §6.1: numbered by whoever receives it.
    sendPayloadType: preferred.map.payloadType,
    sendPayloadTypes: new Map([...codecsByType(formats)].toReversed().map(([type, codec]) => [codec, type])),
    receivePayloadTypes: codecsByType(formats),
    // RFC 4733 §2.5.1.1: without a list, the sixteen DTMF events.
    ...(event === undefined ? {} : { dtmf: { send: event, receive: event, events: media.fmtp(event) ?? '0-15' } }),
    ...(noise === undefined ? {} : { comfortNoise: noise }),
    ptimeMs: media.ptime ?? 20,
    ...(media.maxPtime === undefined ? {} : { maxPtimeMs: media.maxPtime }),
  }
}
