/** What was learned about the target, in a dozen lines for a terminal. */
import type { Fact, SurveyResult, VitalSign } from '../result/survey-result.js'
import { variantsInWords } from '../result/variants.js'

const MOST_LINES = 12
const MOST_MISSING = 5

/** At most twelve lines: what works and where, what is missing and why, then the facts that matter most. */
export function surveyLines({ vitalSigns, facts }: SurveyResult): string[] {
  const missing = vitalSigns.filter(({ code }) => code !== undefined)
  const reasons = [...new Set(missing.map(({ reason }) => reason))]
  return [
    ...where('answers on', vitalSigns, 'survey/reach'),
    ...where('calls with audio on', vitalSigns, 'survey/audio'),
    ...accounts(vitalSigns),
    ...services(vitalSigns),
    ...reasons.slice(0, MOST_MISSING).map((reason) => `✗ ${reason}`),
    ...(reasons.length > MOST_MISSING ? [`✗ and ${reasons.length - MOST_MISSING} more`] : []),
    ...inUse(vitalSigns),
    ...kind(facts),
    ...paths(facts),
    ...values(facts, 'registration', 'registration: '),
    ...encryption(facts),
    ...values(facts, 'echo', 'echo test: '),
  ].slice(0, MOST_LINES)
}

/** What could not be decided because somebody else used the accounts: the first says whose. */
function inUse(signs: readonly VitalSign[]): string[] {
  const open = signs.filter(({ reasonCode }) => reasonCode === 'foreign-hands')
  const [first] = open
  if (first === undefined) return []
  return [`? ${first.reason}${open.length > 1 ? ` (and ${open.length - 1} more could not be decided)` : ''}`]
}

const isThere = ({ verdict }: VitalSign): boolean => verdict === 'pass'

function where(words: string, signs: readonly VitalSign[], id: string): string[] {
  const variants = signs.filter((sign) => sign.id === id && isThere(sign)).map(({ variant }) => variant)
  return variants.length === 0 ? [] : [`${words} ${variantsInWords(variants)}`]
}

function accounts(signs: readonly VitalSign[]): string[] {
  const good = signs.find((sign) => sign.id === 'survey/account' && isThere(sign))
  return good === undefined ? [] : [good.title.charAt(0).toLowerCase() + good.title.slice(1)]
}

/** Signs of services come after those of calls. */
const EVERYDAY = new Set(
  ['reach', 'every-address', 'account', 'login', 'call', 'audio', 'hang-up'].map((id) => `survey/${id}`),
)

function services(signs: readonly VitalSign[]): string[] {
  const there = signs.filter((sign) => !EVERYDAY.has(sign.id) && isThere(sign))
  const names = there.map(({ title }) => title.replace(/^The (.*) answers$/, '$1'))
  return names.length === 0 ? [] : [`services that answer: ${names.join(', ')}`]
}

function kind(facts: readonly Fact[]): string[] {
  const told = [...values(facts, 'software'), ...values(facts, 'role')]
  return told.length === 0 ? [] : [`software: ${told.join('; ')}`]
}

function paths(facts: readonly Fact[]): string[] {
  const told = facts.filter(({ id }) => id === 'round-trip')
  const [first] = told
  if (first === undefined) return []
  const isSame = told.every(({ value }) => value === first.value)
  const names = told.map(({ transport = '', family = '', value }) => `${transport}/${family} ${value}`)
  return [`round trip: ${isSame ? first.value : names.join(', ')}`]
}

function encryption(facts: readonly Fact[]): string[] {
  const told = facts.filter(({ id }) => id === 'srtp')
  const words = told.map(({ transport = '', value }) => `${transport.toUpperCase()} ${value}`)
  return told.length === 0 ? [] : [`SRTP: ${words.join(', ')}`]
}

const values = (facts: readonly Fact[], id: string, words = ''): string[] =>
  facts.filter((fact) => fact.id === id).map(({ value }) => `${words}${value}`)
