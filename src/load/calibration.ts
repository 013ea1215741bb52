/**
 * Finds how many calls this machine can generate: loads against a sink beside it that costs little, more and more of them, until the
 * generator is too slow for a valid result. k6, records and standing checks are part of it, as they are of any load.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { rmSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { randomBytes } from 'node:crypto'
import { unixNow } from '../clock/wall-clock.js'
import { targetSchema, type TargetDocument } from '../target/target-schema.js'
import { childEnvironment } from '../worlds/child-environment.js'
import { compiledFile, version } from '../worlds/package-folder.js'
import { type SocketStages, socketStages } from '../worlds/socket-stages.js'
import { temporaryFolder } from '../worlds/temporary-folder.js'
import { CallAgent } from './call-agent.js'
import { type Calibration, thisMachine } from './capacity.js'
import type { K6Program } from './k6-program.js'
import { K6_THRESHOLDS_CROSSED } from './k6-run.js'
import { findLimit, type FoundLimit } from './limit-search.js'
import { resultOfLoad, runK6 } from './load-run.js'
import { loadProfiles, type Profile } from './profiles.js'

export interface CalibrationOrder {
  readonly program: K6Program
  /** The most calls at a time, and calls a second, that are tried. */
  readonly mostCalls: number
  readonly mostRate: number
  /** Seconds that each try holds all its calls. */
  readonly holdS: number
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  /** Where temporary files go if the machine has no folder for them. */
  readonly folder: string
  /** Told of every try, and what came of it. */
  readonly tell: (line: string) => void
}

/** Of the first try, calls at a time and calls a second. */
const FIRST_CALLS = 50
const FIRST_RATE = 100
/** Calls of a try begin within so many seconds. */
const RAMP_S = 4
/** Of each rate: long enough that compiling is over, and that being too slow adds up. */
const RATE_S = 6
/** A call that is hung up at once; k6 takes no nought. */
const NO_HOLD_S = 0.001
/** A sink that loses more than this share of the calls is the limit itself. */
const MOST_FAILED = 0.01

interface Try {
  readonly calls: number
  readonly rate: number
  readonly hold: number
  readonly duration?: number
  readonly srtp?: boolean
}

/** Calibrates; some minutes. @throws where the sink does not start, k6 breaks off, or when it is interrupted */
export async function calibrate(o: CalibrationOrder): Promise<Calibration> {
  const [busy = 0] = loadavg()
  const sink = await startSink()
  try {
    const stage = await socketStages(targetAt(sink.port))
    try {
      const bench = { ...o, stage, profile: profileFor() }
      const audio = (srtp: boolean): Promise<FoundLimit> =>
        findLimit({
          start: FIRST_CALLS,
          most: o.mostCalls,
          attempt: async (calls) => {
            const why = await attempt({ calls, rate: calls / RAMP_S, hold: RAMP_S + o.holdS, srtp }, bench)
            o.tell(`${calls} calls with ${srtp ? 'SRTP' : 'RTP'}: ${why ?? 'in time'}`)
            return why
          },
        })
      const rtp = await audio(false)
      const srtp = await audio(true)
      const signalling = await findLimit({
        start: FIRST_RATE,
        most: o.mostRate,
        attempt: async (rate) => {
          const calls = Math.ceil(rate * RATE_S)
          const why = await attempt({ calls, rate, hold: NO_HOLD_S, duration: RATE_S }, bench)
          o.tell(`${rate} calls a second: ${why ?? 'in time'}`)
          return why
        },
      })
      return {
        ringproof: version(),
        at: new Date(unixNow()).toISOString(),
        machine: thisMachine(),
        loadAverage: Math.round(busy * 10) / 10,
        rtp,
        srtp,
        signalling,
      }
    } finally {
      stage.close()
    }
  } finally {
    sink.stop()
  }
}

/** Makes one load. @returns why the generator did not keep up; undefined where it did */
async function attempt(
  { srtp, ...numbers }: Try,
  o: CalibrationOrder & { readonly stage: SocketStages; readonly profile: Profile },
): Promise<string | undefined> {
  const { program, signal, profile, stage } = o
  signal.throwIfAborted()
  const { world } = stage
  const folder = temporaryFolder(o.folder)
  const token = randomBytes(24).toString('base64url')
  const shape = { profile, to: 'echo', ...numbers }
  const env = { ...o.env, ...(srtp === true ? { RINGPROOF_SRTP: 'true' } : {}) }
  const agent = await CallAgent.start({
    target: world.target,
    address: (family) => world.address(family),
    token,
    port: 0,
  })
  try {
    const { limits } = world.target.document
    const end = await runK6({ agent, program, token, shape, limits, thresholds: undefined, folder, env, signal })
    signal.throwIfAborted()
    if (end.summary === undefined || (end.code !== 0 && end.code !== K6_THRESHOLDS_CROSSED))
      throw new Error(`k6 did not carry out the load: ${end.said.split('\n').at(-1) ?? ''}`)
    const { valid, generator, calls } = await resultOfLoad({ agent, program, end, shape, folder, interrupted: false })
    if (!valid) return generator.problems?.[0] ?? 'the load was not valid'
    // Calls that are hung up at once have no audio to be heard.
    const failed = numbers.hold === NO_HOLD_S ? calls.started - (calls.byStatus?.['200'] ?? 0) : calls.failed
    return failed > MOST_FAILED * calls.started ? `${failed} of ${calls.started} calls failed at the sink` : undefined
  } finally {
    await agent.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function profileFor(): Profile {
  const profile = loadProfiles().find(({ name }) => name === 'load')
  if (profile === undefined) throw new Error('there is no profile load')
  return profile
}

interface Sink {
  readonly port: number
  stop(): void
}

function startSink(): Promise<Sink> {
  const child: ChildProcess = fork(compiledFile('src/load/sink.ts'), ['0'], {
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: childEnvironment(),
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the sink ended with ${code}`)))
    child.once('message', ({ port }: { port: number }) => resolve({ port, stop: () => child.disconnect() }))
  })
}

/** The sink as a target. */
function targetAt(port: number): TargetDocument {
  // Each thread has two.
  const accounts = Array.from({ length: 2 * availableParallelism() }, (_, number) => ({
    user: `caller-${number}`,
    password: 'none',
  }))
  return targetSchema.parse({
    name: 'sink',
    domain: '127.0.0.1',
    endpoints: { udp: { host: '127.0.0.1', port } },
    media: { codecs: ['PCMA'], dtmfPayloadType: 101, srtp: ['AES_CM_128_HMAC_SHA1_80'] },
    accounts,
    services: { echo: '00038799999' },
    limits: { callsPerSecond: 100_000, concurrentCalls: 100_000 },
  })
}
