import './lib/node-version.mjs'
import { buildDist } from './lib/build.mjs'
import { partLine, staticChecks, tests } from './lib/checks.mjs'
import { ensureDependencies } from './lib/install.mjs'
import { endWithSignals, inParallel } from './lib/run.mjs'

// Before every commit: lint, format, types, layers and unit tests. `npm run check -- --fix` corrects what can be.
endWithSignals()
try {
  await ensureDependencies()
  await buildDist()
} catch (error) {
  console.error(error.message)
  process.exit(5)
}

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
