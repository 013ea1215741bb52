/** What a load says of the quality of its calls: curves, records and relays by one definition, from the first packet that was due. */
import { describe, expect, it } from 'vitest'
import type { PlantedFault } from '../../src/provider/faults.js'
import { memoryOf } from './memory-of.js'
import { loadVirtually, type VirtualLoad } from './virtual-load.js'

const ORDER = { count: 10, overMs: 1000, call: { to: 'account', holdMs: 12_000 } }

const load = (faults: readonly PlantedFault[], order: object = ORDER): Promise<VirtualLoad> =>
  loadVirtually({ faults }, ({ wave }) => wave(order))

const lostOf = ({ records }: VirtualLoad) => records.reduce((sum, { packetsLost }) => sum + packetsLost, 0)

describe('curves and records count the same losses', () => {
  // What came after the last look at a call, less than a second of its packets, is in its record alone.
  it.each<[PlantedFault | 'none', number]>([
    ['none', 0],
    ['relay-drops-every-50th', 20],
    ['relay-jitters', 140],
    ['relay-overloaded@relay-3', 0],
  ])('%s', async (fault, slack) => {
    const result = await load(fault === 'none' ? [] : [fault])
    expect(Math.abs(result.sampled.lost - lostOf(result))).toBeLessThanOrEqual(slack)
    if (fault === 'none') expect([lostOf(result), result.load.incidents]).toEqual([0, []])
    if (fault === 'relay-drops-every-50th') expect(lostOf(result)).toBeGreaterThan(200)
  })
})

describe('the beginning of a call', () => {
  it('counts from when audio was due, in curve, record and relay', async () => {
    const result = await loadVirtually({}, async ({ world, wave }) => {
      const { clock, network } = world
      const from = clock.now()
      // What relay-1 sends is lost until three seconds have passed.
      memoryOf(network).filter = ({ from: source, data }) =>
        !(
          source.address === '127.0.0.156' &&
          source.port > 9_999 &&
          (data[0] ?? 0) >> 6 === 2 &&
          clock.now() < from + 3_000
        )
      await wave({ ...ORDER, count: 5, overMs: 100 })
    })
    const legs = result.records.flatMap((record) => record.legs)
    const [hit, others] = [
      legs.filter(({ relay }) => relay === 'relay-1'),
      legs.filter(({ relay }) => relay !== 'relay-1'),
    ]
    expect(others.every(({ packetsLost, silentAtStartMs }) => packetsLost === 0 && silentAtStartMs === undefined)).toBe(
      true,
    )
    for (const { packetsLost, silentAtStartMs = 0, mos = 0 } of hit) {
      expect(silentAtStartMs).toBeGreaterThan(2_500)
      // 20 ms each, but for the 0.3 s that networks may take.
      expect(packetsLost).toBe(Math.floor((silentAtStartMs - 300) / 20))
      expect(mos).toBeLessThan(3)
    }
    expect(result.sampled.lost).toBe(lostOf(result))
    expect(result.load.relays.find(({ name }) => name === 'relay-1')?.directions).toMatchObject([
      { ends: 1, late: 1 },
      { ends: 1, late: 1 },
    ])
    expect(result.conclusion.findings[0]?.title).toContain('The beginning is missing')
  })
})

describe('from mouth to ear', () => {
  it('is measured where both ends are ours, with packet and jitter buffer', async () => {
    const { load: clean } = await load([])
    // Two wires of 2 ms, the relay between them, 20 ms of audio, 60 ms of buffer.
    expect(clean.mouthToEarMs).toMatchObject({ count: 20, p50: 84 })
    const { load: late, records } = await load(['relay-delays-audio'])
    expect(late.mouthToEarMs?.p50).toBe(584)
    // G.107: half a second is heard, with nothing lost.
    expect(Math.max(...records.map(({ mos = 5 }) => mos))).toBeLessThan(3.5)
  })
  it('a packet of 60 ms takes longer to fill', async () => {
    const { load: long } = await load([], { ...ORDER, call: { ...ORDER.call, media: { ptimeMs: 60 } } })
    expect(long.mouthToEarMs?.p50).toBe(124)
  })
})

describe('a call that rings and is never answered', () => {
  it('was not answered; that our CANCEL is answered with 487 is no rejection', async () => {
    const { records, load: result } = await loadVirtually({}, async ({ world, wave }) => {
      memoryOf(world.network).filter = ({ data }) =>
        !/^(?:BYE |SIP\/2\.0 200 [^]*\r\nCSeq: \d+ INVITE)/.test(data.toString('latin1'))
      await wave({ count: 2, overMs: 100, call: { to: 'account', holdMs: 1_000 } })
    })
    const unanswered = { status: 408, end: 'no-answer', reason: 'not answered within 60 s', success: false }
    expect(records).toMatchObject([unanswered, unanswered])
    expect(result.refusals).toMatchObject([{ status: 408, calls: 2 }])
  })
})

describe('the end of a call', () => {
  it('is where the first end hangs up, however long its BYE takes to the other one', async () => {
    const result = await loadVirtually({}, async ({ world, wave }) => {
      const firstAt = new Map<string, number>()
      // What tells callees of the end is lost for four seconds: a server that is held up.
      memoryOf(world.network).filter = ({ data }) => {
        const text = data.toString('latin1')
        if (!text.startsWith('BYE sip:') || (text.match(/^Via:/gm)?.length ?? 0) < 2) return true
        const id = /^Call-ID: *(\S+)/im.exec(text)?.[1] ?? ''
        const now = world.clock.now()
        if (!firstAt.has(id)) firstAt.set(id, now)
        return now >= (firstAt.get(id) ?? now) + 4_000
      }
      await wave(ORDER)
    })
    expect(result.records.map(({ disconnectMs = 0 }) => disconnectMs > 3_000)).toEqual(result.records.map(() => true))
    expect([lostOf(result), result.sampled.lost, result.load.incidents, result.load.outages ?? []]).toEqual([
      0,
      0,
      [],
      [],
    ])
  })
})
