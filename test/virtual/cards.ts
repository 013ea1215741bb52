/** What a report says of planted faults: the cards, in their order, as a reader would see them. */
import type { FaultName } from '../../src/provider/embedded-provider.js'
import type { Finding } from '../../src/result/result.js'
import type { LoadedScenario } from '../../src/runner/plan.js'
import { type Conclusion, conclude } from '../../src/verdict/conclude.js'
import { runVirtually } from './detection.js'

/** Runs scenarios on a provider with these faults, and decides the run. */
export async function concludedWith(
  scenarios: readonly LoadedScenario[],
  faults: readonly FaultName[],
): Promise<Conclusion> {
  return conclude(await runVirtually(scenarios, faults, { look: true }))
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
