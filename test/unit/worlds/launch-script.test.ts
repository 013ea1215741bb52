import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type Starter, targetUnderTest } from '../../../src/worlds/target-under-test.js'
import { targetOf } from '../../../src/target/target-file.js'

const folder = mkdtempSync(join(tmpdir(), 'ringproof-launch-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const starter: Starter = { tell: () => {}, signal: new AbortController().signal }

const host = '127.0.0.1'
const target = (launch: string) => ({
  file: join(folder, 'target.yaml'),
  document: targetOf({
    name: 't',
    domain: 'example.invalid',
    endpoints: { udp: { host }, tcp: { host }, tls: { host } },
    accounts: [{ user: '1', password: '2' }],
    launch,
  }),
})

const isAlive = (pid: number) =>
  existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))

describe('a launch script', () => {
  test('that takes servers away is told which, and brings them back', async () => {
    const script = join(folder, 'loses')
    writeFileSync(script, '#!/bin/sh\ncd "$(dirname "$0")"\necho "$@" >> told\n', { mode: 0o755 })
    const { file, document } = target(script)
    const without = await targetUnderTest({ target: { file, document } }, starter)
    expect(without.losesServer).toBeUndefined()
    const { losesServer } = await targetUnderTest(
      { target: { file, document: { ...document, losesServers: true } } },
      starter,
    )
    const bringBack = await losesServer?.('192.0.2.1')
    await bringBack?.()
    expect(readFileSync(join(folder, 'told'), 'utf8')).toBe('start\nstart\nlose 192.0.2.1\nregain 192.0.2.1\n')
  })

  test('that hangs is ended with what it started, and is asked to stop', async () => {
    const script = join(folder, 'hangs')
    writeFileSync(
      script,
      '#!/bin/sh\ncd "$(dirname "$0")"\nif [ "$1" = stop ]; then echo yes > stopped; exit; fi\nsleep 600 &\necho $! > pid\nwait\n',
      { mode: 0o755 },
    )
    await expect(targetUnderTest({ target: target(script), launchMs: 1_000 }, starter)).rejects.toThrow(
      'hangs start did not end within 1 s and printed nothing',
    )
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'))
    for (let tries = 0; tries < 100 && isAlive(pid); tries++) await new Promise((turn) => setTimeout(turn, 10))
    expect(isAlive(pid)).toBe(false)
    expect(existsSync(join(folder, 'stopped'))).toBe(true)
  })

  test('is ended by an interruption while it starts; while it stops it is let alone', async () => {
    const script = join(folder, 'slow')
    writeFileSync(
      script,
      '#!/bin/sh\ncd "$(dirname "$0")"\nif [ "$1" = stop ]; then sleep 0.3; echo yes > stopped-slowly; exit; fi\necho here > starting\nsleep 600\n',
      { mode: 0o755 },
    )
    const interruption = new AbortController()
    const starts = targetUnderTest({ target: target(script) }, { ...starter, signal: interruption.signal })
    const ended = expect(starts).rejects.toThrow('interrupted')
    while (!existsSync(join(folder, 'starting'))) await new Promise((turn) => setTimeout(turn, 10))
    interruption.abort(new Error('interrupted'))
    await ended
    expect(existsSync(join(folder, 'stopped-slowly'))).toBe(true)
  })

  test('that is no program is told of by its name', async () => {
    const script = join(folder, 'plain')
    writeFileSync(script, 'echo no', { mode: 0o644 })
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    const before = timers()
    await expect(targetUnderTest({ target: target(script) }, starter)).rejects.toThrow('plain cannot be started')
    // Nothing is left that would keep the process from ending.
    expect(timers()).toBeLessThanOrEqual(before)
  })
})
