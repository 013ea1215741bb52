/**
 * Declares scenarios, and says what is wrong with their data. The types say the same, but who writes JavaScript, or runs files that nobody
 * type-checked, hears it from here: an unknown word that is passed over would leave a test out, or make it prove nothing.
 */
import { CAUSES } from '../result/causes.js'
import type { Gravity, Level, Step } from '../result/terms.js'
import { nearestWord } from '../target/did-you-mean.js'
import type { TargetDocument } from '../target/target-file.js'
import type { TransportName } from '../transport/flow.js'
import type { Family } from '../transport/network.js'
import type { DeviceOptions, Devices } from './device-options.js'
import { whyNever } from './fit-for-load.js'
import { ScenarioMistake } from './mistake.js'
import type { Rule, Rules } from './rule.js'
import type { AnyScenario, ScenarioDefinition } from './scenario.js'
import { AREAS, NEEDS, RELIANCES } from './vocabulary.js'

/**
 * Declares a scenario.
 * @throws ScenarioMistake when its data is wrong or contradicts itself, so that a mistake shows when the file is loaded
 */
export function scenario<const R extends Rules, const D extends Devices>(
  definition: ScenarioDefinition<R, D>,
): ScenarioDefinition<R, D> {
  checkDefinition(definition)
  return definition
}

/** The words of a type, all of them: the compiler names those that are missing or too many. */
type All<T extends PropertyKey> = Readonly<globalThis.Record<T, true>>

const FIELDS: All<keyof ScenarioDefinition> = {
  id: true,
  title: true,
  area: true,
  purposes: true,
  provider: true,
  rules: true,
  devices: true,
  needs: true,
  reliesOn: true,
  step: true,
  transports: true,
  families: true,
  variants: true,
  seconds: true,
  begins: true,
  harm: true,
  advice: true,
  fitForLoad: true,
  provokesBans: true,
  run: true,
}
const RULE_FIELDS: All<keyof Rule> = {
  level: true,
  source: true,
  paraphrase: true,
  optional: true,
  gravity: true,
  harm: true,
  cause: true,
  follows: true,
}
const DEVICE_FIELDS: All<keyof DeviceOptions> = {
  sharesAccountOf: true,
  transport: true,
  family: true,
  srtp: true,
  dtls: true,
  audio: true,
  nat: true,
  keepAlive: true,
  expires: true,
  sessionTimer: true,
  codecs: true,
  dtmfPayloadType: true,
  rtcpMux: true,
  packetMs: true,
  comfortNoise: true,
  whose: true,
  role: true,
  isDivertedTo: true,
  transfers: true,
  knowsPrack: true,
}
const LEVELS: All<Level> = { MUST: true, PROMISE: true, OWED: true, SHOULD: true, MAY: true, FINDING: true }
const GRAVITIES: All<Gravity> = { outage: true, exposure: true, harm: true, letter: true }
const STEPS: All<Step> = { register: true, call: true, talk: true, 'hang up': true }
const TRANSPORTS: All<TransportName> = { udp: true, tcp: true, tls: true }
const FAMILIES: All<Family> = { ipv4: true, ipv6: true }
const CODES: All<keyof TargetDocument['services']['codes']> = {
  mailboxMenu: true,
  credit: true,
  callerId: true,
  mailbox: true,
  chargeAnnouncement: true,
  divertNoAnswer: true,
  divertBusy: true,
  divertNotReachable: true,
  queuePause: true,
  queueResume: true,
  divertAll: true,
  wakeUp: true,
  wakeUpCancel: true,
  wakeUpQuery: true,
}
const SHARED: All<NonNullable<TargetDocument['policy']['sharedCredentials']>> = {
  displace: true,
  fork: true,
  refuse: true,
}

const NEED_WORDS: readonly string[] = [
  ...NEEDS,
  ...Object.keys(CODES).map((code) => `codes:${code}`),
  ...Object.keys(SHARED).map((policy) => `shared-credentials:${policy}`),
]

const ID = /^[a-z0-9-]+(\/[a-z0-9.-]+)+$/

/** @throws ScenarioMistake for the first thing that is wrong: it names the scenario, the word, and the nearest that is known */
export function checkDefinition(definition: unknown): asserts definition is AnyScenario {
  if (!isObject(definition)) {
    throw new ScenarioMistake(
      `the default export must be a scenario or a list of scenarios, and holds ${definition === undefined ? 'undefined' : JSON.stringify(definition)}`,
    )
  }
  const found = firstMistake(definition)
  if (found === undefined) return
  const id = 'id' in definition && typeof definition.id === 'string' ? `scenario '${definition.id}'` : 'a scenario'
  throw new ScenarioMistake(`${id}: ${found}`)
}

type Fields = Readonly<Partial<globalThis.Record<string, unknown>>>

function firstMistake(definition: object): string | undefined {
  const given: Fields = { ...definition }
  return (
    unknownWord('', Object.keys(given), Object.keys(FIELDS), 'field') ??
    (typeof given.id === 'string' && ID.test(given.id)
      ? undefined
      : "'id' must be words of a-z, 0-9 and - in a path, such as registrar/refresh") ??
    first(['title', 'harm', 'advice'], (field) => (isText(given[field]) ? undefined : `'${field}' must be a text`)) ??
    unknownWord('area', [given.area], Object.keys(AREAS)) ??
    (isList(given.purposes) && given.purposes.length > 0 && given.purposes.every(isText)
      ? undefined
      : "'purposes' must name a test purpose, such as REG-REFRESH") ??
    unknownWord('needs', given.needs, NEED_WORDS) ??
    unknownWord('reliesOn', optional(given.reliesOn), RELIANCES) ??
    unknownWord('step', optional(given.step), Object.keys(STEPS)) ??
    (given.begins === undefined ||
    (isText(given.begins) && given.begins.endsWith('Z') && !Number.isNaN(Date.parse(given.begins)))
      ? undefined
      : "'begins' must be a moment in UTC, such as 2026-03-28T22:00:00Z") ??
    unknownWord('transports', given.transports, Object.keys(TRANSPORTS)) ??
    unknownWord('families', given.families, Object.keys(FAMILIES)) ??
    variantsMistake(given.variants) ??
    (typeof given.seconds === 'number' && given.seconds > 0
      ? undefined
      : "'seconds' must say how long it takes at most, as a number above 0") ??
    (typeof given.run === 'function' ? undefined : "'run' must be a function: the story") ??
    rulesMistake(given.rules) ??
    devicesMistake(given.devices) ??
    loadMistake(given)
  )
}

/** A scenario that says that it is fit for load, and is not. */
function loadMistake(given: Fields): string | undefined {
  if (given.fitForLoad === undefined || given.fitForLoad === false) return undefined
  if (given.fitForLoad !== true) return "'fitForLoad' must be true or false"
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- all that is looked at was checked before
  const why = whyNever(given as unknown as AnyScenario)
  return why === undefined ? undefined : `it cannot be 'fitForLoad': it ${why}`
}

function variantsMistake(variants: unknown): string | undefined {
  if (variants === undefined) return undefined
  if (!isList(variants) || variants.length === 0) return "'variants' must be a list of { transport, family }"
  return first(variants, (variant) => {
    const { transport, family }: Fields = isObject(variant) ? { ...variant } : {}
    return (
      unknownWord('variants: transport', [transport], Object.keys(TRANSPORTS)) ??
      unknownWord('variants: family', [family], Object.keys(FAMILIES))
    )
  })
}

function rulesMistake(rules: unknown): string | undefined {
  if (!isObject(rules) || Object.keys(rules).length === 0) return 'it has no rule, so it could not fail'
  if (Object.values(rules).every((rule) => isObject(rule) && 'optional' in rule && rule.optional === true))
    return 'all its rules are optional, so it could pass without looking at anything'
  return first(Object.entries(rules), ([name, rule]) => {
    const at = `rules.${name}`
    if (!isObject(rule)) return `${at} must be made with must, promised, should or finding`
    const given: Fields = { ...rule }
    return (
      unknownWord(at, Object.keys(given), Object.keys(RULE_FIELDS), 'field') ??
      unknownWord(`${at}: level`, [given.level], Object.keys(LEVELS)) ??
      (isText(given.source) && isText(given.paraphrase)
        ? undefined
        : `${at} must say where the rule stands, and what it says`) ??
      unknownWord(`${at}: gravity`, [given.gravity], Object.keys(GRAVITIES)) ??
      unknownWord(`${at}: cause`, optional(given.cause), Object.keys(CAUSES)) ??
      // Ids of scenarios may follow too: only words without a slash must be causes.
      unknownWord(
        `${at}: follows`,
        isList(given.follows) ? given.follows.filter((word) => !String(word).includes('/')) : given.follows,
        Object.keys(CAUSES),
      )
    )
  })
}

function devicesMistake(devices: unknown): string | undefined {
  if (!isObject(devices)) return "'devices' must name the devices that act"
  return first(Object.entries(devices), ([name, options]) => {
    const at = `devices.${name}`
    if (!isObject(options)) return `${at} must be an object, {} for a plain telephone`
    const { transport, family, sharesAccountOf, ...rest }: Fields = { ...options }
    return (
      unknownWord(at, Object.keys(rest), Object.keys(DEVICE_FIELDS), 'field') ??
      unknownWord(`${at}: transport`, optional(transport), Object.keys(TRANSPORTS)) ??
      unknownWord(`${at}: family`, optional(family), Object.keys(FAMILIES)) ??
      unknownWord(`${at}: sharesAccountOf`, optional(sharesAccountOf), Object.keys(devices), 'device')
    )
  })
}

/**
 * @param words undefined: none is given, which is right
 * @param what what the words are, for the sentence
 */
function unknownWord(where: string, words: unknown, known: readonly string[], what = 'word'): string | undefined {
  if (words === undefined) return undefined
  const prefix = where === '' ? '' : `${where}: `
  if (!isList(words)) return `${prefix}must be a list of words`
  return first(words, (word) => {
    if (typeof word === 'string' && known.includes(word)) return undefined
    const shown = typeof word === 'string' ? `'${word}'` : String(word)
    const near = typeof word === 'string' ? nearestWord(word, known) : undefined
    return `${prefix}${shown} is no known ${what}; ${near === undefined ? `known: ${known.join(', ')}` : `did you mean '${near}'?`}`
  })
}

function first<T>(list: readonly T[], mistakeIn: (one: T) => string | undefined): string | undefined {
  for (const one of list) {
    const found = mistakeIn(one)
    if (found !== undefined) return found
  }
  return undefined
}

const optional = (word: unknown): unknown => (word === undefined ? undefined : [word])
const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
