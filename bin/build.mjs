import './lib/node-version.mjs'
import { writeApiPages } from './lib/api-pages.mjs'
import { buildDist } from './lib/build.mjs'
import { writeDeclarations } from './lib/declarations.mjs'
import { ensureDependencies } from './lib/install.mjs'
import { writeManPage } from './lib/man-page.mjs'

// Makes what a release has beside the sources (npm pack, npm publish): dist/, declarations, the pages of the interfaces, the manual page.
await ensureDependencies()
await buildDist()
await writeDeclarations()
await writeApiPages()
await writeManPage()
