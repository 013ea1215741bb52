/** The program in surroundings that fail it, and interrupted at any moment: how it ends, and that there is a report. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'ringproof-interrupted-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Ended {
  readonly code: number | null
  readonly told: string
  /** Milliseconds from the signal to the word that it was heard, and to the end. */
  readonly heardMs: number
  readonly endedMs: number
  /** Largest resident set that was seen, bytes. */
  readonly rss: number
}

interface How {
  readonly args: string[]
  /** Milliseconds after the words that are waited for. */
  readonly signalAfter?: { readonly words: RegExp; readonly ms: number }
  readonly env?: Record<string, string>
  readonly shell?: string
}

function ringproof({ args, signalAfter, env = {}, shell = '' }: How): Promise<Ended> {
  return new Promise((resolve) => {
    const line = `${shell} exec "$0" bin/ringproof.mjs "$@"`
    const child = spawn('/bin/sh', ['-c', line, process.execPath, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...env },
    })
    let told = ''
    let rss = 0
    let signalled: number | undefined
    let heardMs = Number.NaN
    const watch = setInterval(() => {
      const pages = existsSync(`/proc/${child.pid}/statm`) ? readFileSync(`/proc/${child.pid}/statm`, 'latin1') : ''
      rss = Math.max(rss, 4096 * Number(pages.split(' ')[1] ?? 0))
    }, 100)
    let armed = false
    child.stderr.on('data', (data: Buffer) => {
      told += data.toString()
      if (signalled !== undefined && /Interrupted/.test(told) && Number.isNaN(heardMs))
        heardMs = performance.now() - signalled
      if (signalAfter === undefined || armed || !signalAfter.words.test(told)) return
      armed = true
      setTimeout(() => {
        signalled = performance.now()
        child.kill('SIGINT')
      }, signalAfter.ms)
    })
    child.on('close', (code) => {
      clearInterval(watch)
      resolve({ code, told, heardMs, endedMs: performance.now() - (signalled ?? Number.NaN), rss })
    })
  })
}

const resultIn = (out: string) => JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'))

/** A server that answers nothing, and floods whoever connects; as fast as it is read. */
async function flood(piece: Buffer): Promise<{ server: Server; port: number; end(): void }> {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    const write = () => {
      while (socket.writable && socket.write(piece));
    }
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
    socket.on('drain', write)
    write()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    server,
    port: typeof address === 'object' && address !== null ? address.port : 0,
    end: () => {
      for (const socket of open) socket.destroy()
      server.close()
    },
  }
}

function targetAt(port: number): string {
  const file = join(folder, `flood-${port}.yaml`)
  writeFileSync(
    file,
    `name: flood\ndomain: flood.example\nfamilies: [ipv4]\nendpoints: { tcp: { host: 127.0.0.1, port: ${port} } }\naccounts:\n${['1', '2', '3'].map((user) => `  - { user: '${user}', password: x }\n`).join('')}`,
  )
  return file
}

const only = ['--only', 'registrar/*', '--transport', 'udp', '--family', 'ipv4']

describe('Ctrl-C is heard within a second, and a report is written', () => {
  test.each([
    ['as soon as something is said', /./, 0],
    ['during the survey', /provider|Survey|survey|answers/i, 300],
    ['as the tests begin', /tests to run/, 0],
    ['in the middle', /tests to run/, 3_000],
  ])('%s', async (name, words, ms) => {
    const out = join(folder, name.replaceAll(' ', '-'))
    const { code, heardMs, endedMs, told } = await ringproof({
      args: ['run', '--family', 'ipv4', '--out', out],
      signalAfter: { words, ms },
    })
    expect(code, told).toBe(130)
    expect(heardMs).toBeLessThan(1_000)
    expect(endedMs).toBeLessThan(15_000)
    // Before there is a target, there is nothing to be reported.
    if (/tests to run/.test(told)) expect(resultIn(out)).toMatchObject({ verdict: 'interrupted', exitCode: 130 })
  })

  test.each([
    ['line ends', Buffer.alloc(65_536, '\r\n')],
    ['half of line ends', Buffer.alloc(3, '\r\n')],
    [
      'responses with headers of 60 kB',
      Buffer.from(`SIP/2.0 180 Ringing\r\nX: ${'x'.repeat(60_000)}\r\nContent-Length: 0\r\n\r\n`),
    ],
    ['responses without end of header', Buffer.alloc(65_536, 'X-Header: and so on\r\n')],
  ])('during a flood of %s, in less than 1 GB', async (name, piece) => {
    const server = await flood(piece)
    const out = join(folder, `flood-${name.replaceAll(' ', '-')}`)
    try {
      const { code, heardMs, endedMs, rss, told } = await ringproof({
        args: ['run', '--target', targetAt(server.port), '--out', out],
        signalAfter: { words: /./, ms: 3_000 },
      })
      // It may be found out, and the run be over, before.
      expect([130, 1, 3], told).toContain(code)
      if (code === 1) expect(resultIn(out).findings[0]).toMatchObject({ severity: 'fail', gravity: 'outage' })
      if (code === 130) {
        expect(heardMs).toBeLessThan(1_000)
        expect(endedMs).toBeLessThan(15_000)
      }
      expect(rss).toBeLessThan(1e9)
      expect(existsSync(join(out, 'result.json')), told).toBe(true)
    } finally {
      server.end()
    }
  })
})

describe('where this machine does not permit it', () => {
  test('few descriptors are a sentence of their own, before anything is begun', async () => {
    for (const descriptors of [40, 90, 128, 200]) {
      const { code, told } = await ringproof({ args: ['run', ...only], shell: `ulimit -n ${descriptors};` })
      expect({ descriptors, code, told }).toMatchObject({ code: 5, told: expect.stringContaining('ulimit -n 1024') })
    }
  })

  test('a full standard output does not harm the report', async () => {
    const out = join(folder, 'full')
    const { code, told } = await ringproof({
      args: ['run', '--clock', 'virtual', ...only, '--quiet', '--out', out],
      shell: 'exec >/dev/full;',
    })
    expect({ code, told }).toMatchObject({ code: 5, told: expect.stringContaining('The output cannot be written') })
    expect(resultIn(out)).toMatchObject({ verdict: 'pass' })
  })

  test('a closed one, or no folder for temporary files, is nothing to a run', async () => {
    for (const how of [{ shell: 'exec >&-;' }, { env: { TMPDIR: '/nonexistent' } }]) {
      const args = ['run', '--clock', 'virtual', ...only, '--quiet', '--out', join(folder, 'closed')]
      expect(await ringproof({ args, ...how })).toMatchObject({ code: 0 })
    }
  })
})

describe('what is thrown where nobody catches it', () => {
  test.each([
    ['an exception', "throw new TypeError('astray')"],
    ['a rejection', "Promise.reject(new TypeError('astray'))"],
  ])('%s breaks the run off in an orderly way: a report, exit 6', async (name, statement) => {
    const out = join(folder, name.replaceAll(' ', '-'))
    // Only in the program itself: the provider's process gets it, too, and is to live.
    const script = `if (process.argv[2] === 'run') setTimeout(() => { ${statement} }, 6000)`
    const { code, told } = await ringproof({
      args: ['run', '--family', 'ipv4', '--out', out],
      env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}` },
    })
    expect(code, told).toBe(6)
    expect(told).toContain('TypeError: astray')
    expect(resultIn(out)).toMatchObject({
      verdict: 'error',
      exitCode: 6,
      sentence: expect.stringContaining('Broken off by a defect of ringproof: TypeError: astray.'),
    })
  })
})
