import { Command } from 'commander'
import { type Fault, faultCatalogue } from '../../provider/faults.js'
import type { LoadedScenario } from '../../runner/plan.js'
import { AREAS, variantsOf } from '../../scenario/scenario.js'
import { nearestWord } from '../../target/did-you-mean.js'
import type { CliContext } from '../context.js'
import { UsageError } from '../errors.js'
import { loadScenarios } from '../../runner/scenario-files.js'

export function explainCommand(context: CliContext): Command {
  return new Command('explain')
    .summary('what a scenario, a test purpose, a provider row or a fault is about')
    .description(
      'Tells what a scenario tests, by which rules, who notices a failure and what to do; or what a fault breaks.',
    )
    .argument('<id>', 'id of a scenario, test purpose, provider row or fault')
    .addHelpText(
      'after',
      `
Examples:
  ringproof explain registrar/refresh
  ringproof explain REG-REFRESH
  ringproof explain BH-10
  ringproof explain invite-not-resent`,
    )
    .action(async (id: string) => {
      context.out(explain(id, await loadScenarios(), faultCatalogue))
    })
}

/** @throws UsageError where nothing has this id */
export function explain(id: string, scenarios: readonly LoadedScenario[], faults: readonly Fault[]): string {
  const scenario = scenarios.find(({ definition }) => definition.id === id)
  if (scenario !== undefined) return scenarioText(scenario, faults)
  const fault = faults.find((one) => one.name === id)
  if (fault !== undefined) return faultText(fault, scenarios)
  const upper = id.toUpperCase()
  const about = scenarios.filter(
    ({ definition }) => definition.purposes.includes(upper) || (definition.provider ?? []).includes(upper),
  )
  if (about.length > 0)
    return `${upper} is tested by:\n${about.map(({ definition }) => `  ${definition.id}: ${definition.title}\n`).join('')}`

  const known = [
    ...scenarios.flatMap(({ definition }) => [definition.id, ...definition.purposes, ...(definition.provider ?? [])]),
    ...faults.map((one) => one.name),
  ]
  const near = nearestWord(id, known)
  throw new UsageError(
    `Nothing is called '${id}'; ${near === undefined ? "'ringproof list scenarios' and 'ringproof list faults' show what there is" : `did you mean '${near}'?`}`,
  )
}

function scenarioText({ definition, file }: LoadedScenario, faults: readonly Fault[]): string {
  const caught = faults.filter((fault) => fault.mayTurnRed.some((purpose) => definition.purposes.includes(purpose)))
  const variants = variantsOf(definition).map(({ transport, family }) => `${transport}/${family}`)
  return [
    `${definition.id}: ${definition.title}`,
    '',
    field('Area', AREAS[definition.area]),
    field('Purposes', definition.purposes.join(', ')),
    field('Provider rows', (definition.provider ?? []).join(', ')),
    field('Needs', (definition.needs ?? []).join(', ')),
    field('Variants', variants.join(', ')),
    field('Takes', `up to ${definition.seconds} s`),
    field('File', file),
    '\nRules:\n',
    ...Object.entries(definition.rules).map(
      ([name, rule]) => `  ${rule.level.padEnd(7)} ${rule.source}  ${rule.paraphrase} (${name})\n`,
    ),
    `\nWho notices a failure: ${definition.harm}\nWhat to do: ${definition.advice}\n`,
    caught.length === 0
      ? ''
      : `\nFaults of the embedded provider that it may catch: ${caught.map((fault) => fault.name).join(', ')}\n`,
  ]
    .join('')
    .replace('\n\n', '\n')
}

function faultText(fault: Fault, scenarios: readonly LoadedScenario[]): string {
  const catchers = scenarios.filter(({ definition }) =>
    definition.purposes.some((purpose) => fault.mayTurnRed.includes(purpose)),
  )
  return [
    `${fault.name}: ${fault.title}\n`,
    field('Where', fault.where),
    field('Purposes', fault.mayTurnRed.join(', ')),
    field('Scenarios', catchers.map(({ definition }) => definition.id).join(', ')),
    `\nTry it: ringproof run --fault ${fault.name}${catchers[0] === undefined ? '' : ` --only ${catchers[0].definition.id}`}\n`,
  ].join('')
}

function field(name: string, value: string): string {
  return value === '' ? '' : `  ${`${name}:`.padEnd(15)} ${value}\n`
}
