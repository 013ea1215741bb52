#!/usr/bin/env node
import './lib/node-version.mjs'
import { buildDist, hasSources } from './lib/build.mjs'
import { ensureDependencies } from './lib/install.mjs'
import { at } from './lib/paths.mjs'

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
process.setSourceMapsEnabled(true)
const { main } = await import(at('dist', 'src', 'cli', 'main.js'))
process.exitCode = await main(process.argv.slice(2))
