import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { startK6 } from '../../../src/load/k6-run.js'

const folder = mkdtempSync(join(tmpdir(), 'stopped-k6-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function program(script: string) {
  const path = join(folder, 'k6')
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return startK6({
    program: { path, version: '2.2.0', from: 'path' },
    script: { file: 'none.ts' },
    agentUrl: '',
    token: '',
    limits: { callsPerSecond: 1, concurrentCalls: 1 },
    folder,
    stoppedMs: 500,
  })
}

it.runIf(process.platform === 'linux')('a k6 that somebody has stopped is ended, and what it was is said', async () => {
  const { code, signal, said } = await program('kill -STOP $$').ended
  expect({ code, signal, said }).toEqual({
    code: undefined,
    signal: 'SIGKILL',
    said: 'it was stopped (SIGSTOP) for 0.5 s',
  })
})

it('one that only takes its time is waited for', async () => {
  expect(await program('sleep 1.2; exit 7').ended).toMatchObject({ code: 7, said: '' })
})

it('it is given no passwords', async () => {
  process.env['RINGPROOF_PASSWORD_1'] = 'hush'
  try {
    expect((await program('env >&2').ended).said).not.toMatch(/hush|RINGPROOF_PASSWORD/)
  } finally {
    delete process.env['RINGPROOF_PASSWORD_1']
  }
})
