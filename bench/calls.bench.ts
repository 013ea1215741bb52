/**
 * CPU of a caller per call of signalling over UDP (INVITE 180 200 ACK BYE 200, no media): our user agent beside
 * `sipp -sn uac`, both against `sipp -sn uas`, in turns at the same rates. Both are measured from outside, the same way,
 * over the same part of a round: what comes before is start and warm-up.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { cpuTimeUs } from './peers/cpu-time.js'
import type { OurCounts } from './peers/our-caller.js'
import { hasSipp, installSipp, sippCallee, sippCaller } from './peers/sipp.js'
import type { BenchResult } from './result.js'

const ROUNDS = 3
/** Calls a second, and for how many seconds they are measured. */
const LOADS = [
  { rate: 300, seconds: 10 },
  { rate: 1500, seconds: 5 },
]
const WARM_UP_SECONDS = 3
/** Calls go on for a little longer than is measured, so that no part of a process' end is. */
const TAIL_SECONDS = 0.5
const CALLEE_PORT = 35_060
const CALLER_PORT = 36_060

interface Round {
  readonly cpuUs: number
  readonly placed: number
  readonly lost: number
  readonly again: number
}

/** Runs the benchmark; some two and a half minutes. */
export async function run(): Promise<BenchResult[]> {
  if (!hasSipp()) {
    console.log(`left out, there is no SIPp here: ${installSipp}`)
    return []
  }
  const results: BenchResult[] = []
  for (const { rate, seconds } of LOADS) {
    const ours: Round[] = []
    const sipp: Round[] = []
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await measure(ourCaller, rate, seconds))
      sipp.push(await measure(sippAsCaller, rate, seconds))
    }
    const [mine, peer] = [median(ours.map((r) => r.cpuUs)), median(sipp.map((r) => r.cpuUs))]
    results.push({
      name: `caller, ${rate} calls a second (${told(ours)}; SIPp ${told(sipp)})`,
      ours: mine,
      unit: 'µs CPU per call',
      peers: [{ name: 'sipp -sn uac', value: peer }],
      target: { text: '≥ 1.0 × SIPp’s calls per CPU-second', met: mine <= peer },
    })
  }
  return results
}

interface Caller {
  readonly pid: number
  readonly ended: Promise<Omit<Round, 'cpuUs'>>
  stop(): void
}

async function measure(start: (rate: number, calls: number) => Caller, rate: number, seconds: number): Promise<Round> {
  const whole = WARM_UP_SECONDS + seconds + TAIL_SECONDS
  const callee = sippCallee(CALLEE_PORT, whole + 15)
  let caller: Caller | undefined
  try {
    await sleep(0.3)
    caller = start(rate, Math.round(rate * whole))
    await sleep(WARM_UP_SECONDS)
    const [before, from] = [cpuTimeUs(caller.pid), performance.now()]
    await sleep(seconds)
    const spent = cpuTimeUs(caller.pid) - before
    // At a fixed rate the time tells how many calls there were; that they were made, the counts at the end tell.
    const calls = (rate * (performance.now() - from)) / 1000
    return { cpuUs: spent / calls, ...(await caller.ended) }
  } finally {
    caller?.stop()
    callee.stop()
    await callee.ended
  }
}

function ourCaller(rate: number, calls: number): Caller {
  const file = fileURLToPath(new URL('peers/our-caller.js', import.meta.url))
  const child = fork(file, [CALLEE_PORT, rate, calls].map(String))
  const { pid } = child
  if (pid === undefined) throw new Error('our caller does not start')
  const ended = new Promise<Omit<Round, 'cpuUs'>>((resolve, reject) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our-caller.ts sends nothing else
    child.once('message', (message) => resolve(roundOf(message as OurCounts, calls)))
    child.once('exit', (code) => reject(new Error(`our caller ended with ${code}`)))
  })
  return { pid, ended, stop: () => void child.kill('SIGKILL') }
}

function sippAsCaller(rate: number, calls: number): Caller {
  const caller = sippCaller({ port: CALLER_PORT, calleePort: CALLEE_PORT, rate, calls })
  return {
    pid: caller.pid,
    stop: () => caller.stop(),
    ended: caller.ended.then((counts) => roundOf(counts, calls)),
  }
}

function roundOf(counts: OurCounts, ordered: number): Omit<Round, 'cpuUs'> {
  if (counts.created !== ordered) throw new Error(`${counts.created} calls were placed instead of ${ordered}`)
  return { placed: counts.created, lost: counts.created - counts.successful, again: counts.retransmissions }
}

function told(rounds: readonly Round[]): string {
  const sum = (of: (round: Round) => number) => rounds.reduce((total, round) => total + of(round), 0)
  return `${sum((r) => r.lost)} of ${sum((r) => r.placed)} lost, ${sum((r) => r.again)} repeats`
}

function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000))
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}
