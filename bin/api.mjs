import './lib/node-version.mjs'
import { setUp } from './lib/set-up.mjs'
import { writeApiPages } from './lib/api-pages.mjs'

// docs/api: a page for each of what package.json exports, made from the docstrings.
await setUp()
const troubles = await writeApiPages()
for (const trouble of troubles) console.error(trouble)
process.exitCode = troubles.length === 0 ? 0 : 1
