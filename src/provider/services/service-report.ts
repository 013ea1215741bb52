/** What a service reports of its call: RFC 3550 §6.4. */
import { compound, ntpFromUnixMs, type ReceiverReport, type SenderReport, serializeRtcp } from '../../media/rtcp.js'
import type { SourceStatistics } from '../../media/statistics.js'
import type { ProviderContext } from '../context.js'

/** Ticks a second of G.711. */
export const CLOCK_RATE = 8000

/** What has been sent and heard; times in ms of the clock, `timestamp` of the frame that comes next. */
interface Reported {
  readonly heard: SourceStatistics | undefined
  readonly ssrc: number
  readonly cname: string
  readonly packets: number
  readonly octets: number
  readonly lastSentAt: number
  readonly isSending: boolean
  readonly timestamp: number
}

export function reportPacket({ clock, rules }: ProviderContext, o: Reported): Buffer {
  const now = clock.now()
  const { heard, ssrc, packets, octets } = o
  const reports = heard?.snapshot().valid === true ? [heard.reportBlock(now)] : []
  const [block] = reports
  if (block !== undefined && !rules.serviceMedia.reportsRealLosses)
    reports[0] = { ...block, cumulativeLost: block.cumulativeLost + 100, fractionLost: 128 }
  if (block !== undefined && !rules.serviceMedia.reportsLosses)
    reports[0] = { ...block, cumulativeLost: 0, fractionLost: 0 }

  const elapsed = Math.round(((now - o.lastSentAt) * CLOCK_RATE) / 1000)
  const report: SenderReport | ReceiverReport = o.isSending
    ? {
        type: 'SR',
        ssrc,
        ntp: ntpFromUnixMs(clock.unixMs()),
        rtpTimestamp: (o.timestamp + elapsed) >>> 0,
        packets,
        octets,
        reports,
      }
    : { type: 'RR', ssrc, reports }
  // RFC 3550 §6.1: every compound packet names its source.
  return rules.serviceMedia.sendsCname ? compound(report, o.cname) : serializeRtcp([report])
}
