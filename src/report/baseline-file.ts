/** Baseline files: written so that a change of one test is a change of one line; and whatever a comparison is made of, read back. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { BASELINE_VERSION, type Baseline, baselineSchema } from '../result/baseline.js'
import type { RunResult } from '../result/result.js'
import { readResult, ResultFileError } from './read-result.js'
import { replaceFile } from './replace-file.js'

/** The JSON Schema of a baseline file, as published in `schema/baseline.schema.json`. */
export function baselineJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(baselineSchema, { target: 'draft-7', io: 'input' })
  return { $schema, title: 'Baseline of ringproof', ...rest }
}

/**
 * A run's result or a baseline, from a run's folder, a `result.json` or a baseline file.
 * @throws ResultFileError where it is neither
 */
export function readRunOrBaseline(path: string): { readonly result: RunResult } | { readonly baseline: Baseline } {
  const isFile = existsSync(path) && statSync(path).isFile()
  const json = isFile ? parsed(path) : undefined
  if (typeof json !== 'object' || json === null || !('baselineVersion' in json))
    return { result: readResult(path).result }
  const { baselineVersion: version } = json
  if (typeof version === 'number' && version > BASELINE_VERSION) {
    throw new ResultFileError(
      `${path} has baselineVersion ${version}, this release of ringproof knows up to ${BASELINE_VERSION}: use the release that wrote it, or a later one.`,
    )
  }
  const checked = baselineSchema.safeParse(json)
  if (checked.success) return { baseline: checked.data }
  const [issue] = checked.error.issues
  throw new ResultFileError(
    `${path} is not a baseline of ringproof: ${issue?.path.join('.') || 'the whole'}: ${issue?.message}. Write it anew with 'ringproof baseline'.`,
  )
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    throw new ResultFileError(`${path} is not JSON: it was not written by ringproof, or a merge left it in pieces.`)
  }
}

/** Writes it in one step. @throws the file system's error */
export function writeBaseline(path: string, baseline: Baseline): void {
  const file = existsSync(path) && statSync(path).isDirectory() ? join(path, 'baseline.json') : path
  replaceFile(file, baselineText(baseline))
}

/** A line for each run, finding, scenario and figure, each list in order of its names. */
export function baselineText(baseline: Baseline): string {
  const { runs, findings, tests, notRun, figures, ...head } = baseline
  const fields = [
    ...Object.entries(head).map(([name, value]) => `  ${JSON.stringify(name)}: ${line(value)}`),
    list('runs', runs),
    list('findings', findings),
    table('tests', tests),
    table('notRun', notRun),
    table('figures', figures),
  ]
  return `{\n${fields.join(',\n')}\n}\n`
}

function list(name: string, entries: readonly unknown[]): string {
  if (entries.length === 0) return `  "${name}": []`
  return `  "${name}": [\n${entries.map((one) => `    ${line(one)}`).join(',\n')}\n  ]`
}

function table(name: string, entries: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(entries).map(([key, value]) => `    ${JSON.stringify(key)}: ${line(value)}`)
  return lines.length === 0 ? `  "${name}": {}` : `  "${name}": {\n${lines.join(',\n')}\n  }`
}

/** JSON in one line, with spaces as a person would put them. */
function line(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(line).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value).filter(([, one]) => one !== undefined)
  return fields.length === 0
    ? '{}'
    : `{ ${fields.map(([key, one]) => `${JSON.stringify(key)}: ${line(one)}`).join(', ')} }`
}
