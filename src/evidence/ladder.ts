/** The ladder of a scenario: who said what to whom when, from the record. */
import type { Ladder, LadderArrow } from '../result/scenario-result.js'
import { maskSecrets } from '../message/mask.js'
import type { SipMessage } from '../message/message.js'
import { formatEndpoint } from '../transport/network.js'
import { type Owners, ownersOf, type Placed } from './places.js'
import type { ScenarioRecord, SipSighting, WireEntry } from './record.js'

/** Beyond so many arrows the middle of a ladder is left out; the capture file has it all. */
const MOST_ARROWS = 160
const MOST_LABEL = 200
/** What is shown of one message, and of all messages of a ladder, bytes; the capture file has it all. */
const MOST_OF_MESSAGE = 8_192
const MOST_OF_LADDER = 128 * 1024

export interface BuiltLadder {
  readonly ladder: Ladder
  /** Index of a message's arrow; undefined where it was left out. */
  readonly arrowOf: (seen: SipSighting) => number | undefined
}

/** Builds the ladder. Times are milliseconds after `startMs`. Secrets in messages are masked. */
export function buildLadder(
  record: ScenarioRecord,
  devices: readonly Placed[],
  target: string,
  startMs: number,
): BuiltLadder {
  const bySequence = new Map<number, SipSighting[]>()
  for (const seen of record.messages) {
    const inSegment = bySequence.get(seen.sequence)
    if (inSegment) inSegment.push(seen)
    else bySequence.set(seen.sequence, [seen])
  }
  const arrows: { arrow: LadderArrow; seen?: SipSighting }[] = []
  // Packets of one kind and way become one arrow, until the next SIP message.
  const runs = new Map<string, Run>()
  const endRuns = () => {
    for (const run of runs.values()) run.arrow.label = describeRun(run)
    runs.clear()
  }
  const owners = ownersOf(record.wire, devices)
  for (const entry of record.wire) {
    const { from, to } = way(entry, target, owners)
    const direct = from !== to && from !== target && to !== target
    const base = { from, to, atMs: entry.at - startMs, transport: entry.transport, ...(direct ? { direct } : {}) }
    const messages = bySequence.get(entry.sequence)
    if (messages) {
      endRuns()
      for (const seen of messages) {
        const again = seen.again ? { again: true } : {}
        arrows.push({ arrow: { ...base, label: clip(labelOf(seen.message), MOST_LABEL), kind: 'sip', ...again }, seen })
      }
    } else if (entry.kind === 'datagram') {
      // What went directly was seen at both ends.
      const key = `${from} ${to} ${entry.packet} ${direct ? '' : formatEndpoint(entry.remote)}`
      let run = runs.get(key)
      if (run === undefined) {
        const kind = entry.packet === 'keep-alive' ? 'other' : entry.packet
        const arrow: LadderArrow = { ...base, label: '', kind }
        run = { arrow, first: entry, last: entry, in: 0, out: 0 }
        runs.set(key, run)
        arrows.push({ arrow })
      }
      run[entry.direction] += 1
      run.last = entry
    } else if (entry.kind !== 'data') {
      const whose = from === to ? `at ${from}: ` : ''
      const label = `${whose}${entry.transport.toUpperCase()} ${entry.kind}${entry.note ? `: ${entry.note}` : ''}`
      arrows.push({ arrow: { ...base, label, kind: 'note' } })
    }
  }
  endRuns()
  const omitted = Math.max(0, arrows.length - MOST_ARROWS)
  const kept = omitted > 0 ? [...arrows.slice(0, MOST_ARROWS / 2), ...arrows.slice(-MOST_ARROWS / 2)] : arrows
  addTexts(kept)
  const places = new Map(kept.flatMap(({ seen }, index) => (seen ? [[seen, index] as const] : [])))
  return {
    ladder: {
      lanes: lanesOf(
        devices.map(({ name }) => name),
        target,
      ),
      arrows: kept.map(({ arrow }) => arrow),
      ...(omitted > 0 ? { omitted } : {}),
    },
    arrowOf: (seen) => places.get(seen),
  }
}

/** Puts the messages' texts in, masked and as far as there is room. */
function addTexts(arrows: readonly { arrow: LadderArrow; seen?: SipSighting }[]): void {
  let room = MOST_OF_LADDER
  for (const { arrow, seen } of arrows) {
    if (!seen) continue
    const most = Math.min(MOST_OF_MESSAGE, room)
    // What is masked may begin before the cut and end behind it.
    const masked = maskSecrets(seen.bytes)
    arrow.message = cutText(masked, most)
    room = Math.max(0, room - Math.min(masked.length, most))
  }
}

function cutText(bytes: Buffer, most: number): string {
  if (bytes.length <= most) return bytes.toString('utf8')
  return `${bytes.toString('utf8', 0, most)}\n… (${bytes.length - most} of ${bytes.length} bytes are left out here; the capture has them)`
}

const clip = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text)

/** The target stands between the first device and the others: a call is then read from left to right. */
function lanesOf([first, ...others]: readonly string[], target: string): string[] {
  return first === undefined ? [target] : [first, target, ...others]
}

/** A method with its target, or a status with its phrase. */
export function labelOf(message: SipMessage): string {
  return message.kind === 'request' ? message.method : `${message.status} ${message.reason}`
}

function way(
  { kind, direction, transport, device, remote }: WireEntry,
  target: string,
  owners: Owners,
): { from: string; to: string } {
  // A socket of UDP knows of no one whom an error would be of: this machine tells it.
  if (transport === 'udp' && kind === 'error') return { from: device, to: device }
  const owner = transport === 'udp' ? owners.get(formatEndpoint(remote)) : undefined
  const other = owner === undefined || owner === device ? target : owner
  return direction === 'out' ? { from: device, to: other } : { from: other, to: device }
}

/** Packets of one kind and way, one after the other. */
interface Run {
  readonly arrow: LadderArrow
  readonly first: WireEntry
  last: WireEntry
  /** Packets that a device sent, and that one received. */
  out: number
  in: number
}

function describeRun({ arrow, first, last, ...counts }: Run): string {
  const what =
    first.packet === 'other'
      ? 'packet'
      : first.packet === 'keep-alive'
        ? 'keep-alive'
        : `${first.packet.toUpperCase()} packet`
  const isDirect = arrow.direct === true
  const count = counts.out || counts.in
  const seconds = ((last.at - first.at) / 1000).toFixed(1)
  const where = `${first.direction === 'in' ? 'from' : 'to'} ${formatEndpoint(first.remote)}`
  // Those that are on their way arrive with what comes after the next message.
  const arrived = isDirect && counts.out > 0 && counts.in !== counts.out ? `, ${counts.in} arrived by then` : ''
  const told = count === 1 ? what : `${count} ${what}s in ${seconds} s`
  return `${told} ${isDirect ? 'directly ' : ''}${where}${arrived}`
}
