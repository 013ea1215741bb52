/**
 * Lost packets of audio. A share of a few hundred packets proves little: it is judged by bounds of confidence, over all
 * packets of the run that went through a relay, and held against what the path itself loses.
 */
import type { AudioLoss } from '../result/audio.js'
import type { CheckResult, ScenarioResult } from '../result/scenario-result.js'
import type { Finding } from '../result/finding.js'
import type { PathLoss } from './facts.js'
import { type Judgement, judgeScenario } from './scenario.js'
import { counted, distinct } from '../result/texts.js'

/** The largest share of lost packets that is no fail. Speech suffers little below it (ITU-T G.113, G.711 with concealment). */
const LIMIT = 0.01
/** One-sided 99.9 % of the normal distribution: a run asks for several relays, and a project for many runs. */
const Z = 3.09
/** A path that loses so much is told from a target that does by signalling that is lost as well. */
const PLAUSIBLE = 0.03
/** Losses that are longer than this on average, packets, come in bursts. */
const MOST_SINGLE = 1.5
/** How unlikely the path's own losses must be, at the rate that audio shows, to tell that the target loses. */
const UNLIKELY = 0.01

export type LossVerdict = 'pass' | 'fail' | 'open'

interface Counted {
  readonly expected: number
  readonly lost: number
  readonly gaps: number
}

const sumOf = (losses: readonly Counted[]): Counted => ({
  expected: losses.reduce((sum, one) => sum + one.expected, 0),
  lost: losses.reduce((sum, one) => sum + Math.max(0, one.lost), 0),
  gaps: losses.reduce((sum, one) => sum + Math.max(0, one.gaps), 0),
})

const shareOf = ({ expected, lost }: Counted): number => (expected === 0 ? 0 : lost / expected)

/** What packets that were counted prove by themselves of `at most 1 %`; `open` where they are too few. */
export function verdictOfLosses(losses: readonly Counted[]): LossVerdict {
  const all = sumOf(losses)
  if (shareOf(all) <= LIMIT) return 'pass'
  return leastShare(all) > LIMIT ? 'fail' : 'open'
}

/** The same, of each relay by itself: one of five that loses one packet in twelve is not hidden by the other four. */
export function verdictByRelay(losses: readonly AudioLoss[]): LossVerdict {
  const verdicts = distinct(losses.map(({ relay }) => relay)).map((relay) =>
    verdictOfLosses(losses.filter((one) => one.relay === relay)),
  )
  return verdicts.find((one) => one === 'fail') ?? verdicts.find((one) => one === 'open') ?? 'pass'
}

/** Of an execution that met several relays, those that lost too many packets in it; undefined where the rule is not about loss. */
export function lossyRelays({ losses = [] }: Pick<CheckResult, 'losses'>): string[] | undefined {
  const lossy = losses
    .map(({ relay }) => relay)
    .filter((relay) => shareOf(sumOf(losses.filter((one) => one.relay === relay))) > LIMIT)
  return lossy.length === 0 ? undefined : distinct(lossy)
}

/** `1.6 % lost (4 of 250)`. */
export function lossInWords(losses: readonly Counted[]): string {
  const all = sumOf(losses)
  return `${percent(shareOf(all))} lost (${all.lost} of ${counted(all.expected, 'packet')})`
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

/** Bursts are of all lengths, which doubles the variance of what they lose, and one of the path is counted at both ends of a call. */
const BURSTS_PER_EVENT = 4

/** Events that are independent of one another. Single losses are; within a burst packets are not. */
const eventsOf = ({ lost, gaps }: Counted, burstsPerEvent: number): number =>
  lost > MOST_SINGLE * gaps ? gaps / burstsPerEvent : gaps

/** The least share that would still bring as many losses about, at 99.9 %. Wilson and Hilferty's approximation of the Poisson bound. */
function leastShare(counted: Counted, burstsPerEvent = BURSTS_PER_EVENT): number {
  const { expected, lost } = counted
  const events = Math.max(1, eventsOf(counted, burstsPerEvent))
  const least = events * Math.max(0, 1 - 1 / (9 * events) - Z / (3 * Math.sqrt(events))) ** 3
  return (least / events) * (lost / expected)
}

/** The same, of the most: the share that would hardly let so few be lost. */
function mostShare(counted: Counted, burstsPerEvent: number): number {
  const { expected, lost, gaps } = counted
  // Nothing lost at all: runs as short as can be.
  const length = gaps === 0 ? 1 : lost / eventsOf(counted, burstsPerEvent)
  const events = eventsOf(counted, burstsPerEvent) + 1
  const most = events * (1 - 1 / (9 * events) + Z / (3 * Math.sqrt(events))) ** 3
  return Math.min(1, (most * length) / expected)
}

/**
 * Between which shares the losses of a stream lie, each bound with a confidence of 99.9 %. Nothing where nothing was expected.
 * @param burstsPerEvent 1 where streams are held against others that the same path leads: a burst of the path is in both
 */
export function lossBounds(
  counted: Counted,
  burstsPerEvent = BURSTS_PER_EVENT,
): { readonly lossAtLeast?: number; readonly lossAtMost?: number } {
  if (counted.expected === 0) return {}
  return {
    lossAtLeast: counted.lost === 0 ? 0 : leastShare(counted, burstsPerEvent),
    lossAtMost: mostShare(counted, burstsPerEvent),
  }
}

/** Whether the path can be where audio is lost: it loses of signalling what it would at the rate that audio shows at least. */
function pathExplains(least: number, { lost, gaps }: Counted, path: PathLoss | undefined): boolean {
  const { requests, again } = (lost > MOST_SINGLE * gaps ? path?.apart : path) ?? { requests: 0, again: 0 }
  if (again === 0 && least > PLAUSIBLE) return false
  return poissonUpTo(again, requests * least) >= UNLIKELY
}

/** Whether the path is seen to lose packets: then what fails twice may be chance. */
export const losesPackets = (path: PathLoss | undefined): boolean =>
  path !== undefined && path.again >= 3 && path.again >= 0.005 * path.requests

/** How likely at most `count` events are where `mean` are expected. */
function poissonUpTo(count: number, mean: number): number {
  let term = Math.exp(-mean)
  let sum = term
  for (let i = 1; i <= count; i++) {
    term *= mean / i
    sum += term
  }
  return sum
}

interface Pool {
  readonly all: Counted
  /** Shown to be above the limit. */
  readonly isLossy: boolean
  readonly isPath: boolean
}

/** Decides the rules about lost packets over the whole run. Results without such a rule stay as they are. */
export function withLossesOfRun(results: readonly ScenarioResult[], path: PathLoss | undefined): ScenarioResult[] {
  const pools = poolsOf(results, path)
  return results.map((result) => {
    if (!result.checks.some(isOpenOrFails)) return result
    const checks = result.checks.map((check) => (isOpenOrFails(check) ? overTheRun(check, pools, path) : check))
    // Where the story ended early for another reason, that stays.
    if (result.verdict !== 'fail' && result.reasonCode !== 'packet-lost') return { ...result, checks }
    const { reasonCode: _, ...rest } = result
    return { ...rest, checks, ...judgementOf(checks) }
  })
}

/** What the path loses is told once and by itself: a test whose other rules held warns of it, and is not undecided. */
function judgementOf(checks: readonly CheckResult[]): Judgement {
  const others = checks.filter(({ reasonCode }) => reasonCode !== 'path-loses')
  const judgement = judgeScenario(others, { verdict: 'pass', reason: '' }, [])
  const lossy = checks.find(({ reasonCode }) => reasonCode === 'path-loses')
  if (lossy === undefined || judgement.verdict !== 'pass') return judgement
  return { verdict: 'warn', reason: `${lossy.paraphrase ?? lossy.id}: ${lossy.actual}`, reasonCode: 'path-loses' }
}

const isOpenOrFails = ({ losses, verdict, reasonCode }: CheckResult): boolean =>
  losses !== undefined && (verdict === 'fail' || (verdict === 'inconclusive' && reasonCode === 'packet-lost'))

function poolsOf(results: readonly ScenarioResult[], path: PathLoss | undefined): Map<string, Pool> {
  const byRelay = new Map<string, AudioLoss[]>()
  for (const loss of results.flatMap(({ checks }) => checks.flatMap(({ losses = [] }) => losses)))
    byRelay.set(loss.relay, [...(byRelay.get(loss.relay) ?? []), loss])

  return new Map(
    [...byRelay].map(([relay, losses]) => {
      const all = sumOf(losses)
      const isLossy = verdictOfLosses(losses) === 'fail'
      return [relay, { all, isLossy, isPath: isLossy && pathExplains(leastShare(all), all, path) }]
    }),
  )
}

function overTheRun(check: CheckResult, pools: ReadonlyMap<string, Pool>, path: PathLoss | undefined): CheckResult {
  const relays = distinct((check.losses ?? []).map(({ relay }) => relay))
  const own = relays.flatMap((relay) => pools.get(relay) ?? [])
  const whole = lossInWords(own.map(({ all }) => all))
  const actual = `${check.actual}; ${whole} through ${relays.join(' and ')} in the whole run`
  if (own.some(({ isLossy, isPath }) => isLossy && !isPath))
    return { ...check, verdict: 'fail', reasonCode: 'rule-broken', actual }
  if (own.some(({ isPath }) => isPath))
    return { ...check, ...undecided(`${actual}; ${pathInWords(path)}`), reasonCode: 'path-loses' }
  if (own.every(({ all }) => shareOf(all) <= LIMIT)) {
    const { reasonCode: _, ...rest } = check
    return { ...rest, verdict: 'pass', actual }
  }
  return { ...check, ...undecided(`${actual}: too few to tell from 1 %`) }
}

const undecided = (actual: string) => ({ verdict: 'inconclusive', reasonCode: 'packet-lost', actual }) as const

function pathInWords(path: PathLoss | undefined): string {
  if (path === undefined || path.requests === 0)
    return 'there was no signalling over UDP that would show what the path to the target loses'
  if (path.again === 0)
    return `none of ${counted(path.requests, 'request')} had to be repeated, which are too few to tell`
  return `the path to the target loses as much: ${path.again} of ${counted(path.requests, 'request')} had to be repeated`
}

/** What the path loses of audio, where it loses more than calls bear: told once, of nobody's fault. */
export function pathLossFinding(results: readonly ScenarioResult[], path: PathLoss | undefined): Finding[] {
  const lossy = [...poolsOf(results, path)].filter(([, { isPath }]) => isPath)
  if (lossy.length === 0) return []
  const open = results.filter(({ checks }) => checks.some((one) => one.reasonCode === 'path-loses'))
  // Signalling that got through is no proof of a path that loses.
  const where =
    path?.again === 0
      ? 'Audio packets are lost, at the target or on the path to it'
      : 'The path to the target loses packets'
  return [
    {
      id: 'PATH-LOSS',
      kind: 'standing-check',
      severity: 'warn',
      gravity: 'harm',
      title: `${where}: ${lossInWords(lossy.map(([, { all }]) => all))}`,
      provider: [],
      evidence: distinct(open.flatMap(({ evidence }) => evidence)).slice(0, 5),
      harm: `Calls from here have gaps. Whether it is the target that loses the audio cannot be told: ${pathInWords(path)}.`,
      advice:
        'Run again from a place with a better line to the target. Where operations run both ends, look at the network between them.',
      scenarios: open.map(({ id, variant }) => ({ scenario: id, ...variant })),
      rule: 'at most 1 % of the audio packets are lost',
      expected: 'at most 1.0 % lost',
      actual: lossy.map(([relay, { all }]) => `${relay}: ${lossInWords([all])}`).join('; '),
    },
  ]
}
