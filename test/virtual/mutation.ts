/**
 * A wire on which what the provider sends is damaged on its way to our devices: no answer of a target, however wrong, may become
 * an error of ringproof.
 */
import type { Random } from '../../src/clock/random.js'
import type { Network, StreamConnection, UdpSocket } from '../../src/transport/network.js'

/** A network whose sockets and connections hear every message, or the given share of them, damaged. */
export function mutating(inner: Network, random: Random, share = 1): Network {
  const damage = (data: Buffer): Buffer => (random.float() < share ? mutated(data, random) : data)
  const listening: Network['listen'] = ({ onConnection, ...rest }) =>
    inner.listen({ ...rest, onConnection: (connection) => onConnection(reading(connection, damage)) })
  return new Proxy(inner, {
    get(target, name) {
      if (name === 'bindUdp')
        return async (...args: Parameters<Network['bindUdp']>) => hearing(await target.bindUdp(...args), damage)
      if (name === 'connect')
        return async (...args: Parameters<Network['connect']>) => reading(await target.connect(...args), damage)
      if (name === 'listen') return listening
      return bound(target, name)
    },
  })
}

type Damage = (data: Buffer) => Buffer

function hearing(socket: UdpSocket, damage: Damage): UdpSocket {
  let user: UdpSocket['onMessage']
  socket.onMessage = (data, from, at) => user?.(damage(data), from, at)
  return new Proxy<UdpSocket>(socket, {
    get: bound,
    set(target, name, value) {
      if (name !== 'onMessage') return Reflect.set(target, name, value)
      user = value
      return true
    },
  })
}

function reading(connection: StreamConnection, damage: Damage): StreamConnection {
  let user: StreamConnection['onData']
  let listening = false
  return new Proxy<StreamConnection>(connection, {
    get: bound,
    set(target, name, value) {
      if (name !== 'onData') return Reflect.set(target, name, value)
      user = value
      // What arrives before anybody listens is kept by the connection: not taken from it earlier.
      if (!listening) connection.onData = (data, at) => user?.(damage(data), at)
      listening = true
      return true
    },
  })
}

/** Methods work on the object itself: its private fields are not the proxy's. */
function bound(target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name)
  return typeof value === 'function' ? value.bind(target) : value
}

/** One damage, or two. */
export function mutated(data: Buffer, random: Random): Buffer {
  const isText = /^[\x20-\x7e\r\n\t]{8}/.test(data.toString('latin1', 0, 8))
  const once = isText ? textMutation(data, random) : byteMutation(data, random)
  return random.int(4) === 0 ? byteMutation(once, random) : once
}

function byteMutation(data: Buffer, random: Random): Buffer {
  const copy = Buffer.from(data)
  if (copy.length === 0) return copy
  const at = random.int(copy.length)
  const ways: readonly (() => Buffer)[] = [
    () => {
      copy[at] = random.int(256)
      return copy
    },
    () => {
      copy[at] = (copy[at] ?? 0) ^ (1 << random.int(8))
      return copy
    },
    () => copy.subarray(0, at),
    () => Buffer.concat([copy.subarray(0, at), random.bytes(1 + random.int(12)), copy.subarray(at)]),
    () => Buffer.concat([copy.subarray(0, at), copy.subarray(Math.min(copy.length, at + 1 + random.int(20)))]),
    () => Buffer.concat([copy, copy.subarray(at)]),
  ]
  return pick(ways, random)()
}

/** Values that make readers stumble. */
const ODD = [
  '',
  '0',
  '-1',
  '4294967296',
  '99999999999999999999',
  '1e9',
  'NaN',
  '*',
  '"',
  '<>',
  '%00',
  ';;;',
  '@',
  '[::',
  '\u0000',
  'é',
  'sip:',
  'x'.repeat(3_000),
] as const
/** Header fields and lines of SDP that were sent by nobody. */
const EXTRA = [
  'Contact: *',
  'Contact: <sip:nobody@[::1>;expires=x',
  'Record-Route: <sip:192.0.2.99>, <sip:;lr>',
  'Require: 100rel, nothing-known',
  'RSeq: 0',
  'Session-Expires: 1;refresher=nobody',
  'Min-Expires: 4294967295',
  'Retry-After: -5 (soon)',
  'WWW-Authenticate: Digest realm="',
  'Proxy-Authenticate: Digest realm="x", nonce="", algorithm=MD9, qop="none"',
  'Content-Length: 7',
  'Content-Type: multipart/mixed;boundary=',
  'Content-Encoding: gzip',
  'Via: SIP/2.0/UDP 192.0.2.99:99999;branch=1',
  'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:',
  'a=crypto:x AES_CM_128_HMAC_SHA1_80 inline:AAAA|2^99|1:9',
  'a=rtpmap:8 opus/48000/2',
  'a=rtpmap:255 PCMA/0',
  'a=ptime:-20',
  'a=fmtp:101 0-9999999',
  'm=audio 70000 RTP/AVP 999',
  'm=video 0 RTP/SAVPF 96',
  'c=IN IP6 192.0.2.1',
  'a=key-mgmt:mikey !!!!',
  'a=fingerprint:sha-256 ZZ',
  'a=setup:both',
] as const

function textMutation(data: Buffer, random: Random): Buffer {
  const lines = data.toString('latin1').split('\r\n')
  const at = random.int(lines.length)
  const line = lines[at] ?? ''
  const ways: readonly (() => void)[] = [
    () => lines.splice(at, 1),
    () => lines.splice(at, 0, line),
    () => lines.splice(at, 1, `${line.slice(0, line.search(/[:=]/) + 1)} ${pick(ODD, random)}`),
    () =>
      lines.splice(
        at,
        1,
        line.replace(/\d+/, () => pick(ODD, random)),
      ),
    () =>
      lines.splice(
        at,
        1,
        line.replace(/\d+/, () => String(random.uint32())),
      ),
    () =>
      lines.splice(
        at,
        1,
        line.replace(/;[^;]*/, () => ''),
      ),
    () =>
      lines.splice(
        at,
        1,
        line.replace(/;([\w-]+)=[^;]*/, (_all, name: string) => `;${name}=${pick(ODD, random)}`),
      ),
    () => lines.splice(at, 1, line.toUpperCase()),
    () => lines.splice(at, 1, ` ${line}`),
    () => lines.splice(at, 0, pick(EXTRA, random)),
    () => lines.splice(at, 1, lines[random.int(lines.length)] ?? ''),
    () => {
      // Another status, another method: a response that nobody expects here.
      lines[0] = (lines[0] ?? '').replace(/^SIP\/2\.0 \d+/, () => `SIP/2.0 ${100 + random.int(600)}`)
    },
    () => {
      const payload = String(random.int(140))
      lines.forEach((one, index) => {
        lines[index] = one.replace(/^(m=audio \d+ \S+) .*/, `$1 ${payload}`)
      })
    },
    () => {
      lines.forEach((one, index) => {
        lines[index] = one.replace(/^(m=audio) \d+/, `$1 ${pick(['0', '1', '65535', '65536'], random)}`)
      })
    },
    () => {
      const from = random.int(lines.length)
      lines.splice(from, random.int(6))
    },
  ]
  pick(ways, random)()
  return Buffer.from(lines.join('\r\n'), 'latin1')
}

function pick<T>(list: readonly T[], random: Random): T {
  const found = list[random.int(list.length)]
  if (found === undefined) throw new Error('an empty list')
  return found
}
