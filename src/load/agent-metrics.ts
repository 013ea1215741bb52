/** The agent's state for Prometheus: aggregates, never a call or a packet of its own. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { CallRecord } from './call-record.js'
import type { LoadGauges } from './load-tally.js'
import type { RelayCounts } from './worker-protocol.js'

export interface MetricsSource extends LoadGauges {
  readonly activeCalls: number
  readonly settingUp: number
  readonly workers: number
  /** Calls that hear what they should. */
  readonly hearing: number
  /** What goes on at each relay, and what went on at it since the beginning. */
  readonly relays: ReadonlyMap<string, RelayCounts>
}

/** Upper edges, seconds. */
const SETUP_S = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30]
const JITTER_S = [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2]
const MOS = [1, 1.5, 2, 2.5, 3, 3.5, 3.8, 4, 4.1, 4.2, 4.3, 4.4]

export class AgentMetrics {
  readonly #registry = new Registry()
  readonly #setup: Histogram
  readonly #jitter: Histogram<'relay'>
  readonly #mos: Histogram<'relay'>

  /** As of the reading that goes on. */
  #source: MetricsSource | undefined

  /** @param published names of the target's relays: they are there with nought from the beginning, so that rates see the first calls */
  constructor(published: readonly string[] = []) {
    const registers = [this.#registry]
    const read = (): MetricsSource => {
      if (this.#source === undefined) throw new Error('metrics are read with what they are read from')
      return this.#source
    }
    const counter = (name: string, help: string, of: (source: MetricsSource) => number) =>
      new Counter({
        name: `ringproof_agent_${name}`,
        help,
        registers,
        collect() {
          this.reset()
          this.inc(of(read()))
        },
      })
    const gauge = (name: string, help: string, of: (source: MetricsSource) => number) =>
      new Gauge({
        name: `ringproof_agent_${name}`,
        help,
        registers,
        collect() {
          this.set(of(read()))
        },
      })
    gauge('active_calls', 'Established calls.', (source) => source.activeCalls)
    gauge('calls_setting_up', 'Calls waiting for a final response.', (source) => source.settingUp)
    gauge('workers', 'Worker threads.', (source) => source.workers)
    gauge(
      'send_lateness_p99_seconds',
      'Lateness of sent audio packets, 99th percentile.',
      (source) => source.sendLatenessP99Ms / 1000,
    )
    gauge(
      'event_loop_lag_p99_seconds',
      'Event loop lag of the worker threads, 99th percentile.',
      (source) => source.eventLoopLagP99Ms / 1000,
    )
    counter('calls_started_total', 'Calls ordered.', (source) => source.started)
    counter('calls_completed_total', 'Calls with audio both ways that ended normally.', (source) => source.completed)
    counter('calls_failed_total', 'Calls failed.', (source) => source.failed)
    counter(
      'calls_interrupted_total',
      'Calls aborted because their client disconnected.',
      (source) => source.interrupted,
    )
    counter('rtp_packets_sent_total', 'Audio packets sent, in ended calls.', (source) => source.packetsSent)
    counter('rtp_packets_received_total', 'Audio packets received, in ended calls.', (source) => source.packetsReceived)
    counter('rtp_packets_lost_total', 'Audio packets lost, in ended calls.', (source) => source.packetsLost)
    counter(
      'socket_drops_total',
      'Datagrams dropped by the kernel before the agent read them.',
      (source) => source.socketDrops,
    )
    gauge('calls_hearing', 'Established calls whose ends all hear what they should.', (source) => source.hearing)
    counter('calls_two_way_total', 'Ended calls with audio in both directions.', (source) => source.twoWay)
    counter('calls_one_way_total', 'Ended calls with an end that received nothing.', (source) => source.oneWay)
    counter('calls_wrong_audio_total', 'Ended calls with audio of another call.', (source) => source.wrongAudio)
    counter('calls_held_back_total', 'Calls that the target file’s limits held back.', (source) => source.heldBack)
    const ofRelays = (add: (relay: string, sample: RelayCounts) => void) => {
      const { relays } = read()
      for (const relay of published) if (!relays.has(relay)) add(relay, { calls: 0, received: 0, lost: 0 })
      for (const [relay, sample] of relays) add(relay === '' ? 'none' : relay, sample)
    }
    const relayGauge = (name: string, help: string, of: (sample: RelayCounts) => number) =>
      new Gauge({
        name: `ringproof_agent_relay_${name}`,
        help,
        labelNames: ['relay'],
        registers,
        collect() {
          this.reset()
          ofRelays((relay, sample) => this.set({ relay }, of(sample)))
        },
      })
    relayGauge('active_calls', 'Established calls through a relay.', ({ calls }) => calls)
    const relayCounter = (name: string, help: string, of: (sample: RelayCounts) => number) =>
      new Counter({
        name: `ringproof_agent_relay_${name}`,
        help,
        labelNames: ['relay'],
        registers,
        collect() {
          this.reset()
          ofRelays((relay, sample) => this.inc({ relay }, of(sample)))
        },
      })
    relayCounter('packets_received_total', 'Audio packets received through a relay.', ({ received }) => received)
    relayCounter('packets_lost_total', 'Audio packets lost through a relay.', ({ lost }) => lost)
    const about = { registers, labelNames: ['relay'] as const }
    this.#setup = new Histogram({
      name: 'ringproof_agent_setup_delay_seconds',
      help: 'From INVITE to ringing or answer, of successful calls (RFC 6076 §4.3).',
      buckets: SETUP_S,
      registers,
    })
    this.#jitter = new Histogram({
      ...about,
      name: 'ringproof_agent_jitter_seconds',
      help: 'Jitter of each end of ended calls (RFC 3550 §6.4.1).',
      buckets: JITTER_S,
    })
    this.#mos = new Histogram({
      ...about,
      name: 'ringproof_agent_mos',
      help: 'Quality at each end of ended calls (ITU-T G.107).',
      buckets: MOS,
    })
    for (const relay of published) {
      this.#jitter.zero({ relay })
      this.#mos.zero({ relay })
    }
  }

  /** A call is over that nobody cut short. */
  observe({ status, setupMs, legs }: Pick<CallRecord, 'status' | 'setupMs' | 'legs'>): void {
    if (setupMs !== undefined && status < 300) this.#setup.observe(setupMs / 1000)
    for (const { relay, jitterMs, mos } of legs) {
      const label = { relay: relay === '' ? 'none' : relay }
      if (jitterMs !== undefined) this.#jitter.observe(label, jitterMs / 1000)
      if (mos !== undefined) this.#mos.observe(label, mos)
    }
  }

  async read(source: MetricsSource): Promise<{ readonly type: string; readonly text: string }> {
    this.#source = source
    return { type: this.#registry.contentType, text: await this.#registry.metrics() }
  }
}
