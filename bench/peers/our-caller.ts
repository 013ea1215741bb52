/**
 * The caller of the calls benchmark, in a process of its own: one user agent on a shared stack over the kernel's UDP.
 * Arguments: the callee's port, calls a second, seconds. Tells its parent what became of the calls.
 */
import { UserAgent } from '../../src/agent/user-agent.js'
import { SharedStack } from '../../src/agent/stack.js'
import { SystemRandom } from '../../src/clock/random.js'
import { expectMixedLives } from '../../src/load/engine-flags.js'
import { WallClock } from '../../src/clock/wall-clock.js'
import { timerTable } from '../../src/transaction/timers.js'
import { KernelNetwork } from '../../src/transport/kernel-network.js'

export interface OurCounts {
  readonly created: number
  readonly successful: number
  readonly retransmissions: number
}

const [port = 0, rate = 0, calls = 0] = process.argv.slice(2).map(Number)
const SETTLE_MS = 2000

/** As long as the one of SIPp's caller. */
const SDP = [
  'v=0',
  'o=user1 53655765 2353687637 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 6000 RTP/AVP 0',
  'a=rtpmap:0 PCMU/8000',
  '',
].join('\r\n')

// As call agents do.
expectMixedLives()

const clock = new WallClock()
const network = new KernelNetwork(clock)
const random = new SystemRandom()
const shared = { network, clock, random, timers: timerTable({}), parseMode: 'fast', localAddress: '127.0.0.1' } as const
const stack = new SharedStack({ ...shared, listen: ['udp'] })
const agent = new UserAgent({
  ...shared,
  stack,
  name: 'caller',
  account: { user: 'caller', password: '', domain: '127.0.0.1' },
  outbound: { transport: 'udp', remote: { address: '127.0.0.1', port } },
})
await agent.start()

let sent = 0
stack.transport.onSent = () => {
  sent++
}

let successful = 0
let over = 0
async function call(): Promise<void> {
  const leg = agent.invite(`sip:service@127.0.0.1:${port}`, { sdp: SDP })
  const answer = await leg.answered
  const bye = answer?.status === 200 ? await leg.hangUp() : undefined
  if (bye?.final?.status === 200) successful++
  over++
}

const startedAt = clock.now()
let created = 0
await new Promise<void>((resolve) => {
  // What is due is placed, then the next one is waited for.
  const place = () => {
    while (created < calls && clock.now() >= startedAt + (created * 1000) / rate) {
      created++
      void call()
    }
    if (created === calls) resolve()
    else clock.after(startedAt + (created * 1000) / rate - clock.now(), place)
  }
  place()
})
const deadline = clock.now() + SETTLE_MS
const settled = () => over >= created || clock.now() >= deadline
while (!settled()) await clock.sleep(20)

// INVITE, ACK and BYE; whatever was sent beyond them was sent again.
const counts: OurCounts = { created, successful, retransmissions: Math.max(0, sent - 3 * successful) }
if (process.send === undefined) console.log(counts)
else await new Promise((resolve) => process.send?.(counts, resolve))
process.exit()
