/** `part.json` of a part of a run, written and read. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PART_VERSION, type PartFacts, partSchema, type RunPart } from '../result/part.js'
import { ResultFileError } from './read-result.js'
import { replaceFile } from './replace-file.js'

const NAME = 'part.json'

/** @param shard `2/3` @throws the file system's error */
export function writePart(folder: string, shard: string, facts: PartFacts): void {
  const [index = 1, of = 1] = shard.split('/').map(Number)
  const part: RunPart = { partVersion: PART_VERSION, index, of, facts }
  replaceFile(join(folder, NAME), `${JSON.stringify(part)}\n`)
}

/** @param folder a run's @returns undefined where it is no part of a run @throws ResultFileError where the file is damaged */
export function readPart(folder: string): RunPart | undefined {
  const file = join(folder, NAME)
  if (!existsSync(file)) return undefined
  const parsed = partSchema.safeParse(jsonIn(file))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new ResultFileError(
    `${file} is not a part of a run of this ringproof: ${issue?.path.join('.') || 'the whole'}: ${issue?.message}.`,
  )
}

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
