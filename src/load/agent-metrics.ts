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
  }

  async read(): Promise<{ readonly type: string; readonly text: string }> {
    return { type: this.#registry.contentType, text: await this.#registry.metrics() }
  }
}
