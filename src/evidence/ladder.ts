/** The ladder of a scenario: who said what to whom when, from the record. */
import type { Ladder, LadderArrow } from '../result/result.js'
import { maskSecrets } from '../message/mask.js'
import type { SipMessage } from '../message/message.js'
import { formatEndpoint } from '../transport/network.js'
import type { ScenarioRecord, SipSighting, WireEntry } from './record.js'

/** Beyond so many arrows the middle of a ladder is left out; the capture file has it all. */
const MOST_ARROWS = 160

export interface BuiltLadder {
  readonly ladder: Ladder
  /** Index of a message's arrow; undefined where it was left out. */
  arrowOf(seen: SipSighting): number | undefined
}

/** Builds the ladder. Times are milliseconds after `startMs`. Secrets in messages are masked. */
export function buildLadder(
  record: ScenarioRecord,
  devices: readonly string[],
  target: string,
  startMs: number,
): BuiltLadder {
  const bySequence = new Map<number, SipSighting[]>()
  for (const seen of record.messages) bySequence.set(seen.sequence, [...(bySequence.get(seen.sequence) ?? []), seen])
  const arrows: { arrow: LadderArrow; seen?: SipSighting }[] = []
  let run: { entry: WireEntry; count: number; lastAt: number } | undefined
  const endRun = () => {
    if (!run) return
    const { entry, count, lastAt } = run
    const seconds = ((lastAt - entry.at) / 1000).toFixed(1)
    const label =
      count === 1
        ? `${entry.packet.toUpperCase()} packet`
        : `${count} ${entry.packet.toUpperCase()} packets in ${seconds} s`
    arrows.push({
      arrow: {
        ...way(entry, target),
        atMs: entry.at - startMs,
        label,
        kind: entry.packet === 'keep-alive' ? 'other' : (entry.packet as 'rtp'),
        transport: entry.transport,
      },
    })
    run = undefined
  }
  for (const entry of record.wire) {
    const messages = bySequence.get(entry.sequence)
    if (messages) {
      endRun()
      for (const seen of messages) {
        arrows.push({
          arrow: {
            ...way(entry, target),
            atMs: seen.at - startMs,
            label: labelOf(seen.message),
            kind: 'sip',
            transport: seen.transport,
            ...(seen.again ? { again: true } : {}),
            message: maskSecrets(seen.bytes).toString('utf8'),
          },
          seen,
        })
      }
      continue
    }
    if (entry.kind !== 'datagram') {
      if (entry.kind === 'data') continue
      endRun()
      arrows.push({
        arrow: {
          ...way(entry, target),
          atMs: entry.at - startMs,
          label: `${entry.transport.toUpperCase()} ${entry.kind}${entry.note ? `: ${entry.note}` : ''}`,
          kind: 'note',
          transport: entry.transport,
        },
      })
      continue
    }
    const same =
      run &&
      run.entry.packet === entry.packet &&
      run.entry.device === entry.device &&
      run.entry.direction === entry.direction
    // Audio runs both ways at once: a run goes on across the packets of the other direction.
    if (run && same) {
      run.count += 1
      run.lastAt = entry.at
      continue
    }
    if (entry.packet === 'rtp') {
      const open = arrows.findLast(
        ({ arrow }) =>
          arrow.kind === 'sip' ||
          (arrow.kind === 'rtp' && arrow.from === way(entry, target).from && arrow.to === way(entry, target).to),
      )
      if (open && open.arrow.kind === 'rtp') continue
    }
    endRun()
    run = { entry, count: 1, lastAt: entry.at }
  }
  endRun()
  countAudio(arrows, record, target, startMs)
  const omitted = Math.max(0, arrows.length - MOST_ARROWS)
  const kept = omitted > 0 ? [...arrows.slice(0, MOST_ARROWS / 2), ...arrows.slice(-MOST_ARROWS / 2)] : arrows
  const places = new Map(kept.flatMap(({ seen }, index) => (seen ? [[seen, index] as const] : [])))
  return {
    ladder: {
      lanes: [...devices, target],
      arrows: kept.map(({ arrow }) => arrow),
      ...(omitted > 0 ? { omitted } : {}),
    },
    arrowOf: (seen) => places.get(seen),
  }
}

/** A method with its target, or a status with its phrase. */
export function labelOf(message: SipMessage): string {
  return message.kind === 'request' ? message.method : `${message.status} ${message.reason}`
}

function way(entry: WireEntry, target: string): { from: string; to: string } {
  return entry.direction === 'out' ? { from: entry.device, to: target } : { from: target, to: entry.device }
}

/** An audio arrow stands for all packets of its direction until the next SIP message: here it learns how many these were. */
function countAudio(arrows: { arrow: LadderArrow }[], record: ScenarioRecord, target: string, startMs: number): void {
  const audio = record.wire.filter((entry) => entry.packet === 'rtp')
  arrows.forEach(({ arrow }, index) => {
    if (arrow.kind !== 'rtp') return
    const next = arrows
      .slice(index + 1)
      .find(
        (later) =>
          later.arrow.kind === 'sip' ||
          (later.arrow.kind === 'rtp' && later.arrow.from === arrow.from && later.arrow.to === arrow.to),
      )
    const end = next?.arrow.atMs ?? Number.POSITIVE_INFINITY
    const mine = audio.filter((entry) => {
      const { from, to } = way(entry, target)
      const at = entry.at - startMs
      return from === arrow.from && to === arrow.to && at >= arrow.atMs && at < end
    })
    const [first, last] = [mine[0], mine.at(-1)]
    if (!first || !last) return
    const remote = formatEndpoint(first.remote)
    arrow.label = `${mine.length} RTP packet${mine.length === 1 ? '' : 's'} in ${((last.at - first.at) / 1000).toFixed(1)} s (${first.direction === 'in' ? 'from' : 'to'} ${remote})`
  })
}
