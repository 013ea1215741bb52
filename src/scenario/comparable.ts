/** Whether a value can be what a scenario compares it with at all: what never can says nothing about the target. */
import { show } from './shown.js'

/** @returns what is wrong and what to write instead; undefined where the two may be alike, and where the target sent nothing (`null`) */
export function neverAlike(actual: unknown, expected: unknown): string | undefined {
  if (actual === null || expected === null) return undefined
  if (isThing(actual) !== isThing(expected)) {
    const [thing, other] = isThing(actual) ? [actual, expected] : [expected, actual]
    return `${kindOf(thing)} is never ${kindOf(other)} (${clipped(thing)}, and ${clipped(other)}): compare one of its values`
  }
  const texts = [actual, expected].filter((value) => typeof value === 'string')
  const others = [actual, expected].filter((value) => typeof value === 'number' || typeof value === 'boolean')
  const [text] = texts
  if (text === undefined || others.length !== 1 || !isWritten(text, others[0])) return undefined
  return `the text '${text}' is never the ${typeof others[0]} ${String(others[0])}: compare texts with texts, numbers with numbers`
}

/** The same of two that are compared by identity. */
export function neverSame(actual: unknown, expected: unknown): string | undefined {
  if (Object.is(actual, expected)) return undefined
  const why = neverAlike(actual, expected)
  if (why !== undefined || !isThing(actual) || !isThing(expected)) return why
  return `${kindOf(expected)} is nothing but itself for toBe(): use toEqual()`
}

/** Of what is neither number nor text: an object, a list, a function. */
export const isThing = (value: unknown): boolean => typeof value === 'object' || typeof value === 'function'

/** Whether a text looks like such a value: of a text that says something else, such as `no answer`, the author may know. */
const isWritten = (text: string, value: unknown): boolean =>
  typeof value === 'number' ? /^\s*[+-]?\d+(?:\.\d+)?\s*$/.test(text) : /^(?:true|false)$/.test(text)

export function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'string') return 'a text'
  if (typeof value === 'boolean') return 'yes or no'
  return `a ${typeof value}`
}

/** Short enough for a line of an error. */
function clipped(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  const text = show(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

export const isSoundList = (value: unknown): boolean => Array.isArray(value) && !value.includes(undefined)

/** Is it undefined, or a list that holds it at some depth? */
export const holdsUndefined = (value: unknown): boolean =>
  value === undefined || (Array.isArray(value) && value.some(holdsUndefined))
