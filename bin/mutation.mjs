import './lib/node-version.mjs'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { modules } from '../test/mutation/modules.mjs'
import { ensureDependencies, ensureTool } from './lib/install.mjs'
import { at } from './lib/paths.mjs'
import { endWithSignals, run } from './lib/run.mjs'

// Would our own tests notice? Stryker changes the code at one place after the other (a mutant), and the tests of the module have to
// fail. `npm run mutation` goes through all modules, `npm run mutation -- sdp dialog` through these. While writing tests:
// `npm run mutation -- message --only src/message/uri.ts:40-90` prints what survives there, and `--incremental` tries again only what
// has changed since the last run, or whose tests have. Exit 1 where a module is below the bar.
const BAR = 85
const usage = `usage: npm run mutation -- [${Object.keys(modules).join(' | ')} …] [--only FILE[:FROM-TO][,…]] [--incremental] [--threads NUMBER]`
let options
try {
  options = parseArgs({
    allowPositionals: true,
    options: { only: { type: 'string' }, incremental: { type: 'boolean' }, threads: { type: 'string' } },
  })
} catch {
  options = undefined
}
const { only, incremental, threads } = options?.values ?? {}
const names = options?.positionals.length === 0 ? Object.keys(modules) : (options?.positionals ?? [])
const unclear = names.some((name) => !(name in modules)) || (only !== undefined && names.length !== 1)
if (options === undefined || unclear || (threads !== undefined && !/^[1-9]\d?$/.test(threads))) {
  console.error(usage)
  process.exit(2)
}
endWithSignals()
const tool = at('.cache', 'mutation')
try {
  await ensureDependencies()
  await ensureTool(at('test', 'mutation'), tool)
} catch (error) {
  console.error(error.message)
  process.exit(5)
}

const stryker = join(tool, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js')
const args = [stryker, 'run', 'test/mutation/stryker.config.mjs']
if (only !== undefined) args.push('--mutate', only)
if (incremental) args.push('--incremental')
const rows = []
for (const name of names) {
  console.log(`${name}: reports/mutation/${name}.html`)
  const env = { RINGPROOF_MODULE: name, ...(threads !== undefined && { RINGPROOF_THREADS: threads }) }
  const { code, output, seconds } = await run(process.execPath, args, {
    env,
    show: process.stdout.isTTY || only !== undefined,
  })
  if (code !== 0) {
    console.error(output)
    process.exit(process.exitCode ?? 1)
  }
  const result = read(name)
  writeFileSync(at('reports', 'mutation', `${name}.txt`), `${result.survivors.join('\n')}\n`)
  if (only !== undefined) for (const survivor of result.survivors) console.log(survivor)
  rows.push({ name, ...result, seconds })
}

console.log('\nmodule       mutants  killed  survived  excused   score   time')
for (const { name, killed, survived, excused, score, seconds } of rows) {
  const counts = [killed + survived + excused, killed, survived, excused].map((count) => String(count).padStart(8))
  const time = `${(seconds / 60).toFixed(1)} min`
  console.log(`${name.padEnd(12)} ${counts.join(' ')} ${score.toFixed(1).padStart(6)} %  ${time}`)
}
const low = rows.filter(({ score }) => score < BAR).map(({ name }) => name)
console.log(
  low.length === 0
    ? `At least ${BAR} % of every module's mutants are killed. What survived: reports/mutation/*.txt`
    : `Below ${BAR} %: ${low.join(', ')}. What survived: reports/mutation/*.txt`,
)
process.exitCode ||= low.length === 0 ? 0 : 1

/** What a module's result says. Excused is what a comment in the code gives a reason for (`Stryker disable`): not counted. */
function read(name) {
  const { files } = JSON.parse(readFileSync(at('reports', 'mutation', `${name}.json`), 'utf8'))
  const counts = { killed: 0, survived: 0, excused: 0 }
  const survivors = []
  for (const [file, { source, mutants }] of Object.entries(files)) {
    const lines = source.split('\n')
    for (const { status, location, mutatorName, replacement } of mutants) {
      if (status === 'Killed' || status === 'Timeout') counts.killed += 1
      else if (status === 'Ignored') counts.excused += 1
      if (status !== 'Survived' && status !== 'NoCoverage') continue
      counts.survived += 1
      const { start, end } = location
      const line = lines[start.line - 1] ?? ''
      const original =
        start.line === end.line ? line.slice(start.column - 1, end.column - 1) : line.slice(start.column - 1)
      const untested = status === 'NoCoverage' ? ', no test comes here' : ''
      survivors.push(`${file}:${start.line}:${start.column} ${original} → ${replacement} (${mutatorName}${untested})`)
    }
  }
  return { ...counts, survivors, score: (100 * counts.killed) / Math.max(1, counts.killed + counts.survived) }
}
