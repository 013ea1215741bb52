import { availableParallelism } from 'node:os'
import { modules } from './modules.mjs'

// Stryker's settings for the module that RINGPROOF_MODULE names; `npm run mutation` goes through all of them.
const name = process.env.RINGPROOF_MODULE ?? ''
const files = `reports/mutation/${name}`

export default {
  mutate: modules[name]?.mutate,
  plugins: ['@stryker-mutator/vitest-runner'],
  testRunner: 'vitest',
  // The list of tests says already which are related.
  vitest: { configFile: 'test/mutation/vitest.config.mjs', related: false },
  coverageAnalysis: 'perTest',
  concurrency: Number(process.env.RINGPROOF_THREADS ?? availableParallelism()),
  // Below the place where Stryker is installed, and that below the checkout: what a copy of it imports is found in one of them.
  tempDirName: '.cache/mutation/copies',
  incrementalFile: `.cache/mutation/${name}.json`,
  ignorePatterns: ['.cache', 'dist', 'docs', 'reports'],
  reporters: ['json', 'html', 'progress-append-only'],
  jsonReporter: { fileName: `${files}.json` },
  htmlReporter: { fileName: `${files}.html` },
}
