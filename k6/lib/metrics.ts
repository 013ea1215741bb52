// What k6 measures: the same names and tags in every profile. All of it is derived from the records of the call agents.
import { Counter, Gauge, Rate, Trend } from 'k6/metrics'
import type { AgentStats, CallRecord } from './agent.ts'

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
const jitter = new Trend('rtp_jitter', true)
const lossRatio = new Trend('rtp_loss_ratio')
const roundTrip = new Trend('rtp_round_trip', true)
const mos = new Trend('voip_mos')
const activeCalls = new Gauge('agent_active_calls')
const sendLateness = new Gauge('agent_send_lateness_p99')
const eventLoopLag = new Gauge('agent_event_loop_lag')

/** Counts a call that is over. What was not measured is not counted as anything, least of all as good. */
export function countCall(record: CallRecord): void {
  const tags = {
    relay: record.relay === '' ? 'none' : record.relay,
    codec: record.codec ?? 'none',
    transport: record.transport,
    family: record.family,
    sip_status: String(record.status),
  }
  callsStarted.add(1, tags)
  callSuccess.add(record.success, tags)
  twoWayAudio.add(record.twoWay, tags)
  if (record.success) callsCompleted.add(1, tags)
  if (record.setupMs !== undefined && record.status < 300) sessionRequestDelay.add(record.setupMs, tags)
  if (record.disconnectMs !== undefined && record.end === 'normal')
    sessionDisconnectDelay.add(record.disconnectMs, tags)
  for (const leg of record.legs) {
    const ofLeg = { ...tags, leg: leg.role, relay: leg.relay === '' ? 'none' : leg.relay }
    packetsSent.add(leg.packetsSent, ofLeg)
    packetsReceived.add(leg.packetsReceived, ofLeg)
    packetsLost.add(leg.packetsLost, ofLeg)
    if (leg.packetsExpected > 0) lossRatio.add(Math.min(1, leg.packetsLost / leg.packetsExpected), ofLeg)
    if (leg.jitterMs !== undefined) jitter.add(leg.jitterMs, ofLeg)
    if (leg.roundTripMs !== undefined) roundTrip.add(leg.roundTripMs, ofLeg)
    if (leg.mos !== undefined) mos.add(leg.mos, ofLeg)
  }
}

/** Counts the registrations that a call agent made before the first call. */
export function countRegistrations(stats: AgentStats): void {
  for (const delayMs of stats.registrations.delaysMs) registrationRequestDelay.add(delayMs)
}

/** Takes over what a call agent says of itself. */
export function showAgent(stats: AgentStats): void {
  activeCalls.add(stats.activeCalls)
  sendLateness.add(stats.sendLatenessP99Ms)
  eventLoopLag.add(stats.eventLoopLagP99Ms)
}
