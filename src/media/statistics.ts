/** All sources heard on one port: SSRC changes, collisions, loops (RFC 3550 §8.2). */
import type { RtpHeader } from './rtp.js'
import { SourceStatistics } from './source-statistics.js'
import type { Arrival, SourceSnapshot } from './source-statistics.js'

export { SourceStatistics } from './source-statistics.js'
export type { Arrival } from './source-statistics.js'

/** Where a packet came from; a transport `Endpoint` is one. */
export interface TransportAddress {
  readonly address: string
  readonly port: number
}

export type Reception =
  | Arrival
  /** Somebody else uses our SSRC: send BYE for it, choose another, set `ownSsrc`. */
  | 'collision-own'
  /** Our own packets come back from an address that collided before. */
  | 'loop-own'
  /** A known SSRC from a second address, while the first goes on sending: not counted. */
  | 'collision'

/** Sums over all valid sources. */
export interface ReceptionTotal extends Omit<SourceSnapshot, 'ssrc' | 'valid'> {
  /** Valid sources after the first. */
  readonly ssrcChanges: number
  /** Packets refused because two addresses used one SSRC at the same time. */
  readonly collisions: number
  /** Packets that came with our own SSRC. */
  readonly looped: number
  /** How often a source moved to another address. */
  readonly addressChanges: number
  /** Packets of sources that never had two in sequence: not in `received`. */
  readonly unvalidated: number
}

interface Source {
  readonly statistics: SourceStatistics
  from: TransportAddress
  /** Where it was before it moved, and when it moved. */
  before: TransportAddress | undefined
  movedAt: number
  /** Two addresses were seen to take turns: the one heard first is kept as long as it sends. */
  contested: boolean
  ended: boolean
}

/** A flood of forged SSRCs must not fill the memory. */
const MAX_SOURCES = 64
/** An address that moved and went on at the old place within this time has not moved: two senders collide. */
const FLIP_FLOP_MS = 2000

export interface SourceTableOptions {
  readonly ownSsrc: number
  /** Of the payload, in Hz. */
  readonly clockRate: number
  /** See `SourceStatistics`. */
  readonly lateAfterMs?: number
  /** Count packets with our own SSRC as reception (an echo service may return them as they were); default false. */
  readonly countLoops?: boolean
}

export class SourceTable {
  ownSsrc: number
  readonly #options: SourceTableOptions
  readonly #sources = new Map<number, Source>()
  /** Conflicting addresses of §8.2; a telephone sees none or one. */
  readonly #conflicting: TransportAddress[] = []
  #last: Source | undefined
  #collisions = 0
  #looped = 0
  #addressChanges = 0

  constructor(options: SourceTableOptions) {
    this.ownSsrc = options.ownSsrc
    this.#options = options
  }

  /** Takes in one packet; `timing` as in `SourceStatistics.receive`. */
  receive(packet: RtpHeader, from: TransportAddress, at: number, timing = true): Reception {
    let own: 'collision-own' | 'loop-own' | undefined
    if (packet.ssrc === this.ownSsrc) {
      own = this.#ownIdentifier(from)
      if (!this.#options.countLoops) return own
    }
    const source = this.#last?.statistics.ssrc === packet.ssrc ? this.#last : this.#find(packet.ssrc, from)
    if (!sameAddress(source.from, from) && !this.#moves(source, packet, from, at)) {
      this.#collisions++
      return 'collision'
    }
    this.#last = source
    const arrival = source.statistics.receive(packet.sequenceNumber, packet.timestamp, at, timing)
    return own ?? arrival
  }

  source(ssrc: number): SourceStatistics | undefined {
    return this.#sources.get(ssrc)?.statistics
  }

  /** A source has said BYE: another may take its SSRC from elsewhere. What was counted stays. */
  bye(ssrc: number, from: TransportAddress): void {
    const source = this.#sources.get(ssrc)
    // RFC 3550 §8.2: only from the address of the source itself. RTCP may use another port.
    if (source && source.from.address === from.address) source.ended = true
  }

  /** In the order first heard. */
  sources(): readonly SourceStatistics[] {
    return Array.from(this.#sources.values(), (source) => source.statistics)
  }

  /** The source heard last; undefined before the first packet. */
  get current(): SourceStatistics | undefined {
    return this.#last?.statistics
  }

  /** Of `total`, what is looked at every second; of one source, which is the rule, without an object for it. */
  counts(): Pick<ReceptionTotal, 'expected' | 'lost' | 'reordered' | 'late'> & {
    readonly jitterMs: number | undefined
  } {
    const only = this.#sources.size === 1 ? this.#last?.statistics : undefined
    if (only?.valid === true) return only.counts()
    return this.total() ?? { expected: 0, lost: 0, reordered: 0, late: 0, jitterMs: undefined }
  }

  /** Everything received; undefined when nothing was. Jitter is that of the source heard last. */
  total(): ReceptionTotal | undefined {
    const all = this.sources().map((source) => source.snapshot())
    if (all.length === 0) return undefined
    const valid = all.filter((source) => source.valid)
    const sum = (of: (source: SourceSnapshot) => number) => valid.reduce((total, source) => total + of(source), 0)
    const latest = (valid.length > 0 ? valid : all).reduce((a, b) => (b.lastAt > a.lastAt ? b : a))
    const expected = sum((source) => source.expected)
    const lost = sum((source) => source.lost)
    return {
      received: sum((source) => source.received),
      expected,
      lost,
      gaps: sum((source) => source.gaps),
      lossRatio: expected === 0 ? 0 : lost / expected,
      cumulativeLost: sum((source) => source.cumulativeLost),
      duplicates: sum((source) => source.duplicates),
      reordered: sum((source) => source.reordered),
      late: sum((source) => source.late),
      strays: sum((source) => source.strays),
      restarts: sum((source) => source.restarts),
      highestSequence: latest.highestSequence,
      jitterTicks: latest.jitterTicks,
      jitterMs: latest.jitterMs,
      maxJitterMs: Math.max(...(valid.length > 0 ? valid : all).map((source) => source.maxJitterMs)),
      maxGapMs: Math.max(...(valid.length > 0 ? valid : all).map((source) => source.maxGapMs)),
      firstAt: Math.min(...(valid.length > 0 ? valid : all).map((source) => source.firstAt)),
      lastAt: latest.lastAt,
      ssrcChanges: Math.max(0, valid.length - 1),
      collisions: this.#collisions,
      looped: this.#looped,
      addressChanges: this.#addressChanges,
      unvalidated: all.reduce((total, source) => (source.valid ? total : total + source.received), 0),
    }
  }

  #find(ssrc: number, from: TransportAddress): Source {
    const known = this.#sources.get(ssrc)
    if (known) return known
    if (this.#sources.size >= MAX_SOURCES) this.#forgetOne()
    const statistics = new SourceStatistics({ ...this.#options, ssrc })
    const source = { statistics, from, before: undefined, movedAt: 0, contested: false, ended: false }
    this.#sources.set(ssrc, source)
    return source
  }

  /** The oldest source without two packets in sequence goes; if all are valid, the oldest. */
  #forgetOne(): void {
    for (const [ssrc, source] of this.#sources) {
      if (!source.statistics.valid) {
        this.#sources.delete(ssrc)
        return
      }
    }
    for (const ssrc of this.#sources.keys()) {
      this.#sources.delete(ssrc)
      return
    }
  }

  /** RFC 3550 §8.2: the first time a collision, from then on a loop, so that one loop costs one change of SSRC. */
  #ownIdentifier(from: TransportAddress): 'collision-own' | 'loop-own' {
    this.#looped++
    if (this.#conflicting.some((address) => sameAddress(address, from))) return 'loop-own'
    if (this.#conflicting.length < MAX_SOURCES) this.#conflicting.push(from)
    return 'collision-own'
  }

  /**
   * Whether a known SSRC from another address is the same sender. RFC 3550 §8.2: telephony SHOULD accept that a source
   * moves, and SHOULD notice when two addresses take turns. So the first move is believed; when the old address goes on
   * with the sequence right after, both are there, and the one heard first is kept.
   */
  #moves(source: Source, packet: RtpHeader, from: TransportAddress, at: number): boolean {
    const { before, statistics } = source
    if (source.ended || at - statistics.lastAt > FLIP_FLOP_MS) {
      source.contested = false
      this.#move(source, from, undefined, at)
      return true
    }
    if (source.contested) return false
    if (!before || at - source.movedAt > FLIP_FLOP_MS || !sameAddress(before, from)) {
      this.#move(source, from, source.from, at)
      return true
    }
    const ahead = (packet.sequenceNumber - statistics.highestSequence) & 0xffff
    // A straggler of the old path.
    if (ahead === 0 || ahead >= 0x8000) return true
    source.contested = true
    this.#move(source, from, undefined, at)
    return true
  }

  #move(source: Source, to: TransportAddress, before: TransportAddress | undefined, at: number): void {
    source.from = to
    source.before = before
    source.movedAt = at
    source.ended = false
    this.#addressChanges++
  }
}

function sameAddress(a: TransportAddress, b: TransportAddress): boolean {
  return a.port === b.port && a.address === b.address
}
