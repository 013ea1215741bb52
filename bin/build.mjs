import './lib/node-version.mjs'
import { writeApiPages } from './lib/api-pages.mjs'
import { buildDist } from './lib/build.mjs'
import { writeDeclarations } from './lib/declarations.mjs'
import { ensureDependencies } from './lib/install.mjs'

// Makes what a release has beside the sources (npm pack, npm publish): dist/, declarations, and the pages of the interfaces.
await ensureDependencies()
await buildDist()
await writeDeclarations()
await writeApiPages()
