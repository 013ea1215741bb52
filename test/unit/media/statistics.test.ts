import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SourceStatistics, SourceTable } from '../../../src/media/statistics.js'
import type { SourceTableOptions } from '../../../src/media/statistics.js'

/** Plays packets 20 ms apart, by offset from `first` in the order given. */
function hear(offsets: readonly number[], o: { first?: number; source?: SourceStatistics } = {}) {
  const source = o.source ?? new SourceStatistics({ ssrc: 1, clockRate: 8000 })
  const first = o.first ?? 1000
  const arrivals = offsets.map((offset, i) =>
    source.receive((first + offset) & 0xffff, ((first + offset) * 160) >>> 0, i * 20),
  )
  const { expected, lost, reordered, late, jitterMs } = source.snapshot()
  expect(source.counts()).toEqual({ expected, lost, reordered, late, jitterMs })
  return { source, arrivals, ...source.snapshot() }
}
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

describe('sequence numbers (RFC 3550 A.1, A.3)', () => {
  it('counts a clean stream', () => {
    const heard = hear(range(0, 500))
    expect(heard).toMatchObject({
      valid: true,
      received: 500,
      expected: 500,
      lost: 0,
      cumulativeLost: 0,
      duplicates: 0,
    })
    expect(heard).toMatchObject({ reordered: 0, late: 0, strays: 0, restarts: 0, highestSequence: 1499 })
  })

  it('extends the number over several wraps', () => {
    const heard = hear(range(0, 200_000), { first: 65_000 })
    expect(heard).toMatchObject({ received: 200_000, expected: 200_000, lost: 0, highestSequence: 264_999 })
  })

  it.each([0, 1000, 65_530])('does not take two packets that changed places for 65,536 lost (from %i)', (first) => {
    const heard = hear([0, 1, 2, 4, 3, 5, 7, 6, 8, 9], { first })
    expect(heard).toMatchObject({ received: 10, expected: 10, lost: 0, cumulativeLost: 0, reordered: 2, duplicates: 0 })
  })

  it('knows reordering across the wrap, and at the very start', () => {
    expect(hear([0, 2, 1, 3], { first: 65_534 })).toMatchObject({ lost: 0, expected: 4, reordered: 1 })
    const swapped = hear([1, 0, 2, 3], { first: 0 })
    expect(swapped).toMatchObject({ lost: 0, expected: 4, received: 4, reordered: 1, cumulativeLost: 0 })
    expect(hear([1, 0, 2], { first: 65_535 })).toMatchObject({ lost: 0, expected: 3, reordered: 1 })
  })

  it('sees duplicates, and does not let them hide losses', () => {
    const heard = hear([0, 1, 1, 2, 4, 4, 4, 5])
    expect(heard.arrivals).toEqual([
      'in-order',
      'in-order',
      'duplicate',
      'in-order',
      'in-order',
      'duplicate',
      'duplicate',
      'in-order',
    ])
    expect(heard).toMatchObject({ received: 8, expected: 6, lost: 1, duplicates: 3 })
    // RTCP's own figure includes duplicates as received (A.3).
    expect(heard.cumulativeLost).toBe(-2)
    expect(heard.source.reportBlock(0)).toMatchObject({ cumulativeLost: -2, fractionLost: 0 })
    // A late copy of a packet that came is a duplicate; the one that was missing is not.
    expect(heard.source.receive(1002, 0, 200)).toBe('duplicate')
    expect(heard.source.receive(1003, 0, 200)).toBe('reordered')
    expect(heard.source.snapshot()).toMatchObject({ lost: 0, duplicates: 4, reordered: 1 })
  })

  it('reports what is lost, at large and since the last report', () => {
    const source = new SourceStatistics({ ssrc: 7, clockRate: 8000 })
    hear(
      range(0, 100).filter((i) => i % 4 !== 3 || i === 99),
      { source },
    )
    expect(source.snapshot()).toMatchObject({ received: 76, expected: 100, lost: 24, lossRatio: 0.24 })
    expect(source.reportBlock(0)).toMatchObject({
      ssrc: 7,
      cumulativeLost: 24,
      fractionLost: Math.floor((24 * 256) / 100),
    })
    hear(range(100, 200), { source })
    expect(source.reportBlock(0)).toMatchObject({ cumulativeLost: 24, fractionLost: 0, highestSequence: 1199 })
    expect(source.reportBlock(0)).toMatchObject({ fractionLost: 0 })
  })

  it('agrees with a plain set of numbers, for any loss, duplication and reordering', () => {
    const plan = fc.array(
      fc.record({ lost: fc.boolean(), copies: fc.integer({ min: 1, max: 3 }), delay: fc.integer({ min: 0, max: 20 }) }),
      { minLength: 30, maxLength: 300 },
    )
    fc.assert(
      fc.property(plan, fc.integer({ min: 0, max: 65_535 }), (packets, first) => {
        const sent = packets.flatMap((p, i) =>
          p.lost && i > 1
            ? []
            : Array.from({ length: p.copies }, (_, copy) => ({ i, due: i < 2 ? i : i + p.delay + copy })),
        )
        sent.sort((a, b) => a.due - b.due)
        const heard = hear(
          sent.map((p) => p.i),
          { first },
        )
        const distinct = new Set(sent.map((p) => p.i))
        const highest = Math.max(...distinct)
        // Of a source whose packets overtake one another, those of a moment ago may still come.
        const latest = range(Math.max(0, highest - 16), highest)
        const underWay = heard.reordered === 0 ? 0 : latest.filter((number) => !distinct.has(number)).length
        const expected = highest + 1 - underWay
        expect(heard).toMatchObject({ received: sent.length, expected, lost: expected - distinct.size, strays: 0 })
        expect(heard.duplicates).toBe(sent.length - distinct.size)
      }),
      { numRuns: 300 },
    )
  })

  it('counts no packet as lost that was overtaken a moment ago', () => {
    expect(hear([0, 1, 3, 2, 5, 6])).toMatchObject({ expected: 6, lost: 0, reordered: 1 })
    expect(hear([0, 1, 3, 2, 5, ...range(6, 30)])).toMatchObject({ expected: 30, lost: 1 })
    expect(hear([0, 1, 2, 3, 5, 6])).toMatchObject({ expected: 7, lost: 1, reordered: 0 })
  })

  it('is on probation until two packets come in sequence, and loses none of them by it', () => {
    expect(hear([0])).toMatchObject({ valid: false, received: 1 })
    expect(hear([0, 2, 4])).toMatchObject({ valid: false })
    expect(hear([0, 2, 4, 5])).toMatchObject({ valid: true, received: 4, expected: 6, lost: 2 })
  })

  it('takes a single far packet for a stray', () => {
    const heard = hear([0, 1, 2, 30_000, 3, 4])
    expect(heard.arrivals[3]).toBe('suspect')
    expect(heard).toMatchObject({ received: 5, expected: 5, lost: 0, strays: 1, restarts: 0 })
  })

  it('follows a sender that starts anew', () => {
    const heard = hear([...range(0, 100), ...range(30_000, 30_050)])
    expect(heard.arrivals.slice(99, 103)).toEqual(['in-order', 'suspect', 'restarted', 'in-order'])
    expect(heard).toMatchObject({ received: 150, expected: 150, lost: 0, restarts: 1, strays: 0 })
    // RTCP starts anew with it (A.1).
    expect(heard.source.reportBlock(0)).toMatchObject({ cumulativeLost: 0, highestSequence: 31_049 })
  })

  it('takes up to MAX_DROPOUT missing packets as a gap', () => {
    expect(hear([0, 1, 2999, 3000])).toMatchObject({ expected: 3001, lost: 2997, restarts: 0 })
  })

  it('clamps the cumulative loss to 24 bits (A.3)', () => {
    const source = new SourceStatistics({ ssrc: 1, clockRate: 8000 })
    source.receive(0, 0, 0)
    source.receive(1, 0, 0)
    for (let seq = 1; seq < 2 ** 23 + 9000; seq += 2999) source.receive(seq & 0xffff, 0, 0)
    expect(source.snapshot().cumulativeLost).toBeGreaterThan(0x7fffff)
    expect(source.reportBlock(0).cumulativeLost).toBe(0x7fffff)
  })
})

describe('interarrival jitter (RFC 3550 §6.4.1, A.8)', () => {
  const play = (o: { packetMs: number; arrival: (i: number) => number; clockRate?: number; count?: number }) => {
    const clockRate = o.clockRate ?? 8000
    const source = new SourceStatistics({ ssrc: 1, clockRate })
    for (let i = 0; i < (o.count ?? 1000); i++) {
      // Timestamps run over the wrap on the way.
      source.receive(i & 0xffff, (4_294_900_000 + i * o.packetMs * (clockRate / 1000)) >>> 0, o.arrival(i))
    }
    return source.snapshot()
  }

  it.each([10, 20, 30, 60])('is nought for a punctual sender of %i ms', (packetMs) => {
    expect(play({ packetMs, arrival: (i) => i * packetMs })).toMatchObject({ jitterMs: 0, maxJitterMs: 0, late: 0 })
  })

  it.each([20, 30])('converges to the mean deviation: 5 ms early and late in turn, sender of %i ms', (packetMs) => {
    const { jitterMs, jitterTicks } = play({ packetMs, arrival: (i) => i * packetMs + (i % 2 ? 5 : 0) })
    expect(jitterMs).toBeCloseTo(5, 6)
    expect(jitterTicks).toBeCloseTo(40, 6)
  })

  it('is in ticks of the clock rate given', () => {
    const { jitterMs, jitterTicks } = play({
      packetMs: 20,
      clockRate: 48_000,
      arrival: (i) => i * 20 + (i % 2 ? 1 : 0),
    })
    expect(jitterMs).toBeCloseTo(1, 6)
    expect(jitterTicks).toBeCloseTo(48, 5)
  })

  it('moves by a sixteenth of each deviation, as the formula has it', () => {
    const source = new SourceStatistics({ ssrc: 1, clockRate: 8000 })
    source.receive(1, 0, 0)
    source.receive(2, 160, 30)
    expect(source.snapshot().jitterTicks).toBe(80 / 16)
    source.receive(3, 320, 40)
    expect(source.snapshot().jitterTicks).toBe(5 + (80 - 5) / 16)
    expect(source.reportBlock(0).jitter).toBe(9)
  })

  it('compares packets in order of arrival, not of sequence', () => {
    const source = new SourceStatistics({ ssrc: 1, clockRate: 8000 })
    source.receive(1, 0, 0)
    source.receive(3, 320, 40)
    source.receive(2, 160, 41)
    expect(source.snapshot().jitterTicks).toBeCloseTo((8 + 160) / 16, 9)
  })

  it('keeps telephone events out of the speech figure, and in RTCP', () => {
    const source = new SourceStatistics({ ssrc: 1, clockRate: 8000 })
    for (let i = 0; i < 50; i++) source.receive(i, i * 160, i * 20)
    for (let i = 50; i < 60; i++) source.receive(i, 50 * 160, i * 20, false)
    for (let i = 60; i < 100; i++) source.receive(i, i * 160, i * 20)
    expect(source.snapshot()).toMatchObject({ jitterMs: 0, late: 0 })
    expect(source.snapshot().jitterTicks).toBeGreaterThan(0)
  })

  it('is not thrown off by a new timestamp base or a restart', () => {
    const source = new SourceStatistics({ ssrc: 1, clockRate: 8000 })
    for (let i = 0; i < 50; i++) source.receive(i, i * 160, i * 20)
    for (let i = 50; i < 100; i++) source.receive(i, 1_000_000_000 + i * 160, i * 20)
    for (let i = 100; i < 150; i++) source.receive(i + 20_000, 5_000_000 + i * 160, i * 20)
    expect(source.snapshot()).toMatchObject({ jitterMs: 0, maxJitterMs: 0, late: 0, restarts: 1, jitterTicks: 0 })
  })
})

describe('lateness for a jitter buffer', () => {
  it('counts what comes after its turn, and nothing else', () => {
    const source = new SourceStatistics({ ssrc: 1, clockRate: 8000, lateAfterMs: 60 })
    for (let i = 0; i < 500; i++) source.receive(i, i * 160, i * 20 + (i % 100 === 99 ? 90 : i % 2 ? 30 : 0))
    expect(source.snapshot()).toMatchObject({ late: 5 })
  })

  it.each([-200, 200])('does not mistake a clock that is %i ppm off for lateness', (ppm) => {
    const source = new SourceStatistics({ ssrc: 1, clockRate: 8000 })
    for (let i = 0; i < 90_000; i++) source.receive(i & 0xffff, i * 160, i * 20 * (1 + ppm / 1e6))
    expect(source.snapshot().late).toBe(0)
    expect(source.snapshot().maxGapMs).toBeCloseTo(20, 1)
  })
})

describe('LSR and DLSR (RFC 3550 §6.4.1)', () => {
  it('are nought without an SR', () => {
    expect(hear([0, 1]).source.reportBlock(5000)).toMatchObject({ lastSr: 0, delaySinceLastSr: 0 })
  })

  it('carry the middle of its NTP time and the delay in 1/65536 s', () => {
    const { source } = hear([0, 1])
    source.senderReport({ seconds: 0xb44db705, fraction: 0x20000000 }, 1000)
    expect(source.reportBlock(6250)).toMatchObject({ lastSr: 0xb7052000, delaySinceLastSr: 0x54000 })
  })
})

describe('sources (RFC 3550 §8.2)', () => {
  const a = { address: '192.0.2.1', port: 4000 }
  const b = { address: '192.0.2.2', port: 4000 }
  const table = (o: Partial<SourceTableOptions> = {}) => {
    const sources = new SourceTable({ ownSsrc: 99, clockRate: 8000, ...o })
    const send = (ssrc: number, seqs: readonly number[], from = a, startAt = 0) =>
      seqs.map((sequenceNumber, i) =>
        sources.receive(
          { ssrc, sequenceNumber, timestamp: sequenceNumber * 160, marker: false, payloadType: 8 },
          from,
          startAt + i * 20,
        ),
      )
    return { sources, send }
  }

  it('has nothing to say before the first packet', () => {
    expect(table().sources.total()).toBeUndefined()
  })

  it('counts each SSRC for itself and all together', () => {
    const { sources, send } = table()
    send(1, range(0, 50))
    send(2, [...range(7000, 7010), ...range(7020, 7050)], a, 1000)
    expect(sources.source(1)?.snapshot()).toMatchObject({ received: 50, lost: 0 })
    expect(sources.source(2)?.snapshot()).toMatchObject({ received: 40, lost: 10 })
    expect(sources.total()).toMatchObject({
      received: 90,
      expected: 100,
      lost: 10,
      ssrcChanges: 1,
      restarts: 0,
      late: 0,
    })
    expect(sources.current?.ssrc).toBe(2)
  })

  it('keeps stray packets of unknown sources out of the sum', () => {
    const { sources, send } = table()
    send(1, range(0, 50))
    send(2, [777])
    expect(sources.counts()).toMatchObject({ expected: 50, lost: 0, late: 0 })
    expect(sources.total()).toMatchObject({ received: 50, ssrcChanges: 0, unvalidated: 1 })
  })

  it('tells its own SSRC in use by another, once; then a loop', () => {
    const { sources, send } = table()
    expect(send(99, [1, 2])).toEqual(['collision-own', 'loop-own'])
    sources.ownSsrc = 98
    // After the change the other keeps the old SSRC: a source like any other.
    expect(send(99, [3, 4])).toEqual(['in-order', 'in-order'])
    // Our packets looped carry the new one: the address is known, so no second change.
    expect(send(98, [5])).toEqual(['loop-own'])
    expect(sources.total()).toMatchObject({ received: 2, looped: 3 })
  })

  it('can count an echo that returns our packets as they were', () => {
    const { sources, send } = table({ countLoops: true })
    expect(send(99, range(0, 3))).toEqual(['collision-own', 'loop-own', 'loop-own'])
    expect(sources.total()).toMatchObject({ received: 3, looped: 3 })
  })

  it('follows a source to its new address, stragglers included', () => {
    const { sources, send } = table()
    send(1, range(0, 10))
    expect(send(1, range(11, 15), b, 200)).toEqual(['in-order', 'in-order', 'in-order', 'in-order'])
    expect(send(1, [10], a, 290)).toEqual(['reordered'])
    expect(send(1, range(15, 20), b, 300)).not.toContain('collision')
    expect(sources.total()).toMatchObject({ received: 20, lost: 0, addressChanges: 1, collisions: 0 })
  })

  it('may move back later', () => {
    const { sources, send } = table()
    send(1, range(0, 10))
    send(1, range(10, 200), b, 200)
    expect(send(1, range(200, 220), a, 4000)).not.toContain('collision')
    expect(sources.total()).toMatchObject({ received: 220, addressChanges: 2, collisions: 0 })
  })

  it('keeps the first of two that use one SSRC at the same time', () => {
    const { sources, send } = table()
    send(1, range(0, 10))
    for (let i = 10; i < 60; i++) {
      send(1, [30_000 + i], b, i * 20)
      send(1, [i], a, i * 20 + 1)
    }
    const total = sources.total()
    expect(total).toMatchObject({ received: 60, lost: 0, restarts: 0 })
    expect(total?.collisions).toBeGreaterThan(45)
    // The first falls silent: the other may have it.
    expect(send(1, [40_000, 40_001], b, 10_000)).toEqual(['suspect', 'restarted'])
  })

  it('lets another have the SSRC after BYE', () => {
    const { sources, send } = table()
    send(1, range(0, 10))
    sources.bye(1, { ...b, port: 4001 })
    sources.bye(1, { ...a, port: 4001 })
    expect(send(1, range(10, 12), b, 200)).toEqual(['in-order', 'in-order'])
    expect(sources.total()).toMatchObject({ addressChanges: 1, collisions: 0 })
  })

  it('does not grow with a flood of forged SSRCs', () => {
    const { sources, send } = table()
    send(1, range(0, 10))
    for (let ssrc = 1000; ssrc < 5000; ssrc++) send(ssrc, [ssrc])
    expect(sources.sources().length).toBeLessThanOrEqual(64)
    expect(sources.source(1)?.snapshot().received).toBe(10)
  })
})
