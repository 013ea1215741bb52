/** What does not fit a schema, in words for those who wrote the file. */
import type { z } from 'zod'
import { nearestWord } from './did-you-mean.js'
import type { Path } from './target-problem.js'
import type { YamlText } from './yaml-text.js'

/** Takes a problem of a field; with `key`, of that field's name. */
export type Report = (path: Path, message: string, key?: string) => void

/** The file in which an issue was found. */
export interface Reading {
  readonly yaml: YamlText
  readonly report: Report
  readonly schema: z.core.JSONSchema.BaseSchema
  /** Fields whose value must not be shown. */
  readonly isSecret?: (path: Path) => boolean
}

/** Reports what is wrong, where it stands, and what would be right. */
export function describeIssue(
  issue: z.core.$ZodIssue,
  { yaml, report, schema, isSecret = () => false }: Reading,
): void {
  const path = issue.path
  if (issue.code === 'unrecognized_keys') {
    const known = fieldsAt(schema, path)
    for (const key of issue.keys.slice(0, MOST_KEYS)) {
      const near = nearestWord(key, known)
      const advice = near === undefined ? `expected one of: ${known.join(', ')}` : `did you mean '${near}'?`
      report([...path, key], `unknown field; ${advice}`, key)
    }
    return
  }
  const source = yaml.source(path)
  if (source === undefined) {
    report(path, `${expectation(issue)}, but it is missing; add it`)
    return
  }
  const shown = isSecret(path) && !/^[[\]{}]{2}$/.test(source) ? undefined : source
  report(path, `${expectation(issue)}, found ${shown ?? 'something else'}${advice(issue, source, shown ?? '…')}`)
}

/** Of one group. */
const MOST_KEYS = 20

const typeWords: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of fields',
}

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `expected ${typeWords[issue.expected] ?? issue.expected}`
  if (issue.code === 'invalid_value')
    return `expected ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`

  if (issue.code === 'too_small') {
    if (issue.origin === 'string') return 'expected a text, which must not be empty'
    if (issue.origin === 'array')
      return `expected at least ${Number(issue.minimum) === 1 ? 'one entry' : `${issue.minimum} entries`}`
    return `expected ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`
  }
  if (issue.code === 'too_big') return `expected at most ${issue.maximum}`
  return issue.message
}

function advice(issue: z.core.$ZodIssue, source: string, shown: string): string {
  if (issue.code !== 'invalid_type') return ''
  if (issue.expected === 'string' && /^[-+0-9.:xoe]+$/i.test(source))
    return `; put it in quotes to keep it as written: '${shown}'`

  if ((issue.expected === 'number' || issue.expected === 'int') && source.includes('${'))
    return '; values from the environment are always text: write the number itself'

  if ((issue.expected === 'number' || issue.expected === 'int') && /^(['"])[\d.]+\1$/.test(source))
    return '; remove the quotes'
  if (issue.expected === 'array') return `; write it as a list: [${shown.length > 40 ? '…' : shown}]`
  return ''
}

function fieldsAt(schema: z.core.JSONSchema.BaseSchema, path: Path): string[] {
  let node = schema
  for (const step of path) {
    const next = typeof step === 'number' ? node.items : node.properties?.[String(step)]
    if (next === undefined || typeof next === 'boolean' || Array.isArray(next)) return []
    node = next
  }
  return Object.keys(node.properties ?? {})
}
