/** What a run measured, as figures that are comparable from run to run: a value for the whole run, or a share that was counted. */
import type { BaselineFigure } from '../../result/baseline.js'
import type { Distribution, LoadResult } from '../../result/load-result.js'
import type { RunResult } from '../../result/result.js'
import type { Ladder, ScenarioResult } from '../../result/scenario-result.js'
import { familyName, transportName } from '../../result/variants.js'

type Figure = readonly [string, BaselineFigure]
type Figures = Record<string, BaselineFigure>

/** Fewer calls or streams than this are no distribution. */
const LEAST = 5

/** By name, sorted. */
export function figuresOf(result: RunResult): Figures {
  const all = [...roundTrips(result), ...setUps(result), ...audio(result), ...(result.load ? loaded(result.load) : [])]
  return Object.fromEntries(all.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

const value = (id: string, label: string, unit: 'ms' | 'mos', one: number | undefined): Figure[] =>
  one === undefined ? [] : [[id, { unit, label, runs: [Number(one.toPrecision(4))] }]]

/** @param events that came by themselves: bursts of lost packets, say */
const share = (id: string, label: string, hits: number, of: number, events = hits): Figure[] =>
  of <= 0 ? [] : [[id, { unit: 'share', label, runs: [[hits, of, events]] }]]

function roundTrips({ survey }: RunResult): Figure[] {
  return (survey?.facts ?? []).flatMap(({ id, ms, transport = '', family = '' }) =>
    id === 'round-trip'
      ? value(
          `round-trip/${transport}/${family}`,
          `answer to a request over ${transportName(transport)}, ${familyName(family)} (median)`,
          'ms',
          ms,
        )
      : [],
  )
}

/** From the INVITE that was not challenged to ringing or answer, over each transport: half of the tests' first calls. */
function setUps({ scenarios }: RunResult): Figure[] {
  const transports = [...new Set(scenarios.map(({ variant }) => variant.transport))]
  return transports.flatMap((transport) =>
    value(`setup/${transport}`, setUpLabel(transport), 'ms', median(setUpTimes(scenarios, transport))),
  )
}

export const setUpLabel = (transport: string): string =>
  `set-up of a call over ${transportName(transport)}, INVITE to ringing (median)`

/** Milliseconds, of the first call of each test that passed. */
export const setUpTimes = (scenarios: readonly ScenarioResult[], transport: string): number[] =>
  scenarios
    .filter(({ variant, verdict }) => variant.transport === transport && verdict === 'pass')
    .flatMap(({ ladder }) => (ladder === undefined ? [] : (setUpMs(ladder) ?? [])))

function setUpMs({ arrows }: Ladder): number | undefined {
  const from = arrows.findIndex(({ kind, label }) => kind === 'sip' && label === 'INVITE')
  const invite = arrows[from]
  if (invite === undefined || invite.again === true || invite.lost === true) return undefined
  let sentAt = invite.atMs
  for (const arrow of arrows.slice(from + 1)) {
    const { kind, label, atMs } = arrow
    if (kind !== 'sip') continue
    if (arrow.from === invite.from && label === 'INVITE') {
      // Sent again, or to somebody else: what is answered then is not clear.
      if (arrow.again === true || arrow.lost === true || arrow.to !== invite.to) return undefined
      sentAt = atMs
    }
    if (arrow.from !== invite.to || arrow.to !== invite.from) continue
    if (/^18\d /.test(label)) return atMs - sentAt
    if (/^[2-6]\d\d /.test(label) && !/^40[17] /.test(label)) return undefined
  }
  return undefined
}

function audio({ relays = [], scenarios }: RunResult): Figure[] {
  const rows = scenarios.flatMap((one: ScenarioResult) => one.audio ?? [])
  return relays.flatMap(({ name, directions }) => {
    const own = rows.filter(({ relay }) => relay === name)
    const sum = (of: 'lost' | 'expected' | 'gaps') => directions.reduce((total, one) => total + Math.max(0, one[of]), 0)
    return [
      ...share(`loss/${name}`, `packets lost through ${name}`, sum('lost'), sum('expected'), sum('gaps')),
      ...value(
        `jitter/${name}`,
        `jitter through ${name} (median of the tests)`,
        'ms',
        median(own.flatMap(({ jitterMs }) => jitterMs ?? [])),
      ),
    ]
  })
}

function loaded(load: LoadResult): Figure[] {
  if (!load.valid) return []
  const { calls, relays, setupDelayMs, jitterMs, roundTripMs, mouthToEarMs } = load
  return [
    ...spreads('load/setup', 'set-up of a call under load', setupDelayMs),
    ...spreads('load/jitter', 'jitter under load', jitterMs),
    ...spreads('load/round-trip', 'round trip of audio under load', roundTripMs),
    ...spreads('load/mouth-to-ear', 'mouth to ear under load', mouthToEarMs),
    ...share('load/failed', 'calls that failed under load', calls.failed, calls.started),
    ...share('load/one-way', 'calls with audio one way under load', calls.oneWay, calls.started),
    ...relays.flatMap(({ name, packetsLost, packetsReceived, jitterP95Ms, mosP5, directions, calls: own }) => {
      const gaps = directions?.reduce((sum, one) => sum + one.gaps, 0) ?? packetsLost
      const quality =
        own < LEAST ? [] : value(`load/mos/${name}`, `quality through ${name} under load (MOS, p5)`, 'mos', mosP5)
      const jitter =
        own < LEAST ? [] : value(`load/jitter/${name}`, `jitter through ${name} under load (p95)`, 'ms', jitterP95Ms)
      return [
        ...share(
          `load/loss/${name}`,
          `packets lost through ${name} under load`,
          packetsLost,
          packetsLost + packetsReceived,
          gaps,
        ),
        ...jitter,
        ...quality,
      ]
    }),
  ]
}

const spreads = (id: string, label: string, of: Distribution | undefined): Figure[] =>
  of === undefined || of.count < LEAST
    ? []
    : [...value(`${id}/p50`, `${label} (median)`, 'ms', of.p50), ...value(`${id}/p95`, `${label} (p95)`, 'ms', of.p95)]

/** @param least undefined of fewer */
export function median(values: readonly number[], least = LEAST): number | undefined {
  if (values.length < least) return undefined
  const sorted = values.toSorted((a, b) => a - b)
  const [low = 0, high = low] = [
    sorted[Math.floor((sorted.length - 1) / 2)],
    sorted[Math.ceil((sorted.length - 1) / 2)],
  ]
  return (low + high) / 2
}
