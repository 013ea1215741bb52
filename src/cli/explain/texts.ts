/** What is said of each thing that can be explained: harm, advice and rules in the very words of the report. */
import type { Fault } from '../../provider/faults.js'
import { GRAVITIES, GRAVITY_ORDER } from '../../report/gravities.js'
import { type Cause, CAUSES } from '../../result/causes.js'
import type { Gravity } from '../../result/terms.js'
import type { LoadedScenario } from '../../runner/plan.js'
import { variantsOf } from '../../scenario/scenario.js'
import { AREAS } from '../../scenario/vocabulary.js'
import type { SignText } from '../../survey/sign.js'
import { withFigures } from '../../result/texts.js'
import { PURPOSES } from '../purposes.js'
import { type Catalogue, type ProviderRow, rulesOf, type StandingText } from './catalogue.js'

const RUN = 'ringproof run --only'

export function scenarioText({ definition, file }: LoadedScenario, { faults }: Pick<Catalogue, 'faults'>): string {
  const caught = faults.filter((fault) => fault.mayTurnRed.some((purpose) => definition.purposes.includes(purpose)))
  const variants = variantsOf(definition).map(({ transport, family }) => `${transport}/${family}`)
  const rules = Object.entries(definition.rules).flatMap(([name, { level, source, paraphrase, gravity, harm }]) => [
    `  ${level.padEnd(7)} ${source}  ${paraphrase} (${name})`,
    `          ${GRAVITIES[gravity].word}${harm === undefined ? '' : `: ${withFigures(harm)}`}`,
  ])
  return text(
    `${definition.id}: ${definition.title}`,
    field('Area', AREAS[definition.area]),
    field('Purposes', definition.purposes.join(', ')),
    field('Provider rows', (definition.provider ?? []).join(', ')),
    field('Needs', (definition.needs ?? []).join(', ')),
    field('Variants', variants.join(', ')),
    field('Takes', `up to ${definition.seconds} s`),
    field('File', file),
    '\nRules, and what it does when one is broken:',
    ...rules,
    '',
    ...harmAndAdvice(definition),
    `\nRun it: ${RUN} ${definition.id}`,
    caught.length === 0
      ? ''
      : `Faults of the embedded provider that it may catch: ${caught.map((fault) => fault.name).join(', ')}`,
  )
}

export function standingText({ id, title, rule, gravity, cause, provider, ...about }: StandingText): string {
  return text(
    `${id}: ${title}`,
    field('Looks at', 'everything that the target sends, in all scenarios and under load'),
    field('Rule', rule),
    field('Gravity', GRAVITIES[gravity].word),
    field('Cause', cause ?? ''),
    field('Provider rows', provider.join(', ')),
    '',
    ...harmAndAdvice(about),
    '\nRun it: ringproof run',
  )
}

export function signText({ id, title, provider = [], ...about }: SignText): string {
  return text(
    `${id}: ${title}`,
    field('Tried', 'at the start of every run; what relies on it is not tested where it does not work'),
    field('Gravity', GRAVITIES.outage.word),
    field('Provider rows', provider.join(', ')),
    '',
    ...harmAndAdvice(about),
  )
}

export function causeText(cause: Cause, catalogue: Catalogue): string {
  const rules = rulesOf(cause, catalogue)
  const standing = catalogue.standing.filter((one) => one.cause === cause)
  const gravities: Gravity[] = [...rules.map(({ rule }) => rule.gravity), ...standing.map(({ gravity }) => gravity)]
  const gravest = GRAVITY_ORDER.find((gravity) => gravities.includes(gravity))
  const [first] = rules.filter(({ rule }) => rule.gravity === gravest)
  const told =
    first === undefined
      ? standing[0]
      : { harm: first.rule.harm ?? first.scenario.definition.harm, advice: first.scenario.definition.advice }
  const ids = [...new Set(rules.map(({ scenario }) => scenario.definition.id))]
  return text(
    `${cause}: ${CAUSES[cause]}`,
    field('Gravity', gravest === undefined ? '' : GRAVITIES[gravest].word),
    rules.length + standing.length === 0 ? '' : '\nSeen by:',
    ...rules.map(({ scenario, rule }) => `  ${scenario.definition.id}: ${rule.paraphrase}`),
    ...standing.map(({ id, title }) => `  ${id}: ${title}`),
    '',
    ...(told === undefined ? [] : harmAndAdvice(told)),
    ids.length === 0 ? '' : `\nRun it: ringproof run ${ids.map((id) => `--only ${id}`).join(' ')}`,
  )
}

export function rowText({ id, text: promise }: ProviderRow, { scenarios, standing, signs }: Catalogue): string {
  const vital = signs.filter(({ provider = [] }) => provider.includes(id))
  const tests = scenarios.filter(({ definition }) => (definition.provider ?? []).includes(id))
  const checks = standing.filter(({ provider }) => provider.includes(id))
  return text(
    `${id}: ${promise}`,
    tests.length === 0 ? '\nNo scenario is about this alone.' : '\nTested by:',
    ...tests.map(scenarioLine),
    vital.length === 0 ? '' : '\nTried at the start of every run:',
    ...vital.map((sign) => `  ${sign.id}: ${sign.title}`),
    checks.length === 0 ? '' : '\nChecked in everything that the target sends:',
    ...checks.map((check) => `  ${check.id}: ${check.title}`),
    tests.length === 0 ? '' : `\nRun it: ${RUN} ${id}`,
  )
}

export function purposeText(purpose: string, scenarios: readonly LoadedScenario[]): string {
  return text(
    `${purpose}: ${PURPOSES.get(purpose) ?? 'a test purpose'}`,
    '\nTested by:',
    ...scenarios.map(scenarioLine),
    `\nRun it: ${RUN} ${purpose}`,
  )
}

export function faultText(fault: Fault, { scenarios }: Pick<Catalogue, 'scenarios'>): string {
  const catchers = scenarios.filter(({ definition }) =>
    definition.purposes.some((purpose) => fault.mayTurnRed.includes(purpose)),
  )
  return text(
    `${fault.name}: ${fault.title}`,
    field('Part', fault.where),
    field('Purposes', fault.mayTurnRed.join(', ')),
    field('Scenarios', catchers.map(({ definition }) => definition.id).join(', ')),
    `\nTry it: ringproof run --fault ${fault.name}${catchers[0] === undefined ? '' : ` --only ${catchers[0].definition.id}`}`,
  )
}

/** What was found by words: the best matches, each with what to run. */
export function matchesText(words: string, matches: readonly (LoadedScenario | StandingText | ProviderRow)[]): string {
  const parts = matches.map((match, index) => {
    const number = `${index + 1}.`.padEnd(3)
    if ('definition' in match) {
      const { id, title, harm } = match.definition
      return `${number}${id}: ${title}\n   Who notices: ${withFigures(harm)}\n   Run: ${RUN} ${id}`
    }
    if ('harm' in match)
      return `${number}${match.id}: ${match.title}\n   Who notices: ${withFigures(match.harm)}\n   Checked in everything that the target sends: ringproof run`
    return `${number}${match.id}: ${match.text}\n   Run: ${RUN} ${match.id}`
  })
  const [first] = matches
  const id = first === undefined ? '' : 'definition' in first ? first.definition.id : first.id
  return `Best matches for '${words}':\n\n${parts.join('\n\n')}\n\nMore about one of them: ringproof explain ${id}\n`
}

function scenarioLine({ definition }: LoadedScenario): string {
  return `  ${definition.id}: ${definition.title}`
}

function harmAndAdvice({ harm, advice }: { readonly harm: string; readonly advice: string }): string[] {
  return [`Who notices: ${withFigures(harm)}`, `What to do: ${withFigures(advice)}`]
}

function field(name: string, value: string): string {
  return value === '' ? NO_LINE : `  ${`${name}:`.padEnd(15)} ${value}`
}

/** A field without a value; an empty line is one. */
const NO_LINE = '\0'

/** Lines as text: none for what has no value, and never two empty ones in a row. */
function text(...lines: readonly string[]): string {
  const joined = lines.filter((line) => line !== NO_LINE).join('\n')
  return `${joined.replace(/\n{3,}/g, '\n\n').trimEnd()}\n`
}
