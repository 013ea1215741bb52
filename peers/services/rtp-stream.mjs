// Audio of one call: plays, sends back, records, counts keys. RFC 3550, RFC 4733, RFC 3551.
import { createSocket } from 'node:dgram'
import { randomInt } from 'node:crypto'
import { failed } from './failures.mjs'
import { decode, encode } from './g711.mjs'
import { KEYS, KeyReader } from './key-reader.mjs'

const FRAME_MS = 20
const FRAME = 160
/** RFC 4733 §2.6: duration of a key, and of the pause behind it, in frames. */
const KEY_FRAMES = 5
const GAP_FRAMES = 4
const LAST_REPEATS = 3
const REPORTS_MS = 2_000

/**
 * Two ports of ours, an even one and the next: RFC 3550 §11.
 * @param ports `{ first, last }`
 */
export async function openStream(address, ports) {
  for (let tries = 0; tries < 200; tries++) {
    const port = ports.first + 2 * randomInt((ports.last - ports.first) >> 1)
    const sockets = [port, port + 1].map((one) => bound(address, one))
    const open = await Promise.allSettled(sockets)
    if (open.every(({ status }) => status === 'fulfilled')) return new RtpStream(...open.map(({ value }) => value))
    for (const { value } of open) value?.close()
  }
  throw new Error('no port is free')
}

function bound(address, port) {
  const socket = createSocket('udp4')
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, address, () => resolve(socket))
  })
}

class RtpStream {
  /** Is what is heard sent back? */
  echoes = false
  /** What was heard, linear samples, where it is wanted. */
  recording
  onKey = () => undefined
  #rtp
  #rtcp
  #session
  #ssrc = randomInt(2 ** 32)
  /** RFC 3711 §3.3.1: in the lower half, so that a receiver that misses the first packets counts right. */
  #sequence = randomInt(2 ** 15)
  #began = { timestamp: randomInt(2 ** 32), at: performance.now() }
  #timestamp = this.#began.timestamp
  #echoOffset
  #sent = { packets: 0, octets: 0 }
  #heard
  #keys = new KeyReader((key) => this.onKey(key))
  #frames = []
  #ticker
  #reporter
  #isClosed = false

  constructor(rtp, rtcp) {
    this.#rtp = rtp
    this.#rtcp = rtcp
    this.port = rtp.address().port
    rtp.on('message', (packet) => this.#take(packet))
    rtcp.on('message', () => undefined)
    // What cannot be sent is lost.
    for (const socket of [rtp, rtcp]) socket.on('error', failed('audio'))
  }

  /** @param session what `read` gives of the other side's description */
  use(session) {
    this.#session = session
    this.#reporter ??= setInterval(() => this.#report(), REPORTS_MS)
  }

  get #maySend() {
    const { direction, address, port } = this.#session ?? {}
    return (direction === 'sendrecv' || direction === 'recvonly') && address !== '0.0.0.0' && port > 0
  }

  #take(packet) {
    if (packet.length < 12 || packet[0] >> 6 !== 2 || this.#session === undefined) return
    const type = packet[1] & 0x7f
    const begin = 12 + 4 * (packet[0] & 0x0f)
    const end = packet[0] & 0x20 ? packet.length - packet.at(-1) : packet.length
    const [sequence, timestamp, ssrc] = [packet.readUInt16BE(2), packet.readUInt32BE(4), packet.readUInt32BE(8)]
    const payload = packet.subarray(begin, end)
    this.#count(ssrc, sequence)
    if (type === this.#session.tones) this.#keys.take(payload, timestamp)
    else if (type === this.#session.payloadType) this.recording?.push(...decode(this.#session.codec, payload))
    else return
    if (!this.echoes) return
    this.#echoOffset ??= this.#timestamp - timestamp
    this.#send(type, payload, (timestamp + this.#echoOffset) >>> 0, packet[1] & 0x80)
  }

  #count(ssrc, sequence) {
    if (this.#heard?.ssrc !== ssrc) this.#heard = { ssrc, first: sequence, highest: sequence, packets: 0, cycles: 0 }
    const ahead = (sequence - this.#heard.highest) & 0xffff
    if (ahead < 0x8000) {
      if (sequence < this.#heard.highest) this.#heard.cycles += 0x10000
      this.#heard.highest = sequence
    }
    this.#heard.packets++
  }

  #send(type, payload, timestamp, marker) {
    if (!this.#maySend || this.#isClosed) return
    const packet = Buffer.alloc(12 + payload.length)
    packet[0] = 0x80
    packet[1] = type | marker
    packet.writeUInt16BE(this.#sequence, 2)
    packet.writeUInt32BE(timestamp, 4)
    packet.writeUInt32BE(this.#ssrc, 8)
    payload.copy(packet, 12)
    this.#sequence = (this.#sequence + 1) & 0xffff
    this.#sent = { packets: this.#sent.packets + 1, octets: this.#sent.octets + payload.length, timestamp }
    this.#rtp.send(packet, this.#session.port, this.#session.address)
  }

  /** Plays linear samples. @returns when they have been sent, or `stopPlaying` was called */
  play(samples) {
    return this.#queue(
      Array.from({ length: Math.ceil(samples.length / FRAME) }, (_, nth) => ({
        samples: samples.subarray(nth * FRAME, (nth + 1) * FRAME),
      })),
    )
  }

  /** Sends keys as telephone-events. */
  press(keys) {
    return this.#queue(
      Array.from(keys).flatMap((key) => [
        ...Array.from({ length: KEY_FRAMES }, (_, nth) => ({ event: KEYS.indexOf(key), nth })),
        ...Array.from({ length: GAP_FRAMES }, () => ({})),
      ]),
    )
  }

  #queue(frames) {
    return new Promise((resolve) => {
      if (frames.length === 0 || this.#isClosed) {
        resolve()
        return
      }
      frames.at(-1).done = resolve
      this.#frames.push(...frames)
      this.#tick()
    })
  }

  stopPlaying() {
    for (const { done } of this.#frames.splice(0)) done?.()
  }

  /** One frame every 20 ms of the clock, however late a timer is. */
  #tick() {
    if (this.#ticker) return
    const began = performance.now()
    // RFC 3550 §5.1: the clock goes on where nothing is sent.
    const silent = Math.round((began - this.#began.at) / FRAME_MS) * FRAME
    this.#timestamp = (this.#began.timestamp + silent) >>> 0
    let sent = 0
    let isFirst = true
    this.#ticker = setInterval(() => {
      for (; sent * FRAME_MS <= performance.now() - began; sent++) {
        const frame = this.#frames.shift()
        if (frame === undefined) {
          clearInterval(this.#ticker)
          this.#ticker = undefined
          return
        }
        this.#sendFrame(frame, isFirst)
        isFirst = false
        this.#timestamp = (this.#timestamp + FRAME) >>> 0
        frame.done?.()
      }
    }, FRAME_MS / 2)
  }

  #sendFrame({ samples, event, nth }, isFirst) {
    const session = this.#session
    if (session === undefined) return
    if (samples) this.#send(session.payloadType, encode(session.codec, samples), this.#timestamp, isFirst ? 0x80 : 0)
    if (event === undefined || session.tones === undefined) return
    // §2.5.1: all packets of a key have the time of its beginning; the last goes out three times.
    const isLast = nth === KEY_FRAMES - 1
    const begin = (this.#timestamp - nth * FRAME) >>> 0
    const payload = Buffer.from([event, (isLast ? 0x80 : 0) | 10, 0, 0])
    payload.writeUInt16BE((nth + 1) * FRAME, 2)
    for (let times = 0; times < (isLast ? LAST_REPEATS : 1); times++)
      this.#send(session.tones, payload, begin, nth === 0 ? 0x80 : 0)
  }

  /** RFC 3550 §6.4.1: a sender report with what was heard, and the name of the source. */
  #report() {
    // No port comes after the last one.
    if (!this.#maySend || this.#sent.packets === 0 || this.#session.port === 0xffff) return
    const heard = this.#heard
    const report = Buffer.alloc(heard ? 52 : 28)
    report[0] = 0x80 | (heard ? 1 : 0)
    report[1] = 200
    report.writeUInt16BE(report.length / 4 - 1, 2)
    report.writeUInt32BE(this.#ssrc, 4)
    const now = Date.now() / 1000 + 2_208_988_800
    report.writeUInt32BE(Math.floor(now), 8)
    report.writeUInt32BE(Math.floor((now % 1) * 2 ** 32), 12)
    report.writeUInt32BE(this.#sent.timestamp, 16)
    report.writeUInt32BE(this.#sent.packets, 20)
    report.writeUInt32BE(this.#sent.octets >>> 0, 24)
    if (heard) {
      const expected = heard.cycles + heard.highest - heard.first + 1
      report.writeUInt32BE(heard.ssrc, 28)
      report.writeUInt32BE(Math.max(0, expected - heard.packets) & 0x7fffff, 32)
      report.writeUInt32BE(heard.cycles + heard.highest, 36)
    }
    const name = Buffer.from('services')
    const description = Buffer.alloc(20)
    description.writeUInt32BE(0x81ca0004)
    description.writeUInt32BE(this.#ssrc, 4)
    description[8] = 1
    description[9] = name.length
    name.copy(description, 10)
    this.#rtcp.send(Buffer.concat([report, description]), this.#session.port + 1, this.#session.address)
  }

  close() {
    if (this.#isClosed) return
    this.#isClosed = true
    clearInterval(this.#ticker)
    clearInterval(this.#reporter)
    this.#keys.close()
    this.stopPlaying()
    this.#rtp.close()
    this.#rtcp.close()
  }
}
