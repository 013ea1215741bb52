import { writeFileSync } from 'node:fs'

/**
 * A reporter for Vitest that writes what the entry scripts count: numbers, failures, and why tests were skipped.
 * The file is named by RINGPROOF_TEST_SUMMARY. A run that breaks off leaves none, which counts as a failure.
 */
export default class Summary {
  onTestRunEnd(modules, unhandledErrors) {
    const summary = { passed: 0, failed: 0, skipped: [], failures: [] }
    const fail = (name) => {
      summary.failed++
      summary.failures.push(name)
    }
    for (const module of modules) {
      const file = module.relativeModuleId ?? module.moduleId
      let failedTests = 0
      for (const test of module.children.allTests()) {
        const { state, note } = test.result()
        const name = `${file} › ${test.fullName}`
        if (state === 'passed') {
          summary.passed++
        } else if (state === 'failed') {
          failedTests++
          fail(name)
        } else {
          summary.skipped.push({ name, why: note ?? '' })
        }
      }
      // A file that cannot be loaded, or a hook that throws, fails without any of its tests failing.
      if (failedTests === 0 && module.state() === 'failed') fail(file)
    }
    for (const error of unhandledErrors) fail(`unhandled: ${error.message ?? error}`)
    writeFileSync(process.env.RINGPROOF_TEST_SUMMARY, JSON.stringify(summary))
  }
}
