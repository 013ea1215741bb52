/**
 * What was read of large results before: reading 500 of them takes a minute, what a history keeps of them is a five-hundredth. A file beside the
 * page; without it everything is read, and nothing else changes.
 */
import { readFileSync, type Stats, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { type HistoryPoint, historyPointSchema } from '../result/history.js'
import { replaceFile } from './replace-file.js'

/** Smaller ones are read faster than they are looked up, bytes. */
const LEAST_BYTES = 250_000

const cacheSchema = z.object({
  /** By which ringproof it was made: another one may keep other things. */
  by: z.string(),
  points: z.record(z.string(), z.object({ mark: z.string(), point: z.unknown() })),
})
type Points = z.infer<typeof cacheSchema>['points']

export class HistoryCache {
  readonly #file: string
  readonly #by: string
  readonly #known: Points
  readonly #used: Points = {}
  #isNew = false

  constructor(file: string, version: string) {
    this.#file = file
    // In a checkout the version says nothing: there the time does at which its code was made.
    this.#by = `${version} ${statSync(fileURLToPath(import.meta.url)).mtimeMs}`
    this.#known = this.#read()
  }

  /** @param path of the result, as the cache is to know it */
  get(path: string, stats: Stats): HistoryPoint | undefined {
    const known = this.#known[path]
    if (known === undefined || known.mark !== markOf(stats)) return undefined
    const { data } = historyPointSchema.safeParse(known.point)
    if (data !== undefined) this.#used[path] = known
    return data
  }

  put(path: string, stats: Stats, point: HistoryPoint): void {
    if (stats.size < LEAST_BYTES) return
    this.#used[path] = { mark: markOf(stats), point }
    this.#isNew = true
  }

  /** Where it cannot be written, the next time takes as long as this one. */
  keep(): void {
    if (!this.#isNew && Object.keys(this.#used).length === Object.keys(this.#known).length) return
    try {
      replaceFile(this.#file, JSON.stringify({ by: this.#by, points: this.#used }))
    } catch {
      // A folder that is read-only, a disk that is full, more than a text can hold.
    }
  }

  #read(): Points {
    try {
      const { by, points } = cacheSchema.parse(JSON.parse(readFileSync(this.#file, 'utf8')))
      return by === this.#by ? points : {}
    } catch {
      return {}
    }
  }
}

/** Changes with the file's content: a result is written once, in one step, as a new file. */
const markOf = ({ size, mtimeMs, ino }: Stats): string => `${size} ${mtimeMs} ${ino}`
