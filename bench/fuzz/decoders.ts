/** The decoders that read what others send, each with samples and with what it may throw. */
import { encode } from 'dns-packet'
import { parseEvents, serializeEvent, EventReceiver } from '../../src/media/telephone-event.js'
import { parseRtcp, serializeRtcp } from '../../src/media/rtcp.js'
import { isFault, parseRtp, serializeRtp } from '../../src/media/rtp.js'
import { SrtpContext } from '../../src/media/srtp.js'
import { maskSecrets } from '../../src/message/mask.js'
import { parseMessage } from '../../src/message/parse.js'
import { parseChallenges } from '../../src/message/digest.js'
import type { SipMessage } from '../../src/message/message.js'
import { parseUri } from '../../src/message/uri.js'
import { ParseError } from '../../src/message/violation.js'
import { answerBinding, encodeStun, parseStun } from '../../src/nat/stun-message.js'
import { SessionDescription } from '../../src/sdp/session-description.js'
import { readDnsReply } from '../../src/transport/dns-client.js'
import { StreamFramer } from '../../src/transport/stream-framer.js'
import { captured } from './capture.js'
import { CAPTURES, readAnyCapture } from './read-capture.js'

export interface Decoder {
  readonly name: string
  readonly samples: readonly Buffer[]
  /** Reads everything that can be asked for. Throws what no decoder may. */
  decode(bytes: Buffer): void
}

/** RFC 8866, with what RFC 4568, 3264 and 4733 add. */
const SDP = Buffer.from(
  [
    'v=0',
    'o=- 3724394400 1 IN IP4 192.0.2.1',
    's=-',
    'c=IN IP4 192.0.2.1',
    't=0 0',
    'm=audio 49170 RTP/SAVP 8 0 101',
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-15',
    'a=rtcp:49171 IN IP6 2001:db8::1',
    'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20|1:4 KDR=3',
    'a=ptime:20',
    'a=sendrecv',
    'm=video 0 RTP/AVP 31',
    '',
  ].join('\r\n'),
)

const INVITE = Buffer.from(
  [
    'INVITE sip:%62ob;a=b@[2001:db8::9]:5060;transport=tcp?Subject=x SIP/2.0',
    'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa;rport;received=198.51.100.7, SIP/2.0/TCP host.example',
    'v: SIP/2.0/TLS [2001:db8::1];branch=z9hG4bKb',
    'Max-Forwards: 70',
    'From: "A \\"quoted\\" name" <sip:alice@example.net>;tag=1',
    'To: <sip:bob@example.net>',
    'Call-ID: a84b4c76e66710@example.net',
    'CSeq: 314159 INVITE',
    'Contact: <sip:alice@192.0.2.1:5060;ob>;expires=60;q=0.5, *',
    'Record-Route: <sip:p1.example.com;lr>,<sip:p2.example.com;lr>',
    'Authorization: Digest username="a", realm="r", nonce="n", uri="sip:r", response="0123", qop=auth, nc=00000001, cnonce="c"',
    'WWW-Authenticate: Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth,auth-int", Basic realm="b"',
    'Subject: folded',
    ' line',
    'Content-Type: application/sdp',
    `Content-Length: ${SDP.length}`,
    '',
    SDP.toString('latin1'),
  ].join('\r\n'),
  'latin1',
)
const RINGING = Buffer.from(
  'SIP/2.0 183 Session Progress\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:b@c>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nRequire: 100rel\r\nRSeq: 1\r\nContent-Length: 0\r\n\r\n',
)

/** Asks for everything; only ParseError may come. */
function readAll(message: SipMessage): void {
  const reads: (() => unknown)[] = [
    () => message.vias(),
    () => message.from,
    () => parseUri(message.to.uri).userDecoded,
    () => message.callId,
    () => message.cseq,
    () => message.contacts(),
    () => message.routes(),
    () => message.recordRoutes(),
    () => message.maxForwards,
    () => message.expires,
    () => message.contentType,
    () => (message.kind === 'request' ? parseUri(message.uri) : message.reason),
    () => parseChallenges(message.headers.all('WWW-Authenticate')),
    () => message.toBytes(),
  ]
  for (const read of reads) {
    try {
      read()
    } catch (error) {
      if (!(error instanceof ParseError)) throw error
    }
  }
}

const RTP = serializeRtp({
  marker: true,
  payloadType: 8,
  sequenceNumber: 65_530,
  timestamp: 4_294_967_000,
  ssrc: 0x12345678,
  payload: Buffer.alloc(160, 0xd5),
})
const EXTENDED = Buffer.concat([
  Buffer.from([0xb2, 0x88]),
  RTP.subarray(2, 12),
  Buffer.from('0000000100000002bede0001aabbccdd', 'hex'),
  Buffer.from([1, 2, 3, 4, 0, 0, 0, 4]),
])
const RTCP = serializeRtcp([
  {
    type: 'SR',
    ssrc: 1,
    ntp: { seconds: 3_900_000_000, fraction: 5 },
    rtpTimestamp: 9,
    packets: 3,
    octets: 480,
    reports: [],
  },
  { type: 'SDES', chunks: [{ ssrc: 1, items: [{ type: 1, text: 'cname' }] }] },
  { type: 'BYE', sources: [1], reason: 'gone' },
])

const STUN = encodeStun({
  class: 'success',
  method: 1,
  transactionId: Buffer.alloc(12, 7),
  xorMappedAddress: { address: '2001:db8::1', port: 5060 },
  mappedAddress: { address: '192.0.2.1', port: 5060 },
  errorCode: { code: 420, reason: 'Unknown' },
  unknownAttributes: [1, 2, 3],
  software: 'x',
  fingerprint: true,
})

const question = { name: '_sip._udp.example.net', type: 'SRV' } as const
const DNS = encode({
  type: 'response',
  id: 7,
  flags: 0x100,
  questions: [question],
  answers: [
    { ...question, data: { priority: 1, weight: 2, port: 5060, target: 'sip.example.net' } },
    {
      name: 'example.net',
      type: 'NAPTR',
      data: { order: 1, preference: 1, flags: 's', services: 'SIP+D2U', regexp: '', replacement: 'x' },
    },
    { name: 'sip.example.net', type: 'A', data: '192.0.2.1' },
    { name: 'sip.example.net', type: 'AAAA', data: '2001:db8::1' },
  ],
})

const keys = () =>
  new SrtpContext({ suite: 'AES_CM_128_HMAC_SHA1_80', keys: [{ key: Buffer.alloc(16, 1), salt: Buffer.alloc(14, 2) }] })
const sender = keys()
const receiver = keys()
const PROTECTED = sender.protect(RTP)
const PROTECTED_RTCP = sender.protectRtcp(RTCP)
/** Reads on where the tag is wrong. */
const unauthenticated = new SrtpContext({
  suite: 'AES_CM_128_HMAC_SHA1_80',
  keys: [{ key: Buffer.alloc(16, 1), salt: Buffer.alloc(14, 2) }],
  unauthenticatedSrtp: true,
})

const EVENT = serializeEvent({ event: 5, end: true, volume: 10, duration: 1600 })

export const decoders: readonly Decoder[] = [
  {
    name: 'message',
    samples: [INVITE, RINGING],
    decode(bytes) {
      for (const mode of ['strict', 'fast'] as const) {
        for (const framing of ['datagram', 'stream'] as const) {
          const { message, consumed } = parseMessage(bytes, { mode, framing })
          if (consumed < 0 || consumed > bytes.length) throw new Error(`consumed ${consumed} of ${bytes.length} bytes`)
          if (message !== undefined) readAll(message)
        }
      }
      const masked = maskSecrets(bytes)
      if (masked.length !== bytes.length) throw new Error('masking changed the length')
    },
  },
  {
    name: 'stream',
    samples: [Buffer.concat([INVITE, Buffer.from('\r\n\r\n'), RINGING])],
    decode(bytes) {
      let taken = 0
      const framer = new StreamFramer({
        message: (message) => {
          taken += message.length
        },
        ping: () => {},
        pong: () => {},
        broken: () => {},
      })
      const half = bytes.length >> 1
      framer.push(bytes.subarray(0, half))
      framer.push(bytes.subarray(half))
      if (taken > bytes.length) throw new Error('more came out than went in')
    },
  },
  {
    name: 'sdp',
    samples: [SDP],
    decode(bytes) {
      const description = SessionDescription.parse(bytes)
      void description.violations
      void description.origin
      for (const media of description.media) {
        void media.connection
        void media.rtcp
        void media.direction
        void media.formats
        void media.crypto
        void media.rtpMaps
        void media.ptime
      }
      if (!description.toBytes().equals(bytes)) throw new Error('other bytes came out than went in')
    },
  },
  {
    name: 'stun',
    samples: [STUN],
    decode(bytes) {
      const message = parseStun(bytes)
      if (message) void answerBinding(message, { address: '192.0.2.1', port: 1 })
    },
  },
  {
    name: 'rtp',
    samples: [RTP, EXTENDED],
    decode(bytes) {
      const packet = parseRtp(bytes)
      if (!isFault(packet)) serializeRtp(packet)
    },
  },
  {
    name: 'rtcp',
    samples: [RTCP],
    decode(bytes) {
      void parseRtcp(bytes)
    },
  },
  {
    name: 'srtp',
    samples: [PROTECTED, PROTECTED_RTCP],
    decode(bytes) {
      for (const context of [receiver, unauthenticated]) {
        void context.unprotect(bytes)
        void context.unprotectRtcp(bytes)
      }
    },
  },
  {
    name: 'dns',
    samples: [DNS],
    decode(bytes) {
      void readDnsReply(bytes, 7, question)
    },
  },
  {
    name: 'telephone-event',
    samples: [EVENT, Buffer.concat([EVENT, EVENT])],
    decode(bytes) {
      void parseEvents(bytes)
      const receives = new EventReceiver()
      for (let at = 0; at < 3; at++) receives.push(bytes, bytes.readUInt8(0) * at * 1000, at === 0, at)
    },
  },
  {
    name: 'pcapng',
    samples: [INVITE, RTP, STUN, RTCP],
    decode(bytes) {
      captured(bytes)
    },
  },
  {
    name: 'capture',
    samples: CAPTURES,
    decode(bytes) {
      readAnyCapture(bytes)
    },
  },
]
