import './lib/node-version.mjs'
import { buildDist } from './lib/build.mjs'
import { ensureDependencies } from './lib/install.mjs'
import { runMain } from './lib/main.mjs'

// For the newcomer: sets itself up, then conformance and a short load against the embedded provider, in one report.
try {
  await ensureDependencies()
  await buildDist()
} catch (error) {
  console.error(error.message)
  process.exit(5)
}
await runMain(['start', ...process.argv.slice(2)])
