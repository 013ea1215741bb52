/** The agent's state for Prometheus: aggregates, never a call or a packet of its own. */
import { Counter, Gauge, Registry } from 'prom-client'
import type { LoadGauges } from './load-tally.js'

export interface MetricsSource extends LoadGauges {
  readonly activeCalls: number
  readonly settingUp: number
  readonly workers: number
}

export class AgentMetrics {
  readonly #registry = new Registry()

  constructor(read: () => MetricsSource) {
    const registers = [this.#registry]
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
    gauge('active_calls', 'Calls that are up.', (source) => source.activeCalls)
    gauge('calls_setting_up', 'Calls that wait for their final answer.', (source) => source.settingUp)
    gauge('workers', 'Threads that call.', (source) => source.workers)
    gauge(
      'send_lateness_p99_seconds',
      'Audio packets behind their time, 99th percentile.',
      (source) => source.sendLatenessP99Ms / 1000,
    )
    gauge(
      'event_loop_lag_p99_seconds',
      'Lateness of the threads that call, 99th percentile.',
      (source) => source.eventLoopLagP99Ms / 1000,
    )
    counter('calls_started_total', 'Calls that were ordered.', (source) => source.started)
    counter(
      'calls_completed_total',
      'Calls with audio both ways that ended as they should.',
      (source) => source.completed,
    )
    counter('calls_failed_total', 'Calls that failed.', (source) => source.failed)
    counter('calls_interrupted_total', 'Calls whose client went away.', (source) => source.interrupted)
    counter('rtp_packets_sent_total', 'Audio packets sent, of calls that are over.', (source) => source.packetsSent)
    counter(
      'rtp_packets_received_total',
      'Audio packets received, of calls that are over.',
      (source) => source.packetsReceived,
    )
    counter('rtp_packets_lost_total', 'Audio packets lost, of calls that are over.', (source) => source.packetsLost)
    counter(
      'socket_drops_total',
      'Datagrams that the kernel dropped before the agent read them.',
      (source) => source.socketDrops,
    )
  }

  async read(): Promise<{ readonly type: string; readonly text: string }> {
    return { type: this.#registry.contentType, text: await this.#registry.metrics() }
  }
}
