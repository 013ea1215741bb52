import './lib/node-version.mjs'
import { buildDist } from './lib/build.mjs'
import { ensureDependencies } from './lib/install.mjs'
import { at } from './lib/paths.mjs'

// For the newcomer: sets itself up, then conformance and a short load against the embedded provider, in one report.
try {
  await ensureDependencies()
  await buildDist()
} catch (error) {
  console.error(error.message)
  process.exit(5)
}
process.setSourceMapsEnabled(true)
const { main } = await import(at('dist', 'src', 'cli', 'main.js'))
process.exitCode = await main(['start', ...process.argv.slice(2)])
