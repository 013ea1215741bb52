/**
 * Assertions of a scenario: each is held against a named rule and recorded with what was expected and what came. Nothing is
 * thrown: a story is told to its end, and one rule broken does not hide the next.
 */
import type { ReasonCode, Verdict } from '../result/terms.js'
import type { AudioLoss } from '../result/audio.js'
import type { CheckResult } from '../result/scenario-result.js'
import type { SipSighting } from '../evidence/record.js'
import { reasonCodeOf, verdictOfCheck, worst } from '../verdict/check.js'
import { lossInWords, verdictByRelay } from '../verdict/loss.js'
import { nearestWord } from '../target/did-you-mean.js'
import { explainsFailure, withLag } from './lateness.js'
import { holdsUndefined, isSoundList, isThing, kindOf, neverAlike, neverSame } from './comparable.js'
import { ScenarioMistake } from './mistake.js'
import type { Rule } from './rule.js'
import { keepsTime, lacksOne, TIMER_WHEEL } from './timer-moments.js'
import { canonical, eachOnce, show, showCount } from './shown.js'
import type { SpeechHeard } from './announcement.js'
import type { VoiceHeard } from './sound.js'

/** Where in the record a reader should look. */
export interface Pointer {
  /** The message that shows it. */
  readonly seen?: SipSighting | undefined
  /** The header whose line is marked. */
  readonly header?: string
  /** Told by something that happened, not by something that failed to: it holds although this process was late. */
  readonly certain?: boolean
}

/** How late (ms) the harness itself was at worst since the scenario began. */
export type LagProbe = () => number

/**
 * A value that may be held against a rule. `undefined` may not, nor a list that holds it: what the target did not send is
 * `null` (reports show `none`), so that a misspelt name in a scenario is never blamed on the target.
 */
export type Told<T> = T & Defined<T> & Defined<Extract<T, readonly unknown[]>[number]>
type Defined<T> = undefined extends T ? { readonly 'write ?? null for what the target did not send': never } : unknown

/**
 * What can be said of a value. Every matcher returns whether it held.
 * @throws ScenarioMistake for what can never hold, whatever the target does: an argument of no use, an object beside a text, `'200'`
 * beside 200. A number that is none (`NaN`) is what the target's own text came to: it holds nowhere, and is the target's fault
 */
export interface Matchers<T> {
  /** `counted`: what a number counts, in the singular; a reader is told `no INVITE`, `3 × INVITE` rather than 0 and 3. */
  toBe(expected: T, counted?: string): boolean
  toEqual<E>(expected: Told<E>): boolean
  toBeOneOf(expected: readonly T[]): boolean
  /** Times (unit `ms`) that do not hold are inconclusive where the harness itself was late. */
  toBeWithin(low: number, high: number, unit?: string): boolean
  /**
   * Moments (ms) at which a timer of the target fired. The intervals between them are those of `expected`, each within
   * `withinMs` or a share of it, whichever is more; a list that is shorter or longer does not hold. Where just one is missing,
   * the first and the last among them, a network may have lost it: inconclusive.
   */
  toFollow(this: Matchers<readonly number[]>, expected: readonly number[], withinMs?: number): boolean
  /** All elements are the same, and there is at least one. */
  toBeConstant(this: Matchers<readonly unknown[]>): boolean
  toContain<E>(this: Matchers<string | readonly unknown[] | null>, part: Told<E>): boolean
  /**
   * Of streams of audio: at most 1 % of the packets are lost. A few hundred packets may not tell; then the run decides, over all
   * packets through the same relay.
   */
  toBeComplete(this: Matchers<readonly AudioLoss[]>): boolean
  /** Of what was heard where voices were to be heard: none was altered. Sound that was not recognised is inconclusive. */
  toBeIntact(this: Matchers<readonly VoiceHeard[]>): boolean
  /** Of what was heard: it is the voice and no other, which `expected` names. Sound that was not recognised is inconclusive. */
  toBeVoice(this: Matchers<VoiceHeard>, expected: string): boolean
  /** Of what was heard of an announcement: somebody speaks. Sound that was not recognised is inconclusive. */
  toBeSpeech(this: Matchers<SpeechHeard>): boolean
  /** `expected` says the pattern in words. */
  toMatch(this: Matchers<string | null>, pattern: RegExp, expected?: string): boolean
  toBePresent(): boolean
  toBeAbsent(): boolean
  /** A list of what went wrong; `expected` says in words what it holds nothing against. */
  toBeEmpty(this: Matchers<readonly unknown[]>, expected?: string): boolean
  /** `expected` says in words what is to be seen. */
  toBeTrue(this: Matchers<boolean | null>, expected?: string): boolean
  /** Anything else: `expected` says it in words. */
  toSatisfy(expected: string, holds: (value: T) => boolean): boolean
}

/** Scheduling tolerance (ms) on instants that a timer of the target decides: our own timers, two kernels' sockets, its timer wheel. */
export const SCHEDULING_MS = 150

/** Of a path that varies by more the intervals of 500 ms could not be told from each other. */
const MOST_JITTER_MS = 100

/** What a rule was held against, and what came of it. */
interface Seen {
  readonly expected: string
  readonly actual: string
  readonly pointer: Pointer
  /** Where something more particular than the verdict's usual code is known. */
  readonly code?: ReasonCode | undefined
  readonly losses?: readonly AudioLoss[] | undefined
}

/** What is known of the target before a scenario begins. */
export interface Circumstances {
  /** By how much the path to the target was seen to vary. */
  readonly jitterMs?: number | undefined
  /** Whether it promises what stands there, a provider row. */
  readonly isPromised?: (source: string) => boolean
}

/** What a target does not promise is a finding where it does not hold. */
function inForce(
  rules: Readonly<Record<string, Rule>>,
  isPromised: (source: string) => boolean,
): Readonly<Record<string, Rule>> {
  const level = ({ level: own, source }: Rule) => (own === 'PROMISE' && !isPromised(source) ? 'FINDING' : own)
  return Object.fromEntries(Object.entries(rules).map(([key, rule]) => [key, { ...rule, level: level(rule) }]))
}

/** The assertions of one scenario's run, over the rules that it declared. */
export class Expectations<Rules extends Readonly<Record<string, Rule>>> {
  readonly #found = new Map<string, { check: CheckResult; seen: SipSighting | undefined }>()
  readonly #rules: Readonly<Record<string, Rule>>
  readonly #worstLag: LagProbe
  readonly #schedulingMs: number
  readonly #figures: globalThis.Record<string, string> = {}
  #over = false
  #mistake: ScenarioMistake | undefined

  constructor(rules: Rules, worstLag: LagProbe, { jitterMs = 0, isPromised = () => true }: Circumstances = {}) {
    this.#rules = inForce(rules, isPromised)
    this.#worstLag = worstLag
    this.#schedulingMs = SCHEDULING_MS + Math.min(jitterMs, MOST_JITTER_MS)
  }

  /** Holds `actual` against the rule named `key`. */
  readonly expect = <T>(key: keyof Rules & string, actual: Told<T>, pointer: Pointer = {}): Matchers<T> => {
    const rule = this.#rules[key] ?? this.#refuse(noSuchRule(key, Object.keys(this.#rules)))
    /** Refuses what no value of the target's can hold against: comparing with it would fail the target, or pass it, whatever it does. */
    const sound = (isSound: boolean, what: string): void => {
      // A story that goes on while its devices are being stopped decides nothing, and is given odd things to see.
      if (!isSound && !this.#over) this.#refuse(`expect('${key}', …)${what}`)
    }
    sound(actual !== undefined, ' was handed undefined: write ?? null for what the target did not send')
    sound(
      !Array.isArray(actual) || !actual.includes(undefined),
      ' was handed a list that holds undefined: write ?? null for what the target did not send',
    )
    /** Of matchers that look at lists alone: anything else has no elements, and would hold or not hold whatever it is. */
    const isList = (matcher: string) => sound(Array.isArray(actual), `.${matcher}() needs a list, not ${show(actual)}`)
    /** @param why that it cannot hold, whatever the target does */
    const possible = (matcher: string, why: string | undefined) =>
      sound(why === undefined, `.${matcher}() can never hold: ${why}`)
    const say = (holds: boolean, expected: string, shown = show(actual), losses?: readonly AudioLoss[]): boolean => {
      if (this.#over) return holds
      // What stands in a message stays true however late it was read; what did not come in time may have.
      const lag = holds ? 0 : this.#worstLag()
      if (explainsFailure(lag, pointer.seen !== undefined || pointer.certain === true))
        return tooLate(lag, expected, shown)
      this.#record(key, rule, verdictOfCheck(rule.level, holds), { expected, actual: shown, pointer, losses })
      return holds
    }
    const cannotTell = (
      expected: string,
      actually: string,
      code: ReasonCode,
      losses?: readonly AudioLoss[],
    ): boolean => {
      if (!this.#over) this.#record(key, rule, 'inconclusive', { expected, actual: actually, pointer, code, losses })
      return false
    }
    // The generator judges itself: where it was late by as much as it would forgive, it cannot tell.
    const tooLate = (lag: number, expected: string, shown: string): boolean =>
      cannotTell(expected, withLag(shown, lag), 'harness-late')
    return {
      toBe: (expected, counted) => {
        sound(expected !== undefined, '.toBe() was given undefined to compare with')
        possible('toBe', neverSame(actual, expected))
        return say(
          Object.is(actual, expected) && !Number.isNaN(actual),
          showCount(expected, counted),
          showCount(actual, counted),
        )
      },
      toEqual: (expected) => {
        sound(!holdsUndefined(expected), '.toEqual() was given undefined to compare with')
        possible('toEqual', neverAlike(actual, expected))
        return say(canonical(actual) === canonical(expected), show(expected))
      },
      toBeOneOf: (expected) => {
        sound(isSoundList(expected), '.toBeOneOf() needs a list of values, none of them undefined')
        const never = expected.map((one) => neverSame(actual, one))
        possible('toBeOneOf', never.includes(undefined) ? undefined : never[0])
        return say(expected.includes(actual), `one of ${expected.map((e) => show(e)).join(', ')}`)
      },
      toBeWithin: (low, high, unit = '') => {
        // A bound that a target's figure made odd, NaN or below the other, holds for nothing: that is the target's fault.
        sound(typeof low === 'number' && typeof high === 'number', '.toBeWithin() needs two numbers')
        possible('toBeWithin', neverAlike(actual, 0))
        sound(typeof actual !== 'boolean', '.toBeWithin() needs a number, not yes or no')
        const holds = typeof actual === 'number' && actual >= low && actual <= high
        const text = `${low === Number.NEGATIVE_INFINITY ? 'at most' : `${low} to`} ${high}${unit && ` ${unit}`}`
        const shown = `${show(actual)}${unit && ` ${unit}`}`
        const lag = unit === 'ms' && !holds && typeof actual === 'number' ? this.#worstLag() : 0
        return lag > SCHEDULING_MS / 2 ? tooLate(lag, text, shown) : say(holds, text, shown)
      },
      toFollow: (expected, withinMs = this.#schedulingMs) => {
        isList('toFollow')
        sound(isSoundList(expected), '.toFollow() needs a list of moments in ms')
        sound(
          listOf(actual).every((one) => typeof one === 'number'),
          '.toFollow() was handed a list with something else than numbers',
        )
        const got = listOf(actual).map(Number)
        const text = `${expected.map((ms) => Math.round(ms)).join(', ')} ms (± ${withinMs} ms, or ${TIMER_WHEEL * 100} % of an interval)`
        const shown = got.length === 0 ? 'none' : `${got.map((ms) => Math.round(ms)).join(', ')} ms`
        const holds = keepsTime(got, expected, withinMs)
        if (holds) return say(true, text, shown)
        const lag = this.#worstLag()
        if (lag > withinMs / 2) return tooLate(lag, text, shown)
        if (lacksOne(got, expected, withinMs))
          return cannotTell(text, `${shown}; the network may have lost one`, 'packet-lost')
        // What a segment that was lost holds up comes late, and all that is behind it at once; nothing is missing.
        if (isOnStream(pointer.seen) && got.length === expected.length)
          return cannotTell(text, `${shown}; all came, but the connection may have held them up`, 'packet-lost')
        return say(false, text, shown)
      },
      toBeConstant: () => {
        isList('toBeConstant')
        const list = listOf(actual)
        const kinds = new Set(list.map(canonical))
        return say(kinds.size === 1, 'the same each time', list.length === 0 ? 'none' : [...kinds].join(' then '))
      },
      toContain: (part) => {
        sound(part !== undefined, '.toContain() was given undefined to look for')
        sound(
          typeof actual === 'string' || Array.isArray(actual) || actual === null,
          `.toContain() needs a text or a list, not ${show(actual)}`,
        )
        const isFound = Array.isArray(actual) && actual.includes(part)
        sound(
          !isThing(part) || part === null || isFound || actual === null,
          `.toContain(): ${kindOf(part)} is nothing but itself: look for one of its values, or use toSatisfy()`,
        )
        const holds = typeof actual === 'string' ? actual.includes(String(part)) : listOf(actual).includes(part)
        return say(holds, `contains ${show(part)}`)
      },
      toMatch: (pattern, expected = `matches ${String(pattern)}`) => {
        sound(pattern instanceof RegExp, `.toMatch() needs a regular expression, not ${show(pattern)}`)
        sound(typeof actual === 'string' || actual === null, `.toMatch() needs a text, not ${kindOf(actual)}`)
        return say(typeof actual === 'string' && pattern.test(actual), expected)
      },
      toBeComplete: () => {
        isList('toBeComplete')
        sound(listOf(actual).every(isAudioLoss), '.toBeComplete() needs a list of what audioLoss() gave')
        const losses = listOf(actual).filter(isAudioLoss)
        const verdict = verdictByRelay(losses)
        const [expected, shown] = ['at most 1 % lost', lossInWords(losses)]
        if (verdict === 'open') return cannotTell(expected, shown, 'packet-lost', losses)
        return say(verdict === 'pass', expected, shown, losses)
      },
      toBeIntact: () => {
        isList('toBeIntact')
        sound(listOf(actual).every(isVoiceHeard), '.toBeIntact() needs a list of what voiceAt() or echoAt() gave')
        const voices = listOf(actual).filter(isVoiceHeard)
        const expected = 'audio as it was sent'
        const wordsOf = (which: (voice: VoiceHeard) => boolean) =>
          eachOnce(voices.filter(which).map(({ words }) => words))
        const altered = wordsOf((voice) => voice.altered)
        if (altered !== '') return say(false, expected, altered)
        const unrecognised = wordsOf((voice) => voice.unrecognised)
        if (unrecognised !== '') return cannotTell(expected, unrecognised, 'sound-not-recognised')
        return say(true, expected, expected)
      },
      toBeVoice: (expected) => {
        sound(isVoiceHeard(actual), '.toBeVoice() needs what voiceAt() or echoAt() gave')
        if (!isVoiceHeard(actual)) return false
        if (actual.unrecognised) return cannotTell(expected, actual.words, 'sound-not-recognised')
        return say(actual.recognised && !actual.ofAnother, expected, actual.words)
      },
      toBeSpeech: () => {
        sound(isSpeechHeard(actual), '.toBeSpeech() needs what speechAt() or hearsSpeech() gave')
        if (!isSpeechHeard(actual)) return false
        if (!actual.spoken && !actual.instead) return cannotTell('speech', actual.words, 'sound-not-recognised')
        return say(actual.spoken, 'speech', actual.words)
      },
      toBePresent: () => say(actual !== null, 'present', actual === null ? 'absent' : show(actual)),
      toBeAbsent: () => say(actual === null, 'absent'),
      toBeEmpty: (expected = 'none') => {
        isList('toBeEmpty')
        const list = listOf(actual)
        return say(list.length === 0, expected, list.length === 0 ? 'none' : eachOnce(list.map((e) => show(e))))
      },
      toBeTrue: (expected = 'yes') => {
        const answer: unknown = actual
        sound(typeof answer === 'boolean' || answer === null, `.toBeTrue() needs yes or no, not ${show(answer)}`)
        return say(answer === true, expected, answer === true ? 'as expected' : expected === 'yes' ? 'no' : 'not seen')
      },
      toSatisfy: (expected, holds) => {
        const held: unknown = holds(actual)
        sound(typeof held === 'boolean', `.toSatisfy() needs a function that returns true or false, not ${show(held)}`)
        return say(held === true, expected)
      },
    }
  }

  /** The checks so far, in the order of the rules. `arrowOf` finds the ladder's arrow of a message. */
  results(arrowOf?: (seen: SipSighting) => number | undefined): CheckResult[] {
    const figures = Object.keys(this.#figures).length > 0 ? { figures: { ...this.#figures } } : {}
    return Object.keys(this.#rules).flatMap((key) => {
      const found = this.#found.get(key)
      if (!found) return []
      const arrow = found.seen && arrowOf?.(found.seen)
      return [{ ...found.check, ...figures, ...(arrow === undefined ? {} : { arrow }) }]
    })
  }

  /** The first mistake that an assertion met: it stands, even where the story catches what is thrown. */
  get mistake(): ScenarioMistake | undefined {
    return this.#mistake
  }

  /** Rules that no assertion looked at and that are not optional. */
  untouched(): string[] {
    return Object.entries(this.#rules).flatMap(([key, rule]) => (this.#found.has(key) || rule.optional ? [] : [key]))
  }

  /** From now on nothing counts any more: what a story says while its devices are being stopped proves nothing. */
  close(): void {
    this.#over = true
  }

  /** Marks what was never looked at, with why. */
  skipRest(why: string, code?: ReasonCode): void {
    for (const key of this.untouched()) {
      const rule = this.#rules[key]
      if (rule) this.#record(key, rule, 'inconclusive', { expected: rule.paraphrase, actual: why, pointer: {}, code })
    }
  }

  /** A measured value of the run: what a rule's harm says as `{name|otherwise}` is told with it. */
  figure(name: string, value: string | number): void {
    this.#figures[name] = show(value)
  }

  #refuse(what: string): never {
    const mistake = new ScenarioMistake(what)
    this.#mistake ??= mistake
    throw mistake
  }

  #record(
    key: string,
    rule: Rule,
    verdict: Verdict,
    { expected, actual, pointer, code = reasonCodeOf(verdict), losses }: Seen,
  ): void {
    const before = this.#found.get(key)?.check
    // One check a rule: the first that did not hold stays; of those that held, the last.
    if (before && before.verdict !== 'pass' && worst([before.verdict, verdict]) === before.verdict) return
    const line = pointer.seen && pointer.header ? pointer.seen.message.headers.get(pointer.header) : undefined
    const check: CheckResult = {
      id: key,
      level: rule.level,
      rule: rule.source,
      verdict,
      expected,
      actual,
      paraphrase: rule.paraphrase,
      gravity: rule.gravity,
      ...(rule.cause === undefined ? {} : { cause: rule.cause }),
      ...(rule.follows === undefined ? {} : { follows: [...rule.follows] }),
      ...(code === undefined ? {} : { reasonCode: code }),
      ...(losses === undefined ? {} : { losses: [...losses] }),
      ...(verdict === 'pass' || rule.harm === undefined ? {} : { harm: rule.harm }),
      ...(line === undefined || !pointer.header ? {} : { line: `${pointer.header}: ${line}` }),
    }
    this.#found.set(key, { check, seen: pointer.seen })
  }
}

const isOnStream = (seen: SipSighting | undefined): boolean => seen !== undefined && seen.transport !== 'udp'

function noSuchRule(key: string, keys: readonly string[]): string {
  const near = nearestWord(key, keys)
  return `expect('${key}', …): the scenario declares no rule '${key}'; ${near === undefined ? `its rules are ${keys.join(', ')}` : `did you mean '${near}'?`}`
}

const isAudioLoss = (value: unknown): value is AudioLoss =>
  typeof value === 'object' && value !== null && 'relay' in value && 'gaps' in value

const isVoiceHeard = (value: unknown): value is VoiceHeard =>
  typeof value === 'object' && value !== null && 'unrecognised' in value && 'words' in value

const isSpeechHeard = (value: unknown): value is SpeechHeard =>
  typeof value === 'object' && value !== null && 'spoken' in value && 'instead' in value

/** The elements of a list; of anything else, none. */
function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
