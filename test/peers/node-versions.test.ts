/** The versions of Node.js that ringproof runs on, beside the one that runs the tests: the oldest, and the newest. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

const ROOT = new URL('../../', import.meta.url).pathname
const programOf = (name: string) => join(ROOT, '.cache', 'nodes', 'node_modules', name, 'bin', 'node')
const missing = ['node20', 'node22', 'node26'].some((name) => !existsSync(programOf(name)))
const install = "on Linux on x64, 'npm test' installs them"
if (missing && process.env['CI']) throw new Error(`Other versions of Node.js are missing: ${install}`)
if (missing) console.log(`Other versions of Node.js are missing, their tests are skipped: ${install}`)

const scratch = mkdtempSync(join(tmpdir(), 'ringproof-nodes-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const CLI = join(ROOT, 'bin', 'ringproof.mjs')

describe.skipIf(missing).each([
  ['node22', 'v22.12.0'],
  ['node26', 'v26.12.1'],
])('%s', (name, version) => {
  const ringproof = (...args: string[]) => {
    const out = join(scratch, `${name}-${args.includes('virtual') ? 'virtual' : 'sockets'}`)
    const { status, stderr } = spawnSync(programOf(name), [CLI, 'run', '--quiet', '--out', out, ...args], {
      encoding: 'utf8',
    })
    return { status, stderr, result: JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')) }
  }

  test('runs the whole suite in virtual time', () => {
    const { status, stderr, result } = ringproof('--clock', 'virtual')
    expect(status, stderr).toBe(0)
    expect(result.environment.node).toBe(version)
    expect(result.scenarios.length).toBeGreaterThan(500)
  })

  // TLS, certificates, DTLS and SRTP are what differs from one to the other.
  test('calls over TLS on sockets, encrypted', () => {
    const { status, stderr, result } = ringproof('--only', 'tls/', '--only', 'srtp/dtls-client')
    expect(status, stderr).toBe(0)
    expect(result.scenarios.length).toBeGreaterThan(8)
  })
})

describe.skipIf(missing)('a Node.js that is too old', () => {
  // Nothing in the checkout is to be too old for it to say so.
  const old = programOf('node20')

  test('is replaced in a checkout by one of its own', () => {
    const { status, stdout } = spawnSync(old, [CLI, '--version'], { encoding: 'utf8' })
    expect(stdout).toBe(`${JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version}\n`)
    expect(status).toBe(0)
    expect(spawnSync(old, [CLI, 'no-command']).status).toBe(2)
  })

  test('passes on that it is to end', async () => {
    const child = spawn(old, [CLI, 'provider'], { stdio: ['ignore', 'pipe', 'ignore'] })
    const ended = once(child, 'exit')
    let said = ''
    for await (const chunk of child.stdout) {
      said += String(chunk)
      if (said.includes('ready')) break
    }
    child.kill('SIGTERM')
    expect(await ended).toEqual([143, null])
  })
})
