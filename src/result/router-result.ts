/** What a router test has found: the shape of `router.json`. */
import { z } from 'zod'
import { type RunVerdict, runVerdictSchema } from './terms.js'

export type NatDependence = 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent'

/** Where one reflector address cannot tell more: address-dependent, or not at all. */
export type NatDependenceFound = NatDependence | 'not port-dependent'

/** How long flows of one kind live. */
export interface RouterLifetime {
  /** `udp`: one request and its answer · `udp-in-use`: the same again three seconds later, as some routers give those more time · `tcp` */
  readonly flow: 'udp' | 'udp-in-use' | 'tcp'
  /** Each flow was silent for so long, ms, and then something was sent to it from outside. */
  readonly points: readonly { readonly idleMs: number; readonly answered: boolean }[]
  /** The longest silence, ms, after which something came in, all shorter ones being so, too. */
  readonly heldMs?: number
  /** The shortest after which nothing came in; absent where all came in. */
  readonly lostMs?: number
}

/** What became of one SIP message on its way. */
export interface RouterAlgFinding {
  readonly direction: 'out' | 'in'
  readonly what: string
  /** `lost`: it did not arrive, though other datagrams do · `unknown`: nothing arrives at all that way */
  readonly outcome: 'untouched' | 'changed' | 'lost' | 'unknown'
  /** Line by line where it was changed. */
  readonly changes: readonly { readonly sent: string; readonly arrived: string }[]
  /** What a SIP endpoint makes of it, where it was changed. */
  readonly harms: readonly ('length-wrong' | 'media-address' | 'contact' | 'via' | 'other')[]
}

export interface RouterSizes {
  /** Largest datagram, in bytes of UDP payload, that passed; absent where none did. */
  readonly upLargest?: number
  readonly downLargest?: number
  /** The smallest that did not pass. */
  readonly upLost?: number
  readonly downLost?: number
  /** Bytes that go over this machine's interface in one packet; undefined: not known. */
  readonly interfaceMtu?: number
  /** Whether datagrams that need fragments pass, both ways; absent where none was needed. */
  readonly fragments?: boolean
}

export interface RouterFinding {
  readonly id: string
  readonly severity: 'fail' | 'warn' | 'info'
  /** What customers notice, in a sentence. */
  readonly title: string
  readonly detail: string
  readonly advice: string
}

/** What was measured, before anybody judged it. */
export interface RouterFacts {
  /** As it was named, and the address that answered. */
  readonly reflector: { readonly named: string; readonly address: string; readonly ports: readonly number[] }
  readonly local: string
  readonly outside: string
  /** Whether addresses or ports are translated on the way. */
  readonly isTranslated: boolean
  /** Answers on the SIP port itself, to what is no SIP. */
  readonly answersOnSipPort: boolean
  readonly mapping?: NatDependenceFound
  readonly filtering?: NatDependenceFound
  /** Of the flows of this test, how many kept their port. */
  readonly ports: { readonly kept: number; readonly of: number }
  /** Absent where there is nothing to translate. */
  readonly hairpin?: boolean
  readonly lifetimes: readonly RouterLifetime[]
  readonly alg: readonly RouterAlgFinding[]
  readonly sizes: RouterSizes
}

export interface RouterResult extends RouterFacts {
  readonly schemaVersion: 1
  readonly ringproof: string
  readonly command: 'router'
  readonly startedAt: string
  readonly endedAt: string
  readonly verdict: RunVerdict
  readonly exitCode: number
  /** What to set in telephones; seconds. */
  readonly keepAlive: { readonly udpSeconds?: number; readonly tcpSeconds?: number }
  readonly findings: readonly RouterFinding[]
}

/** What a history takes of a `router.json`, which may come from anywhere. */
export const routerSummarySchema = z.object({
  command: z.literal('router'),
  ringproof: z.string(),
  startedAt: z.string(),
  endedAt: z.string(),
  verdict: runVerdictSchema,
  reflector: z.object({ named: z.string() }),
  findings: z.array(z.object({ id: z.string(), severity: z.enum(['fail', 'warn', 'info']), title: z.string() })),
  lifetimes: z.array(z.object({ flow: z.enum(['udp', 'udp-in-use', 'tcp']), heldMs: z.number().optional() })),
})
export type RouterSummary = z.infer<typeof routerSummarySchema>
