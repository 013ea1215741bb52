import './lib/node-version.mjs'
import { buildDist } from './lib/build.mjs'
import { partLine, staticChecks, tests } from './lib/checks.mjs'
import { ensureDependencies } from './lib/install.mjs'
import { at } from './lib/paths.mjs'
import { endWithSignals, inParallel } from './lib/run.mjs'
import { ensurePeers } from './lib/system.mjs'

// Everything: sets up what is needed, then lint, format, types, layers and all tests.
// The last line is `N passed, N failed`; what could not be set up fails what needs it, and the rest goes on.
endWithSignals()
const parts = []
const notes = []
const report = (part) => {
  parts.push(part)
  console.log(partLine(part))
  if (part.failed > 0 && !part.shown) console.log(`\n${part.output.trim()}\n`)
}
const failure = (name, error) =>
  report({
    name,
    passed: 0,
    failed: 1,
    seconds: 0,
    output: error.message,
    failures: [`${name}: ${error.message.split('\n')[0]}`],
    skipped: [],
  })

if (await setUp()) {
  // What follows these measures times on sockets, with real servers: no heavy work runs beside it.
  await inParallel([tests('unit'), tests('virtual'), ...staticChecks()].map(shown(false)), 2)
  await shown(true)(tests('sockets', { show: true }))()
  await shown(true)(tests('peers', { show: true }))()
}
finish()

/** @returns {Promise<boolean>} whether tests can be run at all */
async function setUp() {
  try {
    await ensureDependencies(console.log)
    await buildDist()
  } catch (error) {
    failure('set-up', error)
    return false
  }
  // One of them waits for the network, the other for the compiler.
  const missing = await Promise.all([ensurePeers(), k6Missing()])
  notes.push(...missing.filter((one) => one !== undefined))
  return true
}

/** @returns {Promise<string | undefined>} why there is no k6: in CI the tests that need it fail; elsewhere they are skipped and say so */
async function k6Missing() {
  try {
    const { ensureK6 } = await import(at('dist', 'src', 'load', 'k6-program.js'))
    await ensureK6({ progress: console.log })
    return undefined
  } catch (error) {
    return error.message
  }
}

function shown(already) {
  return ({ work }) =>
    async () =>
      report({ ...(await work()), shown: already })
}

function finish() {
  const skipped = parts.flatMap((part) => part.skipped)
  const failures = parts.flatMap((part) => part.failures)
  const list = (title, lines) =>
    lines.length > 0 && console.log(`\n${title}\n${lines.map((line) => `  ${line}`).join('\n')}`)
  list('Not set up:', notes)
  list(
    'Skipped:',
    skipped.map(({ name, why }) => (why === '' ? name : `${name}: ${why}`)),
  )
  list('Failed:', failures)
  const sum = (key) => parts.reduce((total, part) => total + part[key], 0)
  process.exitCode ||= sum('failed') > 0 ? 1 : 0
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`)
}
