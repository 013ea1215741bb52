/**
 * The metrics of a load as k6 counts them, kept by the agent for each set of tags in a form that can be added up: what the parts of
 * a load that was split are joined from. Names and tags are those of `k6/lib/metrics.ts`.
 */
import { Histogram } from '../result/histogram.js'
import type { MetricRecord } from '../result/metrics.js'
import { type CallRecord, lossRatioOf } from './call-record.js'
import { type Tags, tagsOfCall, tagsOfLeg } from './call-tags.js'

interface Rate {
  passes: number
  count: number
}

export class LoadMetrics {
  readonly #tags = new Map<string, Tags>()
  readonly #trends = new Map<string, Map<string, Histogram>>()
  readonly #rates = new Map<string, Map<string, Rate>>()
  readonly #counters = new Map<string, Map<string, number>>()

  add(record: CallRecord): void {
    const { status, success, setupMs, disconnectMs, end, legs } = record
    const ofCall = this.#key(tagsOfCall(record))
    this.#count('sip_calls_started', ofCall, 1)
    if (success) this.#count('sip_calls_completed', ofCall, 1)
    this.#rate('sip_call_success', ofCall, success)
    if (record.outcome === undefined) this.#rate('rtp_two_way_audio', ofCall, record.twoWay)
    // RFC 6076 §4.3: delays of failed requests must not be mixed with those of successful ones.
    if (status < 300) this.#trend('sip_session_request_delay', ofCall, setupMs)
    if (end === 'normal') this.#trend('sip_session_disconnect_delay', ofCall, disconnectMs)
    for (const leg of legs) {
      const ofLeg = this.#key(tagsOfLeg(record, leg))
      this.#count('rtp_packets_sent', ofLeg, leg.packetsSent)
      this.#count('rtp_packets_received', ofLeg, leg.packetsReceived)
      this.#count('rtp_packets_lost', ofLeg, leg.packetsLost)
      this.#trend('rtp_loss_ratio', ofLeg, lossRatioOf(leg))
      this.#trend('rtp_jitter', ofLeg, leg.jitterMs)
      this.#trend('rtp_round_trip', ofLeg, leg.roundTripMs)
      this.#trend('voip_mos', ofLeg, leg.mos)
    }
  }

  /** Registrations that were ordered. @param delaysMs until a device was registered */
  registrations(o: {
    readonly devices: number
    readonly registered: number
    readonly refused: Readonly<Record<string, number>>
    readonly delaysMs: readonly number[]
    /** Until the last was over, where all came back at once. */
    readonly stormMs?: number | undefined
  }): void {
    const { devices, registered, refused, delaysMs, stormMs } = o
    const none = this.#key({})
    for (let device = 0; device < devices; device++) this.#rate('sip_registration_success', none, device < registered)
    this.registered(delaysMs)
    for (const [status, count] of Object.entries(refused))
      this.#count('sip_registrations_refused', this.#key({ sip_status: status }), count)
    this.#trend('sip_registration_storm', none, stormMs)
  }

  /** Devices that registered, each after so long. */
  registered(delaysMs: readonly number[]): void {
    const none = this.#key({})
    for (const delayMs of delaysMs) this.#trend('sip_registration_request_delay', none, delayMs)
  }

  records(): MetricRecord[] {
    const tagged = <T>(
      of: Map<string, Map<string, T>>,
      shape: (metric: string, tags: Tags, value: T) => MetricRecord,
    ) =>
      [...of].flatMap(([metric, values]) =>
        [...values].map(([key, value]) => shape(metric, this.#tags.get(key) ?? {}, value)),
      )
    return [
      ...tagged(this.#trends, (metric, tags, histogram) => ({ kind: 'trend', metric, tags, ...histogram.record() })),
      ...tagged(this.#rates, (metric, tags, rate) => ({ kind: 'rate', metric, tags, ...rate })),
      ...tagged(this.#counters, (metric, tags, count) => ({ kind: 'counter', metric, tags, count })),
    ]
  }

  #key(tags: Tags): string {
    const key = JSON.stringify(tags)
    if (!this.#tags.has(key)) this.#tags.set(key, tags)
    return key
  }

  #trend(metric: string, key: string, value: number | undefined): void {
    if (value === undefined) return
    entry(this.#trends, metric, key, () => new Histogram()).add(value)
  }

  #rate(metric: string, key: string, pass: boolean): void {
    const rate = entry(this.#rates, metric, key, () => ({ passes: 0, count: 0 }))
    rate.count += 1
    if (pass) rate.passes += 1
  }

  #count(metric: string, key: string, value: number): void {
    const counts = ofMetric(this.#counters, metric)
    counts.set(key, (counts.get(key) ?? 0) + value)
  }
}

function ofMetric<T>(all: Map<string, Map<string, T>>, metric: string): Map<string, T> {
  const known = all.get(metric)
  if (known !== undefined) return known
  const made = new Map<string, T>()
  all.set(metric, made)
  return made
}

function entry<T>(all: Map<string, Map<string, T>>, metric: string, key: string, make: () => T): T {
  const values = ofMetric(all, metric)
  const known = values.get(key)
  if (known !== undefined) return known
  const made = make()
  values.set(key, made)
  return made
}
