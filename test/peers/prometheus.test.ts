/** A real Prometheus scrapes a call agent, and the dashboard's queries find what they ask for. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const PROMETHEUS = '/usr/bin/prometheus'
const hasPrometheus = existsSync(PROMETHEUS)
if (!hasPrometheus && process.env['CI']) throw new Error('Prometheus is missing: apt-get install prometheus')

const TOKEN = 'the-token'
const CALLS = 6

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[]
}
const dashboard: Dashboard = JSON.parse(readFileSync('deploy/grafana-dashboard.json', 'utf8'))
/** As Grafana fills them in. */
const queries = dashboard.panels.flatMap(({ title, targets }) =>
  targets.map(({ expr }) => ({ title, query: expr.replaceAll('$job', '.*').replaceAll('$__rate_interval', '1m') })),
)

const folder = mkdtempSync(join(tmpdir(), 'ringproof-prometheus-'))
const children: ChildProcess[] = []
let api = ''
let metrics = ''

/** Starts a program, and waits until it prints what matches. */
function started(program: string, args: readonly string[], pattern: RegExp): Promise<RegExpExecArray> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, RINGPROOF_AGENT_TOKEN: TOKEN },
  })
  children.push(child)
  return new Promise((resolve, reject) => {
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data: Buffer) => {
        said += data.toString()
        const found = pattern.exec(said)
        if (found !== null) resolve(found)
      })
    }
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}: ${said}`)))
  })
}

/** A port that nobody has at the moment. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

interface Answer {
  readonly status: string
  readonly error?: string
  readonly data?: { readonly result: readonly { metric: Record<string, string>; value: [number, string] }[] }
}

async function ask(query: string): Promise<Answer> {
  const answer = await fetch(`${api}/api/v1/query?query=${encodeURIComponent(query)}`)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what Prometheus's API says
  return (await answer.json()) as Answer
}

const valueOf = async (query: string): Promise<number> => Number((await ask(query)).data?.result[0]?.value[1])

/** Until a query gives it: how often Prometheus looks is its own business. */
async function until(query: string, wanted: number): Promise<void> {
  for (let i = 0; i < 600 && (await valueOf(query)) !== wanted; i++) await pause(50)
  expect(await valueOf(query), query).toBe(wanted)
}

beforeAll(async () => {
  if (!hasPrometheus) return
  const args = ['bin/ringproof.mjs', 'agent', '--port', '0', '--metrics', '127.0.0.1:0']
  const [, agent = '', scraped = ''] = await started(process.execPath, args, /ready (\S+),[^]*metrics (\S+)\n/)
  metrics = scraped
  const port = await freePort()
  api = `http://127.0.0.1:${port}`
  writeFileSync(join(folder, 'token'), TOKEN)
  writeFileSync(
    join(folder, 'prometheus.yml'),
    JSON.stringify({
      global: { scrape_interval: '1s' },
      scrape_configs: [
        {
          job_name: 'ringproof',
          authorization: { credentials_file: join(folder, 'token') },
          static_configs: [{ targets: [new URL(scraped).host] }],
        },
      ],
    }),
  )
  const files = [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`]
  await started(PROMETHEUS, [...files, `--web.listen-address=127.0.0.1:${port}`], /Server is ready/)
  // A counter's rate needs a look before the calls.
  await until('ringproof_agent_calls_started_total', 0)
  const order = { count: CALLS, overMs: 1000, call: { to: 'echo', holdMs: 3000 } }
  const headers = { Authorization: `Bearer ${TOKEN}` }
  const answer = await fetch(`${agent}/v1/waves`, { method: 'POST', headers, body: JSON.stringify(order) })
  expect(answer.status).toBe(200)
  await until('ringproof_agent_calls_started_total', CALLS)
}, 120_000)
afterAll(async () => {
  const ends = children.map(
    (child) => new Promise((resolve) => (child.exitCode === null ? child.once('exit', resolve) : resolve(0))),
  )
  for (const child of children) child.kill('SIGTERM')
  await Promise.all(ends)
  rmSync(folder, { recursive: true })
})

describe.skipIf(!hasPrometheus)('a Prometheus at a call agent', () => {
  test('has its figures, and the type of each metric', async () => {
    await until('ringproof_agent_calls_completed_total + ringproof_agent_calls_failed_total', CALLS)
    await until('sum(ringproof_agent_setup_delay_seconds_count)', CALLS)
    expect(await valueOf('sum(ringproof_agent_relay_packets_received_total)')).toBeGreaterThan(CALLS * 50)
    const answer = await fetch(`${api}/api/v1/metadata`)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what Prometheus's API says
    const { data } = (await answer.json()) as { data: Record<string, { type: string }[]> }
    const documented = [...readFileSync('docs/metrics.md', 'utf8').matchAll(/^\| `(ringproof_agent_\w+)` +\| (\w+)/gm)]
    expect(documented.length).toBeGreaterThan(20)
    for (const [, name = '', type] of documented) expect(data[name]?.[0]?.type, name).toBe(type)
  })

  test.each(queries)('$title: $query', async ({ query }) => {
    let answer = await ask(query)
    // Rates need a second look at what has changed.
    for (let i = 0; i < 200 && answer.data?.result.length === 0; i++) {
      await pause(50)
      answer = await ask(query)
    }
    expect([answer.status, answer.error]).toEqual(['success', undefined])
    expect(answer.data?.result.length, 'series').toBeGreaterThan(0)
    // Calls were made, so that what is asked of them has an answer.
    if (query.startsWith('histogram_quantile'))
      expect(answer.data?.result.filter(({ value }) => Number(value[1]) > 0).length).toBeGreaterThan(0)
  })

  test('is not let in without the token, and gets nothing but metrics', async () => {
    expect((await fetch(metrics)).status).toBe(401)
    const headers = { Authorization: `Bearer ${TOKEN}` }
    expect((await fetch(new URL('/v1/stats', metrics), { headers })).status).toBe(404)
    expect((await fetch(metrics, { method: 'POST', headers })).status).toBe(405)
    expect((await fetch(metrics, { headers })).status).toBe(200)
  })

  test('promtool has nothing to say against the names', async () => {
    const headers = { Authorization: `Bearer ${TOKEN}` }
    const input = await (await fetch(metrics, { headers })).text()
    const { status, stdout, stderr } = spawnSync('/usr/bin/promtool', ['check', 'metrics'], { input, encoding: 'utf8' })
    expect([status, stdout, stderr]).toEqual([0, '', ''])
  })
})

test('every query of the dashboard asks for documented metrics', () => {
  const documented = new Set(
    [...readFileSync('docs/metrics.md', 'utf8').matchAll(/`(ringproof_\w+)`/g)].map(([, name]) => name),
  )
  for (const { query } of queries) {
    const names = [...query.matchAll(/ringproof_\w+/g)].map(([name]) => name.replace(/_bucket$/, ''))
    expect(names.length, query).toBeGreaterThan(0)
    for (const name of names) expect(documented.has(name), name).toBe(true)
  }
  expect(queries.length).toBeGreaterThan(15)
})
