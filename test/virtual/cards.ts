/** What a report says of planted faults: the cards, in their order, as a reader would see them. */
import type { FaultName } from '../../src/provider/embedded-provider.js'
import type { Place } from '../../src/result/terms.js'
import type { Finding } from '../../src/result/finding.js'
import { block } from '../../src/runner/blocking.js'
import { keyOf, type LoadedScenario, plan } from '../../src/runner/plan.js'
import type { ConformanceOutcome } from '../../src/runner/run.js'
import { survey } from '../../src/survey/survey.js'
import { needsOf } from '../../src/survey/survey-needs.js'
import { type Conclusion, conclude } from '../../src/verdict/conclude.js'
import { placeOf } from '../../src/verdict/place.js'
import { virtualStages } from '../../src/worlds/virtual-stages.js'
import { runVirtually } from './detection.js'

/** Runs scenarios on a provider with these faults, and decides the run. */
export async function concludedWith(
  scenarios: readonly LoadedScenario[],
  faults: readonly FaultName[],
): Promise<Conclusion> {
  return conclude(await runVirtually(scenarios, faults, { look: true }))
}

/** What was performed without a survey, as a run with one would have it: what rests on a missing vital sign is left out. */
export async function asInARun(
  scenarios: readonly LoadedScenario[],
  faults: readonly FaultName[],
  outcome: ConformanceOutcome,
): Promise<ConformanceOutcome> {
  const { stages, document } = await virtualStages({ seed: 1, faults })
  const { entries } = plan(scenarios, { slow: true }, document, stages.wire)
  const known = await stages.on('survey', (world) => survey({ world, startMs: 0, needs: needsOf(entries) }))
  const signs = { vitalSigns: known.result.vitalSigns, accounts: known.accounts }
  const { entries: left, notRun, vitalSigns } = block(entries, document, signs)
  const runnable = new Set(left.map(keyOf))
  const blocked = new Set(entries.map(keyOf).filter((key) => !runnable.has(key)))
  const isLeft = ({ scenario, transport, family }: Place) => !blocked.has(`${scenario} ${transport}/${family}`)
  return {
    ...outcome,
    survey: { ...known.result, vitalSigns: [...vitalSigns] },
    scenarios: outcome.scenarios.filter((one) => isLeft(placeOf(one))),
    notes: outcome.notes.filter(({ place }) => isLeft(place)),
    notRun: [...outcome.notRun, ...notRun],
  }
}

/** A card in a few lines. */
export function cardInWords(card: Finding): string {
  const { severity, gravity, id, title, where, reach, broken = [], consequences = [], scenarios } = card
  const seen = reach === undefined ? '' : ` ${reach.showed}/${reach.of}${reach.step ? ` ${reach.step}` : ''}`
  return [
    `  ${severity} ${gravity} [${id}]${seen} ${title}${where === undefined ? '' : ` (${where.text})`}`,
    ...broken.map(
      (rule) =>
        `      - ${rule.cause === id ? '' : `${rule.cause}: `}${rule.gravity} ${rule.scenarios[0]?.scenario}#${rule.check}`,
    ),
    ...(broken.length === 0 ? [`      - ${scenarios.length} executions, ${scenarios[0]?.scenario}`] : []),
    ...consequences.map((one) => `      > ${one.title} (${one.scenarios.map(({ scenario }) => scenario).join(', ')})`),
  ].join('\n')
}
