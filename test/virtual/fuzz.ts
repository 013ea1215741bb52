/** A provider that does everything right, on a wire that alters what comes from it: headers, session descriptions, packets. */
import type { Random } from '../../src/clock/random.js'
import type { Network, StreamConnection, UdpSocket } from '../../src/transport/network.js'

/** What is altered: a share (0 to 1) of the messages of each kind. */
export interface Fuzz {
  readonly sip?: number
  readonly sdp?: number
  /** RTP, RTCP and STUN. */
  readonly packets?: number
}

/** The network, with what comes to its sockets and connections altered by chance. */
export function fuzzing(inner: Network, random: Random, fuzz: Fuzz): Network {
  const alter = (data: Buffer): Buffer => altered(data, random, fuzz)
  return {
    kind: inner.kind,
    clock: inner.clock,
    bindUdp: async (at) => datagrams(await inner.bindUdp(at), alter),
    connect: async (options) => stream(await inner.connect(options), alter),
    listen: (options) =>
      inner.listen({ ...options, onConnection: (connection) => options.onConnection(stream(connection, alter)) }),
  }
}

function datagrams(inner: UdpSocket, alter: (data: Buffer) => Buffer): UdpSocket {
  const socket: UdpSocket = {
    local: inner.local,
    onMessage: undefined,
    onError: undefined,
    send: (data, to) => inner.send(data, to),
    close: () => inner.close(),
  }
  inner.onMessage = (data, from, at) => socket.onMessage?.(alter(data), from, at)
  inner.onError = (error) => socket.onError?.(error)
  return socket
}

function stream(inner: StreamConnection, alter: (data: Buffer) => Buffer): StreamConnection {
  return new Proxy(inner, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
    set: (target, name, value) =>
      Reflect.set(
        target,
        name,
        name === 'onData' && value ? (data: Buffer, at: number) => value(alter(data), at) : value,
      ),
  })
}

function altered(data: Buffer, random: Random, fuzz: Fuzz): Buffer {
  const text = data.toString('latin1')
  if (!/^(?:SIP\/2\.0|[A-Z]+ sips?:)/.test(text))
    return random.float() < (fuzz.packets ?? 0) ? octets(data, random) : data

  const [head = '', ...rest] = text.split('\r\n\r\n')
  let body = rest.join('\r\n\r\n')
  let lines = head.split('\r\n')
  if (body !== '' && random.float() < (fuzz.sdp ?? 0)) body = description(body, random)

  if (random.float() < (fuzz.sip ?? 0)) lines = headers(lines, random)

  if (random.int(10) > 0) lines = lines.map((line) => line.replace(/^(content-length|l):.*/i, `$1: ${body.length}`))

  const out = Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1')
  return random.float() < (fuzz.sip ?? 0) / 8 ? octets(out, random) : out
}

const pick = <T>(random: Random, from: readonly T[]): T => from[random.int(from.length)]!

/** Values that somebody may not have thought of. */
const ODD = [
  '',
  ' ',
  '0',
  '-1',
  '1.5',
  '65536',
  '4294967296',
  '99999999999999999999',
  '*',
  '<>',
  '"',
  '"open',
  '<sip:',
  '<sip:@>',
  '<sip:a b@c d>',
  'sip:nobody@[::1',
  '<sip:x@[2001:db8::1]:99999;transport=tcp>',
  '<tel:+49301234>;tag=',
  '<mailto:a@b>',
  'sips:x@example.net;maddr=256.1.1.1',
  '<sip:x@192.0.2.99:5060;transport=sctp;lr>',
  '\u0000\u0001',
  '%',
  '%zz',
  ';;;',
  ', ,',
  '=',
  'é',
  'x'.repeat(5000),
  'Digest',
  'Digest realm=',
  'Digest realm="", nonce="", algorithm=SHA-999, qop="odd"',
  'Digest realm="a", nonce="b", qop="auth,auth-int", stale=true',
  'Basic realm="x"',
  'SIP/2.0/UDP',
  'SIP/2.0/UDP 192.0.2.1;branch=',
  '1 INVITE',
  '2147483648 BYE',
  'NaN',
  'application/sdp;charset=',
  'multipart/mixed;boundary=',
  'multipart/mixed;boundary="x"',
]

/** Some of what a header line or a description may go through. */
function headers(lines: readonly string[], random: Random): string[] {
  const out = [...lines]
  for (let times = 1 + random.int(3); times > 0; times--) {
    const at = random.int(out.length)
    const line = out[at] ?? ''
    const colon = line.indexOf(':')
    switch (random.int(10)) {
      case 0:
        if (at > 0) out.splice(at, 1)
        break
      case 1:
        if (at > 0) out.splice(at, 0, line)
        break
      case 2:
      case 3:
        if (at > 0) out[at] = `${line.slice(0, colon)}: ${pick(random, ODD)}`
        break
      case 4:
        out[at] = words(line, random)
        break
      case 5: {
        // The value of another field.
        const other = pick(random, out)
        if (at > 0) out[at] = `${line.slice(0, colon)}${other.slice(other.indexOf(':'))}`
        break
      }
      case 6:
        out[0] = (out[0] ?? '').replace(
          /^(SIP\/2\.0) \d+/,
          `$1 ${pick(random, [100, 180, 183, 200, 202, 299, 302, 401, 407, 423, 481, 486, 491, 503, 600, 699])}`,
        )
        break
      case 7:
        out.push(
          pick(random, [
            'Require: 100rel',
            'RSeq: 1',
            'Require: odd',
            'Record-Route: <sip:192.0.2.77>',
            'Record-Route: <sip:[::1>',
            'Contact: *',
            'Retry-After: -5 (x',
            'Min-Expires: 99999999',
            'Supported:',
            'Content-Encoding: gzip',
            'Content-Type: text/plain',
            'WWW-Authenticate: Digest realm="r", nonce="n", algorithm=MD5-sess',
            'Reason: SIP;cause=',
            'Expires: 0',
            'X: y',
            ' folded',
            'nonsense',
          ]),
        )
        break
      case 8:
        out[at] = line.slice(0, random.int(line.length + 1))
        break
      default:
        out[at] = `${line.slice(0, colon + 1)} ${line.slice(colon + 1).trim()}${pick(random, ODD)}`
    }
  }
  return out
}

/** One word, or number, is another one. */
function words(line: string, random: Random): string {
  const found = [...line.matchAll(/[^\s;,=:<>"@/]+/g)]
  const one = found.length > 0 ? pick(random, found) : undefined
  return one === undefined
    ? line
    : line.slice(0, one.index) + pick(random, ODD) + line.slice(one.index + (one[0] ?? '').length)
}

const SDP_LINES = [
  'v=0',
  'c=IN IP4 0.0.0.0',
  'c=IN IP6 ::',
  'c=IN IP4 relay.example.net',
  'c=IN IP4 224.2.1.1/127/3',
  'c=',
  'm=audio 0 RTP/AVP 8',
  'm=audio 49170/2 RTP/AVP 8',
  'm=audio 70000 RTP/AVP 8',
  'm=audio 49170 RTP/AVP',
  'm=audio 49170 RTP/SAVP 8',
  'm=audio 49170 UDP/TLS/RTP/SAVPF 111 8',
  'm=audio 49170 RTP/AVP 18 111 9',
  'm=image 49170 udptl t38',
  'm=',
  'a=rtpmap:8 opus/48000/2',
  'a=rtpmap:18 G729/8000',
  'a=rtpmap:',
  'a=rtpmap:8 PCMA/0',
  'a=rtpmap:101 telephone-event/16000',
  'a=fmtp:101',
  'a=fmtp:101 99-1',
  'a=ptime:0',
  'a=ptime:-20',
  'a=ptime:1000000',
  'a=maxptime:x',
  'a=sendonly',
  'a=recvonly',
  'a=inactive',
  'a=rtcp:0',
  'a=rtcp:99999 IN IP4 x',
  'a=rtcp-mux',
  'a=crypto:',
  'a=crypto:1 AES_CM_128_HMAC_SHA1_80',
  'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA',
  'a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20|1:4 KDR=99 UNENCRYPTED_SRTP',
  'a=crypto:1 AEAD_AES_256_GCM inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^99|9:200',
  'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj KDR=3 WSH=1 FEC_ORDER=FEC_SRTP',
  'a=crypto:1 NULL_NULL inline:',
  'b=AS:x',
  't=0',
  'x',
  '',
]

function description(body: string, random: Random): string {
  const out = body.split('\r\n')
  for (let times = 1 + random.int(3); times > 0; times--) {
    const at = random.int(out.length)
    const line = out[at] ?? ''
    switch (random.int(7)) {
      case 0:
        out.splice(at, 1)
        break
      case 1:
        out.splice(at, 0, line)
        break
      case 2:
      case 3:
        out.splice(at, random.int(2), pick(random, SDP_LINES))
        break
      case 4:
        out[at] = `${line.slice(0, 2)}${words(line.slice(2), random)}`
        break
      case 5:
        out.push(pick(random, SDP_LINES))
        break
      default:
        out[at] = line.slice(0, random.int(line.length + 1))
    }
  }
  return out.join('\r\n')
}

/** Octets that are others, more, or fewer. */
function octets(data: Buffer, random: Random): Buffer {
  let out = Buffer.from(data)
  for (let times = 1 + random.int(4); times > 0 && out.length > 0; times--) {
    const at = random.int(out.length)
    switch (random.int(5)) {
      case 0:
        out[at] = random.int(256)
        break
      case 1:
        out = out.subarray(0, at)
        break
      case 2:
        out = Buffer.concat([out.subarray(0, at), random.bytes(1 + random.int(8)), out.subarray(at)])
        break
      case 3:
        out[at] = (out[at] ?? 0) ^ (1 << random.int(8))
        break
      default:
        // Lengths and counts stand in the first octets.
        out[random.int(Math.min(out.length, 12))] = pick(random, [0, 1, 127, 128, 255])
    }
  }
  return out
}
