/** RTCP of one session of two parties: when to report, what, and what the other side says (RFC 3550 §6). */
import type { Clock, Timer } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import type { Endpoint, UdpSocket } from '../transport/network.js'
import type { MediaTap } from './media-events.js'
import type { MediaSender } from './media-sender.js'
import { compound, ntpFromUnixMs, parseRtcp, roundTripMs, SdesType } from './rtcp.js'
import type { Bye, ReceiverReport, ReportBlock, SenderReport } from './rtcp.js'
import { type ReadRtcp, SrtpError, type SrtpContext } from './srtp.js'
import type { SourceTable } from './statistics.js'

export interface RtcpPath {
  readonly remote: Endpoint
  /** The RTP socket where both share a port (RFC 5761). */
  readonly socket: UdpSocket
  readonly send: SrtpContext | undefined
  readonly receive: SrtpContext | undefined
}

export interface RtcpReporterOptions {
  readonly clock: Clock
  readonly random: Random
  readonly cname: string
  readonly sender: MediaSender
  readonly table: SourceTable
  readonly tap: MediaTap | undefined
}

/** Octets a second: 5 % of 64 kbit/s with 40 octets of headers on each 20 ms packet (RFC 3550 §6.2). */
const BANDWIDTH = 0.05 * 10_000
const MIN_INTERVAL_MS = 5000
/** RFC 3550 §6.3.1: e - 3/2. */
const COMPENSATION = Math.E - 1.5
const HEADERS = 28

export class RtcpReporter {
  readonly #o: RtcpReporterOptions
  #path: RtcpPath | undefined
  /** When the keys of what comes were agreed on, ms of the clock. */
  #keysAt = 0
  #timer: Timer | undefined
  #averageSize = 120
  /** Packets of ours at the time of the last two reports. */
  #sentBefore: [number, number] = [0, 0]
  sent = 0
  received = 0
  byeReceived = false
  cname: string | undefined
  /** The peer's latest report about us. */
  latest: ReportBlock | undefined
  roundTripMs: number | undefined
  readonly faults: Record<string, number> = {}

  constructor(o: RtcpReporterOptions) {
    this.#o = o
  }

  configure(path: RtcpPath | undefined): void {
    if (path?.receive !== this.#path?.receive) this.#keysAt = this.#o.clock.now()
    this.#path = path
    if (path !== undefined && this.#timer === undefined) this.#schedule()
  }

  receive(data: Buffer, from: Endpoint, local: Endpoint, at: number): void {
    const context = this.#path?.receive
    const { plain, fields }: ReadRtcp = context?.readRtcp(data) ?? { plain: data }
    const srtcp = fields && { ...fields, keysAt: this.#keysAt }
    const seen = { at, direction: 'in', kind: 'rtcp', local, remote: from, raw: data, ...(srtcp && { srtcp }) } as const
    if (plain instanceof SrtpError) {
      this.#fault(plain.code)
      this.#o.tap?.({ ...seen, plain: undefined, fault: plain.code })
      return
    }
    const { packets, faults } = parseRtcp(plain)
    for (const { code } of faults) this.#fault(code)
    const [first] = faults
    this.#o.tap?.({ ...seen, plain, ...(first === undefined ? {} : { fault: first.code }) })
    if (packets.length === 0) return
    this.received++
    // RFC 3550 §6.3.3: a running mean over 16 packets, lower layers included.
    this.#averageSize += (data.length + HEADERS - this.#averageSize) / 16
    for (const packet of packets) {
      switch (packet.type) {
        case 'SR':
          this.#o.table.source(packet.ssrc)?.senderReport(packet.ntp, at)
          this.#reports(packet.reports, at)
          break
        case 'RR':
          this.#reports(packet.reports, at)
          break
        case 'SDES':
          for (const { items } of packet.chunks)
            this.cname = items.find((item) => item.type === SdesType.cname)?.text ?? this.cname

          break
        case 'BYE':
          this.byeReceived = true
          for (const ssrc of packet.sources) this.#o.table.bye(ssrc, from)
          break
        case 'APP':
        case 'unknown':
          break
      }
    }
  }

  /** BYE for an SSRC that is given up (RFC 3550 §6.6). */
  bye(): void {
    // RFC 3550 §6.3.7: no BYE from one who never sent anything.
    if (this.#o.sender.packets === 0 && this.sent === 0) return
    this.#send([{ type: 'BYE', sources: [this.#o.sender.ssrc] }])
  }

  /** Reports no more, without a word. */
  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#path = undefined
  }

  close(): void {
    this.bye()
    this.stop()
  }

  #schedule(): void {
    // RFC 3550 §6.3.1: both parties send, hence one share of the bandwidth for both.
    const minimum = this.sent === 0 ? MIN_INTERVAL_MS / 2 : MIN_INTERVAL_MS
    const interval = Math.max(minimum, (2 * this.#averageSize * 1000) / BANDWIDTH)
    const wait = (interval * (0.5 + this.#o.random.float())) / COMPENSATION
    this.#timer = this.#o.clock.after(wait, () => {
      this.#send([])
      this.#schedule()
    })
  }

  #reports(blocks: readonly ReportBlock[], at: number): void {
    // RFC 3550 §6.4.1: A is the time of arrival, however late it is read.
    const arrivedAt = this.#o.clock.unixMs() - (this.#o.clock.now() - at)
    for (const block of blocks) {
      if (block.ssrc !== this.#o.sender.ssrc) continue
      this.latest = block
      this.roundTripMs = roundTripMs(block, arrivedAt) ?? this.roundTripMs
    }
  }

  #send(others: readonly Bye[]): void {
    const path = this.#path
    if (path === undefined) return
    const { sender, clock, table } = this.#o
    const now = clock.now()
    const blocks = table
      .sources()
      .filter((source) => now - source.snapshot().lastAt < 2 * MIN_INTERVAL_MS)
      .slice(0, 31)
      .map((source) => source.reportBlock(now))
    // RFC 3550 §6.4: an SR from whoever sent since the last report or the one before it.
    const weSent = sender.packets > this.#sentBefore[0]
    const report: SenderReport | ReceiverReport = weSent
      ? {
          type: 'SR',
          ssrc: sender.ssrc,
          ntp: ntpFromUnixMs(clock.unixMs()),
          rtpTimestamp: sender.timestampAt(now),
          packets: sender.streamPackets,
          octets: sender.streamOctets,
          reports: blocks,
        }
      : { type: 'RR', ssrc: sender.ssrc, reports: blocks }
    this.#sentBefore = [this.#sentBefore[1], sender.packets]
    const plain = compound(report, this.#o.cname, others)
    let raw = plain
    if (path.send !== undefined) {
      try {
        raw = path.send.protectRtcp(plain)
      } catch (error) {
        if (!(error instanceof SrtpError)) throw error
        this.#fault(error.code)
        return
      }
    }
    path.socket.send(raw, path.remote)
    this.sent++
    this.#averageSize += (raw.length + HEADERS - this.#averageSize) / 16
    const local = path.socket.local
    this.#o.tap?.({ at: now, direction: 'out', kind: 'rtcp', local, remote: path.remote, raw, plain })
  }

  #fault(code: string): void {
    this.faults[code] = (this.faults[code] ?? 0) + 1
  }
}
