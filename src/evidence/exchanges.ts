/** Requests and the answers to them, as recorded: what a path is measured by. */
import type { SipSighting } from './record.js'

/** A request that was answered. */
export interface Exchange {
  readonly transport: SipSighting['transport']
  /** ms of the run's clock. */
  readonly at: number
  /** When the first answer came. */
  readonly answeredAt: number
  /** Whether it had to be sent again before. */
  readonly again: boolean
}

/** Requests that are answered at once; an INVITE may ring. */
const PROMPT = new Set(['OPTIONS', 'REGISTER'])

/**
 * Exchanges of requests that any server answers at once. Left out is what was never answered, and what was sent again though the
 * answer had come: that was on purpose.
 */
export function promptExchanges(messages: readonly SipSighting[]): Exchange[] {
  const open = new Map<string, { at: number; again: boolean }>()
  const found: Exchange[] = []
  for (const { direction, message, at, again, transport } of messages) {
    const key = keyOf(message)
    if (key === undefined) continue
    const known = open.get(key)
    if (direction === 'out' && message.kind === 'request') {
      if (known === undefined && !again) open.set(key, { at, again: false })
      else if (known !== undefined && again) known.again = true
    } else if (direction === 'in' && message.kind === 'response' && known !== undefined) {
      open.delete(key)
      found.push({ transport, at: known.at, answeredAt: at, again: known.again })
    }
  }
  return found
}

/** Method and branch; undefined of other requests, and of what cannot be read. */
function keyOf(message: SipSighting['message']): string | undefined {
  try {
    const { method } = message.cseq
    return PROMPT.has(method) && message.via.branch !== undefined ? `${method} ${message.via.branch}` : undefined
  } catch {
    return undefined
  }
}
