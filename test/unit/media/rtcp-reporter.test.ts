import { describe, expect, it, vi } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { HmacSha1 } from '../../../src/media/hmac-sha1.js'
import type { MediaPacketEvent } from '../../../src/media/media-events.js'
import { compound } from '../../../src/media/rtcp.js'
import { type RtcpPath, RtcpReporter, type RtcpReporterOptions } from '../../../src/media/rtcp-reporter.js'
import { SrtpContext } from '../../../src/media/srtp.js'

const context = () =>
  new SrtpContext({ suite: 'AES_CM_128_HMAC_SHA1_80', keys: [{ key: Buffer.alloc(16, 1), salt: Buffer.alloc(14, 2) }] })
const HERE = { address: '192.0.2.1', port: 4001 }
const THERE = { address: '192.0.2.2', port: 5001 }

/** A reporter that listens, and what it tells its tap. */
function listening() {
  const seen: MediaPacketEvent[] = []
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only this of it is touched
  const o = {
    clock: new VirtualClock(),
    random: new SeededRandom('reports'),
    cname: 'a@192.0.2.1',
    sender: { packets: 0, ssrc: 1 },
    table: { source: () => undefined },
    tap: (event: MediaPacketEvent) => seen.push(event),
  } as unknown as RtcpReporterOptions
  const reporter = new RtcpReporter(o)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing is sent
  reporter.configure({ remote: THERE, socket: {}, send: undefined, receive: context() } as unknown as RtcpPath)
  return { seen, receive: (data: Buffer) => reporter.receive(data, THERE, HERE, 0) }
}

describe('encrypted reports that come', () => {
  it('are authenticated once each, and told with what they say of themselves', () => {
    const { seen, receive } = listening()
    const source = context()
    const report = compound({ type: 'RR', ssrc: 7, reports: [] }, 'b@192.0.2.2')
    const matches = vi.spyOn(HmacSha1.prototype, 'matches')
    try {
      const packets = [0, 1, 2].map(() => source.protectRtcp(report))
      for (const packet of packets) receive(packet)
      expect(matches).toHaveBeenCalledTimes(3)
      expect(seen.map(({ plain }) => plain)).toEqual([report, report, report])
      expect(seen.map(({ srtcp }) => srtcp?.index)).toEqual([0, 1, 2])
    } finally {
      matches.mockRestore()
    }
  })

  it('and come twice are told as authentic, and refused', () => {
    const { seen, receive } = listening()
    const packet = context().protectRtcp(compound({ type: 'RR', ssrc: 7, reports: [] }, 'b@192.0.2.2'))
    receive(packet)
    receive(packet)
    expect(seen[1]).toMatchObject({ plain: undefined, fault: 'replayed', srtcp: { authentic: true, index: 0 } })
  })
})
