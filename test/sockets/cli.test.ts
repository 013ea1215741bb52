import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { findK6 } from '../../src/load/k6-program.js'

const k6 = await findK6()

const folder = mkdtempSync(join(tmpdir(), 'ringproof-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly told: string
}

/** Starts the real program; `when` is called with what it has printed so far, and may send it one signal. */
function ringproof(
  args: string[],
  when?: (out: string, kill: (signal: NodeJS.Signals) => void) => void,
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['bin/ringproof.mjs', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let told = ''
    let killed = false
    const kill = (signal: NodeJS.Signals) => {
      if (!killed) child.kill(signal)
      killed = true
    }
    child.stdout.on('data', (data: Buffer) => {
      out += data.toString()
      when?.(out + told, kill)
    })
    child.stderr.on('data', (data: Buffer) => {
      told += data.toString()
      when?.(out + told, kill)
    })
    child.on('close', (code) => resolve({ code, out, told }))
  })
}

describe('the program ends with the code that was promised', () => {
  test('0 for help, 2 for what it does not know', async () => {
    expect(await ringproof(['--help'])).toMatchObject({ code: 0, told: '', out: expect.stringContaining('Examples:') })
    expect(await ringproof(['run', '--nonsense'])).toMatchObject({
      code: 2,
      told: expect.stringContaining("unknown option '--nonsense'"),
    })
    expect(await ringproof(['run', '--target', join(folder, 'none.yaml')])).toMatchObject({ code: 2, out: '' })
  })

  test('doctor sees what answers and what does not, and dials nothing', async () => {
    const server = createServer((socket) => socket.on('data', () => expect.unreachable('nothing is to be sent')))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const file = join(folder, 'target.yaml')
    const target = (host: string) =>
      `name: here\ndomain: example.invalid\nendpoints: { tcp: { host: ${host}, port: ${port} } }\naccounts: [{ user: a, password: b }]\n`
    writeFileSync(file, target('127.0.0.1'))
    const answered = await ringproof(['doctor', '--target', file])
    expect(answered.out).toMatch(new RegExp(`yes  tcp 127\\.0\\.0\\.1:${port}: connects in \\d+ ms`))
    expect(answered.out).toMatch(/no   calls between accounts: usable accounts: 1/)
    expect(answered.code).toBe(0)
    await new Promise((resolve) => server.close(resolve))
    writeFileSync(file, target('127.0.0.1'))
    const refused = await ringproof(['doctor', '--target', file])
    expect(refused.out).toMatch(/no   tcp 127\.0\.0\.1:\d+: ECONNREFUSED/)
    expect(refused.code, 'not reachable').toBe(3)
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    // The terminal was closed.
    ['SIGHUP', 143],
  ] as const)('the provider says that it is ready, and %s ends it with %d', async (signal, code) => {
    const file = join(folder, `${signal}.yaml`)
    const ended = await ringproof(['provider', '--write-target', file], (out, kill) => {
      if (out.includes('Ctrl-C')) kill(signal)
    })
    expect(ended.out.split('\n')[0]).toMatch(/^ready udp 127\.0\.\d+\.71:\d+/)
    expect(ended.out).toMatch(/user \S+ {3}password \S+ {3}number \S+/)
    expect(ended.out).toMatch(/echo test +\d+/)
    expect(ended.code).toBe(code)
    expect(existsSync(file)).toBe(true)
  })

  test('the provider ends with the shell that npx ran it in', async () => {
    // npm passes a signal on to its shell, which dies of it and leaves its child alone.
    const script = '"$0" bin/ringproof.mjs provider; exit 9'
    const env = { ...process.env, npm_command: 'exec', npm_lifecycle_event: 'npx', npm_lifecycle_script: 'ringproof' }
    const shell = spawn('sh', ['-c', script, process.execPath], { stdio: ['ignore', 'pipe', 'pipe'], env })
    let told = ''
    shell.stderr.on('data', (data: Buffer) => {
      told += data.toString()
    })
    shell.stdout.on('data', (data: Buffer) => {
      if (data.toString().includes('Ctrl-C')) shell.kill('SIGTERM')
    })
    const codes: unknown[] = []
    shell.once('exit', (code, signal) => codes.push(code ?? signal))
    // The pipes are closed when the provider is gone, too.
    await new Promise((resolve) => shell.once('close', resolve))
    expect(codes).toEqual(['SIGTERM'])
    expect(told).toContain('Interrupted')
  })

  test.skipIf(k6 === undefined && process.env.CI === undefined)(
    'a load that is interrupted as its calls begin ends at once, and tells what it knows',
    async () => {
      const out = join(folder, 'interrupted')
      const ended = await ringproof(['load', '--profile', 'smoke', '--hold', '60', '--out', out], (said, kill) => {
        if (said.includes('accounts registered')) kill('SIGINT')
      })
      expect(ended.code).toBe(130)
      const told: unknown = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'))
      expect(told).toMatchObject({
        verdict: 'interrupted',
        exitCode: 130,
        load: { calls: { completed: 0, failed: 0 } },
      })
      expect(existsSync(join(out, 'index.html'))).toBe(true)
    },
  )
})
