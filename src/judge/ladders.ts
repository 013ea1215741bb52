/** The ladder of a call or a registration, from a capture: a lane for each address, messages with their texts, streams as one arrow. */
import { maskSecrets } from '../message/mask.js'
import type { JudgedLadder } from '../result/judge-result.js'
import type { SipSeen } from './sip-reader.js'
import type { Stream } from './streams.js'
import { labelOf } from './texts.js'

const MOST_ARROWS = 120
const MOST_LANES = 12
const MOST_LABEL = 200
type Arrow = JudgedLadder['arrows'][number]

/** What is shown of one message, bytes. */
const MOST_OF_MESSAGE = 6_000
/** What all ladders of a page show of messages, bytes. */
const MOST_OF_ALL = 2_000_000

/** Room for texts of messages, shared by all ladders of a page. */
export class LadderRoom {
  left = MOST_OF_ALL
}

export function ladderOf(messages: readonly SipSeen[], streams: readonly Stream[], room: LadderRoom): JudgedLadder {
  const startMs = messages[0]?.at ?? streams[0]?.firstAt ?? 0
  const arrows = [
    ...messages.map((seen) => ({ at: seen.at, arrow: messageArrow(seen, startMs), seen })),
    ...streams.map((stream) => ({ at: stream.firstAt, arrow: streamArrow(stream, startMs), seen: undefined })),
  ].toSorted((a, b) => a.at - b.at)
  const omitted = Math.max(0, arrows.length - MOST_ARROWS)
  const kept = omitted > 0 ? [...arrows.slice(0, MOST_ARROWS / 2), ...arrows.slice(-MOST_ARROWS / 2)] : arrows
  for (const { arrow, seen } of kept) {
    if (seen === undefined || room.left <= 0) continue
    const masked = maskSecrets(seen.bytes)
    const text = masked.toString('utf8', 0, MOST_OF_MESSAGE)
    arrow.message =
      masked.length <= MOST_OF_MESSAGE
        ? text
        : `${text}\n… (${masked.length - MOST_OF_MESSAGE} of ${masked.length} bytes are left out here; the capture has them)`
    room.left -= text.length
  }
  const lanes = [...new Set(kept.flatMap(({ arrow: { from, to } }) => [from, to]))].slice(0, MOST_LANES)
  return { lanes, arrows: kept.map(({ arrow }) => arrow), ...(omitted > 0 ? { omitted } : {}) }
}

function messageArrow(seen: SipSeen, startMs: number): Arrow {
  const { at, from, to, transport, again, frame } = seen
  return {
    atMs: at - startMs,
    from: from.address,
    to: to.address,
    frame,
    label: labelOf(seen).slice(0, MOST_LABEL),
    kind: 'sip',
    transport,
    ...(again ? { again: true } : {}),
  }
}

function streamArrow({ from, to, packets, firstAt, lastAt, firstFrame }: Stream, startMs: number): Arrow {
  return {
    atMs: firstAt - startMs,
    from: from.address,
    to: to.address,
    label: `${packets} RTP packet${packets === 1 ? '' : 's'} in ${((lastAt - firstAt) / 1000).toFixed(1)} s to port ${to.port}`,
    frame: firstFrame,
    kind: 'rtp',
    transport: 'udp',
  }
}
