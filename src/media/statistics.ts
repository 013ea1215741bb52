/** Reception statistics (RFC 3550 §6.4.1, A.1, A.3, A.8). Signatures first; bodies follow. */
import type { NtpTime, ReportBlock } from './rtcp.js'
import type { RtpHeader } from './rtp.js'

export type Arrival =
  /** First in its source, or next in order (gaps allowed). */
  | 'in-order'
  /** Behind the highest number, and not had before. */
  | 'reordered'
  | 'duplicate'
  /** A jump beyond MAX_DROPOUT: not counted unless the next one follows it (A.1). */
  | 'suspect'
  /** Second of two packets after such a jump: the source has restarted. */
  | 'restarted'

export interface SourceSnapshot {
  readonly ssrc: number
  /** False until MIN_SEQUENTIAL packets came in sequence (A.1). */
  readonly valid: boolean
  /** All packets counted, duplicates included. */
  readonly received: number
  readonly expected: number
  /** Sequence numbers that never came: expected less the distinct ones that did. */
  readonly lost: number
  readonly lossRatio: number
  /** expected − received as RTCP carries it: duplicates hide losses, may be negative (A.3). */
  readonly cumulativeLost: number
  readonly duplicates: number
  readonly reordered: number
  /** Came too late for a jitter buffer of `lateAfterMs`. */
  readonly late: number
  /** Jumped too far to belong to the sequence, and nothing followed (A.1). */
  readonly strays: number
  readonly restarts: number
  readonly highestSequence: number
  readonly jitterTicks: number
  readonly jitterMs: number
  readonly maxJitterMs: number
  readonly firstAt: number
  readonly lastAt: number
}

/** Statistics of one source. Times are ms of any steady clock, arrival stamped in the socket callback. */
export class SourceStatistics {
  readonly ssrc: number
  constructor(o: { ssrc: number; clockRate: number; lateAfterMs?: number }) {
    this.ssrc = o.ssrc
  }
  /** `timing: false` for packets whose timestamp is no sampling instant (RFC 4733 events after the first). */
  receive(sequenceNumber: number, timestamp: number, at: number, timing = true): Arrival {
    throw new Error(`not yet ${sequenceNumber} ${timestamp} ${at} ${timing}`)
  }
  /** An SR of this source came: basis of LSR and DLSR. */
  senderReport(ntp: NtpTime, at: number): void {
    throw new Error(`not yet ${ntp.seconds} ${at}`)
  }
  /** The report block for the next SR or RR; closes the loss interval. */
  reportBlock(at: number): ReportBlock {
    throw new Error(`not yet ${at}`)
  }
  snapshot(): SourceSnapshot {
    throw new Error('not yet')
  }
}

export interface TransportAddress {
  readonly address: string
  readonly port: number
}
export type Reception = Arrival | 'collision-own' | 'loop-own' | 'collision'

/** All sources heard on one port (RFC 3550 §8.2): SSRC changes, collisions, loops. */
export class SourceTable {
  ownSsrc: number
  constructor(o: { ownSsrc: number; clockRate: number; lateAfterMs?: number }) {
    this.ownSsrc = o.ownSsrc
  }
  /** 'collision-own' means: send BYE for the old SSRC, choose another, set `ownSsrc`. */
  receive(packet: RtpHeader, from: TransportAddress, at: number, timing = true): Reception {
    throw new Error(`not yet ${packet.ssrc} ${from.port} ${at} ${timing}`)
  }
  source(ssrc: number): SourceStatistics | undefined {
    throw new Error(`not yet ${ssrc}`)
  }
  bye(ssrc: number, from: TransportAddress): void {
    throw new Error(`not yet ${ssrc} ${from.port}`)
  }
  /** In the order first heard. */
  sources(): readonly SourceStatistics[] {
    throw new Error('not yet')
  }
  /** Sums over all valid sources; undefined when nothing was received. */
  total(): (SourceSnapshot & { ssrcChanges: number; collisions: number }) | undefined {
    throw new Error('not yet')
  }
}
