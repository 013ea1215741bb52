/** The monitor as a user starts it: rounds on sockets, an alert, a crash, a restart, an end. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type MonitorAlert, monitorStateSchema } from '../../src/result/monitor.js'

const folder = mkdtempSync(join(tmpdir(), 'ringproof-monitor-'))
const state = join(folder, 'state')
const alerts = join(folder, 'alerts')
const children: ChildProcess[] = []
/** What the provider has printed. */
let provided = ''
let provider: ChildProcess

function start(args: readonly string[], hear: (text: string) => void): ChildProcess {
  const child = spawn(process.execPath, ['bin/ringproof.mjs', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => hear(data.toString()))
  return child
}

async function until<T>(what: string, look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (let i = 0; i < 800; i++) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    await pause(50)
  }
  throw new Error(`waited in vain for ${what}`)
}

interface Running {
  readonly child: ChildProcess
  readonly url: string
}

async function monitor(): Promise<Running> {
  let said = ''
  const child = start(
    [
      ...['monitor', '--target', join(folder, 'target.yaml'), '--every', '10s', '--state', state],
      ...['--only', 'registrar/refresh-replaces', '--transport', 'udp', '--family', 'ipv4'],
      ...['--listen', '127.0.0.1:0', '--alert-command', `cat >> ${alerts}`],
    ],
    (text) => {
      said += text
    },
  )
  const url = await until(`the page of the monitor: ${said}`, () => /Page: (\S+)/.exec(said)?.[1])
  return { child, url }
}

/** Whole lines: one may be about to be written. */
const told = (): MonitorAlert[] =>
  (existsSync(alerts) ? readFileSync(alerts, 'utf8') : '')
    .split('\n')
    .slice(0, -1)
    .map((line): MonitorAlert => JSON.parse(line))

const keptState = () => monitorStateSchema.parse(JSON.parse(readFileSync(join(state, 'state.json'), 'utf8')))

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('exit', (code) => resolve(code)))

beforeAll(async () => {
  const args = ['provider', '--fault', 'refresh-adds-binding', '--write-target', join(folder, 'target.yaml')]
  provider = start(args, (text) => {
    provided += text
  })
  await until('the provider', () => /^ready/m.test(provided))
})
afterAll(async () => {
  const ends = children.map((child) => (child.exitCode === null && child.signalCode === null ? ended(child) : undefined))
  for (const child of children) child.kill('SIGTERM')
  await Promise.all(ends)
  rmSync(folder, { recursive: true, force: true })
})

test('tells once what two rounds have shown, and not again after a crash; ends without leaving a binding', async () => {
  const first = await monitor()
  await until('the alert', () => told().length > 0)
  const [alert] = told()
  expect(alert).toMatchObject({ event: 'problem', target: 'embedded', open: 1 })
  expect(alert?.rule).toMatch(/^RFC 3261/)
  expect(existsSync(join(state, alert?.report ?? '', 'index.html'))).toBe(true)
  expect(existsSync(join(state, alert?.capture ?? ''))).toBe(true)
  // As a browser gets it.
  expect(await (await fetch(first.url)).text()).toContain('1 open problem')
  expect((await fetch(`${first.url}${alert?.report}/index.html`)).status).toBe(200)
  expect(await (await fetch(`${first.url}metrics`)).text()).toMatch(/^ringproof_monitor_problem_since_timestamp_seconds\{/m)
  await until('the alert to be written down', () => keptState().pending.length === 0)

  const crashed = ended(first.child)
  first.child.kill('SIGKILL')
  await crashed
  // Long ago, so that the next round begins at once.
  const before = keptState()
  writeFileSync(
    join(state, 'state.json'),
    JSON.stringify({ ...before, last: before.last && { ...before.last, endedAt: '2026-01-01T00:00:00.000Z' } }),
  )
  const second = await monitor()
  await until('another round', () => keptState().counters.decided > before.counters.decided)
  expect(keptState()).toMatchObject({ problems: [{ state: 'open', seen: 3 }], pending: [] })
  expect(told()).toHaveLength(1)

  // In the middle of a round.
  const rounds = readdirSync(join(state, 'rounds')).length
  await until('the next round', () => readdirSync(join(state, 'rounds')).length > rounds)
  const stopped = ended(second.child)
  second.child.kill('SIGTERM')
  expect(await stopped).toBe(143)
  expect(existsSync(join(state, 'lock.json'))).toBe(false)
  expect(keptState().problems).toHaveLength(1)
  provided = ''
  provider.kill('SIGUSR2')
  expect(await until('who is registered', () => /registered: ([^;]*)/.exec(provided)?.[1])).toBe('nobody')
  expect(told()).toHaveLength(1)
})
