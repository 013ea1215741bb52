/**
 * Offer and answer (RFC 3264) for one audio stream, with security descriptions (RFC 4568 §5, §7). Pure: no time, no
 * sockets; keys come from the function that is handed in. What the other side does wrong is named, see
 * offer-answer-rules.ts; what cannot be used is refused.
 */
import {
  addressOf,
  audioLines,
  chooseStream,
  codecsByType,
  comfortNoise,
  type Format,
  formatsOf,
  isEvent,
  type LocalAudio,
  type NegotiatedAudio,
  preferredOf,
  rejectedLine,
  staticType,
  streamOf,
  telephoneEvent,
} from './audio-stream.js'
import { type CryptoAttribute, formatCrypto, keyOctets, parseCrypto } from './crypto-attribute.js'
import { acceptCrypto } from './crypto-choice.js'
import { canReceive, canSend, directionOf } from './direction.js'
import { acceptDtls, dtlsLines, type NegotiatedDtls } from './dtls-setup.js'
import { checkAnswer } from './offer-answer-rules.js'
import { SessionDescription } from './session-description.js'
import { connectionFor } from './values.js'
import type { Connection } from './values.js'
import type { SdpViolation } from './violation.js'

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
  #current: State = { audioIndex: 0, timing: ['0 0'] }
  /** Before our offer, while it waits for its answer. */
  #before: State | undefined
  /** The last description that the other side was given, also in an offer that it refused: the "previous SDP" of RFC 3264 §8. */
  #previous: { readonly version: bigint; readonly text: string } = { version: 0n, text: '' }

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

  /**
   * An offer: the first one, or one that changes the session (RFC 3264 §8).
   * @param o.rekey fresh keys
   * @param o.previous the last description that the other side was given, where it was written by others
   */
  offer(
    local: LocalAudio,
    o: { readonly rekey?: boolean; readonly previous?: SessionDescription | undefined } = {},
  ): SessionDescription {
    const before = this.#before ?? this.#current
    this.#before = before
    const { dtls } = local
    const protocol = dtls ? (dtls.protocol ?? 'UDP/TLS/RTP/SAVP') : local.suites.length > 0 ? 'RTP/SAVP' : 'RTP/AVP'
    const crypto = dtls ? [] : this.#ownCrypto(before, local, o.rekey ?? false)
    const setup = dtls ? dtlsLines(dtls, dtls.offers ?? 'actpass', true) : []
    const formats: Format[] = local.codecs.map((codec) => ({
      payloadType: staticType(codec),
      map: `${codec}/8000`,
    }))
    if (local.comfortNoise === true) formats.push(comfortNoise)
    if (local.dtmfPayloadType !== undefined) formats.push(telephoneEvent(local.dtmfPayloadType))
    const [direction, mux] = [local.direction ?? 'sendrecv', local.rtcpMux ?? false]
    const audio = audioLines(local, protocol, formats, crypto, direction, mux, setup)
    // RFC 3264 §8: the streams of the previous description stay in their places, unused ones with port 0.
    const sections = ((o.previous ?? parsed(before.local))?.media ?? []).map((media) => [rejectedLine(media)])
    sections[before.audioIndex] = audio
    const description = this.#describe(local, before.timing, sections)
    const text = description.toString()
    const place = placeOf(local)
    this.#current = { ...this.#current, timing: before.timing, local: text, offered: local, crypto, place }
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
      const choice = chooseStream(media, local, before.role)
      if (typeof choice === 'string') reasons.push(`m= line ${index + 1} (${media.media}): ${choice}`)
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
      const { dtls } = chosen
      const setup = dtls && local.dtls ? dtlsLines(local.dtls, dtls.setup, dtls.dtls.tlsId !== undefined) : []
      sections[index] = audioLines(local, media.protocol, formats, crypto, direction, mux, setup)
      negotiated = {
        ...streamOf(media, index, direction, mux, chosen),
        ...(own === undefined || chosen.crypto === undefined ? {} : { crypto: { send: own, receive: chosen.crypto } }),
        ...(dtls === undefined ? {} : { dtls: dtls.dtls }),
      }
    }
    // RFC 3264 §6: t= equals the offer's.
    const timing = offer.session.lines('t')
    const answered = timing.length > 0 ? timing : ['0 0']
    const answer = this.#describe(local, answered, sections)
    this.#before = undefined
    this.#current = {
      timing: answered,
      local: answer.toString(),
      remote: offer.toString(),
      audioIndex: Math.max(index, 0),
      crypto,
      place: placeOf(local),
      ...(negotiated?.dtls === undefined ? {} : { role: negotiated.dtls.role }),
      ...(negotiated?.crypto === undefined ? {} : { heard: formatCrypto(negotiated.crypto.receive) }),
    }
    return { answer, negotiated, violations: offer.violations }
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
    const preferred = preferredOf(formats)
    if (preferred === undefined) return refuse('no codec in common')
    const crypto = this.#current.crypto ?? []
    let pair: NegotiatedAudio['crypto']
    if (ours.protocol === 'RTP/SAVP') {
      const taken = acceptCrypto(media, crypto)
      if (typeof taken === 'string') return refuse(taken)
      pair = taken
    }
    let dtls: NegotiatedDtls | undefined
    if (offered.dtls !== undefined) {
      const taken = acceptDtls(media, offered.dtls.offers ?? 'actpass')
      if (typeof taken === 'string') return refuse(taken)
      dtls = taken
    }
    const direction = directionOf(
      canSend(ours.direction) && canReceive(media.direction),
      canReceive(ours.direction) && canSend(media.direction),
    )
    const negotiated: NegotiatedAudio = {
      ...streamOf(media, audioIndex, direction, media.rtcpMux && ours.rtcpMux, { formats, preferred, address }),
      // What comes is numbered as we offered it (RFC 3264 §6.1).
      receivePayloadTypes: codecsByType(formatsOf(ours, offered)),
      ...(pair === undefined ? {} : { crypto: pair }),
      ...(dtls === undefined ? {} : { dtls }),
    }
    const event = negotiated.dtmf
    const ownEvent = offered.dtmfPayloadType
    this.#before = undefined
    this.#current = {
      ...this.#current,
      remote: answer.toString(),
      ...(dtls === undefined ? {} : { role: dtls.role }),
      ...(pair === undefined ? {} : { heard: formatCrypto(pair.receive) }),
    }
    if (event === undefined || ownEvent === undefined) return { negotiated, violations }
    return { negotiated: { ...negotiated, dtmf: { ...event, receive: ownEvent } }, violations }
  }

  /** Our offer was refused (488, 491): the session is as before it, and only the version of o= goes on. */
  withdraw(): void {
    if (this.#before === undefined) return
    this.#current = this.#before
    this.#before = undefined
  }

  #describe(
    local: LocalAudio,
    timing: readonly string[],
    sections: readonly (readonly string[])[],
  ): SessionDescription {
    const connection = connectionFor(local.address)
    const where = `${connection.netType} ${connection.addrType} ${connection.address}`
    // RFC 3264 §8: of o=, only the version changes.
    this.#originAddress ??= connection
    const from = this.#originAddress
    const rest = ['s=-', `c=${where}`, ...timing.map((time) => `t=${time}`), ...sections.flat()]
    // RFC 3264 §8: one up for every change, the same number only for the same description.
    const { version: last, text } = this.#previous
    const unchanged = text.slice(text.indexOf('\r\ns=') + 2) === rest.map((line) => `${line}\r\n`).join('')
    const version = unchanged ? last : last + 1n
    const origin = `${this.#options.username ?? '-'} ${this.#options.sessionId} ${version} ${from.netType} ${from.addrType} ${from.address}`
    const description = SessionDescription.fromLines(['v=0', `o=${origin}`, ...rest])
    this.#previous = { version, text: description.toString() }
    return description
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
  readonly audioIndex: number
  readonly timing: readonly string[]
  /** As text: thousands of sessions keep theirs, and hardly ever look at them. */
  readonly local?: string
  readonly remote?: string
  readonly offered?: LocalAudio
  readonly crypto?: CryptoAttribute[]
  readonly place?: string
  /** Ours in the handshake that there is. */
  readonly role?: NegotiatedDtls['role']
  /** The peer's crypto attribute in use. */
  readonly heard?: string
}

const placeOf = (local: LocalAudio) => `${local.address} ${local.port}`
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
