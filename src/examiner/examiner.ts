/**
 * The standing checks: everything that the target sends in any scenario and under load goes through them, whatever its
 * purpose. What cannot be told for certain to be the target's doing is passed over: a wrong alarm is worse than none.
 */
import type { ScenarioRecord } from '../evidence/record.js'
import type { MediaPacketEvent } from '../media/media-events.js'
import type { Device } from '../scenario/device.js'
import type { Target } from '../scenario/target.js'
import { canonicalAddress, type Endpoint, formatEndpoint } from '../transport/network.js'
import { MediaChecks } from './media.js'
import { NoteCollector } from './note-collector.js'
import { SessionChecks } from './sessions.js'
import { SignallingChecks } from './signalling.js'
import type { ExaminerNote, ExaminerOptions, SeenGarbage, SeenMessage } from './types.js'

export type { ExaminerNote, ExaminerOptions, SeenGarbage, SeenMessage, Severity } from './types.js'

/** Calls, transactions, branches, ports: the memory holds at most twice as many of each. */
const MOST_REMEMBERED = 10_000

/**
 * Reads along. Messages and packets of both directions go in, in the order in which they happened: what our devices
 * sent is never judged, but tells what the target may be blamed for. Its memory is bounded; what was forgotten is not
 * judged. Both ends of a call between two of our devices should be fed to the same examiner.
 */
export class Examiner {
  readonly #notebook = new NoteCollector()
  readonly #signalling: SignallingChecks
  readonly #media: MediaChecks

  constructor(options: ExaminerOptions = {}) {
    const { published, isOwn = () => false, depth = 'record' } = options
    const limit = MOST_REMEMBERED
    const thorough = depth === 'record'
    this.#media = new MediaChecks({ published, isOwn, comparesPayload: thorough, limit }, this.#notebook)
    const sessions = new SessionChecks(
      { published, isOwn, checksGrammar: thorough, limit },
      this.#notebook,
      this.#media,
    )
    this.#signalling = new SignallingChecks(options, limit, this.#notebook, sessions)
  }

  /** A SIP message, sent or received. */
  message(seen: SeenMessage): void {
    this.#signalling.message(seen)
  }

  /**
   * An RTP or RTCP packet, sent or received; `local` should be the same object for all packets of a session. Under load
   * the sent ones may be left out: then streams that only pass through the target are judged as if they were its own.
   */
  packet(event: MediaPacketEvent): void {
    this.#media.packet(event)
  }

  /** Bytes on a signalling port that are no SIP. */
  garbage(garbage: SeenGarbage): void {
    this.#signalling.garbage(garbage)
  }

  /** What was noticed so far, the gravest first. */
  notes(): ExaminerNote[] {
    return this.#notebook.notes()
  }
}

/** What the standing checks say of one scenario's record. */
export function examineRecord(
  record: ScenarioRecord,
  { target, devices }: { readonly target: Target; readonly devices: readonly Device[] },
): ExaminerNote[] {
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

/** What stories send as RTP past the devices' own sessions: strangers, tampered and repeated packets. */
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
  for (const { address, port } of sockets) {
    const canonical = canonicalAddress(address)
    own.add(`${canonical} ${port}`)
    addresses.add(canonical)
  }
  // The ports that a NAT lends are not on record: behind one, the whole address is ours, unless the target has it too.
  const behindNat = devices.some(({ nat }) => nat !== undefined)
  for (const { hop } of devices) addresses.delete(canonicalAddress(hop.remote.address))
  return ({ address, port }) => {
    const canonical = canonicalAddress(address)
    return own.has(`${canonical} ${port}`) || (behindNat && addresses.has(canonical))
  }
}
