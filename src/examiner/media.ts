/** Takes RTP and RTCP packets in their order: learns from what our devices send, and shows the checks what the target sends. */
import type { MediaPacketEvent } from '../media/media-events.js'
import { uint32At } from '../media/rtp.js'
import type { Endpoint } from '../transport/network.js'
import { EVENT, type Leg, type Stream } from './memory/legs.js'
import type { Memory } from './memory/memory.js'
import type { Progress, RtpSeen } from './seen.js'
import type { Watches } from './watches.js'

/** RFC 3550 A.1: MAX_DROPOUT and MAX_MISORDER. */
const DROPOUT = 3000
const MISORDER = 100

type Writable<T> = { -readonly [K in keyof T]: T[K] }

export class Media {
  readonly #memory: Memory
  readonly #watches: Watches
  /** Filled anew for each packet: there are many. */
  #seen: Writable<RtpSeen> | undefined

  constructor(memory: Memory, watches: Watches) {
    this.#memory = memory
    this.#watches = watches
  }

  packet(event: MediaPacketEvent): void {
    const { raw, remote } = event
    const { legs } = this.#memory
    if (event.direction === 'out') {
      if (event.kind === 'rtp') legs.sent(event)
      return
    }
    const leg = legs.of(event.local)
    const last = leg.lastRemote
    if (last === undefined || last.port !== remote.port || last.address !== remote.address) {
      // Our own devices may talk to each other directly, and scenarios throw stray packets at them.
      if (this.#memory.isOwn(remote)) return
      this.#source(leg, remote)
    }
    if (event.kind === 'rtcp') {
      this.#watches.judged.rtcp++
      for (const watch of this.#watches.on.rtcp) watch({ leg, event })
      return
    }
    if (isMalformed(event)) {
      for (const watch of this.#watches.on.malformed) watch({ leg, event })
      return
    }
    const ssrc = uint32At(raw, 8)
    let stream = leg.lastStream
    if (stream === undefined || stream.ssrc !== ssrc) {
      if (!leg.streams.has(ssrc)) for (const watch of this.#watches.on.newStream) watch(leg)
      stream = legs.stream(leg, ssrc)
      if (stream === undefined) return
      leg.lastStream = stream
    }
    this.#watches.judged.rtp++
    this.#rtp(leg, stream, event)
  }

  #source(leg: Leg, remote: Endpoint): void {
    const isListed = this.#memory.isListedRelay(remote)
    leg.lastRemote = isListed ? remote : undefined
    if (!isListed) for (const watch of this.#watches.on.unlistedSource) watch({ leg, remote })
  }

  #rtp(leg: Leg, stream: Stream, event: MediaPacketEvent): void {
    const { at, raw } = event
    const type = (raw[1] ?? 0) & 0x7f
    const sequence = ((raw[2] ?? 0) << 8) | (raw[3] ?? 0)
    const timestamp = uint32At(raw, 4)
    const isAudio = isNarrowBand(type) && leg.types[type] !== EVENT
    const progress = progressOf(stream, sequence)
    const seen = (this.#seen ??= { event, leg, stream, type, sequence, timestamp, isAudio, progress })
    seen.event = event
    seen.leg = leg
    seen.stream = stream
    seen.type = type
    seen.sequence = sequence
    seen.timestamp = timestamp
    seen.isAudio = isAudio
    seen.progress = progress
    const { on } = this.#watches
    if (at > leg.endedAt) for (const watch of on.afterEnd) watch(seen)
    if (leg.agreed) {
      if (leg.types[type] === 0) for (const watch of on.unlistedType) watch(seen)
      if (leg.isSecure) for (const watch of on.onSecureLeg) watch(seen)
    }
    if (progress === 'passed on') {
      for (const watch of on.passedOn) watch(seen)
      return
    }
    for (const watch of on.originated) watch(seen)
    stream.packets++
    if (progress === 'overtaken') return
    if (progress === 'same number' || progress === 'anew') for (const watch of on.outOfOrder) watch(seen)
    if (progress === 'same number') return
    stream.sequence = sequence
    stream.timestamp = timestamp
    stream.at = at
    stream.comparable = isAudio
  }
}

/** By its own look, or by that of the session that took it in (`rtp-csrc`, `rtp-padding`, …). */
function isMalformed({ raw, fault }: MediaPacketEvent): boolean {
  return raw.length < 12 || (raw[0] ?? 0) >>> 6 !== 2 || (fault?.startsWith('rtp-') ?? false)
}

function progressOf(stream: Stream, sequence: number): Progress {
  if (stream.ours !== undefined) return 'passed on'
  if (stream.packets === 0) return 'first'
  const step = (sequence - stream.sequence) & 0xffff
  if (step === 1) return 'next'
  if (step === 0) return 'same number'
  if (step < DROPOUT) return 'ahead'
  return step < 0x10000 - MISORDER ? 'anew' : 'overtaken'
}

/** Audio whose timestamps count 8000 a second (RFC 3551 §6): PCMU, GSM, PCMA, G722, G729. */
function isNarrowBand(type: number): boolean {
  return type === 8 || type === 0 || type === 9 || type === 18 || type === 3
}
