/** Who is the provider in a capture, and from where the traffic was seen: what may be said of whom depends on it. */
import { parseUri } from '../message/uri.js'
import { canonicalAddress, type Endpoint } from '../transport/network.js'
import { isPrivate, kindOf } from './addresses.js'
import { descriptionIn, placeOf } from './descriptions.js'
import type { SipSeen } from './sip-reader.js'
import { firstOf, isChallenge, type Transaction } from './transactions.js'

export interface ServerWanted {
  readonly host: string
  readonly port?: number | undefined
}

export interface Viewpoint {
  /** Addresses of the provider; empty where it cannot be told. */
  readonly servers: ReadonlySet<string>
  /** How they are known. */
  readonly serversWhy: string
  /** On whose side of the network it was captured. */
  readonly where: 'telephone' | 'provider' | 'middle' | 'one machine' | 'unknown'
  readonly whereWhy: string
  /** Other addresses of the provider's that media goes to: both hops of a call show that it put them in. */
  readonly relays: ReadonlySet<string>
  /** Addresses of those whom the provider speaks with. */
  readonly telephones: ReadonlySet<string>
  /** What one sends cannot reach the other, as far as addresses tell: `host` is private, `from` public, and no router translates between them. */
  isOutOfReach(host: string, from: string): boolean
  /** Ways between two addresses on which messages were seen both ways. */
  seesBothWays(a: string, b: string): boolean
}

/** Answers that come within so many ms come from near by; beyond the other, from afar. */
const NEAR_MS = 4
const FAR_MS = 8
const ENOUGH_ANSWERS = 2

export function viewpointOf(
  messages: readonly SipSeen[],
  transactions: readonly Transaction[],
  {
    wanted,
    insiders = new Set(),
    behind = new Map(),
  }: {
    wanted?: ServerWanted | undefined
    insiders?: ReadonlySet<string> | undefined
    /** Of a router that it was captured on: its public places, and who is behind them. */
    behind?: ReadonlyMap<string, Endpoint> | undefined
  } = {},
): Viewpoint {
  const ways = new Set(messages.map(({ from, to }) => `${from.address} ${to.address}`))
  const inner = new Map([...behind].map(([place, { address }]) => [place.replace(/:\d+$/, ''), address]))
  const sees = (a: string, b: string) =>
    ways.has(`${a} ${b}`) || ways.has(`${inner.get(a) ?? a} ${b}`) || ways.has(`${a} ${inner.get(b) ?? b}`)
  const seesBothWays = (a: string, b: string) => sees(a, b) && sees(b, a)
  const { servers, why } = wanted === undefined ? guessed(transactions) : named(wanted, messages)
  const isOutOfReach = (host: string, from: string) =>
    isPrivate(host) && !insiders.has(host) && kindOf(from) === 'public'
  return {
    servers,
    serversWhy: why,
    ...whereFrom(messages, transactions, servers),
    ...othersOf(messages, servers),
    isOutOfReach,
    seesBothWays,
  }
}

function named({ host, port }: ServerWanted, messages: readonly SipSeen[]): { servers: Set<string>; why: string } {
  if (kindOf(host) !== 'name') return { servers: new Set([canonicalAddress(host)]), why: 'as --server says' }
  // Nothing is looked up: an address is the provider's where requests for that name went.
  const servers = new Set<string>()
  for (const { message, to } of messages) {
    if (message.kind !== 'request' || (port !== undefined && to.port !== port)) continue
    if (asksFor(message.uri, host)) servers.add(to.address)
  }
  return { servers, why: `requests for ${host} went there` }
}

function asksFor(uri: string, host: string): boolean {
  try {
    return parseUri(uri).host.toLowerCase() === host.toLowerCase()
  } catch {
    return false
  }
}

/** Who takes registrations, asks for log-ins, or has most peers. */
function guessed(transactions: readonly Transaction[]): { servers: Set<string>; why: string } {
  const registrars = new Set<string>()
  const challengers = new Set<string>()
  const peers = new Map<string, Set<string>>()
  const clients = new Set<string>()
  for (const one of transactions) {
    const { client, server, method, responses } = one
    note(peers, client.address, server.address)
    note(peers, server.address, client.address)
    if (method === 'REGISTER') {
      clients.add(client.address)
      if (responses.length > 0) registrars.add(server.address)
    }
    if (responses.some(({ status }) => isChallenge(status))) challengers.add(server.address)
  }
  // A proxy in front of a registrar sends on what telephones send: it is the provider's, too.
  if (registrars.size > 0) return { servers: registrars, why: 'it takes registrations' }
  if (challengers.size > 0) return { servers: challengers, why: 'it asks for log-ins' }
  const byPeers = [...peers].toSorted((a, b) => b[1].size - a[1].size)
  const [first, second] = byPeers
  if (first !== undefined && first[1].size > 1 && first[1].size > (second?.[1].size ?? 0))
    return { servers: new Set([first[0]]), why: 'it speaks with most others' }
  return { servers: new Set(), why: 'nothing in the capture tells; name it with --server' }
}

function note(map: Map<string, Set<string>>, key: string, value: string): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, new Set([value]))
  else known.add(value)
}

/** Who else has which part: by who announces an address to whom. */
function othersOf(
  messages: readonly SipSeen[],
  servers: ReadonlySet<string>,
): Pick<Viewpoint, 'relays' | 'telephones'> {
  const [relays, telephones] = [new Set<string>(), new Set<string>()]
  // Calls of which both hops are seen: what the provider announces there, and nobody announced to it, is its own.
  const ends = new Map<string, Set<string>>()
  for (const { from, to, callId } of messages) {
    for (const { address } of [from, to]) {
      if (servers.size === 0 || servers.has(address)) continue
      telephones.add(address)
      note(ends, callId, address)
    }
  }
  for (const seen of messages) {
    const description = descriptionIn(seen)
    for (const index of description?.sdp.media.keys() ?? []) {
      const address = description === undefined ? undefined : placeOf(description, index)?.endpoint.address
      if (address === undefined) continue
      if (!servers.has(seen.from.address)) telephones.add(address)
      else if ((ends.get(seen.callId)?.size ?? 0) > 1) relays.add(address)
    }
  }
  for (const address of [...telephones, ...servers]) relays.delete(address)
  return { relays, telephones }
}

/** How fast each side answers, as seen here: the nearer one answers at once. */
function whereFrom(
  messages: readonly SipSeen[],
  transactions: readonly Transaction[],
  servers: ReadonlySet<string>,
): Pick<Viewpoint, 'where' | 'whereWhy'> {
  const hosts = new Set(messages.flatMap(({ from, to }) => [from.address, to.address]))
  if ([...hosts].every((host) => kindOf(host) === 'loopback') && hosts.size > 0)
    return { where: 'one machine', whereWhy: 'all addresses are of the loopback' }
  if (servers.size === 0) return { where: 'unknown', whereWhy: 'who is the provider is not known' }
  const isPublic = [...servers].some((address) => kindOf(address) === 'public')
  const others = [...hosts].filter((host) => !servers.has(host))
  if (isPublic && others.length > 0 && others.every(isPrivate))
    return { where: 'telephone', whereWhy: 'telephones have private addresses here, and the provider a public one' }
  const byHops = nearerOne(messages, servers)
  if (byHops !== undefined) return byHops
  const ofServer = fastest(transactions.filter(({ server }) => servers.has(server.address)))
  const ofOthers = fastest(
    transactions.filter(({ client, server }) => servers.has(client.address) && !servers.has(server.address)),
  )
  if (ofServer === undefined || ofOthers === undefined)
    return { where: 'unknown', whereWhy: 'too few requests were answered in both directions' }
  const told = `the provider answers within ${ms(ofServer)}, telephones within ${ms(ofOthers)}`
  if (ofServer < NEAR_MS && ofOthers > FAR_MS) return { where: 'provider', whereWhy: told }
  if (ofOthers < NEAR_MS && ofServer > FAR_MS) return { where: 'telephone', whereWhy: told }
  if (ofServer > FAR_MS && ofOthers > FAR_MS) return { where: 'middle', whereWhy: told }
  return { where: 'unknown', whereWhy: `${told}: all are near` }
}

/** Hop limits that hosts send with: what comes with one of them has passed no router. */
const INITIAL_HOPS = new Set([64, 128, 255])

/** Where one side's packets have passed no router, and the other's have. */
function nearerOne(
  messages: readonly SipSeen[],
  servers: ReadonlySet<string>,
): Pick<Viewpoint, 'where' | 'whereWhy'> | undefined {
  const told = messages.flatMap(({ hops, from }) =>
    hops === undefined ? [] : [{ isNear: INITIAL_HOPS.has(hops), isServer: servers.has(from.address) }],
  )
  const [server, other] = [told.filter(({ isServer }) => isServer), told.filter(({ isServer }) => !isServer)]
  if (server.length < ENOUGH_ANSWERS || other.length < ENOUGH_ANSWERS) return undefined
  const [serverIsNear, otherIsNear] = [server, other].map((all) => all.every(({ isNear }) => isNear))
  const [serverIsFar, otherIsFar] = [server, other].map((all) => all.every(({ isNear }) => !isNear))
  if (serverIsNear === true && otherIsFar === true) {
    return {
      where: 'provider',
      whereWhy: "the provider's packets have passed no router (TTL), those of telephones have",
    }
  }
  if (otherIsNear === true && serverIsFar === true) {
    return {
      where: 'telephone',
      whereWhy: "telephones' packets have passed no router (TTL), those of the provider have",
    }
  }
  return undefined
}

const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`

function fastest(transactions: readonly Transaction[]): number | undefined {
  const times = transactions
    .filter(({ requests, responses }) => requests.length === 1 && responses.length > 0)
    .map((one) => (one.responses[0]?.at ?? 0) - firstOf(one).at)
  if (times.length < ENOUGH_ANSWERS) return undefined
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 4)]
}
