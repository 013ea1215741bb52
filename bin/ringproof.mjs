#!/usr/bin/env node
import './lib/node-version.mjs'
import { buildDist, hasSources } from './lib/build.mjs'
import { ensureDependencies } from './lib/install.mjs'
import { runMain } from './lib/main.mjs'

// In a checkout, what runs is always what the sources say.
try {
  if (hasSources()) {
    await ensureDependencies()
    await buildDist()
  }
} catch (error) {
  console.error(error.message)
  process.exit(6)
}
await runMain(process.argv.slice(2))
