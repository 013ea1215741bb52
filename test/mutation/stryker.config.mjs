import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { modules } from './modules.mjs'

// Stryker's settings for the module that RINGPROOF_MODULE names; `npm run mutation` goes through all of them.
const name = process.env.RINGPROOF_MODULE ?? ''
const files = `reports/mutation/${name}`

export default {
  mutate: modules[name]?.mutate,
  plugins: [fileURLToPath(new URL('runner.mjs', import.meta.url))],
  testRunner: 'bundle',
  coverageAnalysis: 'perTest',
  concurrency: Number(process.env.RINGPROOF_THREADS ?? availableParallelism()),
  // Below the checkout: what a copy of it imports is found there.
  tempDirName: '.cache/mutation/copies',
  incrementalFile: `.cache/mutation/${name}.json`,
  ignorePatterns: ['.cache', 'dist', 'docs', 'reports'],
  reporters: ['json', 'html', 'progress-append-only'],
  jsonReporter: { fileName: `${files}.json` },
  htmlReporter: { fileName: `${files}.html` },
}
