/** The standing checks over the record of one scenario. */
import type { ScenarioRecord } from '../evidence/record.js'
import type { MediaPacketEvent } from '../media/media-events.js'
import type { StandingNote } from '../result/finding.js'
import type { Device } from '../scenario/device.js'
import type { Target } from '../scenario/target.js'
import { canonicalAddress, type Endpoint, formatEndpoint } from '../transport/network.js'
import { Examiner } from './examiner.js'

/** What the standing checks say of one scenario's record. */
export function examineRecord(
  record: ScenarioRecord,
  { target, devices }: { readonly target: Target; readonly devices: readonly Device[] },
): StandingNote[] {
  const { T1, T2 } = target.timers
  const examiner = new Examiner({
    published: target.published,
    isOwn: ownEndpoints(record, devices),
    accounts: devices.map(({ account }) => account),
    timers: { T1, T2 },
  })
  for (const event of strayPackets(record, devices)) examiner.packet(event)
  const packets = devices.flatMap((device) => device.packets)
  if (devices.length > 1) packets.sort((a, b) => a.at - b.at)
  let next = 0
  for (const seen of record.messages) {
    for (let packet = packets[next]; packet !== undefined && packet.at < seen.at; packet = packets[++next])
      examiner.packet(packet)

    examiner.message(seen)
  }
  for (let packet = packets[next]; packet !== undefined; packet = packets[++next]) examiner.packet(packet)
  for (const garbage of record.garbage) examiner.garbage(garbage)
  return examiner.notes()
}

/** What scenarios send as RTP past the devices' own sessions: strangers, tampered and repeated packets. */
function* strayPackets(record: ScenarioRecord, devices: readonly Device[]): Generator<MediaPacketEvent> {
  const sessions = new Set(devices.flatMap((device) => device.mediaSessions.map(({ local }) => formatEndpoint(local))))
  const ofSession = new Map<Endpoint, boolean>()
  for (const { at, packet, direction, local, remote, data } of record.wire) {
    if (packet !== 'rtp' || direction !== 'out' || data === undefined) continue
    let known = ofSession.get(local)
    if (known === undefined) {
      known = sessions.has(formatEndpoint(local))
      ofSession.set(local, known)
    }
    if (!known) yield { at, direction, kind: 'rtp', local, remote, raw: data, plain: undefined }
  }
}

/** Our own sockets, by what the devices' wires say. */
function ownEndpoints(record: ScenarioRecord, devices: readonly Device[]): (endpoint: Endpoint) => boolean {
  const sockets = new Set<Endpoint>()
  for (const { local } of record.wire) sockets.add(local)
  const own = new Set<string>()
  const addresses = new Set<string>()
  const ports = new Set<number>()
  for (const { address, port } of sockets) {
    const canonical = canonicalAddress(address)
    own.add(`${canonical} ${port}`)
    addresses.add(canonical)
    ports.add(port)
  }
  const behindNat = devices.some(({ nat }) => nat !== undefined)
  // Addresses that the target has, too, tell nothing by themselves.
  for (const { hop } of devices) addresses.delete(canonicalAddress(hop.remote.address))
  return ({ address, port }) => {
    const canonical = canonicalAddress(address)
    if (own.has(`${canonical} ${port}`)) return true
    // The ports that a NAT lends are not on record: behind one, the whole address is ours. And a socket that sends to a device of
    // the other family, where the target is not on the path, does so from another address than the one on record.
    return addresses.has(canonical) && (behindNat || ports.has(port))
  }
}
