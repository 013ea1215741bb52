/** The command `monitor`: wires the monitor to this machine. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { SystemRandom } from '../clock/random.js'
import { WallClock } from '../clock/wall-clock.js'
import { storageTrouble } from '../evidence/storage-trouble.js'
import { childRound } from '../monitor/child-round.js'
import { deliveryOf } from '../monitor/delivery.js'
import { type Measured, measuresOf } from '../monitor/measures.js'
import { Monitor, type RoundReport } from '../monitor/monitor.js'
import { ownTroubleIn } from '../monitor/own-network.js'
import { otlpBody, sendOtlp } from '../monitor/otlp.js'
import { prometheusText } from '../monitor/prometheus.js'
import { OnceTold } from '../monitor/once-told.js'
import { type Keeping, Rounds } from '../monitor/rounds.js'
import { StateFolder, StateFolderError } from '../monitor/state-folder.js'
import { SteadyDate } from '../monitor/steady-date.js'
import { startStatusServer, type StatusServer } from '../monitor/status-server.js'
import { monitorPage } from '../report/monitor-page.js'
import type { MonitorState } from '../result/monitor.js'
import { historyOf } from '../verdict/history.js'
import { version } from '../worlds/package-folder.js'
import { oneLine } from './console.js'
import type { CliContext } from './context.js'
import { NotRunError, UsageError } from './errors.js'

export interface MonitorOrder {
  /** As given on the command line; read anew in each round. */
  readonly target: string
  /** The target's name, as the file has it at the start. */
  readonly name: string
  /** Whether the file names the DNS server. */
  readonly namesDns: boolean
  readonly everyMs: number
  /** What each round runs: options of `ringproof run`. */
  readonly args: readonly string[]
  readonly letter: boolean
  readonly state: string
  readonly listen?: { readonly host: string; readonly port: number } | undefined
  readonly command?: string | undefined
  readonly webhook?: string | undefined
  readonly otlp?: string | undefined
  readonly keep: Keeping
  readonly history: Keeping
}

/** A round that takes longer than this is ended, ms. */
const LEAST_PATIENCE_MS = 15 * 60_000

/** Watches until the interruption. @throws UsageError */
export async function performMonitor(order: MonitorOrder, context: CliContext): Promise<void> {
  const folder = folderOf(resolve(order.state))
  try {
    await watch(order, folder, context)
  } finally {
    folder.release()
  }
}

function folderOf(path: string): StateFolder {
  try {
    return new StateFolder(path)
  } catch (error) {
    if (error instanceof StateFolderError) throw new UsageError(error.message)
    const why = storageTrouble(error)
    if (why === undefined) throw error
    // No wrong usage: a disk that is full is not full for ever, and who starts services may try again.
    throw new NotRunError(`The monitor cannot write to ${path}: ${why}. Choose another folder with --state.`)
  }
}

async function watch(order: MonitorOrder, folder: StateFolder, context: CliContext): Promise<void> {
  const tell = (line: string) => context.complain(oneLine(line, 600))
  // The only place that asks for the date: it is what people and other programs go by, and it is what jumps.
  const date = () => Date.now()
  const startedMs = date()
  const clock = new WallClock()
  const once = new OnceTold(tell)
  const rounds = new Rounds({ folder, keep: order.keep, history: order.history }, tell)
  const { signal } = context.interruption
  const measured = (state: MonitorState): Measured => ({ state, decided: rounds.decided, everyMs: order.everyMs })
  const state = folder.read(order.name, tell)
  const steady = new SteadyDate(clock, date, Date.parse(state.last?.endedAt ?? ''))
  const monitor: Monitor = new Monitor({
    clock,
    date,
    random: new SystemRandom(),
    everyMs: order.everyMs,
    letter: order.letter,
    state,
    perform: () => roundOf(order, folder, date(), signal),
    keep: (now) => {
      const why = troubleOf(() => folder.keep(now))
      const line =
        why && `What the monitor knows cannot be kept in ${folder.path}: ${why}. It goes on as long as it runs.`
      once.now('state', line, `What the monitor knows is kept in ${folder.path} again.`)
    },
    ended: async (report, now) => {
      // Room is made first.
      const stays = troubleOf(() => rounds.prune(now, steady.now()))
      once.now('old', stays && `Old rounds cannot be removed: ${stays}.`, 'Old rounds can be removed again.')
      const lost = troubleOf(() => rounds.add(report, now.last?.outcome ?? 'blind', new Date(date()).toISOString()))
      const unkept = report.unkept ?? (lost && `${lost}.`)
      once.now('rounds', unkept && `Rounds are judged, and cannot be kept: ${unkept}`, 'Rounds are kept again.')
      if (order.otlp === undefined) return
      const { target } = now
      const about = { target, version: version(), sinceMs: startedMs, nowMs: date() }
      const refused = await sendOtlp(order.otlp, otlpBody(measuresOf(measured(now)), about), signal)
      once.now('otlp', refused && `Metrics were not taken by --otlp: ${refused}.`, 'Metrics are taken by --otlp again.')
    },
    delivery: deliveryOf(order),
    tell,
    signal,
  })
  const server =
    order.listen === undefined
      ? undefined
      : await serverOf(order.listen, { order, folder, rounds, monitor, date, measured })
  try {
    const page = server === undefined ? '' : ` Page: ${server.url}`
    context.report(`Watching ${order.name} every ${order.everyMs / 1000} s; rounds are in ${folder.path}.${page}`)
    await monitor.run()
  } finally {
    server?.close()
  }
}

async function roundOf(
  order: MonitorOrder,
  folder: StateFolder,
  dateMs: number,
  signal: AbortSignal,
): Promise<RoundReport> {
  const report = await childRound({
    args: ['run', '--target', order.target, ...order.args],
    root: folder.path,
    folder: folder.nextRound(dateMs),
    signal,
    mostMs: Math.max(LEAST_PATIENCE_MS, 3 * order.everyMs),
  })
  if (report.trouble !== undefined || report.result === undefined) return report
  return { ...report, trouble: await ownTroubleIn(report.result, order.namesDns) }
}

/** What the file system refuses is told, and no reason to stop watching: in a sentence's end. */
function troubleOf(step: () => void): string | undefined {
  try {
    step()
    return undefined
  } catch (error) {
    return storageTrouble(error) ?? (error instanceof Error ? error.message : String(error))
  }
}

interface Served {
  readonly order: MonitorOrder
  readonly folder: StateFolder
  readonly rounds: Rounds
  readonly monitor: Monitor
  readonly date: () => number
  readonly measured: (state: MonitorState) => Measured
}

async function serverOf(
  listen: NonNullable<MonitorOrder['listen']>,
  { order, folder, rounds, monitor, date, measured }: Served,
): Promise<StatusServer> {
  try {
    return await startStatusServer({
      ...listen,
      root: folder.path,
      metrics: () => prometheusText(measuresOf(measured(monitor.state))),
      status: () => statusOf(monitor.state),
      page: () =>
        monitorPage({
          state: monitor.state,
          target: historyOf(version(), rounds.points).targets.find(({ name }) => name === monitor.state.target),
          ringproof: version(),
          everyMs: order.everyMs,
          nowMs: date(),
          nextAtMs: monitor.nextAt,
          hasReport: (round) => existsSync(join(folder.path, round, 'index.html')),
        }),
    })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new UsageError(`The page cannot be served: ${why}. Choose another address with --listen.`)
  }
}

/** Without what only the monitor itself needs. */
function statusOf({ problems, ...state }: MonitorState): object {
  return { ...state, problems: problems.map((problem) => ({ ...problem, base: undefined })) }
}
