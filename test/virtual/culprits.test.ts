/**
 * One relay, or the proxy, does not work as it should under load: it is named first, for what it does, and none that is healthy is. In
 * virtual time: a load is the same for the same seed.
 */
import { describe, expect, it } from 'vitest'
import { faultCatalogue, partsOf, type PlantedFault } from '../../src/provider/faults.js'
import { parseAccessLine } from '../../src/transport/access-line.js'
import { loadVirtually, type VirtualLoad } from './virtual-load.js'

const CULPRIT = 'relay-3'
/** `npm run trust` tries 20 (RINGPROOF_LOAD_SEEDS). */
const SEEDS = Number(process.env['RINGPROOF_LOAD_SEEDS'] ?? 4)

interface Order {
  readonly count: number
  readonly overMs?: number
  readonly holdMs?: number
  /** Calls a second before, for four seconds, of calls that are as long. */
  readonly before?: number
}

function load(
  faults: readonly PlantedFault[],
  { count, overMs = 4_000, holdMs = 5_000, before = 0 }: Order,
  seed = 1,
  line?: string,
): Promise<VirtualLoad> {
  const call = { to: 'account', holdMs }
  return loadVirtually(
    { faults, seed, ...(line === undefined ? {} : { line: parseAccessLine(line) }) },
    async (stage) => {
      const waves = [stage.wave({ count, overMs, call, seed, ...(before > 0 ? {} : { arrivals: 'poisson' }) })]
      if (before > 0) {
        for (let second = 0; second < 6; second++) {
          await stage.world.clock.sleep(1000)
          // Many at a time, and few a second.
          waves.push(stage.wave({ count: before, call: { ...call, holdMs: 9_000 }, seed }))
        }
      }
      await Promise.all(waves)
    },
  )
}

const relaysNamed = ({ conclusion }: VirtualLoad): string[] =>
  conclusion.findings.flatMap(({ where }) => where?.relays ?? [])

describe('a culprit heads the report', () => {
  const culprits: [what: PlantedFault, order: Order, cause: string, title: string | RegExp][] = [
    [
      `relay-drops-every-50th@${CULPRIT}`,
      { count: 50 },
      'audio-lost',
      /^1\.[6-9] % of the audio is lost through relay-3 \(127\.0\.0\.158\)$/,
    ],
    [
      `relay-jitters@${CULPRIT}`,
      { count: 50 },
      'audio-uneven',
      /^Audio arrives unevenly through relay-3 \(127\.0\.0\.158\): a jitter of 4\d ms$/,
    ],
    [
      `one-call-of-ten-one-way@${CULPRIT}`,
      { count: 350, holdMs: 2_000 },
      'no-audio',
      '7 of 70 calls through relay-3 (127.0.0.158) had no audio to the caller',
    ],
    [
      `relay-swaps-calls@${CULPRIT}`,
      { count: 200, holdMs: 3_000 },
      'wrong-audio',
      '8 of 40 calls through relay-3 (127.0.0.158) had audio of another call',
    ],
    [
      `relay-falls-silent-later@${CULPRIT}`,
      { count: 25, holdMs: 180_000 },
      'audio-ends-early',
      'Audio ends before the call through relay-3 (127.0.0.158): 5 of 5 calls, after 150 s',
    ],
    [
      `relay-out-of-ports@${CULPRIT}`,
      { count: 150, holdMs: 2_000 },
      'LOAD-CALLS-FAILED',
      /^\d\d of 150 calls were rejected with 500 beyond 5 calls at a time through relay-3 \(127\.0\.0\.158\)$/,
    ],
    [
      `relay-mute-when-full@${CULPRIT}`,
      { count: 150, holdMs: 2_000 },
      'no-audio',
      /^\d\d of 30 calls through relay-3 \(127\.0\.0\.158\) had no audio in one direction or both, all of them beyond 5 calls at a time$/,
    ],
    [
      `relay-overloaded@${CULPRIT}`,
      { count: 125 },
      'audio-lost',
      /^\d\d?(\.\d)? % of the audio is lost through relay-3 \(127\.0\.0\.158\)$/,
    ],
    [
      'proxy-slow-when-busy',
      { count: 80, overMs: 1_000, holdMs: 2_000, before: 30 },
      'LOAD-SLOW',
      /^Answers take 1\.5 s beyond 5\d calls a second, and \d+ ms below$/,
    ],
    [
      'proxy-refuses-when-busy',
      { count: 80, overMs: 1_000, holdMs: 2_000, before: 30 },
      'LOAD-CALLS-FAILED',
      /^3\d of 260 calls were rejected with 503 \(Retry-After: 10 s\) beyond 5\d calls a second$/,
    ],
  ]
  it('and each fault that only a load shows is among them', () => {
    const tried = culprits.map(([fault]) => partsOf(fault).name)
    const others = faultCatalogue.filter(({ name, onlyUnderLoad }) => onlyUnderLoad && !tried.includes(name))
    expect(others.map(({ name }) => name)).toEqual([])
  })

  it.each(culprits)('%s', async (fault, order, cause, title) => {
    const result = await load([fault], order)
    const [first] = result.conclusion.findings
    expect(result.load.generator.problems).toEqual([])
    expect(first?.title).toMatch(title)
    expect(first?.id).toBe(cause)
    expect(result.conclusion.sentence).toContain(first?.title)
    expect(new Set(relaysNamed(result))).toEqual(new Set(fault.includes('@') ? [CULPRIT] : []))
  })
})

describe('a relay that goes away and comes back', () => {
  it('is told with the time, the calls that failed, and those that were up', async () => {
    const result = await loadVirtually({ faults: [`relay-away@${CULPRIT}`] }, async ({ wave }) => {
      const long = { to: 'account', holdMs: 25_000 }
      const short = { to: 'account', holdMs: 2_000 }
      const mix = [
        { weight: 10, call: short },
        { weight: 1, call: long },
      ]
      await wave({ count: 220, overMs: 55_000, mix, seed: 1 })
    })
    expect(result.load.outages).toHaveLength(1)
    const [outage] = result.load.outages ?? []
    expect(outage?.relay).toBe(CULPRIT)
    // It is away from its 20th second on for 15 s; calls that are up notice at once.
    expect(outage?.fromMs).toBeGreaterThan(17_000)
    expect(outage?.fromMs).toBeLessThan(24_000)
    expect(outage?.lastedMs).toBeGreaterThan(11_000)
    expect(outage?.lastedMs).toBeLessThan(19_000)
    expect(outage?.failed).toBeGreaterThanOrEqual(8)
    expect(result.conclusion.sentence).toMatch(
      /From \d\d s on calls through relay-3 failed for \d\d s: \d+ of \d+ that began/,
    )
    expect(relaysNamed(result).every((name) => name === CULPRIT)).toBe(true)
  })
})

describe('a healthy relay is never blamed', () => {
  const faults: readonly PlantedFault[] = [
    `relay-drops-every-50th@${CULPRIT}`,
    `relay-jitters@${CULPRIT}`,
    `one-call-of-ten-one-way@${CULPRIT}`,
    `relay-swaps-calls@${CULPRIT}`,
    `relay-out-of-ports@${CULPRIT}`,
    `relay-mute-when-full@${CULPRIT}`,
    `relay-one-way@${CULPRIT}`,
  ]
  it.each(Array.from({ length: SEEDS }, (_, index) => index + 1))('seed %i', async (seed) => {
    const fault = faults[seed % faults.length]
    const result = await load(fault === undefined ? [] : [fault], { count: 40, holdMs: 3_000 }, seed)
    expect(relaysNamed(result).filter((name) => name !== CULPRIT)).toEqual([])
  })

  it.each([1, 2, 3])('where the access line loses packets for all of them (seed %i)', async (seed) => {
    const result = await load([], { count: 40 }, seed, 'loss=4%')
    expect(relaysNamed(result)).toEqual([])
    expect(result.conclusion.findings[0]?.title).toMatch(/ % of the audio is lost through all 5 relays$/)
  })
})
