/** The rounds of a monitor on disk: what a history keeps of each, and how long their reports and they themselves are kept. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readResult } from '../report/read-result.js'
import { replaceFile } from '../report/replace-file.js'
import { POINT_FILE as POINT } from '../report/runs-below.js'
import { type HistoryPoint, historyPointSchema } from '../result/history.js'
import type { MonitorState, RoundOutcome } from '../result/monitor.js'
import { counted } from '../result/texts.js'
import { pointOfRun } from '../verdict/history-points.js'
import type { RoundReport } from './monitor.js'
import type { StateFolder } from './state-folder.js'

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
      try {
        const point = this.#pointIn(one.folder)
        if (point !== undefined) this.#points.push(point)
      } catch {
        broken += 1
      }
    }
    if (broken > 0) told(`${counted(broken, 'round')} could not be read: left out of the page.`)
  }

  /** The oldest first. */
  get points(): readonly HistoryPoint[] {
    return this.#points
  }

  /** The last one that said something of the target. */
  get decided(): HistoryPoint | undefined {
    return this.#points.findLast(({ outcome }) => outcome === 'decided')
  }

  /** Keeps what a history needs of a round. @throws the file system's error: it is known all the same */
  add({ folder, result, trouble }: RoundReport, outcome: RoundOutcome, writtenAt: string): void {
    if (result === undefined) return
    const at = folder === undefined ? { folder: '' } : { folder, report: `${folder}/index.html` }
    const found = pointOfRun(result, { ...at, writtenAt })
    const point = { ...(trouble === undefined ? found : saysNothing(found, trouble)), outcome }
    this.#points = [...this.#points, point].slice(-MOST_POINTS)
    if (folder !== undefined) replaceFile(join(this.#o.folder.path, folder, POINT), JSON.stringify(point))
  }

  /**
   * Removes what is too old: first reports, then the rounds. What shows an open problem stays.
   * @param nowMs Unix ms; undefined where the date is not to be trusted: then nothing is too old by it
   * @throws the file system's error
   */
  prune(state: MonitorState, nowMs: number | undefined): void {
    const { folder, keep, history } = this.#o
    const shown = new Set(state.problems.map(({ report }) => report))
    const all = folder.rounds()
    const gone = new Set<string>()
    const well = new Set(this.#points.flatMap(({ run }) => (run.verdict === 'pass' ? [run.folder] : [])))
    for (const [index, one] of all.entries()) {
      const newer = all.length - 1 - index
      const isOver = (how: Keeping) =>
        'rounds' in how ? newer >= how.rounds : nowMs !== undefined && nowMs - one.begunMs > how.ms
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

  /** Of a round that ended as the monitor was killed there is the result alone. @throws where neither can be read */
  #pointIn(folder: string): HistoryPoint | undefined {
    const path = join(this.#o.folder.path, folder)
    if (existsSync(join(path, POINT)))
      return historyPointSchema.parse(JSON.parse(readFileSync(join(path, POINT), 'utf8')))
    const file = join(path, 'result.json')
    if (!existsSync(file)) return undefined
    const writtenAt = statSync(file).mtime.toISOString()
    return pointOfRun(readResult(file).result, { folder, report: `${folder}/index.html`, writtenAt })
  }
}

/** Of a round that says nothing of the target for a reason of this machine's: a gap in the trend, and no outage. */
const saysNothing = (point: HistoryPoint, trouble: string): HistoryPoint => ({
  ...point,
  run: { ...point.run, verdict: 'inconclusive', unreachable: false, sentence: trouble, tests: {} },
  snapshot: { ...point.snapshot, findings: [], tests: {}, notRun: {}, figures: {} },
  more: [],
  values: {},
})
