import './lib/node-version.mjs'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { at } from './lib/paths.mjs'
import { endWithSignals, run } from './lib/run.mjs'
import { ensurePeers } from './lib/system.mjs'
import { setUp } from './lib/set-up.mjs'

// The whole suite against each server of somebody else's, or against those whose names are given, and the table of docs/peers.md.
endWithSignals()
await setUp()
const missing = await ensurePeers()
if (missing !== undefined) console.log(missing)

const all = ['kamailio', 'kamailio-optional-srtp', 'ejabberd', 'sippy', 'asterisk']
/** Not in every release of Debian: tried where they are there. */
const optional = ['asterisk']
const isThere = (name) => spawnSync(at('peers', name, 'run'), ['check']).status === 0
const names = process.argv.slice(2)
const unknown = names.filter((name) => !all.includes(name))
if (unknown.length > 0) {
  console.error(`There is no server ${unknown.join(', ')}; there are: ${all.join(', ')}`)
  process.exit(2)
}
const rows = []
const left = names.length > 0 ? [] : optional.filter((name) => !isThere(name))
if (left.length > 0) console.log(`Left out, since not installed: ${left.join(', ')}`)
for (const name of names.length > 0 ? names : all.filter((one) => !left.includes(one))) {
  const out = at('reports', 'peers', name)
  const args = ['run', '--target', at('targets', `${name}.yaml`), '--seed', '1', '--quiet', '--out', out]
  const { code, seconds } = await run(process.execPath, [at('bin', 'ringproof.mjs'), ...args], { show: true })
  process.exitCode ||= code
  try {
    const version = /^version: "?([^"\n]+)/m.exec(readFileSync(at('targets', `${name}.yaml`), 'utf8'))?.[1] ?? ''
    rows.push(rowOf([name, version], JSON.parse(readFileSync(`${out}/result.json`, 'utf8')), seconds))
  } catch (error) {
    console.error(`${name} left no result: ${error.message}`)
    process.exitCode ||= 1
  }
}
const head = '| server | version | pass | fail | warn | of these known | inconclusive | seconds |'
console.log(['', head, head.replaceAll(/[^|]+/g, ' --- '), ...rows].join('\n'))

function rowOf(server, { scenarios, survey }, seconds) {
  const judged = [...(survey?.vitalSigns ?? []), ...scenarios]
  const count = (verdict) => judged.filter((one) => one.verdict === verdict).length
  const known = judged.filter(({ checks }) => checks.some((check) => check.reasonCode === 'known-deviation')).length
  const numbers = [count('pass'), count('fail'), count('warn'), known, count('inconclusive'), Math.round(seconds)]
  return `| ${[...server, ...numbers].join(' | ')} |`
}
