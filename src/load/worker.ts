/** A thread of the call agent: signalling and audio of its share of the calls. Loaded compiled, by `WorkerPool`. */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { parentPort, workerData } from 'node:worker_threads'
import { SystemRandom } from '../clock/random.js'
import { WallClock } from '../clock/wall-clock.js'
import { MediaClock } from '../media/media-clock.js'
import { ImpairedNetwork } from '../transport/impaired-network.js'
import { KernelNetwork } from '../transport/kernel-network.js'
import { loadLibc } from '../transport/libc.js'
import { PolledNetwork } from '../transport/polled-network.js'
import { PublishedList } from '../target/published-list.js'
import { hepSender } from '../worlds/hep-sender.js'
import { CallMaker } from './call-maker.js'
import { LoadExaminer } from './load-examiner.js'
import { takeShortTurns } from './time-slice.js'
import type { ToWorker, WorkerData } from './worker-protocol.js'

/** The monitor's own interval is part of what it measures. */
const RESOLUTION_MS = 10

if (parentPort === null) throw new Error('this is a thread of the call agent, not a program')
const port = parentPort
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by WorkerPool, from this very build
const data = workerData as WorkerData
const clock = new WallClock()
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
const wholeDelay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
delay.enable()
wholeDelay.enable()
let before = performance.eventLoopUtilization()
const lag = (ns: number) => (ns > 0 ? Math.max(0, ns / 1e6 - RESOLUTION_MS) : 0)

const wire = new KernelNetwork(clock)
const told = data.hep === undefined ? wire : hepSender(data.hep, clock).over(wire)
const network = data.line === undefined ? told : new ImpairedNetwork(told, data.line, new SystemRandom())
const libc = process.env['RINGPROOF_UDP'] === 'node' ? undefined : loadLibc()
if (libc !== undefined) takeShortTurns(libc)
// Behind an access line each packet has a moment of its own.
const polled = libc === undefined || data.line !== undefined ? undefined : new PolledNetwork(wire, libc)
// Our own packets first, then those that have come.
MediaClock.of(clock).afterRound = polled?.poll

const { T1, T2 } = data.document.timers
const maker = new CallMaker({
  data,
  clock,
  network,
  mediaNetwork: polled,
  random: new SystemRandom(),
  examiner: new LoadExaminer({
    published: new PublishedList(data.document),
    accounts: data.accounts,
    timers: { T1, T2 },
  }),
  send: (message) => port.postMessage(message),
  thread: () => {
    const now = performance.eventLoopUtilization()
    const busy = performance.eventLoopUtilization(now, before).utilization
    before = now
    const seen = {
      lagP99Ms: wholeDelay.count === 0 ? 0 : lag(wholeDelay.percentile(99)),
      lagMaxMs: delay.count === 0 ? 0 : lag(delay.max),
      busy,
    }
    delay.reset()
    return seen
  },
})
let called = false
port.on('message', (message: ToWorker) => {
  // How long it took to load and to register is nobody's business.
  if ((message.kind === 'call' || message.kind === 'wave') && !called) {
    called = true
    wholeDelay.reset()
  }
  maker.receive(message)
})
await maker.start()
