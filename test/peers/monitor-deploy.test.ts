/** What is shipped for the monitor, as the programs see it that it is for: Prometheus and systemd. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { type Measured, measuresOf } from '../../src/monitor/measures.js'
import { otlpBody } from '../../src/monitor/otlp.js'
import { prometheusText } from '../../src/monitor/prometheus.js'
import { startStatusServer } from '../../src/monitor/status-server.js'
import { freshState } from '../../src/result/monitor.js'
import { judgeRound } from '../../src/verdict/monitor.js'
import { pointOfRun } from '../../src/verdict/history-points.js'
import { comparedRun } from '../unit/report/compared-run.js'

const PROMETHEUS = '/usr/bin/prometheus'
const hasPrometheus = existsSync(PROMETHEUS)
if (!hasPrometheus && process.env['CI']) throw new Error('Prometheus is missing: apt-get install prometheus')
const SYSTEMD = '/usr/bin/systemd-analyze'

const run = (program: string, args: readonly string[], input = '') => {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', input, cwd: 'deploy/monitor' })
  return { status, said: `${stdout}${stderr}` }
}

/** A monitor that has something to tell of everything. */
function measured(): Measured {
  const result = comparedRun()
  const round = (minute: number) => ({
    startedAt: `2026-12-01T00:0${minute}:00.000Z`,
    endedAt: `2026-12-01T00:0${minute}:30.000Z`,
    folder: `rounds/${minute}`,
    result,
  })
  const judging = { letter: true, idOf: () => 'x' }
  const { state } = judgeRound(judgeRound(freshState('embedded'), round(1), judging).state, round(2), judging)
  const point = pointOfRun(result, { folder: 'rounds/2', writtenAt: '2026-12-01T00:02:30.000Z' })
  const audio = { 'setup/udp': 12, 'jitter/relay-1': 2, 'loss/relay-1': 0.01 }
  return { state, decided: { ...point, values: { ...point.values, ...audio } }, everyMs: 300_000 }
}

const documented = [...readFileSync('docs/metrics.md', 'utf8').matchAll(/^\| `(ringproof_monitor_\w+)` *\| (\w+)/gm)]

describe.skipIf(!hasPrometheus)('Prometheus', () => {
  test('takes the rules, and they say what they are to say', () => {
    expect(run('/usr/bin/promtool', ['check', 'rules', 'ringproof-alerts.yml'])).toMatchObject({ status: 0 })
    expect(run('/usr/bin/promtool', ['test', 'rules', 'ringproof-alerts.test.yml'])).toMatchObject({ status: 0 })
    expect(run('/usr/bin/promtool', ['check', 'config', 'prometheus.yml'])).toMatchObject({ status: 0 })
  })

  test('has nothing to say against the names', async () => {
    const { text } = await prometheusText(measuresOf(measured()))
    expect(run('/usr/bin/promtool', ['check', 'metrics'], text)).toEqual({ status: 0, said: '' })
  })

  test('scrapes a monitor with the configuration that is shipped, has every metric that is documented, and fires', async () => {
    const server = await startStatusServer({
      host: '127.0.0.1',
      port: 0,
      root: '/nonexistent',
      page: () => Promise.resolve(''),
      metrics: () => prometheusText(measuresOf(measured())),
      status: () => ({}),
    })
    const folder = mkdtempSync(join(tmpdir(), 'ringproof-scrape-'))
    const port = await freePort()
    const config = readFileSync('deploy/monitor/prometheus.yml', 'utf8')
      .replace('127.0.0.1:9465', new URL(server.url).host)
      .replace('30s', '1s')
    writeFileSync(join(folder, 'prometheus.yml'), `global: { evaluation_interval: 1s }\n${config}`)
    writeFileSync(join(folder, 'ringproof-alerts.yml'), readFileSync('deploy/monitor/ringproof-alerts.yml'))
    const files = [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`]
    const prometheus = spawn(PROMETHEUS, [...files, `--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' })
    const ended = new Promise((resolve) => prometheus.once('exit', resolve))
    try {
      const firing = await until(async () => {
        const answer = await fetch(`http://127.0.0.1:${port}/api/v1/alerts`)
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what Prometheus's API says
        const { data } = (await answer.json()) as {
          data: { alerts: { labels: Record<string, string>; state: string }[] }
        }
        const names = data.alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels['alertname'])
        return names.includes('RingproofHarm') ? names : undefined
      })
      expect(firing).not.toContain('RingproofMonitorDown')
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/metadata`)
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what Prometheus's API says
      const { data } = (await answer.json()) as { data: Record<string, { type: string }[]> }
      expect(documented.length).toBeGreaterThan(15)
      for (const [, name = '', type] of documented) expect(data[name]?.[0]?.type, name).toBe(type)
      const scraped = Object.keys(data).filter((name) => name.startsWith('ringproof_monitor_'))
      expect(scraped.toSorted()).toEqual(documented.map(([, name = '']) => name).toSorted())
    } finally {
      prometheus.kill('SIGTERM')
      await ended
      server.close()
      rmSync(folder, { recursive: true })
    }
  })
})

test.skipIf(!existsSync(SYSTEMD))('systemd takes the unit, and finds it hardened', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringproof-unit-'))
  const unit = join(folder, 'ringproof-monitor.service')
  writeFileSync(unit, readFileSync('deploy/monitor/ringproof-monitor.service'))
  expect(run(SYSTEMD, ['verify', '--man=no', unit])).toEqual({ status: 0, said: '' })
  // 0 is the best, 10 the worst.
  const { said } = run(SYSTEMD, ['security', '--offline=true', '--threshold=20', unit])
  expect(Number(/exposure level for \S+: ([\d.]+)/.exec(said)?.[1] ?? 10), said.slice(-200)).toBeLessThan(2)
  rmSync(folder, { recursive: true })
})

test('OpenTelemetry is sent the same measures, in the JSON form of its protocol', () => {
  const measures = measuresOf(measured())
  const body = otlpBody(measures, { target: 'x', version: '0.1.0', sinceMs: 1000, nowMs: 2000 })
  const text = JSON.stringify(body)
  // 64-bit integers are strings there (ProtoJSON), enumerations numbers.
  expect(text).toContain('"timeUnixNano":"2000000000"')
  expect(text).toContain('"aggregationTemporality":2')
  expect(body).toMatchObject({
    resourceMetrics: [
      {
        scopeMetrics: [
          { metrics: expect.arrayContaining([expect.objectContaining({ name: 'ringproof.monitor.test_ok' })]) },
        ],
      },
    ],
  })
  expect(text.match(/"name":"ringproof\.monitor\./g)).toHaveLength(
    measures.filter(({ samples }) => samples.length > 0).length,
  )
})

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let i = 0; i < 400; i++) {
    // oxlint-disable-next-line no-await-in-loop -- again and again
    const found = await look().catch(() => undefined)
    if (found !== undefined) return found
    // oxlint-disable-next-line no-await-in-loop -- the same
    await pause(50)
  }
  throw new Error('waited in vain')
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
