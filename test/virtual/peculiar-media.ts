/** Lines between a provider and the devices that change what comes: what a correct provider may do, and what none may. */
import type { Clock } from '../../src/clock/clock.js'
import { AudioPattern } from '../../src/media/audio-pattern.js'
import { decodeG711, encodeG711, transcodeG711, type Law } from '../../src/media/g711.js'
import { isFault, isRtcp, parseRtp, type RtpPacket, serializeRtp } from '../../src/media/rtp.js'
import type { Endpoint, Network, UdpSocket } from '../../src/transport/network.js'

/** Sees each packet of RTP that comes to one socket, and hands on what it likes, now or later. */
export type Line = (
  packet: RtpPacket,
  hand: (packet: RtpPacket | Buffer, laterMs?: number) => void,
  atMs: number,
) => void

/** Makes the state of a line, for each socket anew. */
export type MakeLine = () => Line

/** A network whose sockets hear RTP through a line. */
export function through(inner: Network, clock: Clock, makeLine: MakeLine): Network {
  return new Proxy(inner, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (name !== 'bindUdp') return typeof value === 'function' ? value.bind(target) : value
      return async (...args: Parameters<Network['bindUdp']>) =>
        listening(await target.bindUdp(...args), clock, makeLine())
    },
  })
}

function listening(socket: UdpSocket, clock: Clock, line: Line): UdpSocket {
  let user: UdpSocket['onMessage']
  let firstAt: number | undefined
  socket.onMessage = (data, from: Endpoint, at) => {
    const packet = isRtcp(data) || (data[0] ?? 0) >>> 6 !== 2 ? undefined : parseRtp(data)
    if (packet === undefined || isFault(packet) || packet.payload.length === 0) {
      user?.(data, from, at)
      return
    }
    firstAt ??= at
    line(
      packet,
      (out, laterMs = 0) => {
        const bytes = out === packet ? data : Buffer.isBuffer(out) ? out : serializeRtp(out)
        if (laterMs === 0) user?.(bytes, from, at)
        else clock.after(laterMs, () => user?.(bytes, from, clock.now()))
      },
      at - firstAt,
    )
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

/** A network on which reports come through a line: each may be told anew, changed or not. @param tell called with each datagram */
export function reporting(inner: Network, tell: (data: Buffer, hand: (data: Buffer) => void) => void): Network {
  return new Proxy(inner, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (name !== 'bindUdp') return typeof value === 'function' ? value.bind(target) : value
      return async (...args: Parameters<Network['bindUdp']>) => {
        const socket = await target.bindUdp(...args)
        let user: UdpSocket['onMessage']
        socket.onMessage = (data, from, at) => {
          if (isRtcp(data)) tell(Buffer.from(data), (out) => user?.(out, from, at))
          else user?.(data, from, at)
        }
        return new Proxy(socket, {
          get: (it, key) => {
            const property: unknown = Reflect.get(it, key)
            return typeof property === 'function' ? property.bind(it) : property
          },
          set: (it, key, property) => {
            if (key !== 'onMessage') return Reflect.set(it, key, property)
            user = property
            return true
          },
        })
      }
    },
  })
}

/** Lets `edit` change each session description that comes in a datagram of SIP; `sent` is the last one that went out. */
export function describing(inner: Network, edit: (sdp: string, sent: string) => string): Network {
  let sent = ''
  const bodyOf = (text: string) =>
    /^content-type: *application\/sdp/im.test(text) ? text.slice(text.indexOf('\r\n\r\n') + 4) : ''
  return new Proxy(inner, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (name !== 'bindUdp') return typeof value === 'function' ? value.bind(target) : value
      return async (...args: Parameters<Network['bindUdp']>) => {
        const socket = await target.bindUdp(...args)
        let user: UdpSocket['onMessage']
        socket.onMessage = (data, from, at) => {
          const text = data.toString('latin1')
          const body = bodyOf(text)
          const changed = body === '' ? '' : edit(body, sent)
          const head = text.slice(0, text.length - body.length)
          const whole = head.replace(/^(content-length|l):.*$/im, `Content-Length: ${changed.length}`) + changed
          user?.(body === '' ? data : Buffer.from(whole, 'latin1'), from, at)
        }
        return new Proxy(socket, {
          get: (it, key) => {
            const property: unknown = Reflect.get(it, key)
            if (key === 'send') {
              return (data: Uint8Array, to: Endpoint) => {
                sent = bodyOf(Buffer.from(data).toString('latin1')) || sent
                it.send(data, to)
              }
            }
            return typeof property === 'function' ? property.bind(it) : property
          },
          set: (it, key, property) => {
            if (key !== 'onMessage') return Reflect.set(it, key, property)
            user = property
            return true
          },
        })
      }
    },
  })
}

const codecOf = ({ payloadType }: RtpPacket): Law | undefined =>
  payloadType === 8 ? 'PCMA' : payloadType === 0 ? 'PCMU' : undefined
const isAudio = (packet: RtpPacket) => codecOf(packet) !== undefined
const isEvent = (packet: RtpPacket) => packet.payloadType >= 96 && packet.payload.length === 4

/** Changes audio packets one by one. */
export const each =
  (change: (packet: RtpPacket, index: number, atMs: number) => Partial<RtpPacket> | undefined): MakeLine =>
  () => {
    let index = 0
    return (packet, hand, atMs) => {
      if (!isAudio(packet)) return hand(packet)
      const changed = change(packet, index++, atMs)
      if (changed !== undefined) hand({ ...packet, ...changed })
    }
  }

export const delayed =
  (ms: number): MakeLine =>
  () =>
  (packet, hand) =>
    hand(packet, ms)

/** Other packets among those of the call, numbered along with them. */
export const inserting = (every: number, payloadType: number, payload: Buffer): MakeLine => {
  return () => {
    let [index, more] = [0, 0]
    return (packet, hand) => {
      const next = () => (packet.sequenceNumber + more) & 0xffff
      if (isAudio(packet) && index++ % every === 0) {
        hand({ ...packet, marker: false, payloadType, payload, sequenceNumber: next() })
        more++
      }
      hand({ ...packet, sequenceNumber: next() })
    }
  }
}

/** Audio in packets of another length; events stay where they are. */
export const repacketised = (ms: number): MakeLine => {
  return () => {
    let held: Buffer = Buffer.alloc(0)
    let sequenceNumber = 1000
    let timestamp = 0
    return (packet, hand) => {
      const next = () => (sequenceNumber = (sequenceNumber + 1) & 0xffff)
      if (!isAudio(packet)) return hand({ ...packet, sequenceNumber: next() })
      if (held.length === 0) timestamp = packet.timestamp
      held = Buffer.concat([held, packet.payload])
      for (; held.length >= 8 * ms; held = held.subarray(8 * ms)) {
        hand({ ...packet, sequenceNumber: next(), timestamp, payload: held.subarray(0, 8 * ms) })
        timestamp = (timestamp + 8 * ms) >>> 0
      }
    }
  }
}

/** Nothing is heard for so long (ms). */
export const hesitating = (ms: number): MakeLine => each((_, __, atMs) => (atMs < ms ? undefined : {}))

/** Something else is heard for so long (ms): an announcement, under numbers of its own. */
export const announcingFirst = (ms: number): MakeLine =>
  each((packet, index, atMs) =>
    atMs >= ms
      ? {}
      : {
          ssrc: 0x1234abcd,
          sequenceNumber: (40_000 + index) & 0xffff,
          timestamp: 160 * index,
          payload: spoken(index, codecOf(packet) ?? 'PCMA'),
        },
  )

/** 20 ms of a buzzing voice. */
function spoken(index: number, codec: Law): Buffer {
  const pcm = Int16Array.from({ length: 160 }, (_, i) => {
    const at = index * 160 + i
    let value = 0
    for (let harmonic = 1; harmonic < 12; harmonic++)
      value += Math.sin((2 * Math.PI * 170 * harmonic * at) / 8000) / harmonic
    return Math.round(2000 * value * (0.6 + 0.4 * Math.sin(at / 900)))
  })
  return encodeG711(pcm, codec)
}

export const gain = (dB: number): MakeLine =>
  each((packet) => {
    const codec = codecOf(packet) ?? 'PCMA'
    const pcm = decodeG711(packet.payload, codec).map((sample) => sample * 10 ** (dB / 20))
    return { payload: encodeG711(pcm, codec) }
  })

/** The voice with two echoes of its own, of -3 dB: a telephone's user would understand it. */
export const blurred: MakeLine = () => {
  let past = new Int16Array(0)
  return each(({ payload, payloadType }) => {
    const codec = payloadType === 8 ? 'PCMA' : 'PCMU'
    const now = decodeG711(payload, codec)
    const all = new Int16Array(past.length + now.length)
    all.set(past)
    all.set(now, past.length)
    const mixed = now.map((sample, at) =>
      [880, 1_840].reduce((sum, delay) => sum + 0.7 * (all[past.length + at - delay] ?? 0), sample),
    )
    past = all.slice(-2_000)
    return { payload: encodeG711(mixed, codec) }
  })()
}

export const inTheOtherLaw: MakeLine = each((packet) =>
  packet.payloadType === 8
    ? { payloadType: 0, payload: transcodeG711(packet.payload, 'PCMA', 'PCMU') }
    : { payloadType: 8, payload: transcodeG711(packet.payload, 'PCMU', 'PCMA') },
)

export const sourceChanges: MakeLine = each(({ ssrc, sequenceNumber, timestamp }, _, atMs) =>
  atMs < 1500
    ? {}
    : {
        ssrc: (ssrc + 1) >>> 0,
        sequenceNumber: (sequenceNumber + 20_000) & 0xffff,
        timestamp: (timestamp + 1e9) >>> 0,
      },
)

export const timestampsJump: MakeLine = each(({ timestamp }, _, atMs) =>
  atMs < 1500 ? {} : { timestamp: (timestamp + 8_000_000) >>> 0 },
)

/** Each nth packet twice, as networks do. */
export const doubling = (nth: number): MakeLine => {
  return () => {
    let index = 0
    return (packet, hand) => {
      hand(packet)
      if (++index % nth === 0) hand(packet, 5)
    }
  }
}

/** Each nth packet after the next one. */
export const reordering = (nth: number): MakeLine => {
  return () => {
    let index = 0
    return (packet, hand) => hand(packet, ++index % nth === 0 ? 25 : 0)
  }
}

/** Each nth event packet, counted from the first, is lost. */
export const losingEvents = (which: (index: number) => boolean): MakeLine => {
  return () => {
    let index = 0
    return (packet, hand) => {
      if (!isEvent(packet) || !which(index++)) hand(packet)
    }
  }
}

/** The third copy of the end of each third event is lost. */
export const losingLastEnd: MakeLine = () => {
  const ends = new Map<number, number>()
  return (packet, hand) => {
    if (isEvent(packet) && (packet.payload[1] ?? 0) >= 0x80) {
      const copies = (ends.get(packet.timestamp) ?? 0) + 1
      ends.set(packet.timestamp, copies)
      if (copies === 3 && ends.size % 3 === 0) return
    }
    hand(packet)
  }
}

/** RFC 4733 §2.5.1.4: the end may be told only when the last report is repeated. */
export const endsDeferred: MakeLine = () => {
  const told = new Map<number, number>()
  return (packet, hand) => {
    if (!isEvent(packet) || (packet.payload[1] ?? 0) < 0x80) return hand(packet)
    const times = (told.get(packet.timestamp) ?? 0) + 1
    told.set(packet.timestamp, times)
    const payload = Buffer.from(packet.payload)
    if (times < 3) payload[1] = (payload[1] ?? 0) & 0x7f
    hand({ ...packet, payload })
  }
}

/** What is told back is spoken, not sent as events. */
export const toldByVoice: MakeLine = () => {
  let index = 0
  return (packet, hand) => {
    if (!isEvent(packet)) return hand(packet)
    for (let part = 0; part < 4; part++) {
      const timestamp = 160 * index
      hand({ ...packet, payloadType: 8, timestamp, sequenceNumber: index, payload: spoken(index++, 'PCMA') }, 20 * part)
    }
  }
}

export const silent: MakeLine = each((packet) => ({
  payload: Buffer.alloc(160, packet.payloadType === 8 ? 0xd5 : 0xff),
}))
export const ringing: MakeLine = each((packet, index) => ({
  payload: encodeG711(
    Int16Array.from({ length: 160 }, (_, i) => 4000 * Math.sin((2 * Math.PI * 425 * (index * 160 + i)) / 8000)),
    codecOf(packet) ?? 'PCMA',
  ),
}))
export const anotherCall: MakeLine = each((packet, index) => ({
  payload: Buffer.from(new AudioPattern(0x123456).frame(index, codecOf(packet) ?? 'PCMA')),
}))
export const nothing: MakeLine = () => () => undefined
/** All is well for so long (ms), then nothing comes any more. */
export const breakingOff = (ms: number): MakeLine => each((_, __, atMs) => (atMs < ms ? {} : undefined))

/** The session's address stands at each of its media lines instead (RFC 8866 §5.7). */
export function addressAtMedia(sdp: string): string {
  const [session = '', ...media] = sdp.split(/^(?=m=)/m)
  const address = /^c=.*\r\n/m.exec(session)?.[0]
  if (address === undefined) return sdp
  const own = media.map((part) => (/^c=/m.test(part) ? part : part.replace('\r\n', `\r\n${address}`)))
  return [session.replace(address, ''), ...own].join('')
}
