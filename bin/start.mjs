import './lib/node-version.mjs'
import { runMain } from './lib/main.mjs'
import { setUp } from './lib/set-up.mjs'

// For the newcomer: sets itself up, then conformance and a short load against the embedded provider, in one report.
await setUp()
await runMain(['start', ...process.argv.slice(2)])
