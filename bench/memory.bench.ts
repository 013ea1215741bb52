/**
 * Memory of an idle registered device and of a call with media, in JavaScript's heap and in buffers beside it, after a
 * collection: many of them are made, and the growth is divided.
 */
import dgram from 'node:dgram'
import { once } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { SharedStack } from '../src/agent/stack.js'
import { UserAgent } from '../src/agent/user-agent.js'
import { SystemRandom } from '../src/clock/random.js'
import { WallClock } from '../src/clock/wall-clock.js'
import { MediaClock } from '../src/media/media-clock.js'
import { MediaSession } from '../src/media/media-session.js'
import { timerTable } from '../src/transaction/timers.js'
import { KernelNetwork } from '../src/transport/kernel-network.js'
import type { BenchResult } from './result.js'

const DEVICES = 2000
const CALLS = 200
/** RFC 3261 §17.1.2.2: timer K; until then a transaction is still there. */
const TRANSACTIONS_MS = 6000
const KB = 1024

const clock = new WallClock()
const common = {
  clock,
  network: new KernelNetwork(clock),
  random: new SystemRandom(),
  timers: timerTable({}),
  parseMode: 'fast',
  localAddress: '127.0.0.1',
} as const

/** Runs the benchmark; about twenty seconds. */
export async function run(): Promise<BenchResult[]> {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const used = () => {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return (heapUsed + external) / KB
  }
  const device = await devices(used)
  const call = await calls(used)
  const result = (name: string, ours: number, most: number): BenchResult => ({
    name,
    ours,
    unit: 'KB',
    peers: [],
    target: { text: `≤ ${most} KB`, met: ours <= most },
  })
  return [
    result('an idle registered device on a shared stack', device, 3),
    result('a leg of a call with media, its sockets open and audio both ways', call, 25),
  ]
}

async function devices(used: () => number): Promise<number> {
  const registrar = dgram.createSocket('udp4')
  registrar.on('message', (data, from) => registrar.send(accepted(data.toString('latin1')), from.port, from.address))
  registrar.bind(0, '127.0.0.1')
  await once(registrar, 'listening')
  const hop = { transport: 'udp', remote: { address: '127.0.0.1', port: registrar.address().port } } as const
  const stack = new SharedStack({ ...common, listen: ['udp'] })
  const agents: UserAgent[] = []
  const make = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const name = `device-${agents.length}`
      const account = { user: name, password: 'secret', domain: 'example.test' }
      const agent = new UserAgent({ ...common, stack, name, account, outbound: hop })
      agents.push(agent)
      await agent.start()
      const { ok, status } = await agent.register()
      if (!ok) throw new Error(`not registered: ${status}`)
    }
    await clock.sleep(TRANSACTIONS_MS)
  }
  await make(100)
  const before = used()
  await make(DEVICES)
  const each = (used() - before) / DEVICES
  await stack.close()
  registrar.close()
  return each
}

/** What a registrar without memory answers. */
function accepted(request: string): string {
  const kept = request.split('\r\n').filter((line) => /^(?:via|from|to|call-id|cseq|contact):/i.test(line))
  const lines = kept.map((line) => {
    if (/^to:/i.test(line)) return `${line};tag=1`
    return /^contact:/i.test(line) ? `${line};expires=3600` : line
  })
  return ['SIP/2.0 200 OK', ...lines, 'Content-Length: 0', '', ''].join('\r\n')
}

async function calls(used: () => number): Promise<number> {
  const mediaClock = new MediaClock(clock)
  const media = () => MediaSession.open({ ...common, mediaClock, codecs: ['PCMA'], patternId: 1 })
  const nowhere = { transport: 'udp', remote: { address: '127.0.0.1', port: 9 } } as const
  const callee = new UserAgent({
    ...common,
    listen: ['udp'],
    name: 'callee',
    account: { user: 'callee', password: '', domain: '127.0.0.1' },
    outbound: nowhere,
    media,
  })
  callee.onCall = (call) => void call.answer()
  await callee.start()
  const remote = callee.stack.advertised('udp')
  const caller = new UserAgent({
    ...common,
    listen: ['udp'],
    name: 'caller',
    account: { user: 'caller', password: '', domain: '127.0.0.1' },
    outbound: { transport: 'udp', remote },
    media,
  })
  await caller.start()
  const place = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const answer = await caller.invite(`sip:callee@127.0.0.1:${remote.port}`).answered
      if (answer?.status !== 200) throw new Error(`not answered: ${answer?.status}`)
    }
    await clock.sleep(1000)
  }
  await place(20)
  const before = used()
  await place(CALLS)
  const each = (used() - before) / (2 * CALLS)
  await Promise.all([caller.stop(), callee.stop()])
  return each
}
