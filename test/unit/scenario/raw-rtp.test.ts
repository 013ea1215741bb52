import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { AudioPattern } from '../../../src/media/audio-pattern.js'
import { parseRtcp } from '../../../src/media/rtcp.js'
import { serializeRtp } from '../../../src/media/rtp.js'
import { srtpContextOf } from '../../../src/media/srtp-setup.js'
import { RawRtp } from '../../../src/scenario/raw-rtp.js'
import { MemoryNetwork } from '../../../src/transport/memory-network.js'

describe('audio by hand', () => {
  it('knows the voices of two sources that send in turn', async () => {
    const clock = new VirtualClock()
    const random = new SeededRandom(1)
    const network = new MemoryNetwork({ clock, random })
    const heard = await clock.run(async () => {
      const socket = await network.bindUdp({ address: '192.0.2.1', port: 4_000 })
      const audio = new RawRtp({ socket, clock, random, dtmfPayloadType: 101 })
      const other = await network.bindUdp({ address: '192.0.2.2', port: 4_002 })
      const voices = [new AudioPattern(4711), new AudioPattern(815)]
      for (let index = 0; index < 100; index++) {
        for (const [ssrc, voice] of voices.entries()) {
          const payload = voice.frame(index, 'PCMA')
          const stream = { marker: false, payloadType: 8, ssrc, sequenceNumber: index, timestamp: 160 * index }
          other.send(serializeRtp({ ...stream, payload }), audio.local)
        }
        // oxlint-disable-next-line no-await-in-loop -- packets in their time
        await clock.sleep(20)
      }
      return { patterns: audio.patterns, seconds: audio.secondsOf(815), nobody: audio.secondsOf(7) }
    })
    expect(heard.patterns.toSorted((a, b) => a - b)).toEqual([815, 4711])
    expect(heard.seconds).toBeGreaterThan(1.5)
    expect(heard.nobody).toBe(0)
  })

  it('reports and leaves in RTCP, encrypted where there are keys', async () => {
    const clock = new VirtualClock()
    const random = new SeededRandom(1)
    const network = new MemoryNetwork({ clock, random })
    const socket = await network.bindUdp({ address: '192.0.2.1', port: 4_000 })
    const audio = new RawRtp({ socket, clock, random, dtmfPayloadType: 101 })
    const typesIn = (rtcp: Buffer) => parseRtcp(rtcp).packets.map(({ type }) => type)
    expect(typesIn(audio.reportsAs('a@192.0.2.1'))).toEqual(['RR', 'SDES'])
    expect(typesIn(audio.leaves())).toEqual(['BYE'])
    const [ours, theirs] = [audio.keyLine(1).attribute, audio.keyLine(1).attribute]
    audio.protects(ours, theirs)
    const opened = srtpContextOf(ours).unprotectRtcp(audio.leaves())
    expect(Buffer.isBuffer(opened) && typesIn(opened)).toEqual(['BYE'])
  })
})
