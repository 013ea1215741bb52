/** What a server did in place of answering, as its record shows: a port that is silent, one that hangs up, one that stammers. */
import type { ScenarioRecord } from '../evidence/record.js'
import type { Endpoint } from '../transport/network.js'
import type { Trouble } from './trouble.js'

interface Asked {
  /** `proxy.example (192.0.2.1:5060)`. */
  readonly where: string
  readonly remote: Endpoint
  readonly transport: 'udp' | 'tcp' | 'tls'
  /** Milliseconds of the run's clock. */
  readonly since: number
}

type Seen = Pick<ScenarioRecord, 'messages' | 'garbage' | 'wire'>

/** Why no answer could be taken. Who sent anything is there: only silence and connections that are closed mean that nobody was met. */
export function unanswered({ messages, garbage, wire }: Seen, { where, remote, transport, since }: Asked): Trouble {
  const over = transport.toUpperCase()
  const isFrom = (one: { readonly at: number; readonly remote: Endpoint }) =>
    one.at >= since && one.remote.address === remote.address
  const responses = messages.flatMap((seen) =>
    seen.direction === 'in' && isFrom(seen) && seen.message.kind === 'response' ? [seen.message.status] : [],
  )
  const give = (code: Trouble['code'], sentence: string, certain = true): Trouble => ({
    code,
    sentence,
    cause: 'not-reachable',
    certain,
  })
  const isUnreadable = garbage.some(isFrom)
  if (responses.length > 0 && !isUnreadable && responses.every((status) => status < 200)) {
    const statuses = [...new Set(responses)]
    const some = `${statuses.slice(0, MOST_NAMED).join(', ')}${statuses.length > MOST_NAMED ? ' …' : ''}`
    return give(
      'no-final-answer',
      `${where} answers with provisional responses alone (${some}), never with a final one`,
    )
  }
  const broken = `${where} answers with messages that break the grammar of SIP, so that telephones drop them`
  if (responses.length > 0 || isUnreadable) return give('unreadable-answer', broken)
  const events = wire.filter((one) => one.transport !== 'udp' && one.direction === 'in' && isFrom(one))
  const isWhole = messages.some((seen) => seen.direction === 'in' && isFrom(seen))
  const isBegun = !isWhole && events.some(({ data }) => data !== undefined && /\S/.test(data.toString('latin1')))
  const begun = `${where} begins an answer over ${over} and never ends it: the end of its header is missing, or its Content-Length is more than what comes`
  if (isBegun) return give('unreadable-answer', begun)
  if (events.some(({ kind }) => kind === 'close' || kind === 'error'))
    return give('reset', `${where} accepts ${over} connections and closes them without an answer`)
  return give('no-answer', `No answer from ${where} over ${over}, neither to OPTIONS nor to REGISTER`, false)
}

/** Statuses that are named in a sentence. */
const MOST_NAMED = 3
