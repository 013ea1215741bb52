/**
 * `ringproof monitor` as a process of its own, with a target that fails, goes away and comes back, and a monitor that is killed meanwhile.
 * Everything is waited for where a person would see it: at the provider, in the folder, at the command and webhook, on /metrics.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SystemRandom } from '../../src/clock/random.js'
import { WallClock } from '../../src/clock/wall-clock.js'
import { defaultAddresses, EmbeddedProvider, makeAccounts } from '../../src/provider/embedded-provider.js'
import type { PlantedFault } from '../../src/provider/faults.js'
import { alertSchema, type MonitorAlert, monitorStateSchema, type MonitorState } from '../../src/result/monitor.js'
import { KernelNetwork } from '../../src/transport/kernel-network.js'

const folder = mkdtempSync(join(tmpdir(), 'ringproof-monitor-'))
const state = join(folder, 'state')
const target = join(folder, 'target.yaml')
/** Where the command writes each alert that it is given, a line each. */
const commanded = join(folder, 'alerts')
const PREFIX = '127.0.58'

const random = new SystemRandom()
const clock = new WallClock()
const accounts = makeAccounts(6, random)

const providerWith = (...faults: PlantedFault[]): Promise<EmbeddedProvider> =>
  EmbeddedProvider.start({
    network: new KernelNetwork(clock),
    clock,
    random,
    addresses: { ...defaultAddresses({ prefix: PREFIX, ipv6Slot: 8 }), secondIpv4: undefined },
    families: ['ipv4'],
    accounts,
    faults,
  })

/** However busy the machine is: only what never comes ends a test. */
const NEVER_MS = 240_000

/** Until something is there. @throws where it does not come: `told` says then what did */
async function until<T>(look: () => T | undefined | false, told: () => string): Promise<T> {
  for (const end = clock.now() + NEVER_MS; ; ) {
    const found = look()
    if (found !== undefined && found !== false) return found
    if (clock.now() > end) throw new Error(`waited in vain: ${told()}`)
    // oxlint-disable-next-line no-await-in-loop -- again and again
    await pause(20)
  }
}

/** A monitor as an operator starts it. */
class Watcher {
  readonly #child: ChildProcess
  readonly ended: Promise<number | string | null>
  said = ''

  constructor(webhook: string) {
    // Over TCP a dead server is one at once: nobody waits for an answer.
    const options = ['--every', '1s', '--only', 'registrar/refresh-replaces', '--transport', 'tcp']
    const alerts = [
      '--alert-command',
      `cat >> ${commanded}`,
      '--listen',
      '127.0.0.1:0',
      '--otlp',
      `${webhook}v1/metrics`,
    ]
    this.#child = spawn(
      process.execPath,
      ['bin/ringproof.mjs', 'monitor', '--target', target, '--state', state, ...options, ...alerts],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, RINGPROOF_ALERT_WEBHOOK: webhook } },
    )
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (data: Buffer) => {
        this.said += data.toString()
      })
    }
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => resolve(code ?? signal))
    })
  }

  kill(signal: NodeJS.Signals): Promise<number | string | null> {
    this.#child.kill(signal)
    return this.ended
  }

  async metrics(): Promise<string> {
    const url = await until(
      () => /Page: (http:\/\/\S+)/.exec(this.said)?.[1],
      () => this.said,
    )
    return (await fetch(`${url}metrics`)).text()
  }

  /** Until the state says so. */
  async until(what: (state: MonitorState) => boolean): Promise<MonitorState> {
    return await until(
      () => {
        const now = stateNow()
        return now !== undefined && what(now) && now
      },
      () => `${this.said}\n${JSON.stringify(stateNow()?.last)}`,
    )
  }
}

/** Written in one step: whoever reads it sees it whole. */
const stateNow = (): MonitorState | undefined =>
  existsSync(join(state, 'state.json'))
    ? monitorStateSchema.parse(JSON.parse(readFileSync(join(state, 'state.json'), 'utf8')))
    : undefined

const posted: MonitorAlert[] = []
/** What a collector of OpenTelemetry was sent, each as it came. */
const collected: string[] = []
const byCommand = (): MonitorAlert[] =>
  existsSync(commanded)
    ? readFileSync(commanded, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => alertSchema.parse(JSON.parse(line)))
    : []
const eventsOf = (alerts: readonly MonitorAlert[]) =>
  alerts.map(({ event, problems }) => [event, ...problems.map(({ cause }) => cause)].join(' '))

let provider: EmbeddedProvider | undefined
const watchers: Watcher[] = []
function started(): Watcher {
  const watcher = new Watcher(webhook)
  watchers.push(watcher)
  return watcher
}

let server: Server
let webhook = ''
beforeAll(async () => {
  server = createServer((request, response) => {
    let text = ''
    request.on('data', (data: Buffer) => {
      text += data.toString()
    })
    request.on('end', () => {
      if (request.url === '/v1/metrics') collected.push(text)
      else posted.push(alertSchema.parse(JSON.parse(text)))
      response.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  webhook = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`
})
afterAll(async () => {
  await Promise.all(watchers.map((one) => one.kill('SIGKILL')))
  await provider?.stop()
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

test(
  'an outage is told once by each way, over a monitor that is killed, and once when it is over; nothing is left',
  async () => {
    provider = await providerWith()
    const { launch: _, restarts: _r, dns: _d, ...document } = provider.target
    const { tcp } = document.endpoints
    // Numbers alone: a name would be asked for at the provider's DNS server, which goes away with it.
    writeFileSync(target, JSON.stringify({ ...document, endpoints: { tcp: { ...tcp, host: `${PREFIX}.71` } } }))
    let watcher = started()
    await watcher.until(({ last }) => last?.outcome === 'decided')

    // The provider is gone.
    await provider.stop()
    await watcher.until(({ counters, pending }) => counters.alertsSent === 2 && pending.length === 0)
    expect(await watcher.metrics()).toMatch(/^ringproof_monitor_test_ok\{test="survey\/reach".*\} 0$/m)
    expect(await watcher.kill('SIGKILL')).toBe('SIGKILL')

    // Its round ends with it; the one that comes next says nothing a second time.
    const { counters } = stateNow()!
    watcher = started()
    await watcher.until((now) => now.counters.decided > counters.decided)
    expect(stateNow()?.problems).toMatchObject([{ cause: 'not-reachable', state: 'open' }])

    provider = await providerWith()
    await watcher.until((now) => now.problems.length === 0 && now.pending.length === 0 && now.counters.alertsSent === 4)
    expect(eventsOf(byCommand())).toEqual(['problem not-reachable', 'well not-reachable'])
    expect(posted).toEqual(byCommand())
    const [first = '{}'] = collected
    expect(JSON.parse(first)).toMatchObject({
      resourceMetrics: [
        {
          scopeMetrics: [
            { metrics: expect.arrayContaining([expect.objectContaining({ name: 'ringproof.monitor.test_ok' })]) },
          ],
        },
      ],
    })
    expect(collected.length).toBeGreaterThan(4)
    const rounds = readdirSync(join(state, 'rounds'))
    expect(rounds.filter((name) => existsSync(join(state, 'rounds', name, 'round.json'))).length).toBeGreaterThan(4)

    // In the middle of a round, with somebody registered.
    const stats = () => provider!.stats()
    await until(
      () => stats().bindings > 0,
      () => watcher.said,
    )
    expect(await watcher.kill('SIGTERM')).toBe(143)
    const { bindings, serviceCalls, callsOn } = stats()
    expect({ bindings, serviceCalls, callsOn }).toEqual({ bindings: 0, serviceCalls: 0, callsOn: 0 })
    expect(readdirSync(state).toSorted()).toEqual(['rounds', 'state.json'])
  },
  3 * NEVER_MS,
)
