import { Examiner } from '../../../src/examiner/examiner.js'
import type { ExaminerOptions, SeenMessage } from '../../../src/examiner/types.js'
import type { StandingNote } from '../../../src/result/finding.js'
import type { MediaPacketEvent } from '../../../src/media/media-events.js'
import { serializeRtp } from '../../../src/media/rtp.js'
import { parseMessage } from '../../../src/message/parse.js'
import { PublishedList } from '../../../src/target/published-list.js'
import type { Endpoint } from '../../../src/transport/network.js'

export const SERVER: Endpoint = { address: '203.0.113.71', port: 5060 }
export const RELAY: Endpoint = { address: '203.0.113.156', port: 20000 }
export const ALICE: Endpoint = { address: '192.0.2.1', port: 5060 }
export const BOB: Endpoint = { address: '192.0.2.2', port: 5060 }

export const published = new PublishedList({
  published: {
    signalling: [{ addresses: [SERVER.address], udp: ['5060-5061'], tcp: ['5060-5061', '32768-60999'] }],
    relays: [{ name: 'relay-1', addresses: [RELAY.address], udp: ['10000-65535'] }],
  },
})

/** Header fields that every message has, unless a test says otherwise; `null` leaves one out. */
export interface Fields {
  [name: string]: string | null
}

const SDP = 'application/sdp'

export interface SdpOptions {
  readonly address?: string
  readonly type?: 'IP4' | 'IP6'
  readonly port?: number
  readonly version?: number
  readonly session?: string
  readonly formats?: string
  readonly protocol?: string
  readonly lines?: readonly string[]
}

export function sdp(o: SdpOptions = {}): string {
  const { address = RELAY.address, type = 'IP4', port = RELAY.port, version = 1, session = '7' } = o
  const { formats = '8 101', protocol = 'RTP/AVP', lines = [] } = o
  const events = formats.split(' ').includes('101') ? ['a=rtpmap:101 telephone-event/8000'] : []
  return [
    'v=0',
    `o=- ${session} ${version} IN ${type} ${address}`,
    's=-',
    `c=IN ${type} ${address}`,
    't=0 0',
    `m=audio ${port} ${protocol} ${formats}`,
    ...events,
    ...lines,
    '',
  ].join('\r\n')
}

/** A key of 30 octets, told by a number. */
export const key = (n: number): string => Buffer.alloc(30, n).toString('base64')
export const crypto = (n: number, tag = 1): string => `a=crypto:${tag} AES_CM_128_HMAC_SHA1_80 inline:${key(n)}`

interface Way {
  readonly device?: string
  readonly transport?: SeenMessage['transport']
  readonly remote?: Endpoint
  readonly at?: number
}

/** Feeds an examiner with messages written line by line. */
export class Bench {
  readonly examiner: Examiner
  at = 1000
  #way: Way = {}

  constructor(o: ExaminerOptions = {}) {
    this.examiner = new Examiner({ published, ...o })
  }

  /** From now on on this transport, in this device's name, … */
  on(way: Way): this {
    this.#way = way
    return this
  }

  after(ms: number): this {
    this.at += ms
    return this
  }

  out(startLine: string, fields: Fields = {}, body = ''): this {
    return this.#feed('out', startLine, fields, body)
  }

  in(startLine: string, fields: Fields = {}, body = ''): this {
    return this.#feed('in', startLine, fields, body)
  }

  /** Bytes as they are. */
  raw(direction: 'in' | 'out', text: string): this {
    const { device = 'alice', transport = 'udp', remote = SERVER } = this.#way
    const framing = transport === 'udp' ? 'datagram' : 'stream'
    const parsed = parseMessage(Buffer.from(text), { mode: 'strict', framing })
    if (!parsed.message) throw new Error(`no message: ${parsed.violations.map(({ code }) => code).join()}`)
    this.examiner.message({
      at: this.at++,
      device,
      direction,
      transport,
      local: device === 'bob' ? BOB : ALICE,
      remote,
      message: parsed.message,
      violations: parsed.violations,
      again: false,
    })
    return this
  }

  #feed(direction: 'in' | 'out', startLine: string, fields: Fields, body: string): this {
    const request = !startLine.startsWith('SIP/2.0')
    const [method = ''] = startLine.split(' ')
    const fromUs = request === (direction === 'out')
    const all: Fields = {
      Via: fromUs
        ? 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours1;rport'
        : 'SIP/2.0/UDP 203.0.113.71;branch=z9hG4bKtheirs1',
      From: fromUs ? '<sip:0211550001@test>;tag=ours' : '<sip:0211550002@test>;tag=theirs',
      To: `${fromUs ? '<sip:0211550002@test>' : '<sip:0211550001@test>'}${request ? '' : `;tag=${direction === 'in' ? 'theirs' : 'ours'}`}`,
      'Call-ID': 'call-1',
      CSeq: `1 ${request ? method : 'INVITE'}`,
      ...(request ? { 'Max-Forwards': direction === 'out' ? '70' : '69' } : {}),
      ...(method === 'INVITE' || startLine.includes(' 200 ') ? { Contact: '<sip:x@203.0.113.71>' } : {}),
      ...(body === '' ? {} : { 'Content-Type': SDP }),
      'Content-Length': String(Buffer.byteLength(body)),
      ...fields,
    }
    const lines = Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]))
    return this.raw(direction, `${startLine}\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
  }

  /** A call from alice that the target answers; the descriptions as given. */
  call(offer: string, answer: string): this {
    return this.out('INVITE sip:0211550002@test SIP/2.0', {}, offer)
      .in('SIP/2.0 200 OK', {}, answer)
      .out('ACK sip:x@203.0.113.71 SIP/2.0', { To: '<sip:0211550002@test>;tag=theirs' })
  }

  packet(event: MediaPacketEvent): this {
    this.examiner.packet(event)
    return this
  }

  get notes(): StandingNote[] {
    return this.examiner.notes()
  }

  /** `severity id` of all that is more than a remark. */
  get alarms(): string[] {
    return this.notes.filter((note) => note.id !== 'EXAM-NUMBERS-IN-CLEAR').map((note) => `${note.severity} ${note.id}`)
  }
}

export interface Stream {
  readonly count?: number
  readonly from?: Endpoint
  readonly type?: number | ((i: number) => number)
  readonly sequence?: (i: number) => number
  readonly timestamp?: (i: number) => number
  readonly every?: number
  readonly ssrc?: number
  readonly payload?: (i: number) => Uint8Array
  readonly direction?: 'in' | 'out'
  readonly marker?: (i: number) => boolean
}

export const MEDIA: Endpoint = { address: '192.0.2.1', port: 30000 }

/** Packets of 20 ms, as a good relay sends them; what a test changes is its matter. */
export function stream(bench: Bench, o: Stream = {}): Bench {
  const { count = 50, from = RELAY, type = 8, ssrc = 77, every = 20, direction = 'in' } = o
  for (let i = 0; i < count; i++) {
    const raw = serializeRtp({
      marker: o.marker?.(i) ?? false,
      payloadType: typeof type === 'number' ? type : type(i),
      sequenceNumber: (o.sequence?.(i) ?? 1000 + i) & 0xffff,
      timestamp: (o.timestamp?.(i) ?? 5000 + 160 * i) >>> 0,
      ssrc,
      payload: o.payload?.(i) ?? Buffer.alloc(160, i),
    })
    bench.packet({ at: bench.at, direction, kind: 'rtp', local: MEDIA, remote: from, raw, plain: raw })
    bench.after(every)
  }
  return bench
}
