import './lib/node-version.mjs'
import { buildDist } from './lib/build.mjs'
import { writeDeclarations } from './lib/declarations.mjs'
import { ensureDependencies } from './lib/install.mjs'

// Makes dist/ for a release (npm pack, npm publish).
await ensureDependencies()
await buildDist()
await writeDeclarations()
