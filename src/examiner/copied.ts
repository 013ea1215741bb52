/** What a response copies from its request (RFC 3261 §8.2.6.2), compared. */
import type { NameAddr, Via } from '../message/message.js'
import { parseUri, uriEquals } from '../message/uri.js'
import { canonicalAddress, isNumericAddress } from '../transport/network.js'
import type { SentRequest } from './memory/calls.js'
import { quietly } from './reading.js'
import type { Difference } from './seen.js'

interface Copied {
  readonly vias: readonly Via[]
  readonly callId: string
  readonly cseq: { readonly number: number; readonly method: string }
  readonly from: NameAddr
  readonly to: NameAddr
}

/** The request that the response fits best, and where it differs. */
export function closest(
  first: SentRequest,
  candidates: readonly SentRequest[],
  got: Copied,
): { sent: SentRequest; differences: readonly Difference[] } {
  let sent = first
  let differences = compare(first, got)
  for (let i = 1; i < candidates.length && differences.length > 0; i++) {
    const candidate = candidates[i]
    if (candidate === undefined) continue
    const others = compare(candidate, got)
    if (others.length >= differences.length) continue
    sent = candidate
    differences = others
  }
  return { sent, differences }
}

function compare(sent: SentRequest, got: Copied): Difference[] {
  const found: Difference[] = []
  const differs = (what: Difference['what'], expected: string, actual: string) => {
    found.push({ what, expected, actual })
  }
  if (got.cseq.number !== sent.cseq || got.cseq.method !== sent.method)
    differs('CSeq', `${sent.cseq} ${sent.method}`, `${got.cseq.number} ${got.cseq.method}`)

  if (got.callId !== sent.callId) differs('Call-ID', sent.callId, got.callId)
  if (got.from.tag !== sent.from.tag) differs('From tag', sent.from.tag ?? 'no tag', got.from.tag ?? 'no tag')
  if (sent.to.tag !== undefined && got.to.tag !== sent.to.tag) differs('To tag', sent.to.tag, got.to.tag ?? 'no tag')
  if (!sameUri(got.from.uri, sent.from.uri)) differs('From URI', sent.from.uri, got.from.uri)
  if (!sameUri(got.to.uri, sent.to.uri)) differs('To URI', sent.to.uri, got.to.uri)
  const same = got.vias.length === sent.vias.length && got.vias.every((via, i) => sameVia(via, sent.vias[i]))
  if (!same) differs('Via', sent.vias.map(viaText).join(', '), got.vias.map(viaText).join(', '))
  return found
}

function sameUri(a: string, b: string): boolean {
  if (a === b) return true
  return quietly(() => uriEquals(parseUri(a), parseUri(b))) ?? true
}

/** But for `received` and `rport`, which the server adds; other parameters may be answered by a value, too. */
function sameVia(a: Via, b: Via | undefined): boolean {
  return (
    b !== undefined &&
    a.branch === b.branch &&
    a.transport === b.transport &&
    sameHost(a.host, b.host) &&
    (a.port ?? 0) === (b.port ?? 0)
  )
}

/** Of an IPv6 address, which has several spellings, the address counts. */
function sameHost(a: string, b: string): boolean {
  if (a.toLowerCase() === b.toLowerCase()) return true
  return isNumericAddress(a) && isNumericAddress(b) && canonicalAddress(a) === canonicalAddress(b)
}

function viaText({ transport, host, port, branch }: Via): string {
  return `${transport} ${host}${port === undefined ? '' : `:${port}`};branch=${branch ?? ''}`
}
