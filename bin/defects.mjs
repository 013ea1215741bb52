import './lib/node-version.mjs'
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildDist } from './lib/build.mjs'
import { ensureDependencies } from './lib/install.mjs'
import { at } from './lib/paths.mjs'
import { endWithSignals, run } from './lib/run.mjs'
import { ensurePeers } from './lib/system.mjs'

// Mistakes of operators, planted one at a time into Kamailio, rtpengine, DNS and the packet filter: is each found by the check that is about
// it? First of all nothing is planted: then all these checks must hold. `npm run defects -- --only no-trying` plants that one;
// `--record` writes what was found into test/peers/kamailio-defects/found.json. Exit 1 where less than 95 % are found.
const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, record: { type: 'boolean', default: false } },
})
const ENOUGH = 0.95
const here = at('test', 'peers', 'kamailio-defects')
const folder = at('.cache', 'kamailio-defects')
const foundFile = join(here, 'found.json')

endWithSignals()
try {
  await ensureDependencies()
  await buildDist()
  const missing = await ensurePeers()
  if (missing !== undefined) throw new Error(missing)
} catch (error) {
  console.error(error.message)
  process.exit(5)
}
const { defects, scriptOf } = await import('../test/peers/kamailio-defects/defects.mjs')
const { STANDING_CHECKS } = await import(at('dist', 'src', 'examiner', 'standing-checks.js'))
const { canFilter, letPacketsPass } = await import('../test/peers/kamailio-defects/packet-filter.mjs')

const chosen = defects.filter(({ name }) => values.only === undefined || values.only.includes(name))
const unknown = (values.only ?? []).filter((name) => !defects.some((one) => one.name === name) && name !== 'none')
if (unknown.length > 0) {
  console.error(`no such defect: ${unknown.join(', ')}`)
  process.exit(2)
}
mkdirSync(folder, { recursive: true })
const record = readRecord()
const missed = []
const skipped = []
let planted = 0
if (values.only === undefined || values.only.includes('none')) await control()
for (const defect of chosen) {
  if (process.exitCode >= 128) break
  if (defect.drops && !canFilter()) {
    skipped.push(defect.name)
    continue
  }
  planted += 1
  await tryOut(defect)
}
if (values.record) writeRecord()
if (skipped.length > 0) console.log(`Not planted, since iptables needs root: ${skipped.join(', ')}`)
console.log(`\n${planted - missed.length} of ${planted} found by the check that is about them`)
if (missed.length > 0) console.log(`Missed: ${missed.join(', ')}`)
process.exitCode ||= missed.length > planted * (1 - ENOUGH) ? 1 : 0

/** The same checks, on the servers as they are. */
async function control() {
  const only = [...new Set(chosen.flatMap((defect) => (defect.slow ? [] : defect.only)))]
  const broken = brokenOf(await runOn(at('targets', 'kamailio.yaml'), { only, on: {} }))
  const wrong = chosen.flatMap(({ foundBy }) => foundBy.filter((check) => broken.has(check)))
  console.log(
    wrong.length === 0
      ? `ok     nothing planted: no check about the defects fails`
      : `WRONG  nothing planted: ${wrong.join(', ')}`,
  )
  if (wrong.length > 0) process.exitCode = 1
}

async function tryOut(defect) {
  const script = scriptOf(defect)
  const launch = `RINGPROOF_DEFECT=${defect.name} exec "\${RINGPROOF_NODE:-node}" "${join(here, 'launch.mjs')}" "$@"`
  writeFileSync(script, `#!/bin/sh\n${launch}\n`)
  chmodSync(script, 0o755)
  const target = join(folder, `${defect.name}.yaml`)
  const text = readFileSync(at('targets', 'kamailio.yaml'), 'utf8')
    .replace('launch: ../peers/kamailio/run', `launch: ${script}`)
    .replace('../.cache/kamailio/ca.pem', at('.cache', 'kamailio', 'ca.pem'))
    .replace('kamailio.known.json', at('targets', 'kamailio.known.json'))
  writeFileSync(target, text)
  const started = performance.now()
  let broken
  try {
    broken = brokenOf(await runOn(target, defect))
  } catch (error) {
    missed.push(defect.name)
    console.log(`MISSED ${defect.name}: not planted: ${error.message}`)
    return
  } finally {
    letPacketsPass(defect.drops ?? [])
  }
  const by = defect.foundBy.filter((check) => broken.has(check))
  const others = [...broken].filter((check) => !by.includes(check)).sort((a, b) => a.localeCompare(b))
  if (by.length === 0) missed.push(defect.name)
  record[defect.name] = by
  const seconds = Math.round((performance.now() - started) / 1000)
  const also = others.length === 0 ? '' : `; also ${others.join(', ')}`
  console.log(
    by.length > 0
      ? `found  ${defect.name} by ${by.join(', ')}${also} (${seconds} s)`
      : `MISSED ${defect.name}${also} (${seconds} s)`,
  )
}

/** @returns {Promise<object>} result.json of a run */
async function runOn(target, { only, slow = false, on = { transport: 'udp', family: 'ipv4' } }) {
  const out = join(folder, 'report')
  rmSync(out, { recursive: true, force: true })
  const args = ['run', '--target', target, '--quiet', '--seed', '1', '--out', out, ...(slow ? ['--slow'] : [])]
  for (const [option, value] of Object.entries(on)) args.push(`--${option}`, value)
  const { output, code } = await run(process.execPath, [
    at('bin', 'ringproof.mjs'),
    ...args,
    ...only.flatMap((id) => ['--only', id]),
  ])
  try {
    return JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'))
  } catch {
    throw new Error(`ringproof ended with ${code}: ${output.trim().split('\n').at(-1)}`)
  }
}

/** The checks that do not hold: `scenario#rule`, and standing checks by their ids. */
function brokenOf({ scenarios, survey, findings }) {
  const broken = [...scenarios, ...(survey?.vitalSigns ?? [])].flatMap(({ id, checks }) =>
    checks.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn').map((check) => `${id}#${check.id}`),
  )
  // A finding is called by the cause of what broke, where it has one.
  const seen = findings.filter(({ kind, severity }) => kind === 'standing-check' && severity !== 'info')
  const standing = STANDING_CHECKS.filter((check) =>
    seen.some(({ id }) => id === check.id || id === check.text.cause),
  ).map(({ id }) => id)
  return new Set([...broken, ...standing])
}

function readRecord() {
  try {
    return JSON.parse(readFileSync(foundFile, 'utf8'))
  } catch {
    return {}
  }
}

function writeRecord() {
  const names = defects.map(({ name }) => name).filter((name) => record[name] !== undefined)
  writeFileSync(
    foundFile,
    `${JSON.stringify(Object.fromEntries(names.map((name) => [name, record[name]])), undefined, 2)}\n`,
  )
}
