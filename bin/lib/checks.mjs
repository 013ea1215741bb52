import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { at } from './paths.mjs'
import { run } from './run.mjs'

/**
 * @typedef {{ name: string, passed: number, failed: number, seconds: number, output: string,
 *   failures: string[], skipped: { name: string, why: string }[] }} Part
 */

const program = (...parts) => at('node_modules', ...parts)

/** What is checked without running anything, each as one check. */
export const staticChecks = (fix = false) => [
  check('lint', program('oxlint', 'bin', 'oxlint'), ['--type-aware', ...(fix ? ['--fix'] : [])]),
  check('format', program('@biomejs', 'biome', 'bin', 'biome'), ['format', ...(fix ? ['--write'] : []), '.']),
  // What has not changed since the last time is not looked at again.
  check('types', program('typescript', 'bin', 'tsc'), [
    '-p',
    '.',
    '--incremental',
    '--tsBuildInfoFile',
    at('.cache', 'types.tsbuildinfo'),
  ]),
  check('types of k6 scripts', program('typescript', 'bin', 'tsc'), ['-p', 'k6', '--noEmit']),
  check('layers', program('dependency-cruiser', 'bin', 'dependency-cruiser.mjs'), [
    '--config',
    '.dependency-cruiser.cjs',
    'src',
    'scenarios',
  ]),
  // Exports, files and dependencies that nobody uses.
  check('unused', program('knip', 'bin', 'knip.js'), ['--no-progress', '--treat-config-hints-as-errors']),
]

/** @returns {{ name: string, work: () => Promise<Part> }} */
function check(name, script, args) {
  return {
    name,
    async work() {
      const { code, output, seconds } = await run(process.execPath, [script, ...args])
      const passed = code === 0 ? 1 : 0
      return { name, passed, failed: 1 - passed, seconds, output, failures: passed ? [] : [name], skipped: [] }
    },
  }
}

/**
 * One of Vitest's projects (unit, sockets, peers).
 * @param {string} project
 * @param {{ show?: boolean, args?: string[] }} options
 * @returns {{ name: string, work: () => Promise<Part> }}
 */
export function tests(project, { show = false, args = [] } = {}) {
  return {
    name: `${project} tests`,
    async work() {
      const folder = mkdtempSync(join(tmpdir(), 'ringproof-tests-'))
      const summary = join(folder, 'summary.json')
      const reporters = ['--reporter', show ? 'default' : 'dot', '--reporter', at('bin', 'lib', 'vitest-summary.mjs')]
      try {
        const { code, output, seconds } = await run(
          process.execPath,
          [program('vitest', 'vitest.mjs'), 'run', '--project', project, '--passWithNoTests', ...reporters, ...args],
          { env: { RINGPROOF_TEST_SUMMARY: summary }, show },
        )
        return { name: `${project} tests`, seconds, output, ...counts(summary, code, project) }
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
  }
}

function counts(summary, code, project) {
  let read
  try {
    read = JSON.parse(readFileSync(summary, 'utf8'))
  } catch {
    read = { passed: 0, failed: 0, skipped: [], failures: [] }
  }
  // Whatever made Vitest end badly counts, also where no test says that it failed.
  if (code === 0 || read.failed > 0) return read
  return { ...read, failed: 1, failures: [`${project}: vitest ended with ${code}`] }
}

/** @param {Part} part */
export function partLine({ name, passed, failed, seconds }) {
  const count = passed + failed === 1 ? '' : ` ${passed} passed${failed > 0 ? `, ${failed} failed` : ''}`
  return `${failed === 0 ? 'ok  ' : 'FAIL'} ${name}${count} (${seconds.toFixed(1)} s)`
}
