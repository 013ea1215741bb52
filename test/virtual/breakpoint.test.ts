/**
 * The search for the most that is carried, as the profile `breakpoint` makes it, in virtual time: with one relay that carries less, the
 * limit is that relay's.
 */
import { describe, expect, it } from 'vitest'
import { stepOf } from '../../src/load/breakpoint.js'
import type { PlantedFault } from '../../src/provider/faults.js'
import { ceilingOf } from '../../src/verdict/breakpoint.js'
import { type LoadStage, loadVirtually } from './virtual-load.js'

type Ask = { wave: object } | { step: object } | { pauseS: number }
type FindLimit = (o: object) => Generator<Ask, number, unknown>

/** By paths that the compiler does not follow: the library is compiled for k6. */
const library = async <T>(name: string): Promise<T> =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see there
  (await import(new URL(`../../k6/lib/${name}.ts`, import.meta.url).pathname)) as T
const { findLimit } = await library<{ findLimit: FindLimit }>('breakpoint')

const THRESHOLDS = {
  sip_call_success: ['rate>0.99'],
  rtp_two_way_audio: ['rate>0.99'],
  rtp_loss_ratio: ['p(95)<0.01'],
  voip_mos: ['p(5)>4.0'],
  sip_session_request_delay: ['p(95)<1000'],
}

/** As the script does it. @param troubleAt calls from which on the generator does not keep up */
async function search({ world, tally, wave }: LoadStage, o: object, troubleAt = Infinity): Promise<number> {
  const { clock } = world
  const calls = { to: 'account' }
  const asks = findLimit({ from: 5, holdS: 4, rate: 50, calls, thresholds: THRESHOLDS, now: () => clock.now(), ...o })
  let next = asks.next()
  while (next.done !== true) {
    const ask = next.value
    let records: object | undefined
    if ('step' in ask) tally.step(stepOf(JSON.parse(JSON.stringify(ask.step))), clock.unixMs())
    if ('pauseS' in ask) await clock.sleep(ask.pauseS * 1000)
    if ('wave' in ask) {
      const answer = await wave(ask.wave)
      records = { ...answer, generator: answer.count >= troubleAt ? ['the generator was too slow'] : [] }
    }
    next = asks.next(records)
  }
  return next.value
}

const limitOf = (faults: readonly PlantedFault[], o: object, seed = 1, troubleAt?: number) =>
  loadVirtually({ faults, seed }, (stage) => search(stage, o, troubleAt))

const AT_A_TIME = { what: 'calls at a time', most: 150 }

describe('one relay that carries less than the others', () => {
  // `npm run trust` tries more of them (RINGPROOF_LOAD_SEEDS).
  it.each([1, 2, 3, 4, 5].slice(0, Number(process.env['RINGPROOF_LOAD_SEEDS'] ?? 1)))(
    'is found with its limit, to within a tenth (run %i)',
    async (seed) => {
      const { load, conclusion } = await limitOf(['relay-overloaded@relay-3'], { ...AT_A_TIME, from: 60 }, seed)
      const [found] = load.breakpoint?.searches ?? []
      // 2,000 packets a second are 20 calls with audio both ways.
      const relay = found?.relays.find(({ name }) => name === 'relay-3')
      expect(relay?.carried).toBeGreaterThanOrEqual(18)
      expect(relay?.carried).toBeLessThanOrEqual(22)
      expect(relay?.brokeAt).toBeLessThanOrEqual(23)
      expect(found?.gaveWay?.relay).toBe('relay-3')
      expect(found?.relays.filter(({ brokeAt }) => brokeAt !== undefined).map(({ name }) => name)).toEqual(['relay-3'])
      expect(found).toMatchObject({ recovered: true })
      expect(conclusion.sentence).toMatch(/^Relay-3 gives way first: it carries \d\d calls at a time of \d+ in all\.$/)
      expect(conclusion.verdict).toBe('pass')
    },
  )

  it('that has no ports for more', async () => {
    const { load } = await limitOf(['relay-mute-when-full@relay-2'], { ...AT_A_TIME, from: 15 })
    expect(load.breakpoint?.searches[0]).toMatchObject({
      gaveWay: { metric: 'rtp_two_way_audio', relay: 'relay-2' },
      relays: expect.arrayContaining([expect.objectContaining({ name: 'relay-2', carried: 5 })]),
    })
  })
})

describe('a level is tried again', () => {
  /** What is told of the level, where its tries come to these outcomes one after another. */
  const searched = (outcomes: readonly ('held' | 'spoiled' | 'broken')[]) => {
    const o = { what: 'calls at a time', from: 5, most: 5, holdS: 1, rate: 5, calls: {}, now: () => 0 }
    const asks = findLimit({ ...o, thresholds: { sip_call_success: ['rate>0.9'] } })
    const steps: object[] = []
    let [tries, pauses] = [0, 0]
    for (let next = asks.next(); next.done !== true && steps.length === 0; ) {
      const ask = next.value
      if ('step' in ask) steps.push(ask.step)
      if ('pauseS' in ask) pauses += 1
      const outcome = 'wave' in ask ? outcomes[tries++] : undefined
      const calls = { tags: [0], success: [outcome === 'broken' ? 0 : 1] }
      next = asks.next(
        outcome && {
          calls,
          tags: [{}],
          legs: {},
          generator: outcome === 'spoiled' ? ['the generator was too slow'] : [],
        },
      )
    }
    return { tries, pauses, step: steps[0] }
  }
  const spoiled = { generator: ['the generator was too slow'] }
  it.each([
    ['holds at once', ['held'], { ok: true }],
    ['breaks by chance', ['broken', 'held'], { ok: true }],
    ['breaks twice', ['broken', 'broken'], { ok: false, generator: [] }],
    ['is spoiled once', ['spoiled', 'held'], { ok: true, generator: [] }],
    ['is spoiled twice', ['spoiled', 'spoiled'], spoiled],
    ['is spoiled, then breaks once', ['spoiled', 'broken', 'held'], { ok: true, generator: [] }],
    ['is spoiled, then breaks twice', ['spoiled', 'broken', 'broken'], { ok: false, generator: [] }],
  ] as const)('that %s', (_what, outcomes, step) => {
    expect(searched(outcomes)).toEqual({
      tries: outcomes.length,
      pauses: outcomes.length - 1,
      step: expect.objectContaining({ level: 5, ...step }),
    })
  })
})

describe('calls a second', () => {
  const A_SECOND = { what: 'calls a second', from: 20, most: 90, rate: 90, holdS: 3 }
  it('are found for a proxy that becomes slow', async () => {
    const { load, conclusion } = await limitOf(['proxy-slow-when-busy'], A_SECOND)
    const [found] = load.breakpoint?.searches ?? []
    expect(found?.carried).toBeGreaterThanOrEqual(47)
    expect(found?.carried).toBeLessThanOrEqual(52)
    expect(found?.gaveWay?.metric).toBe('sip_session_request_delay')
    expect(conclusion.sentence).toBe(
      `The signalling carries ${found?.carried} calls a second; beyond, calls took too long to set up.`,
    )
  })
})

describe('where nothing gives way', () => {
  it('at least so many are carried as were asked for', async () => {
    const { load, conclusion } = await limitOf([], { ...AT_A_TIME, most: 30 })
    expect(load.breakpoint?.searches).toMatchObject([{ what: 'calls at a time', carried: 30 }])
    expect(load.breakpoint?.searches[0]?.brokeAt).toBeUndefined()
    expect(conclusion.sentence).toBe('The target carries at least 30 calls at a time.')
  })
  it('but this machine does, that is said, and nothing of the target', async () => {
    const { load } = await limitOf([], { ...AT_A_TIME, most: 90 }, 1, 25)
    expect(load.breakpoint?.searches[0]).toMatchObject({ carried: 18, generator: { failedAt: 27 } })
    expect(load.breakpoint && ceilingOf(load.breakpoint)).toEqual([
      'this machine generates no more than 18 calls at a time: the target’s limit lies beyond (at 27: the generator was too slow)',
    ])
  })
})
