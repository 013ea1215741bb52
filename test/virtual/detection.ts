/** The detection matrix: which scenarios notice which planted faults, in virtual time. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { virtualStages } from '../../src/worlds/virtual-stages.js'
import type { FaultName } from '../../src/provider/embedded-provider.js'
import type { LoadedScenario, PlanEntry } from '../../src/runner/plan.js'
import { pathOf } from '../../src/runner/path-loss.js'
import { type ConformanceOutcome, runConformance } from '../../src/runner/run.js'
import { type AnyScenario, variantsOf } from '../../src/scenario/scenario.js'
import { type Survey, survey } from '../../src/survey/survey.js'
import { needsOf } from '../../src/survey/survey-needs.js'
import type { TransportName } from '../../src/transport/flow.js'
import { conclude, settledAll } from '../../src/verdict/conclude.js'
import type { Finding } from '../../src/result/finding.js'

const folder = fileURLToPath(new URL('../../scenarios/', import.meta.url))

/** Which faults each scenario catches: as recorded, for reports and as what the matrix is held against. */
export const recorded: Record<string, string[]> = JSON.parse(
  readFileSync(fileURLToPath(new URL('./detection.json', import.meta.url)), 'utf8'),
)

export async function allScenarios(): Promise<LoadedScenario[]> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  const loaded: LoadedScenario[] = []
  for (const file of files.sort()) {
    const module: { default: AnyScenario | AnyScenario[] } = await import(`${folder}${file}`)
    for (const definition of [module.default].flat()) loaded.push({ definition, file: `scenarios/${file}` })
  }
  return loaded
}

/** A target's scenarios, each in its first variant only: the matrix asks whether a check can fail, not where. */
export function inFirstVariant(scenarios: readonly LoadedScenario[]): LoadedScenario[] {
  return scenarios.map(({ definition, file }) => ({
    file,
    definition: { ...definition, variants: variantsOf(definition).slice(0, 1) },
  }))
}

/** Runs scenarios on providers of the house rules that they need: two devices on one account displace each other, or both ring. */
export async function runVirtually(
  scenarios: readonly LoadedScenario[],
  faults: readonly FaultName[],
  o: { slow?: boolean; seed?: number; look?: boolean; encryptedOn?: readonly TransportName[] } = {},
): Promise<ConformanceOutcome> {
  const outcomes: ConformanceOutcome[] = []
  let known: Promise<Survey> | undefined
  for (const sharedCredentials of ['displace', 'fork', 'refuse'] as const) {
    const some = scenarios.filter(({ definition }) => sharedCredentialsOf(definition) === sharedCredentials)
    if (some.length === 0) continue
    const policy = { sharedCredentials, ...(o.encryptedOn ? { encryptedOn: o.encryptedOn } : {}) }
    const { stages, document } = await virtualStages({ seed: o.seed ?? 1, faults, policy })
    const selection = { slow: o.slow ?? true }
    // One look at the target does for all: the policies are those of one provider in three moods.
    const look = (entries: readonly PlanEntry[]) =>
      (known ??= stages.on('survey', (world) => survey({ world, startMs: 0, needs: needsOf(entries) })))
    outcomes.push(
      await runConformance({ scenarios: some, document, stages, selection, brief: true, ...(o.look ? { look } : {}) }),
    )
  }
  const surveyed = outcomes.find((outcome) => outcome.survey !== undefined)?.survey
  return {
    ...(surveyed ? { survey: surveyed } : {}),
    scenarios: outcomes.flatMap((outcome) => outcome.scenarios),
    notRun: outcomes.flatMap((outcome) => outcome.notRun),
    notes: outcomes.flatMap((outcome) => outcome.notes),
    noise: outcomes.flatMap((outcome) => outcome.noise),
    path: pathOf(outcomes.flatMap(({ path }) => (path ? { path } : []))),
    interrupted: false,
  }
}

/** What a report on it would say. */
export const findingsOf = (outcome: ConformanceOutcome): Finding[] => conclude(outcome).findings

/** What is to become of the second device of an account. */
export function sharedCredentialsOf({ needs = [] }: AnyScenario): 'displace' | 'fork' | 'refuse' {
  const [, rule] = needs.find((need) => need.startsWith('shared-credentials:'))?.split(':') ?? []
  return rule === 'fork' || rule === 'refuse' ? rule : 'displace'
}

/** The scenarios whose own checks did not hold, as `id` with the checks. */
export function turnedRed(outcome: ConformanceOutcome): Map<string, string[]> {
  const red = new Map<string, string[]>()
  for (const { id, checks } of settledAll(outcome.scenarios, outcome)) {
    const broken = checks
      .filter(({ verdict, reasonCode }) => verdict === 'fail' || verdict === 'warn' || reasonCode === 'unsteady')
      .map((check) => check.id)
    if (broken.length > 0) red.set(id, [...(red.get(id) ?? []), ...broken])
  }
  return red
}
