import { defineConfig } from 'vitest/config'
import { modules } from './modules.mjs'

// The tests of one module, as Stryker runs them for each mutant: all in one new worker, which loads the module once.
const { tests } = modules[process.env.RINGPROOF_MODULE ?? ''] ?? {}
if (tests === undefined) throw new Error('RINGPROOF_MODULE: one of test/mutation/modules.mjs expected')

export default defineConfig({
  test: { include: tests, pool: 'threads', maxWorkers: 1, isolate: false, testTimeout: 20_000 },
})
