/** Far ends that send on the port of RTP what none should: a wire that puts it in the place of, or among, what really comes. */
import type { Clock } from '../../src/clock/clock.js'
import type { Random } from '../../src/clock/random.js'
import { isFault, isRtcp, parseRtp, type RtpPacket, serializeRtp } from '../../src/media/rtp.js'
import type { Endpoint, Network, UdpSocket } from '../../src/transport/network.js'

/** What a far end has at hand for each packet of RTP, or of SRTP, that it would send. */
export interface Sending {
  /** As it would be; its payload is encrypted where the call is. */
  readonly data: Buffer
  readonly packet: RtpPacket
  /** Counted from 0 for each port. */
  readonly index: number
  readonly from: Endpoint
  readonly random: Random
  /** Puts a datagram on the wire, from another place where one is given. */
  readonly send: (data: Uint8Array, from?: Endpoint, laterMs?: number) => void
}

/** Makes the state of a manner for each port anew. */
export type Manner = () => (sending: Sending) => void

interface Wire {
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
}

/** A network on which what comes to ports of RTP comes in such a manner. */
export const heardIn = (wire: Wire, manner: Manner): Network =>
  withSockets(wire.network, (socket) => hearing(socket, wire, manner()))

/** A network on which what our devices send as RTP goes out in such a manner: on their behalf, by a device that is like this. */
export const saidIn = (wire: Wire, manner: Manner): Network =>
  withSockets(wire.network, (socket) => saying(socket, wire, manner()))

const withSockets = (inner: Network, change: (socket: UdpSocket) => UdpSocket): Network =>
  new Proxy(inner, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (name !== 'bindUdp') return typeof value === 'function' ? value.bind(target) : value
      return async (...args: Parameters<Network['bindUdp']>) => change(await target.bindUdp(...args))
    },
  })

function rtpIn(data: Buffer): RtpPacket | undefined {
  const packet = isRtcp(data) || (data[0] ?? 0) >>> 6 !== 2 ? undefined : parseRtp(data)
  return packet === undefined || isFault(packet) || packet.payload.length === 0 ? undefined : packet
}

function hearing(socket: UdpSocket, { clock, random }: Wire, sends: (sending: Sending) => void): UdpSocket {
  const chance = random.fork('hostile media')
  let user: UdpSocket['onMessage']
  let index = 0
  socket.onMessage = (data, from, at) => {
    const packet = rtpIn(data)
    if (packet === undefined) {
      user?.(data, from, at)
      return
    }
    const send: Sending['send'] = (out, source = from, laterMs = 0) => {
      const bytes = Buffer.from(out)
      if (laterMs === 0) user?.(bytes, source, at)
      else clock.after(laterMs, () => user?.(bytes, source, clock.now()))
    }
    sends({ data: Buffer.from(data), packet, index: index++, from, random: chance, send })
  }
  return new Proxy(socket, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
    set: (target, name, value) => {
      if (name !== 'onMessage') return Reflect.set(target, name, value)
      user = value
      return true
    },
  })
}

function saying(socket: UdpSocket, { network, clock, random }: Wire, sends: (sending: Sending) => void): UdpSocket {
  const chance = random.fork('hostile media')
  const elsewhere = new Map<string, Promise<UdpSocket>>()
  let index = 0
  const from = socket.local
  const throwing = (to: Endpoint): Sending['send'] => {
    const now = (out: Uint8Array, source: Endpoint): void => {
      if (source === from) {
        socket.send(out, to)
        return
      }
      const place = `${source.address} ${source.port}`
      // The port may be taken: any other one does.
      const other = elsewhere.get(place) ?? network.bindUdp({ address: source.address, port: 0 })
      elsewhere.set(place, other)
      void other.then((it) => it.send(out, to))
    }
    return (out, source = from, laterMs = 0) => {
      if (laterMs === 0) now(Buffer.from(out), source)
      else clock.after(laterMs, () => now(Buffer.from(out), source))
    }
  }
  return new Proxy(socket, {
    get: (target, name) => {
      if (name === 'send') {
        return (data: Uint8Array, to: Endpoint) => {
          const packet = rtpIn(Buffer.from(data))
          if (packet === undefined) target.send(data, to)
          else sends({ data: Buffer.from(data), packet, index: index++, from, random: chance, send: throwing(to) })
        }
      }
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
    set: (target, name, value) => Reflect.set(target, name, value),
  })
}

/** The packets as they are, and something beside each nth. */
const beside =
  (nth: number, more: (sending: Sending) => void): Manner =>
  () =>
  (sending) => {
    sending.send(sending.data)
    if (sending.index % nth === 0) more(sending)
  }

const instead =
  (change: (sending: Sending) => Uint8Array): Manner =>
  () =>
  (sending) =>
    sending.send(change(sending))

const changed = (change: (sending: Sending) => Partial<RtpPacket>): Manner =>
  instead((sending) => serializeRtp({ ...sending.packet, ...change(sending) }))

const edited = (data: Buffer, edit: (copy: Buffer) => void): Buffer => {
  const copy = Buffer.from(data)
  edit(copy)
  return copy
}

/** An end of SRTP's authentication tag that is of no key. */
const badTag = (data: Buffer) => edited(data, (copy) => copy.writeUInt8((copy.at(-1) ?? 0) ^ 0xff, copy.length - 1))

const elsewhere = (from: Endpoint, by: number): Endpoint => ({ ...from, port: from.port + by })
const STRANGER: Record<'ipv4' | 'ipv6', string> = { ipv4: '192.0.2.77', ipv6: '2001:db8::77' }
const stranger = (from: Endpoint): Endpoint => ({
  address: from.address.includes(':') ? STRANGER.ipv6 : STRANGER.ipv4,
  port: 30_000,
})

/** RTCP that is none: RFC 3550 §6.1 has reports first, §6.4 their lengths. */
const RTCP_NONSENSE: readonly Buffer[] = [
  Buffer.from([0x80, 200]),
  Buffer.from([0x80, 200, 0xff, 0xff, 1, 2, 3, 4]),
  Buffer.from([0x9f, 201, 0, 1, 1, 2, 3, 4]),
  Buffer.from([0x81, 203, 0, 1, 1, 2, 3, 4]),
  Buffer.concat([
    Buffer.from([0x80, 201, 0, 1, 1, 2, 3, 4]),
    Buffer.from([0x81, 202, 0, 2, 1, 2, 3, 4, 1, 255, 65, 66]),
  ]),
  Buffer.from([0xa0, 201, 0, 1, 1, 2, 3, 4]),
  Buffer.from([0x00, 200, 0, 6, ...Array.from({ length: 24 }, () => 0xff)]),
]

/** Of RTP as of SRTP: what spoils nothing of what really comes. */
export const besides: Readonly<Record<string, Manner>> = {
  'random octets': beside(3, ({ random, send }) => send(random.bytes(1 + random.int(400)))),
  'headers that break off': beside(3, ({ data, index, send }) => send(data.subarray(0, index % 12))),
  'an empty datagram': beside(3, ({ send }) => send(Buffer.alloc(0))),
  'another version of RTP': beside(3, ({ data, index, send }) =>
    send(edited(data, (copy) => copy.writeUInt8(((index % 2) * 0x40) | 0x00, 0))),
  ),
  'more contributing sources than there are octets': beside(3, ({ data, send }) =>
    send(edited(data.subarray(0, 20), (copy) => copy.writeUInt8(0x8f, 0))),
  ),
  'an extension that is longer than its packet': beside(3, ({ data, send }) =>
    send(
      edited(data.subarray(0, 40), (copy) => {
        copy.writeUInt8(0x90, 0)
        copy.writeUInt16BE(0xffff, 14)
      }),
    ),
  ),
  'padding that is longer than its packet': beside(3, ({ data, send }) =>
    send(
      edited(data, (copy) => {
        copy.writeUInt8(0xa0, 0)
        copy.writeUInt8(255, copy.length - 1)
      }),
    ),
  ),
  'RTCP that is none, on the port of RTP': beside(2, ({ index, send }) =>
    send(RTCP_NONSENSE[index % RTCP_NONSENSE.length] ?? Buffer.alloc(0)),
  ),
  'datagrams of 64 kB': beside(2, ({ random, send }) =>
    send(Buffer.concat([Buffer.from([0x70]), random.bytes(65_000)])),
  ),
  'a flood of small datagrams': beside(1, ({ random, send }) => {
    for (let one = 0; one < 50; one++) send(random.bytes(1 + random.int(24)))
  }),
  'STUN, DTLS and SIP on the port of RTP': beside(3, ({ random, index, send }) =>
    send(
      [
        Buffer.concat([Buffer.from([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42]), random.bytes(12)]),
        Buffer.concat([Buffer.from([22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100]), random.bytes(30)]),
        Buffer.from('BYE sip:x SIP/2.0\r\n\r\n'),
      ][index % 3] ?? Buffer.alloc(0),
    ),
  ),
}

/** What the far end does to its own packets, in clear and encrypted. */
export const otherwise: Readonly<Record<string, Manner>> = {
  'from another port':
    () =>
    ({ data, from, send }) =>
      send(data, elsewhere(from, 20)),
  'from another address':
    () =>
    ({ data, from, send }) =>
      send(data, stranger(from)),
  'from another port with each packet':
    () =>
    ({ data, from, index, send }) =>
      send(data, elsewhere(from, 2 + (index % 500))),
  'each packet twice, from two addresses':
    () =>
    ({ data, from, send }) => {
      send(data)
      send(data, stranger(from))
    },
}

/** In clear only. */
export const clear: Readonly<Record<string, Manner>> = {
  'another SSRC with each packet': changed(({ random }) => ({ ssrc: random.uint32() })),
  'two SSRCs in turn': changed(({ packet, index }) => ({ ssrc: (packet.ssrc + (index % 2)) >>> 0 })),
  'a payload type that was not agreed on': changed(() => ({ payloadType: 77 })),
  'another payload type with each packet': changed(({ index }) => ({ payloadType: index % 128 })),
  'timestamps that jump with each packet': changed(({ random }) => ({ timestamp: random.uint32() })),
  'timestamps that stand still': changed(() => ({ timestamp: 1 })),
  'sequence numbers at random': changed(({ random }) => ({ sequenceNumber: random.uint32() & 0xffff })),
  'one sequence number for all': changed(() => ({ sequenceNumber: 7 })),
  'payloads of random length': changed(({ random }) => ({ payload: random.bytes(1 + random.int(1_400)) })),
  'payloads of one octet': changed(() => ({ payload: Buffer.from([0x55]) })),
  'random octets only': instead(({ random }) => random.bytes(1 + random.int(1_400))),
  'the version of RTP is 1': instead(({ data }) => edited(data, (copy) => copy.writeUInt8(0x40, 0))),
}

/** Telephone-events that are none (RFC 4733 §2.3), under the number that was agreed on, among the packets of the call. */
export const events: Readonly<Record<string, Manner>> = Object.fromEntries(
  Object.entries<(sending: Sending) => Uint8Array>({
    'of no octet': () => Buffer.alloc(0),
    'of one octet': () => Buffer.from([5]),
    'of a thousand and one octets': ({ random }) => random.bytes(1_001),
    'that are unknown': ({ index }) => Buffer.from([200 + (index % 50), 0x8a, 0, 160]),
    'at random': ({ random }) => random.bytes(4),
    'that never end': ({ index }) => Buffer.from([1, 0x0a, (index >> 8) & 0xff, index & 0xff]),
    'of no duration': () => Buffer.from([1, 0x8a, 0, 0]),
  }).map(([name, payload]) => [
    name,
    () => {
      let more = 0
      return (sending: Sending) => {
        const { packet, index, send } = sending
        const next = () => (packet.sequenceNumber + more) & 0xffff
        if (index % 4 === 3) {
          send(
            serializeRtp({
              ...packet,
              sequenceNumber: next(),
              marker: false,
              payloadType: 101,
              payload: payload(sending),
            }),
          )
          more++
        }
        send(serializeRtp({ ...packet, sequenceNumber: next() }))
      }
    },
  ]),
)

/** On SRTP. */
export const encrypted: Readonly<Record<string, Manner>> = {
  'tags that are wrong': instead(({ data }) => badTag(data)),
  'tags that are wrong in every third packet': instead(({ data, index }) => (index % 3 === 0 ? badTag(data) : data)),
  'tags that are wrong beside right ones': beside(2, ({ data, send }) => send(badTag(data))),
  'another key': instead(({ data, random }) => Buffer.concat([data.subarray(0, 12), random.bytes(data.length - 12)])),
  'tags that are missing': instead(({ data }) => data.subarray(0, -10)),
  'each packet again, at once and later': beside(1, ({ data, send }) => {
    send(data)
    send(data, undefined, 45)
    send(data, undefined, 200)
  }),
  'RTP in clear': instead(({ data, packet }) =>
    Buffer.concat([data.subarray(0, 12), Buffer.alloc(160, packet.payloadType === 8 ? 0xd5 : 0xff)]),
  ),
  'RTP in clear beside SRTP': beside(2, ({ data, packet, send }) =>
    send(Buffer.concat([data.subarray(0, 12), Buffer.alloc(160, packet.payloadType === 8 ? 0xd5 : 0xff)])),
  ),
  'another SSRC that is not authentic': instead(({ data, random }) =>
    edited(data, (copy) => copy.writeUInt32BE(random.uint32(), 8)),
  ),
}
