/**
 * Bounds what a result holds: much of it is text that a target sent, and a report is written and read as a whole. What is left
 * out is said in its place; the capture files have it.
 */
import type { RunResult } from './result.js'

/** Characters of one text. The longest that a run against a sound provider has is a message of 3,000. */
const MOST_OF_TEXT = 10_000
/** Characters of all messages of a run, as JSON writes them; those of a sound run come to 8 million. */
const MOST_OF_MESSAGES = 40_000_000
/** Characters of all other texts. */
const MOST_OF_TEXTS = 40_000_000

interface Room {
  messages: number
  texts: number
}

/** The result, with texts cut that are too long, and messages left out where all together are. */
export function bounded(result: RunResult): RunResult {
  const room: Room = { messages: MOST_OF_MESSAGES, texts: MOST_OF_TEXTS }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- shape and types stay as they are
  return cut(result, '', room) as RunResult
}

function cut(value: unknown, key: string, room: Room): unknown {
  if (typeof value === 'string') return cutText(value, key === 'message' ? 'messages' : 'texts', room)
  if (Array.isArray(value)) return value.map((part: unknown) => cut(part, key, room))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, cut(part, name, room)]))
}

function cutText(text: string, kind: keyof Room, room: Room): string {
  const most = Math.min(MOST_OF_TEXT, room[kind])
  const kept = text.length > most ? text.slice(0, most) : text
  // Control characters take six characters each in JSON.
  room[kind] = Math.max(0, room[kind] - kept.length - 5 * (kept.match(/\p{Cc}/gu)?.length ?? 0))
  return kept.length === text.length ? text : `${kept}… (${text.length - kept.length} characters are left out)`
}
