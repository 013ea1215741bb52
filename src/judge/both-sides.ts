/**
 * Captures taken on a router that translates addresses (`tcpdump -i any` there): each packet is in them twice, with the telephone's private
 * address and with the router's public one. The second is taken out: nobody sent anything twice, and the call has one leg.
 */
import type { CapturedDatagram, CapturedEvent, CapturedSegment } from '../capture/events.js'
import { type Endpoint, formatEndpoint } from '../transport/network.js'
import { kindOf } from './addresses.js'

/** A router passes a packet on within so many ms: no timer of SIP is as short, and no two packets of one stream are alike. */
const PASSING_MS = 30
/** Shorter ones (keep-alives) are all alike. */
const LEAST_BYTES = 12
/** The bytes that tell packets apart quickly. */
const SAMPLE = 48

const MOST_REMEMBERED = 16_384

type Carrier = CapturedDatagram | CapturedSegment

export interface OneSide {
  readonly events: readonly CapturedEvent[]
  /** Packets that were taken out. */
  readonly twice: number
  /** The router's public places, each with the private one behind it. */
  readonly behind: ReadonlyMap<string, Endpoint>
}

/** What is left of a capture when each packet is seen on the inner side alone. */
export function onOneSide(events: readonly CapturedEvent[]): OneSide {
  const suspects = suspectsIn(events)
  if (suspects.size === 0) return { events, twice: 0, behind: new Map() }
  const behind = new Map<string, Endpoint>()
  const outer = new Set<CapturedEvent>()
  const streams = new Set<number>()
  let recent = new Map<string, Carrier[]>()
  for (const event of events) {
    if ((event.kind !== 'datagram' && event.kind !== 'segment') || event.data.length < LEAST_BYTES) continue
    if (!suspects.has(event.from.address) && !suspects.has(event.to.address)) continue
    const key = `${event.kind} ${event.data.length} ${event.data.toString('latin1', 0, SAMPLE)}`
    const near = (recent.get(key) ?? []).filter(({ at }) => event.at - at <= PASSING_MS)
    for (const other of near) {
      const pair = translated(other, event)
      if (pair === undefined) continue
      const place = formatEndpoint(pair.outerEnd)
      const known = behind.get(place)
      if (known !== undefined && formatEndpoint(known) !== formatEndpoint(pair.innerEnd)) continue
      behind.set(place, pair.innerEnd)
      outer.add(pair.outer)
      if (pair.outer.kind === 'segment') streams.add(pair.outer.stream)
      break
    }
    near.push(event)
    recent.set(key, near)
    if (recent.size > MOST_REMEMBERED)
      recent = new Map([...recent].filter(([, all]) => event.at - (all.at(-1)?.at ?? 0) <= PASSING_MS))
  }
  const left = events.filter((event) => !outer.has(event) && !('stream' in event && streams.has(event.stream)))
  return { events: left, twice: events.length - left.length, behind }
}

/** Addresses, private and public, that speak with the same third: one may be the other, translated. */
function suspectsIn(events: readonly CapturedEvent[]): Set<string> {
  const peers = new Map<string, Set<string>>()
  const note = (a: string, b: string) => {
    const known = peers.get(a)
    if (known === undefined) peers.set(a, new Set([b]))
    else known.add(b)
  }
  for (const { kind, from, to } of events) {
    if (kind !== 'datagram' && kind !== 'segment') continue
    note(from.address, to.address)
    note(to.address, from.address)
  }
  const found = new Set<string>()
  for (const of of peers.values()) {
    const all = [...of]
    const inner = all.filter((one) => kindOf(one) === 'private')
    const outer = all.filter((one) => kindOf(one) === 'public')
    if (inner.length > 0 && outer.length > 0) for (const one of [...inner, ...outer]) found.add(one)
  }
  return found
}

/** One packet, seen before and behind the router: the same bytes, the same far end. */
function translated(a: Carrier, b: Carrier) {
  if (a.kind !== b.kind || !a.data.equals(b.data)) return undefined
  const sameFrom = formatEndpoint(a.from) === formatEndpoint(b.from)
  const sameTo = formatEndpoint(a.to) === formatEndpoint(b.to)
  if (sameFrom === sameTo) return undefined
  const [ofA, ofB] = sameFrom ? [a.to, b.to] : [a.from, b.from]
  if (kindOf(ofA.address) === 'private' && kindOf(ofB.address) === 'public')
    return { outer: b, outerEnd: ofB, innerEnd: ofA }
  if (kindOf(ofA.address) === 'public' && kindOf(ofB.address) === 'private')
    return { outer: a, outerEnd: ofA, innerEnd: ofB }
  return undefined
}

/** Private addresses from which something goes to public ones: what comes back to them is not lost, as a router beyond this point translates. */
export function insidersIn(events: readonly CapturedEvent[]): Set<string> {
  const found = new Set<string>()
  for (const { kind, from, to } of events) {
    if (kind !== 'datagram' && kind !== 'segment') continue
    if (!found.has(from.address) && kindOf(from.address) === 'private' && kindOf(to.address) === 'public')
      found.add(from.address)
  }
  return found
}
