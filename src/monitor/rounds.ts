/** The rounds of a monitor on disk: what a history keeps of each, and how long their reports and they themselves are kept. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../report/replace-file.js'
import { type HistoryPoint, historyPointSchema } from '../result/history.js'
import type { MonitorState } from '../result/monitor.js'
import { pointOfRun } from '../verdict/history-points.js'
import type { RoundReport } from './monitor.js'
import { POINT, type StateFolder } from './state-folder.js'

/** Days, or a number of rounds. */
export type Keeping = { readonly ms: number } | { readonly rounds: number }

export interface RoundsOptions {
  readonly folder: StateFolder
  /** How long reports and captures are kept, and how long the trend. */
  readonly keep: Keeping
  readonly history: Keeping
}

/** More would only fill the memory. */
const MOST_POINTS = 10_000
/** Captures of rounds in which all was well are most of what a monitor writes: the last ones will do. */
const WELL_CAPTURES = 12

export class Rounds {
  readonly #o: RoundsOptions
  #points: HistoryPoint[] = []

  /** Reads what there is. @param told what could not be read */
  constructor(o: RoundsOptions, told: (line: string) => void) {
    this.#o = o
    const { folder } = o
    let broken = 0
    for (const one of folder.rounds().slice(-MOST_POINTS)) {
      const file = join(folder.path, one.folder, POINT)
      if (!existsSync(file)) continue
      try {
        this.#points.push(historyPointSchema.parse(JSON.parse(readFileSync(file, 'utf8'))))
      } catch {
        broken += 1
      }
    }
    this.#points.sort((a, b) => Date.parse(a.run.startedAt) - Date.parse(b.run.startedAt))
    if (broken > 0) told(`${broken} rounds could not be read, and are left out of the page.`)
  }

  /** The oldest first. */
  get points(): readonly HistoryPoint[] {
    return this.#points
  }

  /** Keeps what a history needs of a round. @throws the file system's error */
  add({ folder, result }: RoundReport, writtenAt: string): HistoryPoint | undefined {
    if (folder === undefined || result === undefined) return undefined
    const point = pointOfRun(result, { folder, report: `${folder}/index.html`, writtenAt })
    this.#points = [...this.#points, point].slice(-MOST_POINTS)
    replaceFile(join(this.#o.folder.path, folder, POINT), JSON.stringify(point))
    return point
  }

  /** Removes what is too old: first reports, then the rounds. What shows an open problem stays. @throws the file system's error */
  prune(state: MonitorState, nowMs: number): void {
    const { folder, keep, history } = this.#o
    const shown = new Set(state.problems.map(({ report }) => report))
    const all = folder.rounds()
    const gone = new Set<string>()
    const well = new Set(this.#points.flatMap(({ run }) => (run.verdict === 'pass' ? [run.folder] : [])))
    for (const [index, one] of all.entries()) {
      const newer = all.length - 1 - index
      const isOver = (how: Keeping) => ('rounds' in how ? newer >= how.rounds : nowMs - one.changedMs > how.ms)
      const path = join(folder.path, one.folder)
      if (newer >= WELL_CAPTURES && well.has(one.folder))
        rmSync(join(path, 'evidence'), { recursive: true, force: true })
      if (shown.has(one.folder) || !isOver(keep)) continue
      const isBare = !existsSync(join(path, POINT))
      if (isOver(history) || isBare) {
        rmSync(path, { recursive: true, force: true })
        gone.add(one.folder)
      } else {
        for (const name of readdirSync(path))
          if (name !== POINT) rmSync(join(path, name), { recursive: true, force: true })
      }
    }
    if (gone.size > 0) this.#points = this.#points.filter(({ run }) => !gone.has(run.folder))
  }
}
