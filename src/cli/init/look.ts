/** What a domain tells of itself: its servers by DNS, and which of them answer from here. */
import { SystemRandom } from '../../clock/random.js'
import { WallClock } from '../../clock/wall-clock.js'
import type { SurveyResult } from '../../result/survey-result.js'
import type { Facts } from '../../scenario/facts.js'
import { TRANSPORTS } from '../../scenario/target.js'
import { survey } from '../../survey/survey.js'
import { allOf, reachAlone } from '../../survey/survey-needs.js'
import { type TargetInput, targetOf } from '../../target/target-file.js'
import { type DnsClient, DnsError } from '../../transport/dns-client.js'
import { KernelNetwork } from '../../transport/kernel-network.js'
import { announcedServers, type Server } from '../../transport/locate.js'
import type { Family } from '../../transport/network.js'
import { dnsFor } from '../../worlds/find-target.js'
import { socketStages } from '../../worlds/socket-stages.js'

export type Transport = (typeof TRANSPORTS)[number]

export interface Place {
  readonly host: string
  readonly port: number
}

/** What is asked, and how. */
export interface Question {
  readonly domain: string
  /** Of the target, for messages. */
  readonly name: string
  /** Name server instead of this machine's. */
  readonly dns?: { readonly server: string; readonly port: number } | undefined
  readonly echo?: string | undefined
  /** Accounts to log in with; absent: nobody logs in, and nothing is dialled. */
  readonly accounts?: TargetInput['accounts'] | undefined
  readonly signal?: AbortSignal | undefined
}

/** What was found. */
export interface Seen {
  /** In DNS: NAPTR and SRV records of the domain. Empty: it has none. */
  readonly announced: readonly Server[]
  /** Where each transport was tried: as announced, else the domain itself at the usual port. */
  readonly tried: Readonly<Partial<Record<Transport, Place>>>
  readonly answering: ReadonlySet<Transport>
  /** That something answered over; both where nothing did. */
  readonly families: readonly Family[]
  readonly stun: Place | undefined
  readonly survey: SurveyResult
  readonly facts: Facts
  /** Why nothing is reachable, in a sentence. */
  readonly unreachable: string | undefined
}

const USUAL_PORTS = { udp: 5060, tcp: 5060, tls: 5061 } as const
const FAMILIES: readonly Family[] = ['ipv4', 'ipv6']
const NOBODY = [{ user: 'ringproof', password: 'none' }]

/** Looks the domain up, and asks each of its servers whether it is there; with accounts, surveys it as a run does. */
export async function look({ domain, name, dns, echo, accounts, signal }: Question): Promise<Seen> {
  const common: TargetInput = {
    name,
    domain,
    families: ['ipv4', 'ipv6'],
    accounts: accounts ?? NOBODY,
    ...(dns === undefined ? {} : { dns }),
    ...(echo === undefined ? {} : { services: { echo } }),
    ...(accounts === undefined ? {} : { media: { srtp: ['AES_CM_128_HMAC_SHA1_80'] } }),
  }
  const clock = new WallClock()
  const random = new SystemRandom()
  const resolver = dnsFor(targetOf(common), { clock, random, network: new KernelNetwork(clock) })
  const announced = await announcedServers(domain, { dns: resolver, random, families: FAMILIES }).catch(nothing)
  const tried = placesOf(domain, announced)
  const document = targetOf({ ...common, endpoints: endpointsOf(tried, domain, announced.length > 0) })
  const [stun, stage] = await Promise.all([stunOf(domain, resolver), socketStages(document)])
  try {
    const needs = accounts === undefined ? reachAlone() : allOf(document)
    const found = await survey({ world: stage.world, startMs: stage.startMs, needs, signal })
    const there = found.result.vitalSigns.filter(({ id, verdict }) => id === 'survey/reach' && verdict === 'pass')
    const families = FAMILIES.filter((family) => there.some(({ variant }) => variant.family === family))
    return {
      announced,
      tried,
      answering: new Set(TRANSPORTS.filter((one) => there.some(({ variant }) => variant.transport === one))),
      families: families.length > 0 ? families : FAMILIES,
      stun,
      survey: found.result,
      facts: found.facts,
      unreachable: found.unreachable,
    }
  } finally {
    stage.close()
  }
}

/** A name server that does not answer has nothing to say of the domain; the domain itself is tried all the same. */
function nothing(error: unknown): readonly Server[] {
  if (error instanceof DnsError) return []
  throw error
}

function placesOf(domain: string, announced: readonly Server[]): Seen['tried'] {
  const first = (transport: Transport): Place | undefined => {
    const server = announced.find((one) => one.transport === transport)
    if (server !== undefined) return { host: server.host.replace(/\.$/, ''), port: server.port }
    return announced.length > 0 ? undefined : { host: domain, port: USUAL_PORTS[transport] }
  }
  return Object.fromEntries(
    TRANSPORTS.flatMap((transport) => {
      const place = first(transport)
      return place === undefined ? [] : [[transport, place]]
    }),
  )
}

/** RFC 5922 §7.3: where SRV named the server, the certificate speaks for the domain. */
function endpointsOf({ udp, tcp, tls }: Seen['tried'], domain: string, isAnnounced: boolean): TargetInput['endpoints'] {
  return {
    ...(udp === undefined ? {} : { udp }),
    ...(tcp === undefined ? {} : { tcp }),
    ...(tls === undefined ? {} : { tls: isAnnounced ? { ...tls, domain } : tls }),
  }
}

/** RFC 8489 §8: the server that the domain announces. */
async function stunOf(domain: string, resolver: DnsClient): Promise<Place | undefined> {
  try {
    const { answers } = await resolver.query(`_stun._udp.${domain}`, 'SRV')
    const [first] = answers.flatMap((answer) =>
      answer.type === 'SRV' && answer.data.target !== '.' ? answer.data : [],
    )
    return first === undefined ? undefined : { host: first.target.replace(/\.$/, ''), port: first.port }
  } catch (error) {
    if (error instanceof DnsError) return undefined
    throw error
  }
}
