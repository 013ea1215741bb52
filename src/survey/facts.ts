/** What the survey's own exchanges tell about a target: read off their records. */
import { promptExchanges } from '../evidence/exchanges.js'
import type { ScenarioRecord, SipSighting } from '../evidence/record.js'
import { parseChallenges } from '../message/digest.js'
import type { SipMessage } from '../message/message.js'
import { type Facts, type PathFacts, type SrtpStance, variantKey } from '../scenario/facts.js'
import type { Variant } from '../scenario/variant.js'

type Learned = Pick<Facts, 'role' | 'registration' | 'listsContacts' | 'rewritesContacts' | 'echo' | 'sessionTimers'>

/** Round trips of one path, and how many requests had to be sent again. */
interface Path {
  readonly roundTrips: number[]
  sent: number
  again: number
}

/** The User-Agent of our own devices. */
const OWN = 'ringproof'

export class FactsGatherer {
  /** What is told once; by whoever learns it. */
  readonly learned: { -readonly [K in keyof Learned]: Learned[K] } = {}
  readonly servers: Record<string, string> = {}
  readonly srtp: Record<string, SrtpStance> = {}
  readonly plainAudio: Record<string, boolean> = {}
  readonly serves: { -readonly [K in keyof Facts['serves']]: boolean } = {}
  readonly #paths = new Map<string, Path>()
  readonly #seenAs: Record<string, Facts['seenAs'][string]> = {}
  readonly #software = new Set<string>()
  readonly #algorithms = new Set<string>()

  /** Reads everything that a record of this transport and family tells. */
  reads({ messages }: Pick<ScenarioRecord, 'messages'>, variant: Variant): void {
    const key = variantKey(variant)
    const path = this.#paths.get(key) ?? { roundTrips: [], sent: 0, again: 0 }
    this.#paths.set(key, path)
    for (const { at, answeredAt, again } of promptExchanges(messages)) {
      path.sent += 1
      path.again += again ? 1 : 0
      // An answer to a request that was sent again may be to either.
      if (!again) path.roundTrips.push(answeredAt - at)
    }
    for (const seen of messages) {
      // Requests come from our own devices, through the target.
      if (seen.direction === 'in' && seen.message.kind === 'response') this.#readsAnswer(seen, key)
    }
  }

  #readsAnswer(seen: SipSighting, key: string): void {
    const { headers } = seen.message
    for (const software of [headers.get('Server'), headers.get('User-Agent')])
      if (software !== undefined && software !== OWN) this.#software.add(software)

    for (const { scheme, algorithm = 'MD5' } of challengesIn(seen.message))
      this.#algorithms.add(scheme === 'Digest' ? algorithm : scheme)

    const place = seenAs(seen)
    if (place) this.#seenAs[key] ??= place
    const expiresS = secondsIn(headers.get('Session-Expires'))
    const minimumS = secondsIn(headers.get('Min-SE'))
    if (expiresS === undefined && minimumS === undefined) return
    this.learned.sessionTimers = {
      supported: true,
      ...(expiresS === undefined ? {} : { expiresS }),
      ...(minimumS === undefined ? {} : { minimumS }),
    }
  }

  /** Compares an INVITE as it was sent with what came out at the other end. */
  readsCall({ messages }: Pick<ScenarioRecord, 'messages'>): void {
    const arrival = messages.find((seen) => isInvite(seen, 'in'))
    if (!arrival) return
    const arrived = arrival.message
    // The one with the log-in, where the first was challenged.
    const sent = messages.findLast((seen) => isInvite(seen, 'out') && seen.sequence < arrival.sequence)?.message
    if (!sent) return
    const branch = quietly(() => sent.via.branch)
    const isSame =
      sent.headers.get('Call-ID') === arrived.headers.get('Call-ID') &&
      quietly(() => sent.from.tag) === quietly(() => arrived.from.tag) &&
      (quietly(() => arrived.vias()) ?? []).some((via) => via.branch === branch)
    this.learned.role ??= isSame ? 'proxy' : 'b2bua'
    this.learned.rewritesContacts ??= contactIn(sent) !== contactIn(arrived)
  }

  get facts(): Facts {
    const paths = [...this.#paths].flatMap(([key, path]) =>
      path.roundTrips.length > 0 ? [[key, summary(path)] as const] : [],
    )
    return {
      ...this.learned,
      servers: { ...this.servers },
      software: [...this.#software],
      paths: Object.fromEntries(paths),
      srtp: { ...this.srtp },
      plainAudio: { ...this.plainAudio },
      serves: { ...this.serves },
      seenAs: { ...this.#seenAs },
      algorithms: [...this.#algorithms],
    }
  }
}

function summary({ roundTrips, sent, again }: Path): PathFacts {
  const sorted = roundTrips.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0
  return {
    roundTripMs: median,
    // One that this process was late to read is no property of the path.
    jitterMs: Math.max(0, (sorted[Math.floor(0.9 * (sorted.length - 1))] ?? 0) - median),
    loss: sent === 0 ? 0 : again / sent,
    samples: sorted.length,
  }
}

function seenAs({ message, local }: SipSighting): Facts['seenAs'][string] | undefined {
  const via = quietly(() => message.vias().at(-1))
  if (via === undefined) return undefined
  const address = via.received ?? via.host
  const port = typeof via.rport === 'number' ? via.rport : undefined
  if (via.received === undefined && port === undefined) return undefined
  const nat = address !== local.address || (port !== undefined && port !== local.port)
  return { address, nat, ...(port === undefined ? {} : { port }) }
}

/** RFC 4028 §4, §5: seconds first, parameters after them. */
function secondsIn(text: string | undefined): number | undefined {
  const value = /^\s*(\d{1,9})/.exec(text ?? '')?.[1]
  return value === undefined ? undefined : Number(value)
}

const isInvite = ({ direction, message }: SipSighting, wanted: 'in' | 'out'): boolean =>
  direction === wanted && message.kind === 'request' && message.method === 'INVITE'

const challengesIn = ({ headers }: SipMessage) =>
  parseChallenges([...headers.all('WWW-Authenticate'), ...headers.all('Proxy-Authenticate')])

const contactIn = (message: SipMessage): string | undefined =>
  quietly(() => {
    const contacts = message.contacts()
    return contacts === '*' ? '*' : contacts[0]?.uri
  })

/** What does not parse is not known; the examiner names it. */
function quietly<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
