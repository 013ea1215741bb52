/**
 * Offer and answer (RFC 3264) for one audio stream, with security descriptions (RFC 4568 §5, §7). Pure: no time, no
 * sockets; keys come from the function that is handed in. What the other side does wrong is named, see
 * offer-answer-rules.ts; what cannot be used is refused.
 */
import { isIPv4, isIPv6 } from 'node:net'
import { formatCrypto, isSuiteName, keyOctets, parseCrypto } from './crypto-attribute.js'
import type { CryptoAttribute, CryptoLine, SuiteName } from './crypto-attribute.js'
import { canReceive, canSend, directionOf } from './direction.js'
import { checkAnswer } from './offer-answer-rules.js'
import { connectionFor, SessionDescription } from './session-description.js'
import type { Connection, Direction, MediaDescription, RtpMap } from './session-description.js'
import type { SdpViolation } from './violation.js'

export type CodecName = 'PCMA' | 'PCMU'

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
  readonly direction?: Direction
  /** Suites in order of preference; empty: no SRTP. */
  readonly suites: readonly SuiteName[]
  /** With suites: offers of plain RTP are refused. */
  readonly srtpRequired?: boolean
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
  /** Packet time that the peer would like to receive. */
  readonly ptimeMs: number
  /** Present for SRTP. */
  readonly crypto?: { readonly send: CryptoAttribute; readonly receive: CryptoAttribute }
}

/** The offer cannot be answered, or the answer cannot be used. */
export interface Rejection {
  /** For SIP: 488 as a rule. */
  readonly status: number
  readonly rejected: string
  readonly violations: readonly SdpViolation[]
}

/** `negotiated` undefined: there is no audio, by the wish of both (no m= line, or port 0 in the offer). */
export interface Agreement {
  readonly negotiated: NegotiatedAudio | undefined
  /** What the other side did wrong, although it can be used. */
  readonly violations: readonly SdpViolation[]
}

export interface OfferAnswerOptions {
  /** `username` of o=. Default '-'. */
  readonly username?: string
  /** `sess-id` of o=: digits. */
  readonly sessionId: string
  /** Random octets for master key and salt. */
  readonly makeKey: (octets: number) => Buffer
}

export function isRejection(result: object | undefined): result is Rejection {
  return result !== undefined && 'rejected' in result
}

/** The state of one dialog's offers and answers. */
export class OfferAnswer {
  readonly #options: OfferAnswerOptions
  #originAddress: Connection | undefined
  #current: State = { version: 0n, audioIndex: 0, timing: ['0 0'] }
  /** Before our offer, while it waits for its answer. */
  #before: State | undefined

  constructor(options: OfferAnswerOptions) {
    this.#options = options
  }

  /** The last description of ours: sent, not necessarily accepted. A copy. */
  get localDescription(): SessionDescription | undefined {
    return parsed(this.#current.local)
  }

  /** The last description of theirs. A copy. */
  get remoteDescription(): SessionDescription | undefined {
    return parsed(this.#current.remote)
  }

  /** True while an offer of ours has no answer. */
  get pending(): boolean {
    return this.#before !== undefined
  }

  /** An offer: the first one, or one that changes the session (RFC 3264 §8). `rekey`: fresh keys. */
  offer(local: LocalAudio, o: { readonly rekey?: boolean } = {}): SessionDescription {
    const before = this.#before ?? this.#current
    this.#before = before
    const protocol = local.suites.length > 0 ? 'RTP/SAVP' : 'RTP/AVP'
    const crypto = this.#ownCrypto(before, local, o.rekey ?? false)
    const formats: Format[] = local.codecs.map((codec) => ({
      payloadType: codec === 'PCMA' ? 8 : 0,
      map: `${codec}/8000`,
    }))
    if (local.dtmfPayloadType !== undefined) formats.push(telephoneEvent(local.dtmfPayloadType))
    const audio = audioLines(local, protocol, formats, crypto, local.direction ?? 'sendrecv', local.rtcpMux ?? false)
    // RFC 3264 §8: the streams of the previous description stay in their places, unused ones with port 0.
    const sections = (parsed(before.local)?.media ?? []).map((media) => [rejectedLine(media)])
    sections[before.audioIndex] = audio
    const { description, version, timing } = this.#describe(local, before.timing, sections, before)
    const text = description.toString()
    const place = placeOf(local)
    this.#current = { ...this.#current, version, timing, local: text, offered: local, crypto, place }
    return description
  }

  /** Answers an offer (RFC 3264 §6): all of it, or a rejection where no stream can be used. */
  answer(
    offer: SessionDescription,
    local: LocalAudio,
  ): (Agreement & { readonly answer: SessionDescription }) | Rejection {
    const before = this.#current
    // RFC 8866 §5.1: whatever does not begin with v= is no session description.
    if (offer.session.line('v') === undefined)
      return { status: 400, rejected: 'not a session description', violations: offer.violations }

    const reasons: string[] = []
    const usable = offer.media.map((media, index) => {
      if (media.port === 0) return undefined
      const choice = chooseStream(media, local)
      if (typeof choice === 'string') reasons.push(`m= line ${index + 1} (${media.media || 'empty'}): ${choice}`)
      return typeof choice === 'string' ? undefined : choice
    })
    const index =
      usable[before.audioIndex] === undefined ? usable.findIndex((one) => one !== undefined) : before.audioIndex
    const chosen = usable[index]
    if (chosen === undefined && reasons.length > 0)
      return { status: 488, rejected: reasons.join('; '), violations: offer.violations }

    const sections = offer.media.map((media) => [rejectedLine(media)])
    let crypto: CryptoAttribute[] = []
    let negotiated: NegotiatedAudio | undefined
    const media = offer.media[index]
    if (chosen !== undefined && media !== undefined) {
      const direction = directionOf(
        canSend(local.direction ?? 'sendrecv') && canReceive(media.direction),
        canReceive(local.direction ?? 'sendrecv') && canSend(media.direction),
      )
      const own = chosen.crypto === undefined ? undefined : this.#answerCrypto(before, chosen.crypto, local)
      crypto = own === undefined ? [] : [own]
      // RFC 3264 §6.1: the payload types of the offer, in its order.
      const formats = chosen.formats.map(({ map }) =>
        isEvent(map)
          ? telephoneEvent(map.payloadType)
          : { payloadType: map.payloadType, map: `${map.encoding.toUpperCase()}/8000` },
      )
      const mux = media.rtcpMux && (local.rtcpMux ?? false)
      sections[index] = audioLines(local, media.protocol, formats, crypto, direction, mux)
      negotiated = {
        ...streamOf(media, index, direction, mux, chosen),
        ...(own === undefined || chosen.crypto === undefined ? {} : { crypto: { send: own, receive: chosen.crypto } }),
      }
    }
    // RFC 3264 §6: t= equals the offer's.
    const timing = offer.session.lines('t')
    const answer = this.#describe(local, timing.length > 0 ? timing : ['0 0'], sections, before)
    this.#before = undefined
    this.#current = {
      version: answer.version,
      timing: answer.timing,
      local: answer.description.toString(),
      remote: offer.toString(),
      audioIndex: Math.max(index, 0),
      crypto,
      place: placeOf(local),
      ...(negotiated?.crypto === undefined ? {} : { heard: formatCrypto(negotiated.crypto.receive) }),
    }
    return { answer: answer.description, negotiated, violations: offer.violations }
  }

  /** Takes the answer to our offer. A fork's further answer may follow and replaces it. */
  accept(answer: SessionDescription): Agreement | Rejection {
    const { offered, audioIndex } = this.#current
    const offer = parsed(this.#current.local)
    if (offer === undefined || offered === undefined)
      return { status: 488, rejected: 'an answer without an offer', violations: answer.violations }

    const violations = [...answer.violations, ...checkAnswer(offer, answer)]
    const refuse = (rejected: string): Rejection => ({ status: 488, rejected, violations })
    if (answer.media.length !== offer.media.length)
      return refuse(`${answer.media.length} m= lines answer ${offer.media.length} (RFC 3264 §6)`)

    const media = answer.media[audioIndex]
    const ours = offer.media[audioIndex]
    if (media === undefined || ours === undefined) return refuse('no audio stream')
    if (media.port === 0) return refuse('the audio stream was refused with port 0')
    if (media.media !== ours.media) return refuse(`m=${media.media} answers m=${ours.media}`)
    if (media.protocol.toUpperCase() !== ours.protocol) return refuse(`${media.protocol} answers ${ours.protocol}`)
    const formats = formatsOf(media, offered)
    const address = addressOf(media, offered)
    if (typeof address === 'string') return refuse(address)
    if (!formats.some((one) => one.codec !== undefined)) return refuse('no codec in common')
    const crypto = this.#current.crypto ?? []
    let pair: NegotiatedAudio['crypto']
    if (ours.protocol === 'RTP/SAVP') {
      const taken = acceptCrypto(media, crypto)
      if (typeof taken === 'string') return refuse(taken)
      pair = taken
    }
    const direction = directionOf(
      canSend(ours.direction) && canReceive(media.direction),
      canReceive(ours.direction) && canSend(media.direction),
    )
    const negotiated: NegotiatedAudio = {
      ...streamOf(media, audioIndex, direction, media.rtcpMux && ours.rtcpMux, { formats, address }),
      // What comes is numbered as we offered it (RFC 3264 §6.1).
      receivePayloadTypes: codecsByType(formatsOf(ours, offered)),
      ...(pair === undefined ? {} : { crypto: pair }),
    }
    const event = negotiated.dtmf
    const ownEvent = offered.dtmfPayloadType
    this.#before = undefined
    this.#current = {
      ...this.#current,
      remote: answer.toString(),
      ...(pair === undefined ? {} : { heard: formatCrypto(pair.receive) }),
    }
    if (event === undefined || ownEvent === undefined) return { negotiated, violations }
    return { negotiated: { ...negotiated, dtmf: { ...event, receive: ownEvent } }, violations }
  }

  /** Our offer was refused (488, 491): everything is as before it. */
  withdraw(): void {
    if (this.#before === undefined) return
    this.#current = this.#before
    this.#before = undefined
  }

  #describe(
    local: LocalAudio,
    timing: readonly string[],
    sections: readonly (readonly string[])[],
    before: State,
  ): { description: SessionDescription; version: bigint; timing: readonly string[] } {
    const connection = connectionFor(local.address)
    const where = `${connection.netType} ${connection.addrType} ${connection.address}`
    // RFC 3264 §8: of o=, only the version changes.
    this.#originAddress ??= connection
    const from = this.#originAddress
    const rest = ['s=-', `c=${where}`, ...timing.map((time) => `t=${time}`), ...sections.flat()]
    // RFC 3264 §8: one up for every change, the same number only for the same description.
    const unchanged =
      before.local?.slice(before.local.indexOf('\r\ns=') + 2) === rest.map((line) => `${line}\r\n`).join('')
    const version = unchanged ? before.version : before.version + 1n
    const origin = `${this.#options.username ?? '-'} ${this.#options.sessionId} ${version} ${from.netType} ${from.addrType} ${from.address}`
    return { description: SessionDescription.fromLines(['v=0', `o=${origin}`, ...rest]), version, timing }
  }

  #ownCrypto(before: State, local: LocalAudio, rekey: boolean): CryptoAttribute[] {
    if (local.suites.length === 0) return []
    // RFC 4568 §7.1.4: a new key wherever the address or port is a new one.
    const kept = before.crypto ?? []
    if (!rekey && kept.length > 0 && before.place === placeOf(local)) return kept
    return local.suites.map((suite, at) => this.#freshCrypto(String(at + 1), suite))
  }

  #answerCrypto(before: State, theirs: CryptoAttribute, local: LocalAudio): CryptoAttribute {
    const kept = before.crypto?.find((own) => own.suite === theirs.suite)
    const unchanged = before.heard !== undefined && keysOf(before.heard) === keysOf(formatCrypto(theirs))
    // Whoever changes its key may be another endpoint that does not know our roll-over counter (RFC 4568 §7.1.4).
    const own =
      kept !== undefined && unchanged && before.place === placeOf(local)
        ? { ...kept, tag: theirs.tag }
        : this.#freshCrypto(theirs.tag, theirs.suite)
    const { unencryptedSrtp, unencryptedSrtcp, unauthenticatedSrtp } = theirs.parameters
    // RFC 4568 §5.1.2: tag and suite of the offer, and the negotiated session parameters; declarative ones stay away.
    return {
      ...own,
      parameters: {
        ...(unencryptedSrtp ? { unencryptedSrtp } : {}),
        ...(unencryptedSrtcp ? { unencryptedSrtcp } : {}),
        ...(unauthenticatedSrtp ? { unauthenticatedSrtp } : {}),
      },
    }
  }

  #freshCrypto(tag: string, suite: string): CryptoAttribute {
    return { tag, suite, keys: [{ keySalt: this.#options.makeKey(keyOctets(suite) ?? 30) }], parameters: {} }
  }
}

interface State {
  readonly version: bigint
  readonly audioIndex: number
  readonly timing: readonly string[]
  /** As text: thousands of sessions keep theirs, and hardly ever look at them. */
  readonly local?: string
  readonly remote?: string
  readonly offered?: LocalAudio
  readonly crypto?: CryptoAttribute[]
  readonly place?: string
  /** The peer's crypto attribute in use. */
  readonly heard?: string
}

interface Format {
  readonly payloadType: number
  readonly map: string
  readonly fmtp?: string
}

interface CommonFormat {
  readonly map: RtpMap
  /** Undefined: telephone-event. */
  readonly codec: CodecName | undefined
}

interface Stream {
  readonly formats: readonly CommonFormat[]
  readonly address: MediaAddress | undefined
}

const telephoneEvent = (payloadType: number): Format => ({ payloadType, map: 'telephone-event/8000', fmtp: '0-15' })
const placeOf = (local: LocalAudio) => `${local.address} ${local.port}`
const isEvent = (map: RtpMap) => map.encoding.toLowerCase() === 'telephone-event' && map.clockRate === 8000

function parsed(text: string | undefined): SessionDescription | undefined {
  return text === undefined ? undefined : SessionDescription.parse(text)
}

function keysOf(crypto: string): string {
  return (
    parseCrypto(crypto)
      .attribute?.keys.map((key) => key.keySalt.toString('hex'))
      .join() ?? ''
  )
}

function audioLines(
  local: LocalAudio,
  protocol: string,
  formats: readonly Format[],
  crypto: readonly CryptoAttribute[],
  direction: Direction,
  mux: boolean,
): string[] {
  const lines = [`m=audio ${local.port} ${protocol} ${formats.map((format) => format.payloadType).join(' ')}`]
  for (const format of formats) {
    lines.push(`a=rtpmap:${format.payloadType} ${format.map}`)
    if (format.fmtp !== undefined) lines.push(`a=fmtp:${format.payloadType} ${format.fmtp}`)
  }
  lines.push(`a=ptime:${local.ptimeMs ?? 20}`)
  if (local.rtcpPort !== undefined && local.rtcpPort !== local.port + 1) lines.push(`a=rtcp:${local.rtcpPort}`)
  if (mux) lines.push('a=rtcp-mux')
  for (const attribute of crypto) lines.push(`a=crypto:${formatCrypto(attribute)}`)
  lines.push(`a=${direction}`)
  return lines
}

/** RFC 3264 §6: port 0, at least one format; attributes need not be there. */
function rejectedLine(media: MediaDescription): string {
  return `m=${media.media || 'audio'} 0 ${media.protocol || 'RTP/AVP'} ${media.formats[0] ?? '0'}`
}

/** What of an offered stream can be used, or why it cannot. */
function chooseStream(
  media: MediaDescription,
  local: LocalAudio,
): (Stream & { crypto: CryptoAttribute | undefined }) | string {
  if (media.media !== 'audio') return 'only audio is spoken here'
  const protocol = media.protocol.toUpperCase()
  if (protocol !== 'RTP/AVP' && protocol !== 'RTP/SAVP') return `transport ${media.protocol} is not spoken here`
  const formats = formatsOf(media, local)
  if (!formats.some((format) => format.codec !== undefined)) return 'no codec in common'
  const address = addressOf(media, local)
  if (typeof address === 'string') return address
  if (protocol === 'RTP/AVP') {
    if (local.srtpRequired && local.suites.length > 0) return 'SRTP is required'
    return { formats, address, crypto: undefined }
  }
  if (local.suites.length === 0) return 'SRTP is not spoken here'
  const management = media.keyManagement
  if (!management.kinds.includes('sdes')) {
    return management.kinds.length === 0
      ? 'SRTP without key management'
      : `key management by ${management.kinds.join(' and ')} is not spoken here`
  }
  const crypto = chooseCrypto(management.crypto, local.suites, local.allowWeakened ?? false)
  return crypto === undefined ? 'no valid crypto attribute of a suite in common' : { formats, address, crypto }
}

/**
 * The first line that is valid and of a suite that we speak (RFC 4568 §5.1.2): invalid ones and unknown suites are
 * passed over. Undefined: the stream must be refused.
 */
export function chooseCrypto(
  lines: readonly CryptoLine[],
  suites: readonly SuiteName[],
  allowWeakened: boolean,
): CryptoAttribute | undefined {
  const tags = new Set<string>()
  for (const { attribute } of lines) {
    if (attribute === undefined) continue
    // RFC 4568 §4.1: a tag that is not unique cannot tell which line was taken.
    if (tags.has(attribute.tag)) continue
    tags.add(attribute.tag)
    const { suite, parameters: p } = attribute
    if (!isSuiteName(suite) || !suites.includes(suite)) continue
    if (!allowWeakened && (p.unencryptedSrtp || p.unencryptedSrtcp || p.unauthenticatedSrtp)) continue
    // RFC 4568 §6.3.5: a key for an FEC stream of its own; there is none.
    if (p.fecKeys !== undefined) continue
    return attribute
  }
  return undefined
}

/** RFC 4568 §5.1.3: the answer's line, or why the negotiation has failed. */
function acceptCrypto(
  media: MediaDescription,
  offered: readonly CryptoAttribute[],
): NegotiatedAudio['crypto'] | string {
  const lines = media.crypto
  const [line, second] = lines
  if (line === undefined) return 'the answer accepts SRTP without a crypto attribute'
  if (second !== undefined) return `${lines.length} crypto attributes in an answer (RFC 4568 §5.1.2)`
  if (line.attribute === undefined) return `invalid crypto attribute: ${line.faults[0]?.code ?? 'unknown'}`
  const receive = line.attribute
  const send = offered.find((own) => own.tag === receive.tag)
  if (send === undefined) return `crypto tag ${receive.tag} was not offered`
  if (send.suite !== receive.suite) return `suite ${receive.suite} answers ${send.suite}`
  const p = receive.parameters
  if (p.unencryptedSrtp || p.unencryptedSrtcp || p.unauthenticatedSrtp) return 'the answer weakens what was offered'
  return { send, receive }
}

function formatsOf(media: MediaDescription, local: LocalAudio): CommonFormat[] {
  const formats: CommonFormat[] = []
  for (const map of media.rtpMaps) {
    const codec = local.codecs.find((name) => name === map.encoding.toUpperCase())
    if (codec !== undefined && map.clockRate === 8000 && map.channels === 1) formats.push({ map, codec })
    else if (isEvent(map) && local.dtmfPayloadType !== undefined) formats.push({ map, codec: undefined })
  }
  return formats
}

function codecsByType(formats: readonly CommonFormat[]): Map<number, CodecName> {
  const codecs = new Map<number, CodecName>()
  for (const { map, codec } of formats) if (codec !== undefined) codecs.set(map.payloadType, codec)
  return codecs
}

/** Where a stream wants its media, or why nothing can be sent there. */
function addressOf(media: MediaDescription, local: LocalAudio): MediaAddress | undefined | string {
  const connection = media.connection
  if (connection === undefined) return 'no c= line (RFC 8866 §5.7)'
  const { address } = connection
  const family = isIPv4(address) ? 4 : isIPv6(address) ? 6 : 0
  if (family === 0) return `no unicast address literal: ${address.slice(0, 60)}`
  // RFC 3264 §8.4: neither RTP nor RTCP is sent there.
  if (address === '0.0.0.0' || address === '::') return undefined
  if (family !== (isIPv4(local.address) ? 4 : 6)) return `an address of the other family: ${address}`
  return { address, port: media.port }
}

function streamOf(
  media: MediaDescription,
  mediaIndex: number,
  direction: Direction,
  rtcpMux: boolean,
  { formats, address: remote }: Stream,
): NegotiatedAudio {
  // RFC 3264 §6.1, §8.3.2: the most preferred format of those in both; numbered by whoever receives it.
  const first = formats.find((format) => format.codec !== undefined)
  if (first?.codec === undefined) throw new RangeError('a stream without a codec')
  const event = formats.find((format) => format.codec === undefined)?.map.payloadType
  const rtcp = media.rtcp
  const rtcpPort = rtcpMux ? remote?.port : (rtcp?.port ?? (remote === undefined ? undefined : remote.port + 1))
  const rtcpAddress = (rtcpMux ? undefined : rtcp?.connection?.address) ?? remote?.address
  const reachable = remote !== undefined && rtcpAddress !== undefined && isIPv4(rtcpAddress) === isIPv4(remote.address)
  return {
    mediaIndex,
    remote,
    remoteRtcp:
      reachable && rtcpPort !== undefined && rtcpPort > 0 && rtcpPort <= 65535
        ? { address: rtcpAddress, port: rtcpPort }
        : undefined,
    rtcpMux,
    direction,
    codec: first.codec,
    sendPayloadType: first.map.payloadType,
    sendPayloadTypes: new Map([...codecsByType(formats)].toReversed().map(([type, codec]) => [codec, type])),
    receivePayloadTypes: codecsByType(formats),
    // RFC 4733 §2.5.1.1: without a list, the sixteen DTMF events.
    ...(event === undefined ? {} : { dtmf: { send: event, receive: event, events: media.fmtp(event) ?? '0-15' } }),
    ptimeMs: media.ptime ?? 20,
  }
}
