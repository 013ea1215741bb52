import { createRequire } from 'node:module'
import { type NameAddr, type SipMessage, type SipRequest } from '../src/message/message.js'
import { parseMessage } from '../src/message/parse.js'
import type { BenchResult } from './result.js'

/** The peers, as far as they are used here. */
interface PeerMessage {
  headers: Record<string, unknown> & { via: unknown[] }
}
interface Sip {
  parse(text: string): PeerMessage
  stringify(message: PeerMessage): string
}
interface DrachtioMessage {
  get(name: string): string
  getParsedHeader(name: string): unknown
}
interface Drachtio {
  SipMessage: new (text: string) => DrachtioMessage
}

const require = createRequire(import.meta.url)
const sip: Sip = require('sip')
const drachtio: Drachtio = require('drachtio-sip')

const SDP = [
  'v=0',
  'o=- 3747 3747 IN IP4 192.0.2.15',
  's=-',
  'c=IN IP4 192.0.2.15',
  't=0 0',
  'm=audio 40012 RTP/AVP 8 0 101',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-15',
  'a=ptime:20',
  'a=sendrecv',
  '',
].join('\r\n')

/** An INVITE; `n` makes it one that no other is: another caller, call, transaction and place, as from another device. */
function invite(n?: number): Buffer {
  const own = n === undefined ? '' : String(n).padStart(5, '0')
  const address = n === undefined ? '192.0.2.15' : `10.${n >> 8}.${n & 255}.15`
  const caller = `alice${own}`
  return Buffer.from(
    [
      `INVITE sip:+4930123456${own}@voice.example.com;user=phone SIP/2.0`,
      `Via: SIP/2.0/UDP ${address}:5062;rport;branch=z9hG4bK-524287-1---d8a7b0c1f2e3${own}`,
      'Max-Forwards: 70',
      'Route: <sip:proxy.example.com:5060;transport=udp;lr>',
      `From: "Alice Example${own}" <sip:${caller}@voice.example.com>;tag=9fxced76sl${own}`,
      `To: <sip:+4930123456${own}@voice.example.com;user=phone>`,
      `Call-ID: 3848276298220188511${own}@alice.voice.example.com`,
      `CSeq: ${314159 + (n ?? 0)} INVITE`,
      `Contact: <sip:${caller}@${address}:5062;transport=udp>`,
      'Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, INFO, PRACK, UPDATE',
      'Supported: replaces, timer, 100rel',
      'Session-Expires: 1800',
      'User-Agent: Example-Phone/2.4.1',
      'Content-Type: application/sdp',
      `Content-Length: ${SDP.length}`,
      '',
      SDP,
    ].join('\r\n'),
  )
}

/** Keeps results alive, so that nothing is optimised away. */
let sink = 0

type Work = (bytes: Buffer) => void

function parse(bytes: Buffer, mode: 'strict' | 'fast' = 'fast'): SipRequest {
  const { message } = parseMessage(bytes, { mode })
  if (message?.kind !== 'request') throw new Error('the benchmark needs a request')
  return message
}

/** What a transaction layer asks of a request. */
function needed(bytes: Buffer): void {
  const m = parse(bytes)
  const { via, from, to, cseq } = m
  sink += m.method.length + m.uri.length + (via.branch ?? '').length + (from.tag ?? '').length + (to.tag ?? '').length
  sink += m.callId.length + cseq.number + (m.contentLength ?? 0)
}

/** Every header field, the lists split, addresses and numbers read, and the body. */
function full(bytes: Buffer): void {
  const m: SipMessage = parse(bytes)
  const contacts = m.contacts()
  const addresses: NameAddr[] = [m.from, m.to, ...m.routes(), ...(contacts === '*' ? [] : contacts)]
  sink +=
    addresses.length + m.vias().length + m.callId.length + m.cseq.number + (m.maxForwards ?? 0) + (m.contentLength ?? 0)
  sink += m.headers.values('allow').length + m.headers.values('supported').length + (m.contentType ?? '').length
  sink += m.headers.entries().length + m.body.length
}

function forward(bytes: Buffer): void {
  const m = parse(bytes)
  m.headers.set('Max-Forwards', String((m.maxForwards ?? 70) - 1))
  m.headers.prepend('Via', 'SIP/2.0/UDP 192.0.2.99;branch=z9hG4bKabcdef0123456789')
  sink += m.toBytes().length
}

const DRACHTIO_ALL = ['via', 'from', 'to', 'cseq', 'contact', 'route', 'max-forwards', 'call-id', 'allow', 'supported']

const SUITES: {
  name: string
  ours: Work
  peers: { name: string; work: Work }[]
  most?: number
  /** Each message is another one in each round: for work that remembers what it has seen. */
  fresh?: boolean
}[] = [
  {
    name: 'message: what the stack needs of an INVITE with SDP',
    ours: needed,
    peers: [
      { name: 'sip', work: (bytes) => void (sink += sip.parse(bytes.toString('latin1')).headers.via.length) },
      {
        name: 'drachtio-sip',
        work: (bytes) => {
          const m = new drachtio.SipMessage(bytes.toString('utf8'))
          for (const name of ['via', 'from', 'to', 'cseq']) sink += m.getParsedHeader(name) === undefined ? 0 : 1
          sink += m.get('call-id').length + m.get('content-length').length
        },
      },
    ],
    most: 2,
  },
  {
    name: 'message: an INVITE with SDP fully decoded',
    ours: full,
    peers: [
      { name: 'sip', work: (bytes) => void (sink += sip.parse(bytes.toString('latin1')).headers.via.length) },
      {
        name: 'drachtio-sip',
        work: (bytes) => {
          const m = new drachtio.SipMessage(bytes.toString('utf8'))
          for (const name of DRACHTIO_ALL) sink += m.getParsedHeader(name) === undefined ? 0 : 1
        },
      },
    ],
    most: 6,
  },
  {
    name: 'message: parse, put a Via on top, count a hop, serialise',
    ours: forward,
    peers: [
      {
        name: 'sip',
        work: (bytes) => {
          const m = sip.parse(bytes.toString('latin1'))
          const params = { branch: 'z9hG4bKabcdef0123456789' }
          m.headers.via.unshift({ version: '2.0', protocol: 'UDP', host: '192.0.2.99', params })
          m.headers['max-forwards'] = Number(m.headers['max-forwards']) - 1
          sink += Buffer.from(sip.stringify(m), 'latin1').length
        },
      },
    ],
  },
  {
    name: 'message: strict mode, all violations looked for, no two messages alike',
    ours: (bytes) => void (sink += parse(bytes, 'strict').headers.size),
    peers: [],
    fresh: true,
  },
]

const ROUNDS = 21
const BATCH = 1500

/** Many of them, so that the bytes are no warmer in the caches than a socket would leave them. */
const alike = Array.from({ length: BATCH }, () => invite())

let made = 0
/** A batch of messages that were never seen before. */
function unalike(): Buffer[] {
  return Array.from({ length: BATCH }, () => invite(made++))
}

/** CPU time of one piece of work, in µs. */
function measure(work: Work, messages: readonly Buffer[]): number {
  const start = process.cpuUsage()
  for (const bytes of messages) work(bytes)
  const { user, system } = process.cpuUsage(start)
  return (user + system) / BATCH
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

/** Parses the same INVITE with ringproof and with its peers, in alternating rounds; figures are medians of CPU time. */
export async function run(): Promise<BenchResult[]> {
  const results: BenchResult[] = []
  for (const suite of SUITES) {
    const works = [suite.ours, ...suite.peers.map((p) => p.work)]
    const times = works.map((): number[] => [])
    for (let round = -6; round < ROUNDS; round++) {
      for (const [i, work] of works.entries()) {
        const time = measure(work, suite.fresh ? unalike() : alike)
        // The first rounds warm up.
        if (round >= 0) times[i]?.push(time)
      }
    }
    const [ours = Number.NaN, ...peers] = times.map(median)
    results.push({
      name: suite.name,
      ours,
      unit: 'µs CPU',
      peers: suite.peers.map(({ name }, i) => ({ name, value: peers[i] ?? Number.NaN })),
      ...(suite.most !== undefined && { target: { text: `≤ ${suite.most} µs`, met: ours <= suite.most } }),
    })
  }
  if (sink < 0) throw new Error('unreachable')
  return results
}
