/** A call agent whose calls are never made: tests say what becomes of them. */
import type { CallEngine, OrderedCall, WaveCall, WaveEvents } from '../../src/load/call-engine.js'
import type { CallOrder, OrderFacts } from '../../src/load/call-order.js'
import type { CallRecord, EndCause } from '../../src/load/call-record.js'
import type { StormOrder, StormReport } from '../../src/load/registration-storm.js'
import type { CallAnswer } from '../../src/load/worker-protocol.js'
import { DialPolicy } from '../../src/target/dial-policy.js'
import { targetOf } from '../../src/target/target-file.js'
import { call as recordOf } from '../unit/load/samples.js'

export class FakeEngine implements CallEngine {
  readonly workers = 2
  readonly retired = false
  readonly placed: {
    id: string
    order: CallOrder
    answer: (answer: CallAnswer) => void
    finish: (facts?: Partial<CallRecord>) => void
  }[] = []
  readonly ended: { id: string; why: EndCause }[] = []
  readonly waves: { wave: string; calls: readonly WaveCall[]; events: WaveEvents }[] = []
  readonly storms: { order: StormOrder; signal: AbortSignal | undefined; finish: (report: StormReport) => void }[] = []

  placeWave(wave: string, calls: readonly WaveCall[], events: WaveEvents): void {
    this.waves.push({ wave, calls, events })
  }

  endWave(wave: string, why: EndCause): void {
    this.ended.push({ id: wave, why })
    for (const one of this.waves) if (one.wave === wave) for (const _ of one.calls) one.events.dropped()
  }

  registerAgain(order: StormOrder, signal?: AbortSignal): Promise<StormReport> {
    return new Promise((finish) => this.storms.push({ order, signal, finish }))
  }

  place(order: CallOrder): OrderedCall {
    const id = `call-${this.placed.length + 1}`
    let answer: (answer: CallAnswer) => void = () => {}
    let end: (record: CallRecord) => void = () => {}
    const call = {
      id,
      answered: new Promise<CallAnswer>((resolve) => (answer = resolve)),
      record: new Promise<CallRecord>((resolve) => (end = resolve)),
    }
    this.placed.push({ id, order, answer, finish: (facts = {}) => end({ ...recordOf({ id }), ...facts }) })
    return call
  }

  end(id: string, why: EndCause): void {
    this.ended.push({ id, why })
    const call = this.placed.find((one) => one.id === id)
    call?.answer({ status: 487, setupMs: undefined, relay: '' })
    call?.finish({ end: why })
  }
}

const document = targetOf(
  {
    name: 'sample',
    domain: 'example.com',
    endpoints: { udp: { host: '127.0.0.71' } },
    media: { codecs: ['PCMA'], srtp: [] },
    accounts: [
      { user: 'alice', password: 'a' },
      { user: 'bob', password: 'b' },
    ],
    services: { echo: '00038799999' },
    limits: { callsPerSecond: 5, concurrentCalls: 3 },
  },
  'sample',
)
/** What its target offers. */
export const facts: OrderFacts = {
  document,
  dialPolicy: new DialPolicy(document),
  reaches: (transport, family) => transport === 'udp' && family === 'ipv4',
  accounts: 2,
  encrypts: () => false,
}
