/** All that a capture shows, put together: what rules look at. */
import type { Endpoint } from '../transport/network.js'
import type { Capture, CapturedDatagram, CapturedIcmp } from '../capture/events.js'
import { packetKind } from '../evidence/record.js'
import { insidersIn, onOneSide } from './both-sides.js'
import { type Call, type CallMessages, callOf, isCall } from './calls.js'
import { MediaTable } from './media-table.js'
import { type Registration, registrationsOf } from './registrations.js'
import { type SipGarbage, SipReader, type SipSeen } from './sip-reader.js'
import { SrtpReader } from './srtp-reader.js'
import { type Flow, type Opened, type Stream, Streams } from './streams.js'
import { type Transaction, Transactions } from './transactions.js'
import { brokenCalls, perhapsRepeated } from './whole-calls.js'
import { type ServerWanted, type Viewpoint, viewpointOf } from './viewpoint.js'

export interface Scene {
  /** Unix ms of the first and of the last packet. */
  readonly from: number
  readonly until: number
  readonly messages: readonly SipSeen[]
  readonly garbage: readonly SipGarbage[]
  readonly transactions: readonly Transaction[]
  readonly calls: readonly Call[]
  readonly registrations: readonly Registration[]
  readonly streams: readonly Stream[]
  readonly flows: readonly Flow[]
  readonly icmp: readonly CapturedIcmp[]
  readonly media: MediaTable
  readonly view: Viewpoint
  /** Connections whose TLS could not be read. */
  readonly encrypted: number
  /** Connections with bytes missing. */
  readonly gaps: number
  /** Packets of IP that the capture lacks parts of. */
  readonly cut: number
  /** Calls of which something is missing. */
  readonly broken: ReadonlySet<string>
  /** SRTP keys were replaced by one letter, as in captures that are passed on. */
  readonly keysAreMasked: boolean
  /** Messages counted once that were captured twice; messages and streams that were not kept. */
  readonly twice: number
  /** Packets that were captured before and behind a router that translates addresses, and counted once. */
  readonly translated: number
  /** That router's public places, each with the private one behind it. */
  readonly behind: ReadonlyMap<string, Endpoint>
  readonly left: number
}

/** Told of each datagram of RTP and RTCP, and each message, in their order. */
export interface Listener {
  message(seen: SipSeen): void
  /** @param plain what is in it, where it was encrypted and its key is known */
  packet(kind: 'rtp' | 'rtcp', event: CapturedDatagram, plain?: Buffer): void
}

export interface SceneOptions {
  readonly server?: ServerWanted | undefined
  /** Which calls to look at; absent: all. */
  readonly only?: ((call: Call) => boolean) | undefined
  /** Reads along. */
  readonly listener?:
    | ((view: Viewpoint, media: MediaTable, messages: readonly SipSeen[], broken: ReadonlySet<string>) => Listener)
    | undefined
}

export function sceneOf(whole: Capture, options: SceneOptions = {}): Scene {
  const { events, twice: translated, behind } = onOneSide(whole.events)
  const capture = { ...whole, events }
  const reader = new SipReader()
  const icmp: CapturedIcmp[] = []
  const encrypted = new Set<number>()
  const gaps = new Set<number>()
  let cut = 0
  for (const event of capture.events) {
    if (event.kind === 'datagram') {
      if (event.cut !== undefined) cut++
      if (packetKind(event.data) === 'sip') reader.datagram(event)
    } else if (event.kind === 'segment') {
      reader.segment(event)
    } else if (event.kind === 'icmp') {
      icmp.push(event)
    } else {
      reader.streamEvent(event)
      if (event.kind === 'encrypted') encrypted.add(event.stream)
      if (event.kind === 'gap') gaps.add(event.stream)
    }
  }
  const { messages } = reader
  messages.sort((a, b) => a.at - b.at || a.frame - b.frame)
  const transactions = new Transactions()
  for (const seen of messages) transactions.add(seen)
  const broken = brokenCalls(messages, transactions)
  const view = viewpointOf(messages, transactions.all, {
    wanted: options.server,
    insiders: insidersIn(events),
    behind,
  })
  const media = new MediaTable(messages)
  const calls = callsOf(messages, transactions)
  const keysAreMasked = messages.some(({ message }) => MASKED_KEY.test(message.body.toString('latin1')))
  const streams = streamsOf(
    capture,
    messages,
    media,
    new SrtpReader(keysAreMasked ? [] : calls),
    options.listener?.(view, media, messages, new Set([...broken, ...perhapsRepeated(messages, capture.from)])),
  )
  return {
    from: capture.from,
    until: capture.until,
    messages,
    garbage: reader.garbage,
    transactions: transactions.all,
    calls: options.only === undefined ? calls : calls.filter(options.only),
    registrations: registrationsOf(transactions.all),
    streams: streams.all,
    flows: streams.flows,
    icmp,
    media,
    view,
    broken,
    encrypted: encrypted.size,
    gaps: gaps.size,
    cut,
    keysAreMasked,
    twice: reader.twice,
    translated,
    behind,
    left: reader.left + streams.left,
  }
}

const MASKED_KEY = /\binline:(.)\1{15}/

/** Counts what is no SIP, and lets the listener read along in the order in which all was seen. */
function streamsOf(
  capture: Capture,
  messages: readonly SipSeen[],
  media: MediaTable,
  srtp: SrtpReader,
  listener: Listener | undefined,
): Streams {
  const streams = new Streams((to, from, type, when) => media.type(to, from, type, when))
  let next = 0
  const tellUntil = (at: number) => {
    for (let seen = messages[next]; seen !== undefined && seen.at <= at; seen = messages[++next])
      listener?.message(seen)
  }
  for (const event of capture.events) {
    if (event.kind !== 'datagram') continue
    const kind = packetKind(event.data)
    if (kind === 'sip') continue
    if (kind === 'rtp' || kind === 'rtcp') {
      tellUntil(event.at)
      const opened = kind === 'rtp' && event.data.length >= 12 ? openedBy(srtp, media, event) : undefined
      if (kind === 'rtp') streams.rtp(event, opened)
      else streams.other('rtcp', event)
      listener?.packet(kind, event, Buffer.isBuffer(opened) ? opened : undefined)
    } else {
      streams.other(kind === 'stun' || kind === 'keep-alive' ? kind : isDtls(event.data) ? 'dtls' : 'other', event)
    }
  }
  streams.end()
  tellUntil(Number.POSITIVE_INFINITY)
  return streams
}

/** Undefined where it is not encrypted, as far as descriptions say. */
function openedBy(srtp: SrtpReader, media: MediaTable, event: CapturedDatagram): Opened | undefined {
  const place = media.at(event.to, event.at) ?? media.at(event.from, event.at)
  if (place === undefined) return undefined
  const isSecure = /SAVP/i.test(place.media.protocol)
  // Encryption may be offered beside plain RTP (RFC 5939 and older ways): without an agreement there is none.
  if (!isSecure && place.media.crypto.length === 0) return undefined
  const opened = srtp.open(event, place.description.seen.callId)
  return opened === 'no key' && !isSecure ? undefined : opened
}

/** RFC 7983 §7: first octet 20 to 63; DTLS has a version of 254.x behind it. */
const isDtls = (data: Buffer): boolean => (data[0] ?? 0) >= 20 && (data[0] ?? 0) < 64 && data[1] === 254

function callsOf(messages: readonly SipSeen[], { all, acks }: Transactions): Call[] {
  const byId = new Map<string, CallMessages>()
  const of = (callId: string): CallMessages => {
    const known = byId.get(callId)
    if (known !== undefined) return known
    const made = { messages: [], transactions: [], acks: [] }
    byId.set(callId, made)
    return made
  }
  for (const seen of messages) of(seen.callId).messages.push(seen)
  for (const one of all) of(one.callId).transactions.push(one)
  for (const ack of acks) of(ack.callId).acks.push(ack)
  return [...byId].filter(([, one]) => isCall(one)).map(([callId, one]) => callOf(callId, one))
}
