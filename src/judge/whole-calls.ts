/** Which Call-IDs a capture shows whole: standing checks compare messages with others that came before, and are not shown the rest. */
import type { SipSeen } from './sip-reader.js'
import { finalOf, type Transactions } from './transactions.js'

/** Requests that begin nothing. */
const GOES_ON = new Set(['ACK', 'CANCEL', 'BYE', 'PRACK'])
/** @returns those of which something is missing */
export function brokenCalls(messages: readonly SipSeen[], { all, acks, orphans }: Transactions): Set<string> {
  const broken = new Set<string>()
  const first = new Map<string, SipSeen>()
  const tags = new Set<string>()
  for (const seen of messages) {
    const { callId, message, method, toTag, fromTag } = seen
    if (!first.has(callId)) {
      first.set(callId, seen)
      if (message.kind === 'response' || toTag !== '' || GOES_ON.has(method)) broken.add(callId)
    }
    if (seen.cut !== undefined) broken.add(callId)
    // Whoever is named must have spoken before.
    if (message.kind === 'request' && toTag !== '' && !tags.has(`${callId} ${toTag}`)) broken.add(callId)
    tags.add(`${callId} ${fromTag}`)
    if (message.kind === 'response') tags.add(`${callId} ${toTag}`)
  }
  for (const { callId } of orphans) broken.add(callId)
  const invites = new Set(
    all.filter(({ method }) => method === 'INVITE').map(({ callId, branch }) => `${callId} ${branch}`),
  )
  const answered = new Set(
    all.flatMap((one) => (one.responses.some(({ status }) => status >= 200) ? [`${one.callId} ${one.cseq}`] : [])),
  )
  const acknowledged = new Set(acks.map(({ callId, cseq }) => `${callId} ${cseq}`))
  for (const one of all) {
    if (one.method === 'CANCEL' && !invites.has(`${one.callId} ${one.branch}`)) broken.add(one.callId)
    // A final answer that was not seen leaves open what came of it.
    if (one.method === 'INVITE' && finalOf(one) === undefined && acknowledged.has(`${one.callId} ${one.cseq}`))
      broken.add(one.callId)
  }
  for (const { callId, cseq } of acks) if (!answered.has(`${callId} ${cseq}`)) broken.add(callId)
  return broken
}

/** RFC 3261 §17.1.2.2: no longer than T2 lies between two sendings, ms. */
const T2_MS = 4_000

/** Exchanges that a capture begins with: what was seen so soon may have been sent before. @param from when it begins, ms */
export function perhapsRepeated(messages: readonly SipSeen[], from: number): Set<string> {
  const early = messages.filter(
    ({ at, method, transport }) => at - from < T2_MS && method !== 'INVITE' && transport === 'udp',
  )
  const calls = new Set(messages.filter(({ method }) => method === 'INVITE').map(({ callId }) => callId))
  return new Set(early.map(({ callId }) => callId).filter((callId) => !calls.has(callId)))
}
