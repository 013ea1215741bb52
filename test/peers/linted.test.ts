/** What is shipped for CI servers and builders of images, read by the programs that know their languages; and that these see a fault. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { filesOf } from '../../src/cli/init/files.js'

const LINTERS = new URL('../../.cache/linters/bin/', import.meta.url).pathname
const missing = ['actionlint', 'check-jsonschema', 'hadolint'].filter((name) => !existsSync(join(LINTERS, name)))
const install = "'npm test' installs them, with Go and Python"
if (missing.length > 0 && process.env['CI']) throw new Error(`Missing: ${missing.join(', ')}: ${install}`)
if (missing.length > 0) console.log(`Missing, tests are skipped: ${missing.join(', ')}: ${install}`)

const folder = mkdtempSync(join(tmpdir(), 'ringproof-linted-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** @returns what a program says against a text; empty where nothing */
async function complaints(program: string, args: readonly string[], file: string, text: string): Promise<string> {
  const path = join(mkdtempSync(join(folder, 'one-')), file)
  writeFileSync(path, text)
  const child = spawn(join(LINTERS, program), [...args, path], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (said += data.toString()))
  const [code] = await once(child, 'close')
  return code === 0 ? '' : `${code}: ${said}`
}

const workflow = (text: string) => complaints('actionlint', [], 'workflow.yml', text)
const action = (text: string) =>
  complaints('check-jsonschema', ['--builtin-schema', 'vendor.github-actions'], 'action.yml', text)
const gitlab = (text: string) =>
  complaints('check-jsonschema', ['--builtin-schema', 'vendor.gitlab-ci'], 'gitlab-ci.yml', text)
const container = (text: string) => complaints('hadolint', [], 'Dockerfile', text)

const made = (ci: 'github' | 'gitlab') => {
  const files = filesOf({ domain: 'sip.example.com', name: 'example', ci, accounts: 2 }, undefined)
  return files.find(({ path }) => path.endsWith('.yml'))?.text ?? ''
}
/** The steps that docs/ci.md shows, in the shortest workflow there is. */
function shown(): string {
  const [, steps = ''] = /```yaml\n# GitHub Actions\n(.*?)```/s.exec(readFileSync('docs/ci.md', 'utf8')) ?? []
  return `on: push\njobs:\n  shown:\n    runs-on: ubuntu-latest\n    steps:\n${steps.replace(/^/gm, '      ').trimEnd()}\n`
}

describe.skipIf(missing.length > 0).concurrent('files for CI servers', () => {
  test.each<[string, string, (text: string) => Promise<string>, [string, string]]>([
    [
      'the workflow of releases',
      readFileSync('.github/workflows/release.yml', 'utf8'),
      workflow,
      ['needs: test', 'needs: tests'],
    ],
    ['the workflow that init writes', made('github'), workflow, ['secrets.', 'secret.']],
    ['the steps of docs/ci.md', shown(), workflow, ['uses: actions', 'use: actions']],
    ['action.yml', readFileSync('action.yml', 'utf8'), action, ['using: composite', 'using: node12']],
    [
      'deploy/ci/gitlab-ci.yml',
      readFileSync('deploy/ci/gitlab-ci.yml', 'utf8'),
      gitlab,
      ['parallel: 3', 'parallel: x'],
    ],
    ['the job of GitLab that init writes', made('gitlab'), gitlab, ['when: always', 'when: alway']],
  ])('%s is right, and a fault in it would be seen', async (_what, text, lint, [right, wrong]) => {
    expect(text).toContain(right)
    const [good, bad] = await Promise.all([lint(text), lint(text.replace(right, wrong))])
    expect(good).toBe('')
    expect(bad).not.toBe('')
  })
})

describe.skipIf(missing.length > 0).concurrent('deploy/Dockerfile', () => {
  const text = readFileSync('deploy/Dockerfile', 'utf8')
  test('hadolint finds nothing, and would find a fault', async () => {
    expect(await container(text)).toBe('')
    expect(await container(text.replace('WORKDIR /k6', 'RUN cd /k6'))).toContain('DL3003')
  })
})
