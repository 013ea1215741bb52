/** Finds what an id or a few words mean, and says it. */
import { CAUSES } from '../../result/causes.js'
import type { LoadedScenario } from '../../runner/plan.js'
import { AREAS } from '../../scenario/vocabulary.js'
import { nearestWord } from '../../target/did-you-mean.js'
import { UsageError } from '../errors.js'
import { type Catalogue, idsOf, isCause, type ProviderRow, type StandingText } from './catalogue.js'
import { search, type SearchField } from './search.js'
import {
  causeText,
  faultText,
  matchesText,
  purposeText,
  rowText,
  scenarioText,
  signText,
  standingText,
} from './texts.js'

const MOST_MATCHES = 5

/**
 * What an id is about, else what fits the words best.
 * @throws UsageError where nothing does
 */
export function explain(asked: string, catalogue: Catalogue): string {
  const found = byId(asked.trim(), catalogue)
  if (found !== undefined) return found
  // An id that was mistyped is no symptom.
  const near = /\s/.test(asked) ? undefined : nearestWord(asked, idsOf(catalogue))
  const matches = near?.includes('/') ? [] : bySymptom(asked, catalogue)
  if (matches.length > 0) return matchesText(asked, matches)
  throw new UsageError(
    `Nothing is called '${asked}', and no text has these words; ${near === undefined ? "'ringproof list scenarios' shows what there is" : `did you mean '${near}'?`}`,
  )
}

function byId(id: string, catalogue: Catalogue): string | undefined {
  const { scenarios, standing, signs, rows, faults } = catalogue
  const upper = id.toUpperCase()
  const scenario = scenarios.find(({ definition }) => definition.id === id)
  if (scenario !== undefined) return scenarioText(scenario, catalogue)
  const check = standing.find((one) => one.id === upper)
  if (check !== undefined) return standingText(check)
  const sign = signs.find((one) => one.id === id)
  if (sign !== undefined) return signText(sign)
  const row = rows.find((one) => one.id === upper)
  if (row !== undefined) return rowText(row, catalogue)
  if (isCause(id)) return causeText(id, catalogue)
  const fault = faults.find(({ name }) => name === id)
  if (fault !== undefined) return faultText(fault, catalogue)
  const about = scenarios.filter(({ definition }) => definition.purposes.includes(upper))
  return about.length === 0 ? undefined : purposeText(upper, about)
}

type Match = LoadedScenario | StandingText | ProviderRow

/** What customers or engineers may mean by these words, the best first. */
export function bySymptom(words: string, { scenarios, standing, rows }: Catalogue): Match[] {
  const items = [
    ...scenarios.map((match) => ({
      match: match as Match,
      fields: fieldsOfScenario(match),
      likelihood: presumes(match) ? PRESUMED : 1,
    })),
    ...standing.map((match) => ({ match: match as Match, fields: fieldsOfCheck(match) })),
    ...rows.map((match) => ({ match: match as Match, fields: [{ text: match.text, weight: 1 }] })),
  ]
  return search(words, items, MOST_MATCHES).map(({ match }) => match)
}

/** What presumes that calls have audio is asked about after what looks whether they do. */
const PRESUMED = 0.75
const presumes = ({ definition: { step, reliesOn } }: LoadedScenario): boolean =>
  reliesOn === (step === 'talk' ? 'audio' : step)

function fieldsOfScenario({ definition }: LoadedScenario): SearchField[] {
  const { id, title, area, harm, advice, rules } = definition
  const own = Object.values(rules)
  return [
    { text: harm, weight: 3 },
    { text: title, weight: 3 },
    { text: id.replaceAll(/[/-]/g, ' '), weight: 4 },
    { text: own.map((rule) => rule.harm ?? '').join('. '), weight: 2.5 },
    { text: own.map((rule) => rule.paraphrase).join('. '), weight: 1.5 },
    { text: own.flatMap((rule) => (rule.cause === undefined ? [] : [CAUSES[rule.cause]])).join('. '), weight: 1.5 },
    { text: advice, weight: 1 },
    { text: AREAS[area], weight: 2 },
  ]
}

function fieldsOfCheck({ title, harm, advice, cause }: StandingText): SearchField[] {
  return [
    { text: harm, weight: 2.5 },
    { text: title, weight: 2.5 },
    { text: cause === undefined ? '' : CAUSES[cause], weight: 1.5 },
    { text: advice, weight: 1 },
  ]
}
