/**
 * CPU per RTP packet sent and received by media sessions as a load run has them: 100 calls with audio both ways, each
 * packet at its own time (50 a second and leg), audio patterns sent and recognised, statistics, RTCP. Beside it, in turns,
 * bare dgram sockets that send datagrams of the same size at the same pace and only count what comes: what the kernel,
 * libuv and waking up cost.
 */
import { once } from 'node:events'
import dgram from 'node:dgram'
import { SystemRandom } from '../src/clock/random.js'
import { WallClock } from '../src/clock/wall-clock.js'
import { MediaClock } from '../src/media/media-clock.js'
import { MediaSession } from '../src/media/media-session.js'
import { KernelNetwork } from '../src/transport/kernel-network.js'
import type { BenchResult } from './result.js'

const CALLS = 100
const ROUNDS = 3
const WARM_UP_MS = 1500
const MEASURED_MS = 4000
const PACKET_MS = 20
const PACKET_BYTES = 172
const TARGET = 1.3

interface Round {
  readonly cpuUs: number
  /** 99 % of the packets left this much or less behind their time, ms. */
  readonly lateP99Ms: number
  readonly lost: number
}

/** Runs the benchmark; about forty seconds. */
export async function run(): Promise<BenchResult[]> {
  const plain: Round[] = []
  const secured: Round[] = []
  const bare: Round[] = []
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await bareSockets())
    plain.push(await ourSessions(false))
    secured.push(await ourSessions(true))
  }
  const floor = median(bare.map((r) => r.cpuUs))
  const result = (name: string, rounds: Round[], most?: number): BenchResult => {
    const ours = median(rounds.map((r) => r.cpuUs))
    const late = median(rounds.map((r) => r.lateP99Ms))
    const lost = rounds.reduce((sum, r) => sum + r.lost, 0)
    return {
      name: `${CALLS} calls, ${name} (99 % of packets at most ${late.toFixed(1)} ms late, ${lost} lost)`,
      ours,
      unit: 'µs CPU per packet sent and received',
      peers: [{ name: 'bare dgram at the same pace', value: floor }],
      ...(most !== undefined && { target: { text: `≤ ${most} × bare dgram`, met: ours <= most * floor } }),
    }
  }
  return [result('RTP', plain, TARGET), result('SRTP', secured)]
}

async function ourSessions(secured: boolean): Promise<Round> {
  const clock = new WallClock()
  const network = new KernelNetwork(clock)
  const mediaClock = new MediaClock(clock)
  const random = new SystemRandom()
  const open = (patternId: number) =>
    MediaSession.open({
      clock,
      network,
      random,
      mediaClock,
      localAddress: '127.0.0.1',
      codecs: ['PCMA'],
      patternId,
      srtp: secured && ['AES_CM_128_HMAC_SHA1_80'],
    })
  const sessions: MediaSession[] = []
  for (let call = 0; call < CALLS; call++) {
    const [caller, callee] = [await open(1), await open(2)]
    sessions.push(caller, callee)
    const answer = callee.answer(caller.offer())
    if ('rejected' in answer || caller.accept(answer) !== undefined) throw new Error('no agreement')
  }
  const received = () => sessions.reduce((sum, session) => sum + session.report().received.packets, 0)
  await sleep(WARM_UP_MS)
  mediaClock.lateness.drain()
  const { cpuUs, packets } = await measured(received)
  const lateP99Ms = mediaClock.lateness.percentileMs(99) ?? Number.NaN
  const lost = sessions.reduce((sum, session) => sum + session.report().received.lost, 0)
  await Promise.all(sessions.map((session) => session.close()))
  return { cpuUs: cpuUs / packets, lateP99Ms, lost }
}

async function bareSockets(): Promise<Round> {
  const sockets = Array.from({ length: 2 * CALLS }, () => dgram.createSocket('udp4'))
  let received = 0
  for (const socket of sockets) {
    socket.on('message', () => received++)
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
  }
  // Every socket sends to its neighbour, in slots of one millisecond.
  const ports = sockets.map((_, i) => sockets[i ^ 1]?.address().port ?? 0)
  const slots = Array.from({ length: PACKET_MS }, (_, slot) =>
    sockets.map((_s, i) => i).filter((i) => i % PACKET_MS === slot),
  )
  const packet = Buffer.alloc(PACKET_BYTES, 0x80)
  let next = 0
  const startedAt = performance.now()
  let timer: NodeJS.Timeout | undefined
  const serve = () => {
    for (; startedAt + next <= performance.now(); next++)
      for (const i of slots[next % PACKET_MS] ?? []) sockets[i]?.send(packet, ports[i] ?? 0, '127.0.0.1')

    timer = setTimeout(serve, startedAt + next - performance.now())
  }
  serve()
  await sleep(WARM_UP_MS)
  const { cpuUs, packets } = await measured(() => received)
  clearTimeout(timer)
  for (const socket of sockets) socket.close()
  return { cpuUs: cpuUs / packets, lateP99Ms: 0, lost: 0 }
}

/** CPU of this process over a while, and the packets received in it. */
async function measured(received: () => number): Promise<{ cpuUs: number; packets: number }> {
  const first = received()
  const before = process.cpuUsage()
  await sleep(MEASURED_MS)
  const { user, system } = process.cpuUsage(before)
  return { cpuUs: user + system, packets: received() - first }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}
