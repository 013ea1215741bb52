/**
 * `ringproof load` as users run it (k6, call agent, records, standing checks and all) against a far end that costs next
 * to nothing and sends every packet back: CPU of the call agent and of k6 apart, per packet sent or received, lateness
 * and memory, over a stretch in the middle of the calls. The packets of the stretch are those that were due: the figures of
 * a load that came out INVALID, since its packets left late, say nothing.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cpuTimeUs } from './peers/cpu-time.js'
import type { BenchResult } from './result.js'

const CALLS = [100, 400, 800]
const RAMP_S = 5
const SETTLE_S = 3
const MEASURED_S = 10
const SIP_PORT = 35_080
const ACCOUNTS = 4
const PACKETS_A_SECOND = 50
const TARGET_US = 5.5

/** What one load came to. */
export interface LoadFigures {
  /** Per packet sent or received, µs. */
  readonly agentUs: number
  readonly k6Us: number
  /** Resident memory per call above that of a load of none, and how much it grew over the stretch, KB. */
  readonly memoryKb: number
  readonly growthKb: number
  readonly lateP99Ms: number
  readonly lateP999Ms: number
  readonly lagP99Ms: number
  readonly lost: number
  readonly sent: number
  readonly completed: number
  readonly problems: readonly string[]
}

/** Runs the benchmark; about three minutes. */
export async function run(): Promise<BenchResult[]> {
  const results: BenchResult[] = []
  for (const calls of CALLS) {
    const seen = await measureLoad(calls)
    const plain = await measureLoad(calls, { RINGPROOF_UDP: 'node' })
    const { agentUs, k6Us, lateP99Ms, lost, sent, completed, problems, memoryKb, growthKb } = seen
    const told = [
      `agent ${agentUs.toFixed(1)}, k6 ${k6Us.toFixed(2)}`,
      `99 % of packets at most ${lateP99Ms.toFixed(1)} ms late`,
      `${lost} of ${sent} lost`,
      `${completed} of ${calls} calls good`,
      `${memoryKb.toFixed(0)} KB of memory a call, ${growthKb.toFixed(1)} more after ${MEASURED_S} s`,
      problems.length === 0 ? 'valid' : `INVALID: ${problems[0]}`,
    ]
    results.push({
      name: `${calls} calls with audio both ways (${told.join('; ')})`,
      ours: agentUs + k6Us,
      unit: 'µs CPU per packet sent or received, k6 included',
      peers: [
        {
          name: `the same through node:dgram${plain.problems.length === 0 ? '' : ' (INVALID)'}`,
          value: plain.agentUs + plain.k6Us,
        },
      ],
      target: { text: `≤ ${TARGET_US} µs`, met: agentUs + k6Us <= TARGET_US && problems.length === 0 },
    })
  }
  return results
}

/** One load of so many calls. @param env added to the environment of the call agent @param cores that it may use */
export async function measureLoad(
  calls: number,
  env: Readonly<Record<string, string>> = {},
  cores?: string,
): Promise<LoadFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'ringproof-load-'))
  const sink = fork(fileURLToPath(new URL('peers/echo-sink.js', import.meta.url)), [String(SIP_PORT)])
  let agent: ChildProcess | undefined
  try {
    await new Promise((resolve) => sink.once('message', resolve))
    const target = join(folder, 'sink.yaml')
    writeFileSync(target, targetFile())
    const out = join(folder, 'out')
    const options = {
      to: 'echo',
      target,
      profile: 'load',
      calls,
      rate: calls / RAMP_S,
      hold: SETTLE_S + MEASURED_S + RAMP_S + 3,
      out,
    }
    const main = fileURLToPath(new URL('../../bin/ringproof.mjs', import.meta.url))
    const given = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
    const command = [...(cores === undefined ? [] : ['taskset', '-c', cores]), process.execPath, main, 'load', ...given]
    agent = spawn(command[0] ?? '', command.slice(1), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    let said = ''
    for (const stream of [agent.stdout, agent.stderr]) stream?.on('data', (data) => (said += String(data)))
    const { pid } = agent
    const ended = new Promise((resolve) => agent?.once('exit', resolve))
    if (pid === undefined) throw new Error('ringproof does not start')
    const k6 = await Promise.race([k6Of(pid), ended])
    if (typeof k6 !== 'number') throw new Error(`ringproof made no load: ${said}`)
    const bare = residentKb(pid)
    await sleep(RAMP_S + SETTLE_S)
    const before = { agent: cpuTimeUs(pid), k6: cpuTimeUs(k6), kb: residentKb(pid), at: performance.now() }
    await sleep(MEASURED_S)
    const seconds = (performance.now() - before.at) / 1000
    const packets = 2 * calls * PACKETS_A_SECOND * seconds
    const [agentUs, k6Us] = [cpuTimeUs(pid) - before.agent, cpuTimeUs(k6) - before.k6]
    const kb = residentKb(pid)
    await ended
    return {
      agentUs: agentUs / packets,
      k6Us: k6Us / packets,
      memoryKb: (before.kb - bare) / calls,
      growthKb: (kb - before.kb) / calls,
      ...resultOf(join(out, 'result.json'), said),
    }
  } finally {
    agent?.kill('SIGKILL')
    sink.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What the report says of it. */
function resultOf(file: string, said: string): Omit<LoadFigures, 'agentUs' | 'k6Us' | 'memoryKb' | 'growthKb'> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    throw new Error(`ringproof wrote no report: ${said}`)
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the report's schema says
  const { load } = JSON.parse(text) as {
    load: {
      calls: { completed: number }
      relays: { packetsSent: number; packetsLost: number }[]
      generator: {
        sendLatenessP99Ms: number
        sendLatenessP999Ms?: number
        eventLoopLagP99Ms: number
        problems: string[]
      }
    }
  }
  return {
    lateP99Ms: load.generator.sendLatenessP99Ms,
    lateP999Ms: load.generator.sendLatenessP999Ms ?? 0,
    lagP99Ms: load.generator.eventLoopLagP99Ms,
    problems: load.generator.problems,
    completed: load.calls.completed,
    sent: load.relays.reduce((sum, relay) => sum + relay.packetsSent, 0),
    lost: load.relays.reduce((sum, relay) => sum + relay.packetsLost, 0),
  }
}

function targetFile(): string {
  const accounts = Array.from({ length: ACCOUNTS }, (_, i) => `  - { user: "caller-${i}", password: "none" }`)
  return [
    'name: echo-sink',
    'domain: 127.0.0.1',
    'endpoints:',
    `  udp: { host: 127.0.0.1, port: ${SIP_PORT} }`,
    'media: { codecs: [PCMA], dtmfPayloadType: 101, srtp: [AES_CM_128_HMAC_SHA1_80], srtpOn: { udp: optional } }',
    'accounts:',
    ...accounts,
    'services: { echo: "4711" }',
    'limits: { callsPerSecond: 2000, concurrentCalls: 5000 }',
    '',
  ].join('\n')
}

/** The process id of the k6 that the call agent starts; undefined where it ends without. */
async function k6Of(pid: number): Promise<number | undefined> {
  while (existsSync(`/proc/${pid}`)) {
    await sleep(0.05)
    for (const child of childrenOf(pid)) if (/k6.*\0run\0/.test(readOrNothing(`/proc/${child}/cmdline`))) return child
  }
  return undefined
}

function childrenOf(pid: number): number[] {
  return readOrNothing(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number)
}

function residentKb(pid: number): number {
  return Number(/VmRSS:\s*(\d+)/.exec(readOrNothing(`/proc/${pid}/status`))?.[1] ?? Number.NaN)
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000))
}
