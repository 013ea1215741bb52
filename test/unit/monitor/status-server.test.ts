/** The monitor's page is on loopback, and yet whatever a browser can be talked into asks for it. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startStatusServer, type StatusServer } from '../../../src/monitor/status-server.js'

let root = ''
let server: StatusServer
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'ringproof-status-'))
  const round = join(root, 'rounds', '20261201T060000Z')
  mkdirSync(join(round, 'evidence'), { recursive: true })
  writeFileSync(join(round, 'index.html'), '<p>report</p>')
  writeFileSync(join(round, 'evidence', 'a_b.pcapng'), 'capture')
  writeFileSync(join(round, '.hidden.json'), '{}')
  writeFileSync(join(round, 'notes.txt'), 'private')
  writeFileSync(join(root, 'state.json'), '{"secret":1}')
  symlinkSync('/etc/hostname', join(round, 'link.json'))
  symlinkSync('/etc', join(root, 'rounds', 'etc'))
  server = await startStatusServer({
    host: '127.0.0.1',
    port: 0,
    root,
    page: () => Promise.resolve('<p>page</p>'),
    metrics: () => Promise.resolve({ type: 'text/plain', text: 'ringproof_monitor_blind 0\n' }),
    status: () => ({ problems: [] }),
  })
})
afterAll(() => {
  server.close()
  rmSync(root, { recursive: true })
})

/** Just as it is written: `fetch` would tidy paths up. */
function ask(path: string, { method = 'GET', host }: { method?: string; host?: string } = {}) {
  const { port } = new URL(server.url)
  return new Promise<{ status: number; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
    const headers = host === undefined ? {} : { Host: host }
    const asked = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let text = ''
      response.on('data', (data: Buffer) => {
        text += data.toString()
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    asked.once('error', reject)
    asked.end()
  })
}

describe('what is there', () => {
  test.each([
    ['/', 'text/html; charset=utf-8', '<p>page</p>'],
    ['/metrics', 'text/plain', 'ringproof_monitor_blind 0\n'],
    ['/rounds/20261201T060000Z/index.html', 'text/html; charset=utf-8', '<p>report</p>'],
    ['/rounds/20261201T060000Z/index.html?x=1', 'text/html; charset=utf-8', '<p>report</p>'],
    ['/rounds/20261201T060000Z/evidence/a_b.pcapng', 'application/octet-stream', 'capture'],
  ])('%s', async (path, type, text) => {
    const found = await ask(path)
    expect([found.status, found.text]).toEqual([200, text])
    expect(found.headers['content-type']).toBe(type)
    expect(found.headers['x-content-type-options']).toBe('nosniff')
    expect(found.headers['content-security-policy']).toContain("default-src 'none'")
    expect(found.headers['content-security-policy']).toContain("frame-ancestors 'none'")
  })
})

describe('what is not there', () => {
  test.each([
    '/state.json',
    '/rounds/../state.json',
    '/rounds/20261201T060000Z/../../state.json',
    '/rounds/20261201T060000Z/%2e%2e/%2e%2e/state.json',
    '/rounds/20261201T060000Z/..%2f..%2fstate.json',
    '/rounds/20261201T060000Z/%2e%2e%5c%2e%2e%5cstate.json',
    '/rounds//etc/passwd',
    '//etc/passwd',
    '/rounds/20261201T060000Z/.hidden.json',
    '/rounds/20261201T060000Z/notes.txt',
    '/rounds/20261201T060000Z/link.json',
    '/rounds/etc/ld.so.conf.d/x.json',
    '/rounds/20261201T060000Z/index.html%00.json',
    '/rounds/20261201T060000Z/evidence',
    '/rounds/20261201T060000Z/%zz.json',
    '/rounds',
    '/rounds/20261201T060000Z',
  ])('%s', async (path) => {
    const { status, text } = await ask(path)
    expect(status).toBe(404)
    expect(text).not.toContain('secret')
  })
})

test.each(['evil.example', 'evil.example:9465', '127.0.0.1.evil.example', '10.0.0.1'])(
  'whoever comes as %s is sent away: a name that was made to lead here',
  async (host) => {
    expect((await ask('/', { host })).status).toBe(421)
    expect((await ask('/rounds/20261201T060000Z/index.html', { host })).status).toBe(421)
  },
)

test.each(['localhost:1234', '127.0.0.1', '[::1]:80'])('%s is this machine', async (host) => {
  expect((await ask('/', { host })).status).toBe(200)
})

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s changes nothing', async (method) => {
  expect((await ask('/', { method })).status).toBe(405)
})

test('a port that is taken is an error of its own', async () => {
  const port = Number(new URL(server.url).port)
  const nothing = () => Promise.resolve('')
  await expect(
    startStatusServer({
      host: '127.0.0.1',
      port,
      root,
      page: nothing,
      metrics: () => Promise.resolve({ type: '', text: '' }),
      status: () => ({}),
    }),
  ).rejects.toThrow(/EADDRINUSE/)
})
