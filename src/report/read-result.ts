/** Reads a `result.json` back, of this version or of version 1. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { z } from 'zod'
import { resultSchema, type RunResult, SCHEMA_VERSION } from '../result/result.js'
import { fromVersion1, version1Schema } from './version-1.js'

/** There is no result, or not one of ours. The message is a sentence that says what is wrong and where. */
export class ResultFileError extends Error {
  override readonly name = 'ResultFileError'
}

/** Reads a run's result from its folder or file; one of version 1 is converted. @throws ResultFileError where there is none, or none that fits */
export function readResult(path: string): { folder: string; result: RunResult } {
  const isFolder = existsSync(path) && statSync(path).isDirectory()
  const file = isFolder ? join(path, 'result.json') : path
  if (!existsSync(file))
    throw new ResultFileError(`There is no ${file}; name the folder of a run, such as reports/latest.`)
  const json = parse(file)
  const version = typeof json === 'object' && json !== null && 'schemaVersion' in json ? json.schemaVersion : undefined
  if (typeof version === 'number' && version > SCHEMA_VERSION) {
    throw new ResultFileError(
      `${file} has schemaVersion ${version}, this release of ringproof knows up to ${SCHEMA_VERSION}: use the release that wrote it, or a later one.`,
    )
  }
  const parsed = resultSchema.safeParse(version === 1 ? converted(file, json) : json)
  if (!parsed.success) throw misfit(file, parsed.error)
  return { folder: dirname(file), result: parsed.data }
}

function converted(file: string, json: unknown): unknown {
  const parsed = version1Schema.safeParse(json)
  if (!parsed.success) throw misfit(file, parsed.error)
  return fromVersion1(parsed.data)
}

function misfit(file: string, { issues }: z.core.$ZodError): ResultFileError {
  const [issue] = issues
  const more = issues.length - 1
  return new ResultFileError(
    `${file} is not a result of ringproof: ${issue?.path.join('.') || 'the whole'}: ${issue?.message}${more > 0 ? ` (and ${more} more)` : ''}.`,
  )
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new ResultFileError(`${file} is not JSON: it was not written by ringproof, or not to its end.`)
  }
}
