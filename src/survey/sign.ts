/**
 * Vital signs as stories in the language of scenarios: told by the runner, so that each has a record, a ladder and a
 * capture. One story may look at several signs, in the order in which they rest on each other.
 */
import { breath } from '../clock/breath.js'
import { NOTHING_WRITTEN, type WritesEvidence } from '../evidence/evidence-file.js'
import type { ScenarioRecord } from '../evidence/record.js'
import type { Step } from '../result/terms.js'
import type { CheckResult } from '../result/scenario-result.js'
import type { VitalSign } from '../result/survey-result.js'
import type { Lease } from '../runner/account-pool.js'
import { abortOf } from '../runner/perform.js'
import type { ForeignHandsWatch } from '../runner/foreign-hands.js'
import { runScenario } from '../runner/run-scenario.js'
import { scenario } from '../scenario/declaration.js'
import type { Devices } from '../scenario/device-options.js'
import { noteOf, refusalsOf } from '../examiner/out-of-reach.js'
import { variantKey } from '../scenario/facts.js'
import { inconclusive } from '../scenario/outcome.js'
import type { Rule, Rules } from '../scenario/rule.js'
import type { Stage } from '../scenario/stage.js'
import type { Variant } from '../scenario/variant.js'
import type { World } from '../scenario/world.js'
import { reasonCodeOf, worst } from '../verdict/check.js'
import type { SeenNote } from '../verdict/facts.js'
import { placeOf } from '../verdict/place.js'
import { followsOf, type Trouble } from './trouble.js'

/** What customers and operators are told of a sign. */
export interface SignText {
  /** `survey/reach`; with transport and family it names the sign. */
  readonly id: `survey/${string}`
  readonly title: string
  /** What it means for customers that it is missing. */
  readonly harm: string
  readonly advice: string
  readonly provider?: readonly string[]
  readonly step?: Step
}

/** Says whether a rule holds: it does where there is no trouble. */
export type Judge<R extends Rules> = (rule: keyof R & string, trouble: Trouble | undefined) => void

export interface SignStory<R extends Rules, D extends Devices> {
  /** The signs that it looks at, each with its rules. */
  readonly signs: readonly (SignText & { readonly rules: readonly (keyof R & string)[] })[]
  readonly rules: R
  /** What is seen where each rule holds, in a few words: `an answer within 4 s`. */
  readonly expects: Readonly<Record<keyof R & string, string>>
  readonly devices: D
  readonly seconds: number
  run(stage: Stage<R, D>, judge: Judge<R>): Promise<void>
}

/** What the stories of one survey stand on. */
export interface SurveyStage {
  readonly world: World
  readonly startMs: number
  /** Aborted when the run is interrupted. */
  readonly signal?: AbortSignal | undefined
  readonly watch?: ForeignHandsWatch | undefined
  /** Writes a capture; returns its path relative to the report. */
  readonly writeEvidence?: WritesEvidence | undefined
}

export interface ToldSigns {
  readonly signs: readonly VitalSign[]
  /** What the target led to, and was not sent. */
  readonly note: SeenNote | undefined
  readonly record: ScenarioRecord
  readonly troubles: readonly Trouble[]
}

interface About {
  readonly variant: Variant
  readonly lease: Lease
  /** User of the account that it is about. */
  readonly account?: string
  /** No capture where all is well: one of hundreds. */
  readonly quiet?: boolean
}

/** Tells a story and says what it showed; signs that it did not come to are left out. Never rejects. */
export async function tellSigns<R extends Rules, D extends Devices>(
  story: SignStory<R, D>,
  { variant, lease, account, quiet }: About,
  stage: SurveyStage,
): Promise<ToldSigns> {
  const [first] = story.signs
  if (first === undefined) throw new Error('a story looks at one sign at least')
  const looked = new Map<string, Trouble | undefined>()
  const definition = scenario<R, D>({
    id: first.id,
    title: first.title,
    harm: first.harm,
    advice: first.advice,
    area: 'survey',
    purposes: ['SURVEY'],
    rules: story.rules,
    devices: story.devices,
    seconds: story.seconds,
    run: (tools) =>
      story.run(tools, (rule, trouble) => {
        looked.set(rule, trouble)
        if (trouble?.ours) inconclusive(trouble.sentence, 'no-local-address')
        const expected = story.expects[rule]
        if (trouble?.heard) tools.expect(rule, trouble.heard).toBeVoice(expected)
        else tools.expect(rule, came(trouble) ?? expected, trouble?.certain ? { certain: true } : {}).toBe(expected)
      }),
  })
  const key = `${first.id} ${variantKey(variant)}${account === undefined ? '' : ` ${account}`}`
  const { world } = stage
  const told = await runScenario({
    entry: { definition, variant, file: '' },
    world: {
      ...world,
      random: world.random.fork(key),
      lagBetween: (from, to) => standstill(world.lagBetween(from, to)),
    },
    lease,
    runStartMs: stage.startMs,
    interrupted: stage.signal && abortOf(stage.signal),
    watch: stage.watch,
  })
  // What came in a flood is long to read and to write: an interruption is heard before. Virtual time stands still meanwhile, and nobody interrupts it here.
  if (world.clock.kind === 'wall') await breath()
  const { result, record } = told
  const signs: VitalSign[] = record.cut && result.verdict !== 'pass' ? floodedSign(story, variant) : []
  for (const text of signs.length > 0 ? [] : story.signs) {
    const checks = result.checks.filter(({ id }) => text.rules.includes(id) && looked.has(id))
    // What ended the story early is told by the first sign that it did not come to.
    if (checks.length === 0 && !['inconclusive', 'error'].includes(result.verdict)) break
    signs.push(signOf(text, { ...result, checks }, looked, account))
    if (checks.length === 0) break
  }
  const isWell = signs.every(({ verdict }) => verdict === 'pass')
  // A reader wants to see and hear what went wrong; what is there needs no ladder.
  const read = isWell ? undefined : told.read()
  const shown = read?.result ?? result
  const failed = signs.some(({ verdict }) => verdict === 'fail')
  const isWanted = !(quiet && isWell)
  const written = isWanted ? stage.writeEvidence?.(key, record, failed ? read?.speech : undefined) : undefined
  const { evidence, ...heard } = written ?? NOTHING_WRITTEN
  const led = noteOf(refusalsOf(record))
  return {
    record,
    note: led && { note: led, place: placeOf(result), evidence },
    troubles: [...looked.values()].filter((trouble) => trouble !== undefined),
    signs: signs.map((sign) => {
      if (sign.verdict === 'pass') return { ...sign, evidence }
      const { ladder, story: lines } = shown
      return { ...sign, evidence, ...heard, ...(ladder ? { ladder } : {}), ...(lines ? { story: lines } : {}) }
    }),
  }
}

/** The first sign of a story that was broken off since the target sent without end: no telephone could be used at it. */
function floodedSign<R extends Rules, D extends Devices>(story: SignStory<R, D>, variant: Variant): VitalSign[] {
  const [first] = story.signs
  const [id] = first?.rules ?? []
  const rule = id === undefined ? undefined : story.rules[id]
  if (first === undefined || id === undefined || rule === undefined) return []
  const trouble: Trouble = {
    code: 'flooded',
    sentence: 'The target sends without end: more than can be recorded',
    cause: 'not-reachable',
    certain: true,
  }
  return [signWithoutStory({ ...first, rule, expected: story.expects[id] ?? '' }, variant, trouble)]
}

/** Whom it concerns: `{transport}` is that of the sign. */
const harmOn = ({ harm }: SignText, { transport }: { readonly transport: string }): string =>
  harm.replace('{transport}', transport.toUpperCase())

/** Rows of the provider's list that are about some lines only. */
const ABOUT: Readonly<Record<string, readonly string[]>> = {
  'EP-1': ['udp', 'tcp'],
  'EP-2': ['tls'],
  'EP-4': ['ipv4'],
  'EP-5': ['ipv6'],
}

/** The rows that a sign tells something of on this line. */
const rowsOn = ({ provider = [] }: SignText, { transport, family }: VitalSign['variant']): string[] =>
  provider.filter((row) => ABOUT[row]?.some((line) => line === transport || line === family) ?? true)

/** What came instead, exactly; undefined where nothing is wrong. */
const came = (trouble: Trouble | undefined): string | undefined =>
  trouble?.figures === undefined ? trouble?.sentence : `${trouble.sentence} (${trouble.figures})`

/** Answers are waited for by the second: only where this process stood still for longer than that may it be to blame. */
const STANDSTILL_MS = 1_000
const standstill = (lagMs: number): number => (lagMs > STANDSTILL_MS ? lagMs : 0)

function signOf(
  text: SignText,
  result: VitalSign,
  looked: ReadonlyMap<string, Trouble | undefined>,
  account: string | undefined,
): VitalSign {
  const harm = harmOn(text, result.variant)
  const checks = result.checks.map((check): CheckResult => {
    const trouble = looked.get(check.id)
    if (trouble === undefined) return check
    return { ...check, cause: trouble.cause, ...followsOf(trouble.cause), harm: `${trouble.sentence}. ${harm}` }
  })
  const trouble = checks.map(({ id }) => looked.get(id)).find((found) => found !== undefined)
  const verdict = checks.length > 0 ? worst(checks.map((check) => check.verdict)) : result.verdict
  // One story is told for several signs: what its calls tell of relays would be counted for each.
  const { reasonCode: ended, audio: _, ...rest } = result
  // What the file does not let us reach is not missing at the target, and nothing that rests on it can be tested.
  const led = verdict === 'inconclusive' && ended === 'out-of-reach'
  const open = verdict === 'inconclusive' ? checks.find((check) => check.verdict === verdict)?.reasonCode : undefined
  const reasonCode = checks.length > 0 && !led ? (open ?? reasonCodeOf(verdict)) : ended
  return {
    ...rest,
    id: text.id,
    title: text.title,
    provider: rowsOn(text, result.variant),
    purposes: [],
    checks,
    verdict,
    reason: verdict === 'pass' ? '' : led ? result.reason : (trouble?.sentence ?? result.reason),
    ...(reasonCode === undefined ? {} : { reasonCode }),
    ...(text.step === undefined ? {} : { step: text.step }),
    harm,
    advice: text.advice,
    ...(led ? { code: 'out-of-reach' } : {}),
    ...(trouble !== undefined && (verdict === 'fail' || trouble.ours) ? { code: trouble.code } : {}),
    ...(account === undefined ? {} : { account }),
  }
}

/** A sign that is missing before any device could be set up. */
export function signWithoutStory(
  text: SignText & { readonly rule: Rule; readonly expected: string },
  variant: Variant,
  trouble: Trouble,
): VitalSign {
  const harm = harmOn(text, variant)
  const verdict = trouble.ours ? 'inconclusive' : 'fail'
  const { level, source, paraphrase, gravity } = text.rule
  return {
    id: text.id,
    title: text.title,
    area: 'survey',
    purposes: [],
    provider: rowsOn(text, variant),
    variant: { ...variant },
    verdict,
    reason: trouble.sentence,
    reasonCode: trouble.ours ? 'no-local-address' : 'rule-broken',
    durationMs: 0,
    checks: [
      {
        id: 'answers',
        level,
        rule: source,
        paraphrase,
        gravity,
        verdict,
        expected: text.expected,
        actual: trouble.sentence,
        cause: trouble.cause,
        harm: `${trouble.sentence}. ${harm}`,
      },
    ],
    evidence: [],
    harm,
    advice: text.advice,
    ...(text.step === undefined ? {} : { step: text.step }),
    code: trouble.code,
  }
}
