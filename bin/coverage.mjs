import './lib/node-version.mjs'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { coverage, recordOf } from './lib/coverage.mjs'
import { at } from './lib/paths.mjs'
import { setUp } from './lib/set-up.mjs'

// Writes docs/coverage.md. `--record REPORT/result.json` (may be repeated) first takes on what a run came to, into targets/NAME.verdicts.json.
// Exit 1 where something is tested by nothing, or proven by nothing.
const { values } = parseArgs({ options: { record: { type: 'string', multiple: true, default: [] } } })
await setUp()
// Not before it is known to be installed.
const { parse } = await import('yaml')
const read = (...path) => JSON.parse(readFileSync(at(...path), 'utf8'))
for (const file of values.record) {
  const result = JSON.parse(readFileSync(file, 'utf8'))
  const record = at('targets', `${result.target.name}.verdicts.json`)
  let before
  try {
    before = JSON.parse(readFileSync(record, 'utf8'))
  } catch {
    // The first of this target.
  }
  writeFileSync(record, `${JSON.stringify(recordOf(result, descriptionOf(result.target), before), undefined, 2)}\n`)
  console.log(`${record}: ${result.scenarios.length} executions taken on`)
}

const { loadCatalogue } = await import(at('dist', 'src', 'cli', 'explain', 'catalogue.js'))
const { purposeGroups } = await import(at('dist', 'src', 'cli', 'purposes.js'))
const { scenarios, faults } = await loadCatalogue()
const targets = readdirSync(at('targets'))
  .filter((name) => name.endsWith('.verdicts.json'))
  .sort()
  .map((name) => read('targets', name))
const { text, gaps } = coverage({
  groups: purposeGroups(scenarios.map(({ definition }) => definition)),
  scenarios,
  faults,
  detection: read('test', 'virtual', 'detection.json'),
  defects: read('test', 'peers', 'kamailio-defects', 'found.json'),
  targets,
})
/** What the target file says of it. */
function descriptionOf({ file, name }) {
  if (name === 'embedded') return 'the embedded provider'
  return parse(readFileSync(file, 'utf8')).description ?? name
}

const file = at('docs', 'coverage.md')
writeFileSync(file, text)
// Tables are padded as everywhere.
execFileSync(process.execPath, [at('node_modules', '@biomejs', 'biome', 'bin', 'biome'), 'format', '--write', file], {
  stdio: 'ignore',
})
console.log(`${file}: ${scenarios.length} scenarios, ${faults.length} faults, ${targets.length} targets`)
for (const gap of gaps) console.log(`  ${gap}`)
process.exitCode = gaps.length > 0 ? 1 : 0
