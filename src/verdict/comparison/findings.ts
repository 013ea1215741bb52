/** Findings of two sides, by cause: new, worse, fixed, still there, unsteady, or not to be told. */
import type { Baseline, BaselineFinding } from '../../result/baseline.js'
import type { ComparedFinding, FindingState } from '../../result/comparison.js'
import type { Gravity } from '../../result/terms.js'
import { counted, listed } from '../../result/texts.js'
import { logChoose, NO_CHANCE } from '../chance.js'
import { graver } from '../order.js'
import { OF_AUDIO } from '../where.js'
import { brokenIn, decidedIn, type Standing, standingOf, testKeys, testOf } from './tests.js'

/** As reports call them. */
const GRAVITY_WORDS: Readonly<Record<Gravity, string>> = {
  outage: 'outage',
  exposure: 'exposure',
  harm: 'harm',
  letter: 'formal',
}
const UNSTEADY = /^UNSTEADY /
/** Tests that are named of a finding. */
const MOST_TESTS = 20

export interface Sides {
  readonly base: Baseline
  readonly now: Baseline
  /** False where the loads of the two are no measure of each other. */
  readonly loadsCompare: boolean
  /** Whether what differs may be laid at the target's door. */
  readonly conclusive: boolean
}

export function compareFindings(sides: Sides): ComparedFinding[] {
  const { base, now } = sides
  const before = byCause(base.findings)
  const after = byCause(now.findings)
  const spread = newlyFailing(sides, new Set([...after].flatMap(([cause, one]) => (before.has(cause) ? [] : one.seen))))
  return [
    ...[...after].map(([cause, finding]) => {
      const then = before.get(cause)
      return then === undefined ? cameUp(finding, sides) : stayed(then, finding, sides, spread)
    }),
    ...[...before].flatMap(([cause, finding]) => (after.has(cause) ? [] : [went(finding, sides)])),
  ]
}

/** What was seen once and not confirmed is the same cause; what is steady stands for both. */
function byCause(findings: readonly BaselineFinding[]): Map<string, BaselineFinding> {
  const steadyLast = findings.toSorted((a, b) => Number(b.kind === 'unsteady') - Number(a.kind === 'unsteady'))
  return new Map(steadyLast.map((one) => [causeOf(one), one]))
}

/** The code of the cause, be it steady or not. */
export const causeOf = ({ id }: Pick<BaselineFinding, 'id'>): string => id.replace(UNSTEADY, '')

function told(
  finding: BaselineFinding,
  { conclusive }: Sides,
  o: { readonly state: FindingState; readonly why: string; readonly tests?: readonly string[] },
): ComparedFinding {
  const { kind, severity, gravity, title } = finding
  const isWorse = o.state === 'new' || o.state === 'worse'
  return {
    id: causeOf(finding),
    kind,
    severity,
    gravity,
    title,
    state: o.state,
    why: o.why,
    tests: (o.tests ?? finding.seen).slice(0, MOST_TESTS),
    regression: isWorse && conclusive && severity === 'fail' && kind !== 'unsteady',
  }
}

const runsOf = (finding: BaselineFinding, side: Baseline): number => finding.runs ?? side.runs.length
const isSteady = (finding: BaselineFinding, side: Baseline): boolean =>
  finding.kind !== 'unsteady' && runsOf(finding, side) === side.runs.length

/** In how many runs it showed: `in 2 of 5 runs`. */
function often(finding: BaselineFinding, side: Baseline): string {
  if (finding.kind === 'unsteady') return 'not every time'
  return side.runs.length === 1 ? 'in one run' : `in ${runsOf(finding, side)} of ${counted(side.runs.length, 'run')}`
}

/** What tests do now, or did. Of what shows in very many tests, some were looked at. */
const testsDo = (
  { tests }: BaselineFinding,
  held: readonly string[],
  [one, many]: readonly [string, string],
): string =>
  tests === undefined ? `${counted(held.length, 'test')} ${held.length === 1 ? one : many}` : `tests ${many}`

/** A cause that the earlier side has no finding of. */
function cameUp(finding: BaselineFinding, sides: Sides): ComparedFinding {
  const { base, now } = sides
  const then = tally(finding.seen, (key) => standingThen(finding, key, sides))
  const broke = [...then.broken, ...then.mixed]
  // It was told under another cause, as something that follows from it.
  if (broke.length > 0 && then.held.length === 0) {
    return told(finding, sides, {
      state: then.broken.length > 0 ? 'still' : 'unsteady',
      why: 'the same rules were broken before, and were reported under another problem',
    })
  }
  if (then.held.length > 0) {
    const held = `${testsDo(finding, then.held, ['shows', 'show'])} it now and did not before`
    if (isSteady(finding, now)) return told(finding, sides, { state: 'new', why: held, tests: then.held })
    return told(finding, sides, { state: 'unsteady', why: `seen ${often(finding, now)} now; ${held}` })
  }
  const why =
    then.unknown.length > 0
      ? `ringproof ${base.ringproof} did not check this`
      : 'the tests that show it were not run before, or could not be decided'
  return told(finding, sides, { state: 'newly-tested', why })
}

/** What the earlier side says of the rules that are broken now. */
function standingThen(finding: BaselineFinding, key: string, { base, now, loadsCompare }: Sides): Standing {
  const test = testOf(base, key)
  if (key.startsWith('load/')) return loadsCompare && decidedIn(test) > 0 ? 'held' : 'untested'
  const rules = rulesOf(finding, now, key)
  if (rules.length > 0) return standingOf(test, rules)
  // Standing checks have no names in tests: those of the same ringproof are the same.
  if (decidedIn(test) === 0) return 'untested'
  return base.ringproof === now.ringproof ? 'held' : 'unknown'
}

/** Rules of a finding that broke in a test of its side, or that were not decided, as what is unsteady is. */
function rulesOf({ rules = [] }: BaselineFinding, side: Baseline, key: string): string[] {
  const test = testOf(side, key)
  const broken = brokenIn(test).filter((rule) => rules.includes(rule))
  return broken.length > 0 ? broken : Object.keys(test?.open ?? {}).filter((rule) => rules.includes(rule))
}

/** A cause that both sides have a finding of. */
function stayed(
  then: BaselineFinding,
  finding: BaselineFinding,
  sides: Sides,
  spread: readonly string[],
): ComparedFinding {
  const { base, now } = sides
  if (!isSteady(then, base) || !isSteady(finding, now)) {
    const was = isSteady(then, base) ? 'each time' : often(then, base)
    const is = isSteady(finding, now) ? 'seen' : often(finding, now)
    return told(finding, sides, {
      state: 'unsteady',
      why: `it showed ${was} before, and ${is === 'seen' ? 'does now' : `${is} now`}`,
    })
  }
  const gained = finding.seen.filter((key) => spread.includes(key))
  const eased = then.seen.filter((key) => standingNow(then, key, sides) === 'held')
  const changes = [
    ...(then.severity === 'warn' && finding.severity === 'fail' ? ['it was only a warning before'] : []),
    ...(then.gravity !== finding.gravity && graver(then.gravity, finding.gravity) === finding.gravity
      ? [`it was less grave before (${GRAVITY_WORDS[then.gravity]})`]
      : []),
    ...relaysGained(then, finding),
  ]
  const more = [
    ...(gained.length > 0
      ? [`${counted(gained.length, 'test')} ${gained.length === 1 ? 'fails' : 'fail'} now and did not before`]
      : []),
    ...(eased.length > 0
      ? [`${counted(eased.length, 'test')} that showed it ${eased.length === 1 ? 'does' : 'do'} so no longer`]
      : []),
  ]
  const spreads = gained.length > 0 && !movesAbout(causeOf(finding), gained.length, eased.length)
  if (changes.length > 0 || spreads) {
    return told(finding, sides, {
      state: 'worse',
      why: listed([...changes, ...more]),
      ...(gained.length > 0 ? { tests: gained } : {}),
    })
  }
  return told(finding, sides, {
    state: 'still',
    why: more.length === 0 ? 'unchanged' : `unchanged, though ${listed(more)}`,
  })
}

/** Calls are led over relays by chance: what is broken on one of them is met by other tests in each run. */
function movesAbout(cause: string, gained: number, eased: number): boolean {
  if (!OF_AUDIO.has(cause) || eased === 0) return false
  const of = gained + eased
  let chance = 0
  for (let many = gained; many <= of; many++) chance += Math.exp(logChoose(of, many) - of * Math.LN2)
  return chance > NO_CHANCE
}

function relaysGained({ relays: then }: BaselineFinding, { relays: now }: BaselineFinding): string[] {
  if (then === undefined || now === undefined) return []
  const gained = now.filter((one) => !then.includes(one))
  return gained.length === 0 ? [] : [`it was on ${listed(then)} before, and is on ${listed(gained)} now`]
}

/** Tests that held on the earlier side and fail now, but for those that show something new. */
function newlyFailing({ base, now }: Sides, ofNew: ReadonlySet<string>): string[] {
  return testKeys(now).filter((key) => {
    const [before, after] = [testOf(base, key), testOf(now, key)]
    if ((after?.verdicts.fail ?? 0) === 0 || ofNew.has(key)) return false
    return standingOf(after, []) === 'broken' && standingOf(before, brokenIn(after)) === 'held'
  })
}

/** A cause that the later side has no finding of: mended, not looked at, or told under another cause. */
export function went(finding: BaselineFinding, sides: Sides): ComparedFinding {
  const { base } = sides
  const now = tally(finding.seen, (key) => standingNow(finding, key, sides))
  const broke = [...now.broken, ...now.mixed]
  if (broke.length > 0) {
    return told(finding, sides, {
      state: now.broken.length > 0 ? 'still' : 'unsteady',
      why: 'the same rules are still broken, and are reported under another problem now',
      tests: broke,
    })
  }
  const missing = [...now.untested, ...now.open, ...now.unknown]
  if (now.held.length === 0 || missing.length > 0) {
    return told(finding, sides, {
      state: 'not-tested',
      why:
        now.held.length === 0
          ? 'none of the tests that showed it could be decided now'
          : `it is gone from ${now.held.length} of ${counted(finding.seen.length, 'test')} that showed it; the others could not be decided now`,
      tests: missing,
    })
  }
  const unmet = relaysUnmet(finding, sides.now)
  if (unmet.length > 0)
    return told(finding, sides, { state: 'not-tested', why: `it was on ${listed(unmet)}, and no call met that now` })
  if (!isSteady(finding, base))
    return told(finding, sides, { state: 'unsteady', why: `it showed ${often(finding, base)} before, and not now` })
  return told(finding, sides, {
    state: 'fixed',
    why: `${testsDo(finding, now.held, ['that showed it does', 'that showed it do'])} so no longer`,
  })
}

/** Tests hold where their calls were led over other relays. */
const relaysUnmet = ({ relays = [] }: BaselineFinding, { figures }: Baseline): string[] =>
  relays.filter((relay) => figures[`loss/${relay}`] === undefined && figures[`load/loss/${relay}`] === undefined)

function standingNow(finding: BaselineFinding, key: string, { base, now, loadsCompare }: Sides): Standing {
  const test = testOf(now, key)
  if (key.startsWith('load/')) return loadsCompare && decidedIn(test) > 0 ? 'held' : 'untested'
  const rules = rulesOf(finding, base, key)
  if (rules.length > 0) return standingOf(test, rules)
  return decidedIn(test) > 0 ? 'held' : 'untested'
}

function tally(keys: readonly string[], standing: (key: string) => Standing): Record<Standing, string[]> {
  const all: Record<Standing, string[]> = { held: [], broken: [], mixed: [], open: [], unknown: [], untested: [] }
  for (const key of keys) all[standing(key)].push(key)
  return all
}
