/** Puts together what stands in `result.json`: who was tested, when, from where, and what came of it. */
import { cpus, platform, release } from 'node:os'
import { VIRTUAL_EPOCH_MS } from '../clock/virtual-clock.js'
import type { SelectionRecord } from '../result/baseline.js'
import { bounded } from '../result/bounds.js'
import { type LoadResult } from '../result/load-result.js'
import { SCHEMA_VERSION, type RunResult } from '../result/result.js'
import type { ConformanceOutcome } from '../runner/run.js'
import { AREAS } from '../scenario/vocabulary.js'
import type { LeastGravity } from '../result/what-fails.js'
import type { TargetDocument } from '../target/target-file.js'
import { conclude } from '../verdict/conclude.js'
import { compare, exitCodeOfComparison, hasRegressions, type NamedBaseline } from '../verdict/comparison/compare.js'
import { snapshotOf } from '../verdict/comparison/snapshot.js'
import { exitCodeOf, exitCodes, type Outcome } from '../verdict/exit-code.js'
import type { RunFacts } from '../verdict/facts.js'
import type { ReportOrder } from './orders.js'
import { relaysOfRun } from '../verdict/relays.js'
import { commitOfJob } from './commit-of-job.js'
import { PROVIDER_ROWS } from './provider-rows.js'
import { version } from '../worlds/package-folder.js'
import type { Survey } from '../survey/survey.js'

export interface RunStory {
  readonly command: 'run' | 'load' | 'start'
  readonly seed: number
  readonly clock: 'wall' | 'virtual'
  readonly document: TargetDocument
  readonly file: string
  readonly faults: readonly string[]
  /** Conditions of the access line that our devices were put behind, as the user wrote them. */
  readonly network?: string | undefined
  /** Unix ms. */
  readonly startedAt: number
  readonly endedAt: number
  readonly outcome?: ConformanceOutcome | undefined
  readonly load?: LoadResult | undefined
  /** What was learned of the target first; undefined where the run did not come to it. */
  readonly survey: Survey | undefined
  /** How late (ms) this process was at worst; undefined where it cannot be late. */
  readonly worstLagMs?: number | undefined
  /** Which tests were chosen; absent of loads. */
  readonly selection?: SelectionRecord | undefined
  /** What it is held against. */
  readonly baseline?: NamedBaseline | undefined
  /** Whether it fails only on what is worse than in the baseline. */
  readonly onlyRegressions?: boolean | undefined
  readonly repeat: string
  readonly k6?: string | undefined
  /** What only the command knows. */
  readonly facts: Omit<RunFacts, 'scenarios' | 'notes' | 'notRun' | 'load'>
}

const NOTHING: ConformanceOutcome = { scenarios: [], notRun: [], notes: [], noise: [], interrupted: false }

export const resultOf = (story: RunStory): RunResult =>
  bounded(compared({ ...story, failOn: story.facts.failOn }, wholeResult(story)))

/** All that its verdict is made of. */
export function factsOf(story: RunStory): RunFacts {
  const learned = story.survey ? { survey: story.survey.result, foreign: story.survey.foreign } : {}
  return { ...story.facts, ...NOTHING, ...learned, ...story.outcome, load: story.load }
}

function wholeResult(story: RunStory): Whole {
  const { document, load } = story
  const outcome = { ...NOTHING, ...(story.survey ? { survey: story.survey.result } : {}), ...story.outcome }
  const conclusion = conclude(factsOf(story))
  const { verdict, exitCode, sentence, findings, scenarios, notRun } = conclusion
  const [startedAt, endedAt] = story.clock === 'virtual' ? virtualTimes(outcome) : [story.startedAt, story.endedAt]
  const result: RunResult = {
    schemaVersion: SCHEMA_VERSION,
    ringproof: version(),
    command: story.command,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: new Date(endedAt).toISOString(),
    seed: story.seed,
    clock: story.clock,
    target: {
      name: document.name,
      file: story.file,
      domain: document.domain,
      endpoints: Object.entries(document.endpoints).flatMap(([name, endpoint]) =>
        endpoint ? [`${name} ${endpoint.host}:${endpoint.port}`] : [],
      ),
      software: [...(story.survey?.facts.software ?? [])],
      relays: (document.published?.relays ?? []).map(({ name, addresses }) => ({ name, addresses: [...addresses] })),
      ...(story.faults.length > 0 ? { faults: [...story.faults] } : {}),
    },
    verdict,
    sentence,
    exitCode,
    scenarios,
    notRun,
    ...(outcome.survey ? { survey: outcome.survey } : {}),
    findings,
    ...(scenarios.length > 0 ? { relays: relaysOfRun(scenarios, document.published?.relays ?? []) } : {}),
    ...(load ? { load } : {}),
    repeat: story.repeat,
    environment: {
      node: process.version,
      platform: `${platform()} ${release()}`,
      cpus: cpus().length,
      seenFrom: [...new Set(Object.values(story.survey?.facts.seenAs ?? {}).map(({ address }) => address))],
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      ...(story.worstLagMs === undefined ? {} : { worstLagMs: Math.round(story.worstLagMs) }),
      ...(story.network === undefined ? {} : { network: story.network }),
      ...commitOfJob(),
      ...(story.k6 ? { k6: story.k6 } : {}),
    },
    notAskedFor: leftOut(document),
    areas: Object.entries(AREAS).map(([id, title]) => ({ id, title })),
    providerRows: PROVIDER_ROWS,
    noise: outcome.noise,
    ...(story.selection === undefined ? {} : { selection: story.selection }),
    ...failingOn(story.facts.failOn, story.onlyRegressions),
  }
  return { result, outcome: conclusion.outcome }
}

interface Whole {
  readonly result: RunResult
  readonly outcome: Outcome
}

/** As `result.json` tells it: nothing where every broken rule fails the run. */
export const failingOn = (gravity: LeastGravity = 'letter', onlyRegressions = false): Pick<RunResult, 'failOn'> =>
  gravity === 'letter' && !onlyRegressions ? {} : { failOn: { gravity, onlyRegressions } }

/** Held against the baseline, where there is one: what fails then may be only what is worse. */
export function compared(
  { baseline, onlyRegressions, failOn = 'letter' }: Pick<ReportOrder, 'baseline' | 'onlyRegressions' | 'failOn'>,
  { result, outcome }: Whole,
): RunResult {
  if (baseline === undefined) return result
  const comparison = compare(baseline, { name: 'this run', baseline: snapshotOf(result) })
  if (onlyRegressions !== true) return { ...result, comparison }
  const notValid = outcome.notValid === true || exitCodeOfComparison(comparison, failOn) === exitCodes.notValid
  const exitCode = exitCodeOf({ ...outcome, failed: hasRegressions(comparison, failOn), notValid })
  return { ...result, comparison, exitCode }
}

/** A virtual run has no date: it begins at the epoch of virtual time, so that the same seed gives the same bytes. */
function virtualTimes(outcome: ConformanceOutcome): [number, number] {
  return [
    VIRTUAL_EPOCH_MS,
    VIRTUAL_EPOCH_MS + outcome.scenarios.reduce((sum, scenario) => sum + scenario.durationMs, 0),
  ]
}

/** Optional parts that the target file leaves out: not tested, and said so. */
function leftOut(document: TargetDocument): string[] {
  const { endpoints, services, families, published, media } = document
  const parts: [string, boolean][] = [
    ['UDP', endpoints.udp !== undefined],
    ['TCP', endpoints.tcp !== undefined],
    ['TLS', endpoints.tls !== undefined],
    ['IPv4', families.includes('ipv4')],
    ['IPv6', families.includes('ipv6')],
    ['encrypted audio (media.srtp)', media.srtp.length > 0],
    ['published addresses (published)', published !== undefined],
    ['STUN (stun)', document.stun !== undefined],
    ['NTP (ntp)', document.ntp !== undefined],
    ['echo test (services.echo)', services.echo !== undefined],
    ['keypad test (services.dtmfTest)', services.dtmfTest !== undefined],
    ['mailbox (services.mailbox)', services.mailbox !== undefined],
    ['service codes (services.codes)', Object.values(services.codes).some((code) => code !== undefined)],
    ['policy for shared accounts (policy.sharedCredentials)', document.policy.sharedCredentials !== undefined],
  ]
  return parts.flatMap(([name, there]) => (there ? [] : [name]))
}
