import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import {
  isRejection,
  MediaSession,
  type MediaPacketEvent,
  type MediaSessionOptions,
} from '../../../src/media/media-session.js'
import { keysIn } from '../../../src/media/dtmf-tones.js'
import { decodeG711 } from '../../../src/media/g711.js'
import { parseRtcp } from '../../../src/media/rtcp.js'
import { isFault, parseRtp, serializeRtp, type RtpPacket } from '../../../src/media/rtp.js'
import type { LinkConditions } from '../../../src/transport/link-conditions.js'
import { MemoryNetwork } from '../../../src/transport/memory-network.js'

const A = '192.0.2.1'
const B = '192.0.2.2'

interface Stage {
  readonly clock: VirtualClock
  readonly network: MemoryNetwork
  readonly open: (
    name: string,
    o?: Partial<MediaSessionOptions>,
  ) => Promise<MediaSession & { seen: MediaPacketEvent[] }>
}

function onStage(link: Partial<LinkConditions>, play: (stage: Stage) => Promise<void>): Promise<void> {
  const clock = new VirtualClock()
  const random = new SeededRandom('media')
  const network = new MemoryNetwork({ clock, random, link: { delayMs: 10, ...link } })
  let opened = 0
  return clock.run(() =>
    play({
      clock,
      network,
      open: async (name, o = {}) => {
        const seen: MediaPacketEvent[] = []
        const session = await MediaSession.open({
          clock,
          network,
          random: random.fork(name),
          localAddress: name === 'a' ? A : B,
          codecs: ['PCMA', 'PCMU'],
          patternId: ++opened,
          onPacket: (event) => seen.push(event),
          ...o,
        })
        return Object.assign(session, { seen })
      },
    }),
  )
}

/** Offer and answer, no time between. */
function connect(a: MediaSession, b: MediaSession): void {
  const answer = b.answer(a.offer())
  if (isRejection(answer)) throw new Error(answer.rejected)
  const refused = a.accept(answer)
  if (refused !== undefined) throw new Error(refused.rejected)
}

const sentRtp = (seen: readonly MediaPacketEvent[], direction: 'in' | 'out' = 'out'): RtpPacket[] =>
  seen
    .filter((event) => event.kind === 'rtp' && event.direction === direction && event.plain !== undefined)
    .map((event) => {
      const packet = parseRtp(event.plain!)
      if (isFault(packet)) throw new Error(packet.code)
      return packet
    })

describe('two media sessions', () => {
  it('know how long packets took from one to the other, where nobody renumbers them', () =>
    onStage({ delayMs: 120, jitterMs: 40, loss: 0.05 }, async ({ clock, open }) => {
      const [a, b, stranger] = [await open('a'), await open('b'), await open('c')]
      expect(a.delayFrom(b)).toBeUndefined()
      connect(a, b)
      await clock.sleep(8_000)
      const measured = [a.delayFrom(b) ?? 0, b.delayFrom(a) ?? 0]
      const took: number[] = []
      for (const { at, plain } of a.seen.filter(({ kind, direction }) => kind === 'rtp' && direction === 'in')) {
        // What they took is seen in the record of both sides, too.
        const sent = b.seen.find((one) => one.direction === 'out' && plain && one.plain?.equals(plain))
        took.push(at - (sent?.at ?? Number.NaN))
      }
      const mean = took.reduce((sum, ms) => sum + ms, 0) / took.length
      expect(took.length).toBeGreaterThan(300)
      expect(Math.abs(measured[0]! - mean)).toBeLessThan(2)
      expect(Math.abs(measured[1]! - mean)).toBeLessThan(10)
      expect(a.delayFrom(stranger)).toBeUndefined()
    }))

  it.each<[string, Pick<MediaSessionOptions, 'srtp' | 'rtcpMux'>]>([
    ['in the clear', { srtp: false }],
    ['with SRTP', { srtp: ['AES_CM_128_HMAC_SHA1_80'] as const }],
    ['with short SRTP tags and one port', { srtp: ['AES_CM_128_HMAC_SHA1_32'] as const, rtcpMux: true }],
    ['with 256 bit keys', { srtp: ['AES_256_CM_HMAC_SHA1_80'] as const }],
  ])('%s: hear each other over a line that loses, repeats and reorders', (_, o) =>
    onStage({ loss: 0.03, duplicate: 0.02, reorder: 0.02, jitterMs: 8 }, async ({ clock, open }) => {
      const a = await open('a', o)
      const b = await open('b', o)
      expect(a.local.port % 2).toBe(0)
      connect(a, b)
      const heard = await Promise.all([a.hears(2, 5000), b.hears(1, 5000)])
      expect(heard).toEqual([true, true])
      await clock.sleep(10_000)
      const report = a.report()
      expect(report.srtp).toBe(o.srtp === false ? undefined : o.srtp?.[0])
      expect(report.heard.map((one) => one.patternId)).toEqual([2])
      expect(report.heard[0]!.seconds).toBeGreaterThan(8)
      expect(report.received.lost / report.received.expected).toBeLessThan(0.08)
      expect(report.received.lost).toBeGreaterThan(0)
      expect(report.received.sources.length).toBe(1)
      expect(report.received.sources[0]).toMatchObject({ address: B, port: b.local.port })
      expect(report.received.jitterMs).toBeLessThan(15)
      expect(report.mos).toBeGreaterThan(2)
      expect(report.mos).toBeLessThan(4.4)
      expect(report.sent.lateP99Ms).toBe(0)
      expect(report.rtcp.sent).toBeGreaterThan(1)
      // RFC 3550 §6.4.1: 10 ms each way.
      expect(report.roundTripMs).toBeGreaterThan(15)
      expect(report.roundTripMs).toBeLessThan(45)
      expect(report.rtcp.remoteLossRatio).toBeLessThan(0.2)
      await Promise.all([a.close(), b.close()])
    }),
  )

  it('send what RFC 3550 wants: steps of one, steps of 160, random beginnings, marker once, every 20 ms', () =>
    onStage({}, async ({ clock, open }) => {
      const a = await open('a')
      const b = await open('b')
      connect(a, b)
      await clock.sleep(3000)
      const packets = sentRtp(a.seen)
      expect(packets.length).toBeGreaterThan(145)
      for (const [i, packet] of packets.entries()) {
        const previous = packets[i - 1]
        expect(packet.marker).toBe(i === 0)
        expect(packet.payloadType).toBe(8)
        expect(packet.payload.length).toBe(160)
        if (previous === undefined) continue
        expect((packet.sequenceNumber - previous.sequenceNumber) & 0xffff).toBe(1)
        expect((packet.timestamp - previous.timestamp) >>> 0).toBe(160)
      }
      const out = a.seen.filter((event) => event.kind === 'rtp' && event.direction === 'out')
      expect(out.at(-1)!.at - out[0]!.at).toBeCloseTo(20 * (out.length - 1), 3)
      const first = [packets[0]!, sentRtp(b.seen)[0]!]
      for (const packet of first) {
        expect(packet.sequenceNumber).toBeGreaterThan(0)
        expect(packet.timestamp).toBeGreaterThan(0)
      }
      expect(first[0]!.ssrc).not.toBe(first[1]!.ssrc)
      // Phases of their own.
      const phase = (seen: MediaPacketEvent[]) => seen.find((event) => event.direction === 'out')!.at % 20
      expect(phase(a.seen)).not.toBeCloseTo(phase(b.seen), 3)
      await Promise.all([a.close(), b.close()])
    }))

  it('say in their reports what the other side counted, with the right RTP time', () =>
    onStage({}, async ({ clock, open }) => {
      const a = await open('a')
      const b = await open('b')
      connect(a, b)
      await clock.sleep(20_000)
      const reports = a.seen.filter((event) => event.kind === 'rtcp' && event.direction === 'out')
      expect(reports.length).toBeGreaterThanOrEqual(3)
      const audio = a.seen.filter((event) => event.kind === 'rtp' && event.direction === 'out')
      for (const report of reports) {
        const [sr, sdes] = parseRtcp(report.plain!).packets
        if (sr?.type !== 'SR') throw new Error('no SR')
        expect(sdes?.type).toBe('SDES')
        const before = audio.filter((event) => event.at <= report.at)
        expect(sr.packets).toBe(before.length)
        expect(sr.octets).toBe(160 * before.length)
        const last = sentRtp(before).at(-1)!
        const expected = last.timestamp + (report.at - before.at(-1)!.at) * 8
        expect(Math.abs((sr.rtpTimestamp - expected) | 0)).toBeLessThanOrEqual(1)
      }
      // Intervals: 2.5 s × 0.5…1.5 / 1.218 first, then 5 s (RFC 3550 §6.3.1).
      expect(reports[0]!.at).toBeGreaterThan(1000)
      expect(reports[1]!.at - reports[0]!.at).toBeGreaterThan(2000)
      await b.close()
      await clock.sleep(100)
      expect(a.report().rtcp).toMatchObject({ bye: true, remoteLost: 0 })
      expect(a.report().rtcp.cname).toMatch(/@/)
      await a.close()
      const bye = parseRtcp(a.seen.at(-1)!.plain!).packets.at(-1)
      expect(bye).toMatchObject({ type: 'BYE', sources: [sentRtp(a.seen)[0]!.ssrc] })
    }))

  it('play digits with nothing underneath, also under SRTP, and hear them', () =>
    onStage({ loss: 0.02 }, async ({ clock, open }) => {
      const srtp = ['AES_CM_128_HMAC_SHA1_80'] as const
      const a = await open('a', { srtp, dtmfPayloadType: 96 })
      const b = await open('b', { srtp })
      connect(a, b)
      await clock.sleep(500)
      await a.sendDigits('0011*#9D')
      expect(await b.hearsDigits(8, 2000)).toBe('0011*#9D')
      await a.sendDigits('7', { durationMs: 10_000 })
      await clock.sleep(200)
      expect(b.report().digits).toBe('0011*#9D7')
      expect(b.events.at(-1)).toMatchObject({ digit: '7', duration: 80_000, segments: 2 })
      const packets = sentRtp(a.seen)
      const events = packets.filter((packet) => packet.payloadType === 96)
      expect(events.filter((packet) => packet.marker).length).toBe(9)
      // Steps of one whatever is sent; audio and events never for the same time.
      packets.slice(1).forEach((packet, i) => {
        expect((packet.sequenceNumber - packets[i]!.sequenceNumber) & 0xffff).toBe(1)
      })
      for (const seen of a.seen)
        if (seen.kind === 'rtp' && seen.direction === 'out') expect(seen.raw.length).toBe(seen.plain!.length + 10)

      await Promise.all([a.close(), b.close()])
    }))

  it('play keys as tones in place of the pattern, and go on with it', () =>
    onStage({}, async ({ clock, open }) => {
      const a = await open('a', { dtmfPayloadType: false })
      const b = await open('b', { dtmfPayloadType: false })
      connect(a, b)
      await clock.sleep(507)
      await a.playKeys('15*#')
      const heard = Buffer.concat(sentRtp(a.seen).map(({ payload }) => payload))
      expect(
        keysIn(decodeG711(heard, 'PCMA'))
          .map(({ digit }) => digit)
          .join(''),
      ).toBe('15*#')
      expect(await b.hears(a.patternId, 3000, { since: clock.now() })).toBe(true)
    }))

  it('refuse digits that cannot go, and give up those that wait when closed', () =>
    onStage({}, async ({ open }) => {
      const a = await open('a')
      const b = await open('b', { dtmfPayloadType: false })
      await expect(a.sendDigits('1')).rejects.toThrow('not negotiated')
      connect(a, b)
      await expect(a.sendDigits('1')).rejects.toThrow('not negotiated')
      await expect(a.sendDigits('')).rejects.toThrow()
      const c = await open('a')
      const d = await open('b')
      connect(c, d)
      await expect(c.sendDigits('1x')).rejects.toThrow('no digit')
      const waiting = c.sendDigits('123')
      const refused = expect(waiting).rejects.toThrow('closed')
      await Promise.all([a.close(), b.close(), c.close(), d.close()])
      await refused
      expect(await d.hears(1, 1000)).toBe(false)
    }))

  it.each<Pick<MediaSessionOptions, 'srtp'>>([{ srtp: false }, { srtp: ['AES_CM_128_HMAC_SHA1_80'] }])(
    'echo what is heard, $srtp: own pattern, own digits come back',
    ({ srtp }) =>
      onStage({}, async ({ clock, open }) => {
        const a = await open('a', { srtp: srtp ?? false })
        const b = await open('b', { srtp: srtp ?? false, echo: true })
        connect(a, b)
        expect(await a.hears(1, 3000)).toBe(true)
        await a.sendDigits('42')
        await clock.sleep(500)
        const report = a.report()
        expect(report.heard.map((one) => one.patternId)).toEqual([1])
        expect(report.digits).toBe('42')
        expect(report.received.lost).toBe(0)
        expect(report.received.ssrcs).toEqual([b.ssrc])
        // An echo that returns its own timestamps in steps of the sender's.
        const back = sentRtp(b.seen)
        back.slice(1).forEach((packet, i) => expect((packet.sequenceNumber - back[i]!.sequenceNumber) & 0xffff).toBe(1))
        expect(report.received.jitterMs).toBeLessThan(1)
        await Promise.all([a.close(), b.close()])
      }),
  )

  it('keep quiet on hold, as the directions say, and resume with a marker', () =>
    onStage({}, async ({ clock, open }) => {
      const a = await open('a')
      const b = await open('b')
      connect(a, b)
      await clock.sleep(1000)
      a.hold(true)
      connect(a, b)
      expect(b.localDescription?.media[0]?.direction).toBe('recvonly')
      await clock.sleep(100)
      const before = [a.report().sent.packets, b.report().sent.packets]
      await clock.sleep(2000)
      expect([a.report().sent.packets, b.report().sent.packets]).toEqual(before)
      a.hold(false)
      connect(a, b)
      const since = clock.now()
      expect(await b.hears(1, 3000, { since })).toBe(true)
      expect(await a.hears(2, 3000, { since })).toBe(true)
      const packets = sentRtp(a.seen)
      expect(packets.filter((packet) => packet.marker).length).toBe(2)
      // Time went on meanwhile, numbers did not.
      const at = packets.findIndex((packet, i) => i > 0 && packet.marker)
      expect((packets[at]!.sequenceNumber - packets[at - 1]!.sequenceNumber) & 0xffff).toBe(1)
      expect((packets[at]!.timestamp - packets[at - 1]!.timestamp) >>> 0).toBeGreaterThan(8 * 2000)
      expect(((packets[at]!.timestamp - packets[at - 1]!.timestamp) >>> 0) % 160).toBe(0)
      expect(a.report().received.lost).toBe(0)
      await Promise.all([a.close(), b.close()])
    }))

  it('change keys without a gap', () =>
    onStage({}, async ({ clock, open }) => {
      const srtp = ['AES_CM_128_HMAC_SHA1_80'] as const
      const a = await open('a', { srtp })
      const b = await open('b', { srtp })
      connect(a, b)
      await clock.sleep(1500)
      const before = a.localDescription!.media[0]!.crypto[0]!.text
      const answer = b.answer(a.offer({ rekey: true }))
      if (isRejection(answer)) throw new Error(answer.rejected)
      // The answer is under way: he sends with his new key already, she with her old one still.
      await clock.sleep(30)
      a.accept(answer)
      await clock.sleep(2000)
      expect(a.localDescription!.media[0]!.crypto[0]!.text).not.toBe(before)
      expect(b.report().received).toMatchObject({ lost: 0, refused: {} })
      // What he sent before his answer was known could not be read; that is all.
      expect(a.report().received.refused['authentication'] ?? 0).toBeLessThanOrEqual(2)
      await Promise.all([a.close(), b.close()])
    }))

  it('hold back SRTP that comes before the answer with its key', () =>
    onStage({}, async ({ clock, open }) => {
      const srtp = ['AES_CM_128_HMAC_SHA1_80'] as const
      const a = await open('a', { srtp })
      const b = await open('b', { srtp })
      const answer = b.answer(a.offer())
      if (isRejection(answer)) throw new Error(answer.rejected)
      await clock.sleep(500)
      expect(a.report().received).toMatchObject({ packets: 0, refused: { 'before-answer': expect.any(Number) } })
      a.accept(answer)
      expect(a.report().received.packets).toBeGreaterThan(20)
      expect(a.report().received).toMatchObject({ lost: 0, refused: {} })
      await Promise.all([a.close(), b.close()])
    }))

  it.each([
    ['in clear', {}],
    ['under SRTP', { srtp: ['AES_CM_128_HMAC_SHA1_80'] as const }],
  ])('follow the answer of another fork to its address, its key and its source, %s', (_, o) =>
    onStage({}, async ({ clock, open }) => {
      const [a, early, final] = [await open('a', o), await open('b', o), await open('b2', o)]
      const offer = a.offer().toString()
      for (const fork of [early, final]) {
        const answer = fork.answer(offer)
        if (isRejection(answer)) throw new Error(answer.rejected)
        expect(a.accept(answer)).toBeUndefined()
        const since = clock.now()
        expect(await a.hears(fork.patternId, 2000, { since })).toBe(true)
        expect(await fork.hears(a.patternId, 2000, { since })).toBe(true)
        // It gives up, as an announcement does when somebody answers.
        if (fork === early) await fork.close()
      }
      await clock.sleep(2000)
      const { received, heard } = a.report()
      expect(heard.map(({ patternId }) => patternId)).toEqual([early.patternId, final.patternId])
      expect(received).toMatchObject({ lost: 0, late: 0, refused: {} })
    }),
  )

  it('say nothing good where nothing came', () =>
    onStage({ loss: 1 }, async ({ clock, open }) => {
      const a = await open('a')
      const b = await open('b')
      connect(a, b)
      await clock.sleep(5000)
      const report = a.report()
      expect(report.sent.packets).toBeGreaterThan(200)
      expect(report.mos).toBeUndefined()
      expect(report.roundTripMs).toBeUndefined()
      expect(report.received).toMatchObject({
        packets: 0,
        lost: 0,
        jitterMs: undefined,
        firstAt: undefined,
        sources: [],
      })
      expect(report.heard).toEqual([])
      await Promise.all([a.close(), b.close()])
    }))

  it('tell apart who sends, and refuse what is not theirs', () =>
    onStage({}, async ({ clock, network, open }) => {
      const a = await open('a', { srtp: ['AES_CM_128_HMAC_SHA1_80'] })
      const b = await open('b', { srtp: ['AES_CM_128_HMAC_SHA1_80'] })
      connect(a, b)
      const stranger = await network.bindUdp({ address: '192.0.2.66', port: 0 })
      const forged = serializeRtp({
        marker: false,
        payloadType: 8,
        sequenceNumber: 1,
        timestamp: 1,
        ssrc: 1,
        payload: Buffer.alloc(170),
      })
      await clock.sleep(200)
      stranger.send(forged, a.local)
      stranger.send(Buffer.from('hello'), a.local)
      await clock.sleep(200)
      const { received } = a.report()
      expect(received.sources.map((source) => source.address)).toEqual([B, '192.0.2.66'])
      expect(received.refused).toEqual({ authentication: 1, 'too-short': 1 })
      expect(received.ssrcs).toEqual([b.ssrc])
      stranger.close()
      await Promise.all([a.close(), b.close()])
    }))

  it('send at the packet time that the peer asks for, and still are recognised', () =>
    onStage({}, async ({ clock, open }) => {
      const a = await open('a', { ptimeMs: 30 })
      const b = await open('b', { ptimeMs: 10, rtcp: false })
      connect(a, b)
      expect(await Promise.all([a.hears(2, 3000), b.hears(1, 3000)])).toEqual([true, true])
      expect(new Set(sentRtp(a.seen).map((packet) => packet.payload.length))).toEqual(new Set([80]))
      expect(new Set(sentRtp(b.seen).map((packet) => packet.payload.length))).toEqual(new Set([240]))
      await clock.sleep(100)
      await Promise.all([a.close(), b.close()])
    }))

  it('start when told, stop when told, and still listen', () =>
    onStage({}, async ({ clock, open }) => {
      const a = await open('a', { autoStart: false })
      const b = await open('b')
      connect(a, b)
      await clock.sleep(300)
      expect(a.report().sent.packets).toBe(0)
      a.start()
      await clock.sleep(300)
      a.stop()
      const sent = a.report().sent.packets
      expect(sent).toBeGreaterThan(10)
      const since = clock.now()
      expect(await a.receives(100, { since })).toBe(true)
      expect(a.report().sent.packets).toBe(sent)
      await Promise.all([a.close(), b.close()])
    }))

  it('take another SSRC when somebody uses theirs (RFC 3550 §8.2)', () =>
    onStage({}, async ({ clock, network, open }) => {
      const a = await open('a')
      const b = await open('b')
      connect(a, b)
      await clock.sleep(100)
      const own = a.ssrc
      const other = await network.bindUdp({ address: '192.0.2.66', port: 0 })
      other.send(
        serializeRtp({
          marker: false,
          payloadType: 8,
          sequenceNumber: 9,
          timestamp: 9,
          ssrc: own,
          payload: Buffer.alloc(160, 0xd5),
        }),
        a.local,
      )
      await clock.sleep(1500)
      expect(a.ssrc).not.toBe(own)
      expect(b.report().received.ssrcs).toEqual([own, a.ssrc])
      other.close()
      await Promise.all([a.close(), b.close()])
    }))

  it('work on IPv6, and say so', () =>
    onStage({}, async ({ open }) => {
      const a = await open('a', { localAddress: '2001:db8::1' })
      const b = await open('b', { localAddress: '2001:db8:0:0::2' })
      connect(a, b)
      expect(a.localDescription?.toString()).toContain('c=IN IP6 2001:db8::1')
      expect(await a.hears(2, 2000)).toBe(true)
      await Promise.all([a.close(), b.close()])
    }))

  it('forget an offer that was refused', () =>
    onStage({}, async ({ clock, open }) => {
      const a = await open('a')
      const b = await open('b')
      connect(a, b)
      const text = a.localDescription!.toString()
      a.hold(true)
      a.offer()
      a.withdrawOffer()
      expect(a.localDescription!.toString()).toBe(text)
      expect(a.direction).toBe('sendrecv')
      const sent = a.report().sent.packets
      await clock.sleep(200)
      expect(a.report().sent.packets).toBeGreaterThan(sent)
      await Promise.all([a.close(), b.close()])
    }))

  it('refuse with a reason what they cannot do', () =>
    onStage({}, async ({ open }) => {
      const a = await open('a')
      const b = await open('b', { srtp: ['AES_CM_128_HMAC_SHA1_80'] })
      expect(b.answer(a.offer())).toMatchObject({ status: 488, rejected: expect.stringContaining('SRTP is required') })
      expect(a.answer('nonsense')).toMatchObject({ status: 400 })
      expect(a.accept('v=0')).toMatchObject({ status: 488 })
      await Promise.all([a.close(), b.close()])
    }))

  it('bind within a range of ports, and say when it is used up', () =>
    onStage({}, async ({ open }) => {
      const portRange = { from: 40_001, to: 40_008 }
      const all = [await open('a', { portRange }), await open('a', { portRange }), await open('a', { portRange })]
      expect(all.map((one) => one.local.port).sort((x, y) => x - y)).toEqual([40_002, 40_004, 40_006])
      await expect(open('a', { portRange })).rejects.toMatchObject({ code: 'port-taken' })
      await Promise.all(all.map((one) => one.close()))
      await (await open('a', { portRange })).close()
    }))
})

describe('packet times and silence', () => {
  it.each([10, 30, 60])('packets of %i ms are sent whatever the peer would like, and are heard', (ms) =>
    onStage({}, async ({ clock, open }) => {
      const [a, b] = [await open('a', { sendsPtimeMs: ms, ptimeMs: ms }), await open('b')]
      connect(a, b)
      await clock.sleep(3_000)
      expect(b.hearsOnly(1)).toBe(true)
      expect(new Set(sentRtp(a.seen).map(({ payload }) => payload.length))).toEqual(new Set([8 * ms]))
      // b sends what a would like.
      expect(sentRtp(b.seen).at(-1)?.payload.length).toBe(8 * ms)
    }),
  )

  it('holds no more than the peer takes at the most', () =>
    onStage({}, async ({ clock, open }) => {
      const [a, b] = [await open('a', { sendsPtimeMs: 60 }), await open('b', { maxPtimeMs: 35 })]
      connect(a, b)
      expect(b.localDescription?.toString()).toContain('a=maxptime:35')
      await clock.sleep(500)
      expect(new Set(sentRtp(a.seen).map(({ payload }) => payload.length))).toEqual(new Set([240]))
    }))

  it('G.722 counts 8,000 a second, is answered in the order of the offer, and the voice is recognised', () =>
    onStage({ loss: 0.01 }, async ({ clock, open }) => {
      const [a, b] = [await open('a', { codecs: ['G722', 'PCMA'] }), await open('b', { codecs: ['PCMA', 'G722'] })]
      connect(a, b)
      expect(a.localDescription?.toString()).toContain('a=rtpmap:9 G722/8000')
      await clock.sleep(5_000)
      expect([a.report().codec, b.report().codec]).toEqual(['G722', 'G722'])
      expect([a.hearsOnly(2), b.hearsOnly(1)]).toEqual([true, true])
      const [one, next] = sentRtp(a.seen)
      expect(((next?.timestamp ?? 0) - (one?.timestamp ?? 0)) >>> 0).toBe(160)
    }))

  it.each([true, false])(
    'silence is told by comfort noise where both know it (%s), and leaves no gap in the numbers',
    (both) =>
      onStage({}, async ({ clock, open }) => {
        const [a, b] = [await open('a', { comfortNoise: true }), await open('b', { comfortNoise: both })]
        connect(a, b)
        await clock.sleep(2_000)
        a.muted = true
        await clock.sleep(2_000)
        const noise = sentRtp(a.seen).filter(({ payloadType }) => payloadType === 13)
        expect(noise.map(({ payload }) => payload.length)).toEqual(both ? [1, 1, 1, 1, 1] : [])
        a.muted = false
        await clock.sleep(2_000)
        expect(sentRtp(a.seen).filter(({ marker }) => marker)).toHaveLength(2)
        const { lost, refused } = b.report().received
        expect([lost, refused]).toEqual([0, {}])
        expect(b.report().digits).toBe('')
      }),
  )
})
