// What k6 measures: the same names and tags in every profile. All of it is derived from the records of the call agents.
import { Counter, Gauge, Rate, Trend } from 'k6/metrics'
import type { AgentStats, CallRecord, RegistrationReport, RunRecord, RunWaveRecords, WaveRecords } from './records.ts'

const callSuccess = new Rate('sip_call_success')
const twoWayAudio = new Rate('rtp_two_way_audio')
const callsStarted = new Counter('sip_calls_started')
const callsCompleted = new Counter('sip_calls_completed')
const packetsSent = new Counter('rtp_packets_sent')
const packetsReceived = new Counter('rtp_packets_received')
const packetsLost = new Counter('rtp_packets_lost')
// RFC 6076 §4.3, §4.2 (registration) and §4.4.
const sessionRequestDelay = new Trend('sip_session_request_delay', true)
const registrationRequestDelay = new Trend('sip_registration_request_delay', true)
const sessionDisconnectDelay = new Trend('sip_session_disconnect_delay', true)
const registrationSuccess = new Rate('sip_registration_success')
const registrationsRefused = new Counter('sip_registrations_refused')
const registrationStorm = new Trend('sip_registration_storm', true)
const jitter = new Trend('rtp_jitter', true)
const lossRatio = new Trend('rtp_loss_ratio')
const roundTrip = new Trend('rtp_round_trip', true)
const mos = new Trend('voip_mos')
const scenarioPass = new Rate('scenario_pass')
const scenarioDecided = new Rate('scenario_decided')
const scenarioRuns = new Counter('scenario_runs')
const scenarioDuration = new Trend('scenario_duration', true)
const activeCalls = new Gauge('agent_active_calls')
const sendLateness = new Gauge('agent_send_lateness_p99')
const eventLoopLag = new Gauge('agent_event_loop_lag')

/** Counts a call that is over. What was not measured is not counted as anything, least of all as good. */
export function countCall(record: CallRecord): void {
  const common = {
    codec: record.codec ?? 'none',
    transport: record.transport,
    family: record.family,
    sip_status: String(record.status),
    ...(record.name === undefined ? {} : { call: record.name }),
  }
  const tags = { relay: record.relay === '' ? 'none' : record.relay, ...common }
  callsStarted.add(1, tags)
  callSuccess.add(record.success, tags)
  // Calls that were not meant to be answered have no audio to judge.
  if (record.outcome === undefined) twoWayAudio.add(record.twoWay, tags)
  if (record.success) callsCompleted.add(1, tags)
  if (record.setupMs !== undefined && record.status < 300) sessionRequestDelay.add(record.setupMs, tags)
  if (record.disconnectMs !== undefined && record.end === 'normal')
    sessionDisconnectDelay.add(record.disconnectMs, tags)
  for (const leg of record.legs) {
    const ofLeg = { ...common, leg: leg.role, relay: leg.relay === '' ? 'none' : leg.relay }
    packetsSent.add(leg.packetsSent, ofLeg)
    packetsReceived.add(leg.packetsReceived, ofLeg)
    packetsLost.add(leg.packetsLost, ofLeg)
    if (leg.packetsExpected > 0) lossRatio.add(Math.min(1, leg.packetsLost / leg.packetsExpected), ofLeg)
    if (leg.jitterMs !== undefined) jitter.add(leg.jitterMs, ofLeg)
    if (leg.roundTripMs !== undefined) roundTrip.add(leg.roundTripMs, ofLeg)
    if (leg.mos !== undefined) mos.add(leg.mos, ofLeg)
  }
}

/** Counts the calls of a wave: the same metrics with the same tags. Counters are added up first, one sum for each set of tags. */
export function countWave({ tags, calls, legs }: WaveRecords): void {
  sums(callsStarted, tags, calls.tags)
  sums(callsCompleted, tags, calls.tags, calls.success)
  values(callSuccess, tags, calls.tags, calls.success)
  values(twoWayAudio, tags, calls.tags, calls.twoWay)
  values(sessionRequestDelay, tags, calls.tags, calls.setupMs)
  values(sessionDisconnectDelay, tags, calls.tags, calls.disconnectMs)
  sums(packetsSent, tags, legs.tags, legs.sent)
  sums(packetsReceived, tags, legs.tags, legs.received)
  sums(packetsLost, tags, legs.tags, legs.lost)
  values(lossRatio, tags, legs.tags, legs.lossRatio)
  values(jitter, tags, legs.tags, legs.jitterMs)
  values(roundTrip, tags, legs.tags, legs.roundTripMs)
  values(mos, tags, legs.tags, legs.mos)
}

/** Counts a scenario that was run. */
export function countRun({ id, variant, verdict, reasonCode, durationMs }: RunRecord): void {
  const group = { scenario: id, ...variant, verdict, durationsMs: [durationMs] }
  countRuns({ runs: [reasonCode === undefined ? group : { ...group, reasonCode }] })
}

/** Reasons for which nothing is known of the target: this machine was late, a packet may have been lost on the way, somebody interfered. */
const SAY_NOTHING = [
  'harness-late',
  'harness-defect',
  'interrupted',
  'packet-lost',
  'path-loses',
  'sound-not-recognised',
  'foreign-hands',
  'no-local-address',
]

/**
 * Counts the scenarios of a wave. What was not decided is no pass: it counts apart, against the target where that did not let the
 * scenario come to its checks.
 */
export function countRuns({ runs }: Pick<RunWaveRecords, 'runs'>): void {
  for (const { scenario, transport, family, verdict, reasonCode = '', durationsMs } of runs) {
    const tags = { scenario, transport, family }
    const isDecided = verdict === 'pass' || verdict === 'warn' || verdict === 'fail'
    const isOpen = verdict === 'inconclusive' && !SAY_NOTHING.includes(reasonCode)
    scenarioRuns.add(durationsMs.length, { ...tags, verdict })
    for (const durationMs of durationsMs) {
      if (isDecided) scenarioPass.add(verdict !== 'fail', tags)
      if (isDecided || isOpen) scenarioDecided.add(isDecided, tags)
      if (isDecided) scenarioDuration.add(durationMs, { ...tags, verdict })
    }
  }
}

type Tags = Record<string, string>
type Column = readonly (number | null)[]

/** One value a row. */
function values(metric: Rate | Trend, tags: readonly Tags[], rows: Column, column: Column): void {
  for (let row = 0; row < rows.length; row++) {
    const value = column[row]
    if (value !== null && value !== undefined) metric.add(value, tags[rows[row] ?? 0])
  }
}

/** The sum of the rows with the same tags; without a column their number. */
function sums(metric: Counter, tags: readonly Tags[], rows: Column, column?: Column): void {
  const totals = new Map<number, number>()
  for (let row = 0; row < rows.length; row++) {
    const of = rows[row] ?? 0
    totals.set(of, (totals.get(of) ?? 0) + (column === undefined ? 1 : (column[row] ?? 0)))
  }
  for (const [of, total] of totals) metric.add(total, tags[of])
}

/** Counts the registrations that a call agent made before the first call. */
export function countRegistrations(stats: AgentStats): void {
  for (const delayMs of stats.registrations.delaysMs) registrationRequestDelay.add(delayMs)
}

/** Counts registrations that were ordered. @param isStorm whether all devices came back, so that the time until the last one counts */
export function countStorm(report: RegistrationReport, isStorm: boolean): void {
  const { devices, registered, refused, delaysMs, tookMs } = report
  for (let device = 0; device < devices; device++) registrationSuccess.add(device < registered)
  for (const delayMs of delaysMs) registrationRequestDelay.add(delayMs)
  for (const status of Object.keys(refused)) registrationsRefused.add(refused[status] ?? 0, { sip_status: status })
  if (isStorm) registrationStorm.add(tookMs)
}

/** Takes over what a call agent says of itself. */
export function showAgent(stats: AgentStats): void {
  activeCalls.add(stats.activeCalls)
  sendLateness.add(stats.sendLatenessP99Ms)
  eventLoopLag.add(stats.eventLoopLagP99Ms)
}
