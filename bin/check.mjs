import './lib/node-version.mjs'
import { partLine, staticChecks, tests } from './lib/checks.mjs'
import { endWithSignals, inParallel } from './lib/run.mjs'
import { setUp } from './lib/set-up.mjs'

// Before every commit: lint, format, types, layers and unit tests. `npm run check -- --fix` corrects what can be.
endWithSignals()
await setUp()

const fix = process.argv.includes('--fix')
const parts = await inParallel(
  [tests('unit'), ...staticChecks(fix)].map(({ work }) => async () => {
    const part = await work()
    console.log(partLine(part))
    if (part.failed > 0) console.log(`\n${part.output.trim()}\n`)
    return part
  }),
  2,
)
const failed = parts.filter((part) => part.failed > 0)
if (failed.length > 0) {
  console.log(`\nFailed: ${failed.map((part) => part.name).join(', ')}`)
  process.exitCode ||= 1
}
