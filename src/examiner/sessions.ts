/** The standing checks of session descriptions: addresses, keys, versions, grammar. */
import { sessionBytesIn } from '../message/body-parts.js'
import { SessionDescription } from '../sdp/session-description.js'
import type { PublishedList } from '../target/published-list.js'
import { canonicalAddress, type Endpoint, familyOf, formatEndpoint, isNumericAddress } from '../transport/network.js'
import type { PeerDialog, SentRequest, Side } from './calls.js'
import type { MediaChecks } from './media.js'
import { Memory } from './memory.js'
import type { NoteCollector } from './note-collector.js'
import { type ScannedMedia, type ScannedSdp, scanSdp } from './sdp-scan.js'
import type { SeenMessage } from './types.js'
import { sdpSeverityOf } from './violation-severity.js'

/** Where a key of the target was seen first. */
interface KeySighting {
  readonly callId: string
  readonly device: string
  readonly isOffer: boolean
  readonly origin: string
  readonly at: number
}

export interface SessionOptions {
  readonly published: PublishedList | undefined
  readonly isOwn: (endpoint: Endpoint) => boolean
  readonly checksGrammar: boolean
  readonly limit: number
}

/** A description that came from the target, and what is known about its circumstances. */
export interface Arrival {
  readonly callId: string
  readonly side: Side
  readonly dialog: PeerDialog
  /** The request of ours that it answers. */
  readonly sent: SentRequest | undefined
  /** A story sent descriptions or messages that are wrong on purpose. */
  readonly odd: boolean
  /** `request 2`: what carried it, with its CSeq number. */
  readonly carrier: string
  /** May it be called the latest of the dialog: request or 2xx? */
  readonly settled: boolean
}

export class SessionChecks {
  readonly #o: SessionOptions
  readonly #notebook: NoteCollector
  readonly #media: MediaChecks
  /** `address port` that our devices announced. */
  readonly #announced: Memory<string, true>
  /** Keys that our devices sent; true: also in clear. */
  readonly #ownKeys: Memory<string, boolean>
  readonly #targetKeys: Memory<string, KeySighting>
  /** Descriptions of ours by their fingerprints, as long as there are not too many. */
  readonly #ownBodies = new Map<string, Buffer>()
  #own = { bodies: 0, lines: new Set<string>(), codes: new Set<string>() }

  constructor(o: SessionOptions, notebook: NoteCollector, media: MediaChecks) {
    this.#o = o
    this.#notebook = notebook
    this.#media = media
    this.#announced = new Memory(o.limit)
    this.#ownKeys = new Memory(o.limit)
    this.#targetKeys = new Memory(o.limit)
  }

  /** The session description in a message, alone or among other parts. */
  sdpOf({ message }: SeenMessage): ScannedSdp | undefined {
    const bytes = sessionBytesIn(message)
    return bytes === undefined ? undefined : scanSdp(bytes.toString('latin1'), this.#o.checksGrammar)
  }

  /** A description of one of our devices. */
  out(seen: SeenMessage, sdp: ScannedSdp, side: Side): void {
    for (const media of sdp.media) {
      for (const key of media.keys) {
        if (seen.transport !== 'tls') this.#ownKeys.set(key, true)
        else if (this.#ownKeys.get(key) === undefined) this.#ownKeys.set(key, false)
      }
      if (media.port === 0) continue
      this.#announced.set(`${canonicalAddress(media.address)} ${media.port}`, true)
      if (media.kind !== 'audio') continue
      const leg = this.#media.leg(media.address, media.port)
      if (!side.legs.includes(leg)) {
        // The port begins a new life in another call.
        leg.types.fill(0)
        leg.agreed = false
        leg.theirProtocol = ''
        side.legs.push(leg)
      }
      leg.ourProtocol = media.protocol
      leg.endedAt = Infinity
      leg.changedAt = seen.at
      learnTypes(leg.types, media)
    }
    if (this.#o.checksGrammar && this.#ownBodies.size < 200 && !this.#ownBodies.has(sdp.body))
      this.#ownBodies.set(sdp.body, sessionBytesIn(seen.message) ?? seen.message.body)
  }

  /** A description from the target. */
  arrived(seen: SeenMessage, sdp: ScannedSdp, arrival: Arrival): void {
    const { side, dialog } = arrival
    for (const leg of side.legs) {
      leg.changedAt = seen.at
      if (leg.ourProtocol !== '') leg.agreed = true
      for (const media of sdp.media) {
        if (media.kind !== 'audio' || media.port === 0) continue
        leg.theirProtocol = media.protocol
        learnTypes(leg.types, media)
      }
    }
    for (const media of sdp.media) this.#addresses(media, arrival)
    this.#keys(seen, sdp, arrival)
    if (!arrival.odd) {
      if (this.#o.checksGrammar && !this.#ownBodies.has(sdp.body)) this.#grammar(seen, arrival)
      // One offer that comes by several ways, or an answer that is repeated, is no new description.
      if (arrival.settled && dialog.lastSdp !== undefined && dialog.lastSdpIn !== arrival.carrier)
        this.#version(dialog.lastSdp, sdp)
    }
    if (arrival.settled) {
      dialog.lastSdp = sdp
      dialog.lastSdpIn = arrival.carrier
    }
  }

  #addresses({ address, addressType, port, kind }: ScannedMedia, { sent }: Arrival): void {
    if (port === 0 || !isNumericAddress(address) || address === '0.0.0.0' || address === '::') return
    // A target that leads no media hands on what our devices announced.
    if (this.#announced.get(`${canonicalAddress(address)} ${port}`) !== undefined) return
    const { published } = this.#o
    const endpoint = { address: canonicalAddress(address), port }
    if (published?.listsRelays === true && !this.#o.isOwn(endpoint) && !published.isPublished(address, port, 'udp')) {
      this.#notebook.add('EXAM-PUBLISHED-RELAYS', {
        title: 'A media address is announced that is not published',
        expected: 'the address and port of a published relay in SDP',
        actual: `m=${kind} at ${formatEndpoint(endpoint)}`,
      })
    }
    const family = familyOf(address) === 'ipv6' ? 'IP6' : 'IP4'
    if (family !== addressType) return
    const asked = sent?.sdp?.media.filter((media) => media.port !== 0 && isNumericAddress(media.address)) ?? []
    if (asked.length > 0 && asked.every((media) => media.addressType !== family)) {
      this.#notebook.add('EXAM-SDP', {
        title: 'An answer has media addresses of another family than the offer',
        rule: 'EP-9',
        expected: `c=IN ${asked[0]?.addressType ?? ''}, as in the offer`,
        actual: `c=IN ${addressType} ${address}`,
      })
    }
  }

  #keys(seen: SeenMessage, sdp: ScannedSdp, { callId, side, sent }: Arrival): void {
    const isOffer = seen.message.kind === 'request' ? seen.message.method !== 'ACK' : sent?.sdp === undefined
    const inThis = new Set<string>()
    for (const media of sdp.media) {
      for (const key of media.keys) {
        const own = this.#ownKeys.get(key)
        // Blame for keys that the target sends: its own, and ours if we kept them from the line.
        if (seen.transport !== 'tls' && own !== true) {
          this.#notebook.add('EXAM-KEYS-IN-CLEAR', {
            expected: 'a=crypto over TLS only',
            actual: `a=crypto with a key over ${seen.transport.toUpperCase()}${own === false ? ', which our device had sent over TLS' : ''}`,
          })
        }
        if (!isOffer && sent?.sdp?.media.some((one) => one.keys.includes(key)) === true)
          this.#reused('RFC 4568 §7.1.2', 'a key in the answer that differs from those of the offer', 'the same key')

        if (own === undefined) {
          if (inThis.has(key))
            this.#reused('RFC 4568 §6.1', 'a key of its own on each line', 'the same key on two lines of a description')

          inThis.add(key)
          this.#elsewhere(key, { callId, device: side.device, isOffer, origin: sdp.origin, at: seen.at })
        }
      }
    }
  }

  /** RFC 3711 §9.1: one key, one session. */
  #elsewhere(key: string, now: KeySighting): void {
    const before = this.#targetKeys.get(key)
    if (before === undefined) {
      this.#targetKeys.set(key, now)
      return
    }
    if (before.callId !== now.callId) {
      // One offer that rings two devices may have two Call-IDs behind a back-to-back user agent.
      const forked = before.isOffer && now.isOffer && before.origin === now.origin && now.at - before.at < 5_000
      if (!forked) this.#reused('RFC 3711 §9.1', 'a key of its own for each session', 'the same key in two calls')
    } else if (before.device !== now.device && before.isOffer !== now.isOffer) {
      this.#reused('RFC 3711 §9.1', 'a key of its own for each direction', 'one key towards caller and callee')
    }
  }

  #reused(rule: string, expected: string, actual: string): void {
    this.#notebook.add('EXAM-KEY-REUSE', { title: `An SRTP key is used twice: ${actual}`, rule, expected, actual })
  }

  /** RFC 3264 §8: what changes has a new version. */
  #version(before: ScannedSdp, now: ScannedSdp): void {
    if (before.origin !== now.origin || before.version !== now.version || before.body === now.body) return
    const changed = coreOf(before) !== coreOf(now)
    this.#notebook.add('EXAM-SDP', {
      title: 'A session description changes and keeps its version',
      severity: changed ? 'fail' : 'info',
      rule: 'RFC 3264 §8',
      expected: 'a version in o= that is one higher',
      actual: `version ${now.version} again, ${changed ? 'with another address, format or key' : 'with other attributes'}`,
    })
  }

  #grammar(seen: SeenMessage, { sent }: Arrival): void {
    const bytes = sessionBytesIn(seen.message) ?? seen.message.body
    const text = bytes.toString('latin1')
    const { violations } = SessionDescription.parse(bytes)
    if (violations.length === 0) return
    for (const violation of violations) {
      const line = lineAt(text, violation.offset)
      if ((sent?.odd ?? false) || this.#isOurs(violation.code, line)) continue
      // RFC 3264 §6: a stream that is refused needs no attributes.
      if (violation.code === 'rtpmap-missing' && /^m=\S+ 0[ /]/.test(line)) continue
      this.#notebook.add('EXAM-SDP', {
        title: `Session descriptions break their grammar: ${violation.code}`,
        severity: sdpSeverityOf(violation),
        rule: violation.rule,
        expected: violation.expected,
        actual: violation.actual === '' ? line : violation.actual,
      })
    }
  }

  /** What one of our descriptions has wrong, or has in a line, too, is only handed on. */
  #isOurs(code: string, line: string): boolean {
    if (this.#own.bodies !== this.#ownBodies.size) {
      const lines = new Set<string>()
      const codes = new Set<string>()
      for (const body of this.#ownBodies.values()) {
        for (const one of body.toString('latin1').split(/\r?\n/)) lines.add(one)
        for (const one of SessionDescription.parse(body).violations) codes.add(one.code)
      }
      this.#own = { bodies: this.#ownBodies.size, lines, codes }
    }
    // Where something is missing, the line only tells the place.
    return this.#own.codes.has(code) || (!code.endsWith('-missing') && this.#own.lines.has(line))
  }
}

function learnTypes(types: Uint8Array, media: ScannedMedia): void {
  for (const type of media.payloadTypes) if (types[type] === 0) types[type] = 1
  for (const type of media.eventTypes) types[type] = 2
}

/** What a call cannot do without. */
function coreOf({ media }: ScannedSdp): string {
  return media
    .map((one) => [one.kind, one.port, one.protocol, one.address, one.payloadTypes, one.keys].join(' '))
    .join('\n')
}

function lineAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', Math.max(0, offset - 1)) + 1
  const end = text.indexOf('\n', start)
  return text.slice(start, end < 0 ? undefined : end).replace(/\r$/, '')
}
