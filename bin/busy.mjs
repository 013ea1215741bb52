import './lib/node-version.mjs'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { startBurners } from './lib/burners.mjs'
import { openOf, rowOf } from './lib/busy.mjs'
import { at } from './lib/paths.mjs'
import { endWithSignals, run } from './lib/run.mjs'
import { setUp } from './lib/set-up.mjs'

// The whole suite on sockets against the embedded provider, many times, while other processes keep all cores busy: what is right must
// not be called wrong because this machine is slow. First one run without load, whose warnings are no fault of the load.
// Exit 1 where a run has a fail, an error, or a warning that the quiet run does not have.
const { values } = parseArgs({
  options: {
    /** How many runs under load. */
    runs: { type: 'string', default: '20' },
    /** How many processes that keep a core busy each; default: as many as there are cores. */
    burners: { type: 'string', default: String(availableParallelism()) },
    /** Seconds for which each run is stopped (SIGSTOP) at some moment, and goes on. */
    stop: { type: 'string', default: '0' },
    /** The system's clock, as the run sees it, steps by an hour every few seconds. */
    'jump-clock': { type: 'boolean', default: false },
    /** Only scenarios whose ids match. */
    only: { type: 'string', multiple: true, default: [] },
  },
})
const [runs, burners, stopSeconds] = [values.runs, values.burners, values.stop].map(Number)
if (![runs, burners, stopSeconds].every((number) => Number.isInteger(number) && number >= 0)) {
  console.error('--runs, --burners and --stop need whole numbers')
  process.exit(2)
}

endWithSignals()
await setUp()

const folder = at('reports', 'busy')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const COLUMNS = ['run', 'held', 'warned', 'failed', 'errors', 'inconclusive', 'why', 'seconds']

const quiet = await wholeRun('quiet')
if (quiet.result === undefined) {
  console.error(`The quiet run left no result: ${quiet.output.trim().split('\n').at(-1)}`)
  process.exit(1)
}
const load = `${burners} processes that keep a core busy${stopSeconds > 0 ? `, each run stopped for ${stopSeconds} s` : ''}`
console.log(`${runs} runs, ${load}\n`)
console.log(`| ${COLUMNS.join(' | ')} |\n| ${COLUMNS.map(() => '---').join(' | ')} |`)
tell({ ...rowOf({ run: 'quiet', ...quiet }, quiet.result, quiet.result), wrong: [] })
const { stop: stopBurners } = await startBurners(burners)
const rows = []
try {
  for (let n = 1; n <= runs && process.exitCode === undefined; n++) {
    const one = await wholeRun(`run-${n}`, { stopAfterMs: stopSeconds > 0 ? stopMoment(n) : undefined })
    if (process.exitCode !== undefined) break
    if (one.result === undefined) {
      rows.push({ wrong: ['no result'], open: 0 })
      console.log(`run ${n} left no result: ${one.output.trim().split('\n').at(-1)}`)
      continue
    }
    const row = rowOf({ run: n, ...one }, one.result, quiet.result)
    rows.push(row)
    tell(row)
    for (const line of [...row.wrong, ...openOf(one.result)]) console.log(`  ${line}`)
    // What is in order needs no report.
    if (row.wrong.length === 0) rmSync(join(folder, `run-${n}`), { recursive: true, force: true })
  }
} finally {
  stopBurners()
}
const wrong = rows.filter((row) => row.wrong.length > 0)
const open = rows.reduce((sum, row) => sum + row.open, 0)
const clean = rows.length - wrong.length
console.log(`\n${clean} of ${rows.length} runs without a wrong word; inconclusive in all: ${open}`)
if (wrong.length > 0) console.log(`Their reports: ${folder}`)
process.exitCode ||= wrong.length > 0 ? 1 : 0

function tell({ run: name, held, warned, failed, errors, open: undecided, why, seconds }) {
  console.log(`| ${[name, held, warned, failed, errors, undecided, why, Math.round(seconds)].join(' | ')} |`)
}

/** The moment (ms after its start) at which run `n` is stopped: another one each time, from the survey to the last scenarios. */
function stopMoment(n) {
  return 2_000 + (((n - 1) * 7_000) % 45_000)
}

/** @returns {Promise<{ exitCode: number, seconds: number, output: string, result: object | undefined }>} */
async function wholeRun(name, { stopAfterMs } = {}) {
  const out = join(folder, name)
  const args = ['run', '--quiet', '--out', out, ...values.only.flatMap((pattern) => ['--only', pattern])]
  const jumping = `--import=${pathToFileURL(at('bin', 'lib', 'jumping-clock.mjs')).href}`
  const env = values['jump-clock'] ? { NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} ${jumping}`.trim() } : {}
  const { code, seconds, output } = await run(process.execPath, [at('bin', 'ringproof.mjs'), ...args], {
    env,
    onStart: (child) => stopAfterMs !== undefined && pause(child, stopAfterMs),
  })
  const file = join(out, 'result.json')
  const result = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
  return { exitCode: code, seconds, output, result }
}

/** Stops a process at some moment, and lets it go on: what a debugger, a laptop's lid or a starved virtual machine do. */
function pause(child, afterMs) {
  const stopping = setTimeout(() => {
    child.kill('SIGSTOP')
    setTimeout(() => child.kill('SIGCONT'), stopSeconds * 1000)
  }, afterMs)
  child.once('exit', () => clearTimeout(stopping))
}
