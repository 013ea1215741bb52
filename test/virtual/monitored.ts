/** A monitor in virtual time, over an embedded provider whose faults come and go. */
import { SeededRandom } from '../../src/clock/random.js'
import { VirtualClock } from '../../src/clock/virtual-clock.js'
import { resultOf } from '../../src/cli/result-of.js'
import { Monitor, type RoundReport } from '../../src/monitor/monitor.js'
import type { Delivered } from '../../src/monitor/delivery.js'
import type { PlantedFault } from '../../src/provider/faults.js'
import { freshState, type MonitorAlert, type MonitorState, monitorStateSchema } from '../../src/result/monitor.js'
import type { RunResult } from '../../src/result/result.js'
import type { LoadedScenario } from '../../src/runner/plan.js'
import { surveyedRun } from '../../src/survey/surveyed-run.js'
import type { Stages } from '../../src/worlds/stages.js'
import { virtualStages } from '../../src/worlds/virtual-stages.js'
import { allScenarios } from './detection.js'
import { memoryOf } from './memory-of.js'

export const MINUTE = 60_000

/** What a round meets. */
export interface Weather {
  readonly faults?: readonly PlantedFault[]
  /** Nothing arrives at the target. */
  readonly out?: boolean
  /** It comes to no result, or to one that says nothing. */
  readonly trouble?: string
  /** Minutes that it takes; default a third of one. */
  readonly minutes?: number
  /** The machine sleeps in it for so long, ms. */
  readonly sleeps?: number
  /** The run is broken off. */
  readonly interrupted?: boolean
}

export interface Told {
  /** Minutes after the beginning. */
  readonly minute: number
  readonly alert: MonitorAlert
}

export interface Watched {
  readonly told: readonly Told[]
  readonly lines: readonly string[]
  /** Minutes at which rounds began. */
  readonly rounds: readonly number[]
  readonly state: MonitorState
}

export interface Watching {
  readonly everyMs?: number
  readonly minutes: number
  /** By the number of the round, and the minute at which it begins. */
  readonly weather: (round: number, minute: number) => Weather
  readonly state?: MonitorState
  readonly letter?: boolean
  /** What becomes of the delivery with this number. */
  readonly delivers?: (number: number) => Delivered
}

let scenarios: readonly LoadedScenario[] | undefined
/** Runs with the same faults come to the same. */
const known = new Map<string, Promise<RunResult>>()

/** Events, each with the minute at which it was told. */
export const eventsOf = ({ told }: Watched): string[] =>
  told.map(({ minute, alert }) =>
    `${Math.round(minute)} ${alert.event} ${alert.problems.map(({ cause }) => cause).join('+')}`.trim(),
  )

export async function watch(o: Watching): Promise<Watched> {
  const clock = new VirtualClock()
  const stop = new AbortController()
  const [told, lines, rounds]: [Told[], string[], number[]] = [[], [], []]
  let skewMs = 0
  let deliveries = 0
  const minute = () => clock.now() / MINUTE
  const monitor = new Monitor({
    clock,
    date: () => clock.unixMs() + skewMs,
    random: new SeededRandom('monitor'),
    everyMs: o.everyMs ?? 5 * MINUTE,
    letter: o.letter ?? false,
    // As after a restart: through its file.
    state:
      o.state === undefined ? freshState('embedded') : monitorStateSchema.parse(JSON.parse(JSON.stringify(o.state))),
    perform: async (): Promise<RoundReport> => {
      const {
        trouble,
        faults = [],
        out = false,
        minutes = 1 / 3,
        sleeps = 0,
        interrupted = false,
      } = o.weather(rounds.length, minute())
      rounds.push(minute())
      const folder = `rounds/${rounds.length}`
      await clock.sleep(minutes * MINUTE)
      skewMs += sleeps
      if (trouble !== undefined) return { trouble }
      const result = await clock.outside(() => resultWith(faults, out))
      return { folder, result: interrupted ? { ...result, verdict: 'interrupted' } : result }
    },
    keep: () => {},
    ended: () => {},
    delivery: {
      addressees: ['command'],
      deliver: ({ alert }) => {
        const outcome = o.delivers?.(deliveries++) ?? { outcome: 'delivered' as const }
        if (outcome.outcome === 'delivered') told.push({ minute: minute(), alert })
        return Promise.resolve(outcome)
      },
    },
    tell: (line) => lines.push(line),
    signal: stop.signal,
  })
  await clock.run(async () => {
    clock.after(o.minutes * MINUTE, () => stop.abort())
    await monitor.run()
  })
  return { told, lines, rounds, state: monitor.state }
}

/** The survey and a call between two telephones over UDP. */
export function resultWith(faults: readonly PlantedFault[], out = false): Promise<RunResult> {
  const key = `${faults.join(' ')} ${out}`
  const made = known.get(key) ?? run(faults, out)
  known.set(key, made)
  return made
}

async function run(faults: readonly PlantedFault[], out: boolean): Promise<RunResult> {
  scenarios ??= await allScenarios()
  const { stages: open, document } = await virtualStages({ seed: 1, faults })
  const stages: Stages = {
    ...open,
    on: (key, story) =>
      open.on(key, (world) => {
        if (out) memoryOf(world.network).filter = () => false
        return story(world)
      }),
  }
  const selection = { only: ['media/two-way', 'registrar/refresh-replaces'], transport: 'udp', family: 'ipv4' }
  const { outcome, survey, unreachable } = await surveyedRun({ stages, document, scenarios, selection }, () => {})
  return resultOf({
    command: 'run',
    seed: 1,
    clock: 'wall',
    document,
    file: 'embedded',
    faults: [],
    startedAt: 0,
    endedAt: 1,
    outcome,
    survey,
    repeat: '',
    facts: { unreachable },
  })
}
