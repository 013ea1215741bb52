/** What a client of the call agent may order, and what the target allows of it. */
import { z } from 'zod'
import type { SuiteName } from '../sdp/crypto-attribute.js'
import type { CodecName } from '../sdp/audio-stream.js'
import type { Dialled, DialPolicy } from '../target/dial-policy.js'
import { srtpSuites, type TargetDocument } from '../target/target-schema.js'
import type { TransportName } from '../transport/flow.js'
import type { Family } from '../transport/network.js'

/** Body of `POST /v1/calls`. */
export const callRequestSchema = z.strictObject({
  /** `echo`, `account`, `auto`, or a number. */
  to: z.string().min(1).max(256),
  /** Milliseconds from the answer to the BYE. */
  holdMs: z.number().int().min(0).max(86_400_000).default(10_000),
  media: z
    .strictObject({
      codec: z.enum(['PCMA', 'PCMU']).optional(),
      srtp: z.union([z.boolean(), z.enum(srtpSuites)]).optional(),
    })
    .default({}),
  transport: z.enum(['udp', 'tcp', 'tls']).optional(),
  family: z.enum(['ipv4', 'ipv6']).optional(),
})
export type CallRequest = z.output<typeof callRequestSchema>

/** A call as a worker makes it. */
export interface CallOrder {
  /** What is dialled; undefined: another account of ours. */
  readonly dialled: Dialled | undefined
  /** Who answers: the target's echo, an account of ours, or somebody whose audio we do not know. */
  readonly far: 'echo' | 'account' | 'other'
  readonly holdMs: number
  readonly codecs: readonly CodecName[]
  readonly srtp: false | readonly SuiteName[]
  readonly transport: TransportName
  readonly family: Family
}

/** Why an order cannot be carried out. */
export class BadOrderError extends Error {
  override readonly name = 'BadOrderError'
  /** HTTP status: 400, or 403 for what must not be dialled. */
  readonly status: 400 | 403
  /** Path of the field, `media.codec`. */
  readonly field: string

  constructor(field: string, message: string, status: 400 | 403 = 400) {
    super(message)
    this.field = field
    this.status = status
  }
}

/** What the target offers, as far as orders depend on it. */
export interface OrderFacts {
  readonly document: TargetDocument
  readonly dialPolicy: DialPolicy
  /** Whether signalling can go that way. */
  readonly reaches: (transport: TransportName, family: Family) => boolean
  /** Accounts that may call each other. */
  readonly accounts: number
}

const TRANSPORTS: readonly TransportName[] = ['udp', 'tcp', 'tls']
const FAMILIES: readonly Family[] = ['ipv4', 'ipv6']

/** The transport and family of calls and registrations that name none; undefined where the target cannot be reached. */
export function usualWay(reaches: OrderFacts['reaches']): { transport: TransportName; family: Family } | undefined {
  return FAMILIES.flatMap((family) => TRANSPORTS.map((transport) => ({ transport, family }))).find((way) =>
    reaches(way.transport, way.family),
  )
}

/** Reads and checks an order. @throws BadOrderError */
export function callOrderOf(body: unknown, facts: OrderFacts): CallOrder {
  const parsed = callRequestSchema.safeParse(body)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined
    const path = [...(issue?.path ?? []), ...(unknown === undefined ? [] : [unknown])].join('.')
    throw new BadOrderError(path === '' ? 'body' : path, issue?.message ?? 'invalid order')
  }
  const { to, holdMs, media, transport, family } = parsed.data
  const way = wayOf(transport, family, facts)
  return {
    ...destinationOf(to, facts),
    holdMs,
    codecs: codecsOf(media.codec, facts),
    srtp: srtpOf(media.srtp, facts),
    ...way,
  }
}

/** Who is called. @throws BadOrderError */
export function destinationOf(
  to: string,
  { document, dialPolicy, accounts }: Pick<OrderFacts, 'document' | 'dialPolicy' | 'accounts'>,
): Pick<CallOrder, 'dialled' | 'far'> {
  const { echo } = document.services
  if (to === 'auto') return echo === undefined ? account(accounts) : { dialled: allowed(echo, dialPolicy), far: 'echo' }
  if (to === 'account') return account(accounts)
  if (to === 'echo') {
    if (echo === undefined)
      throw new BadOrderError('to', "the target file has no echo test (services.echo); use 'account'")
    return { dialled: allowed(echo, dialPolicy), far: 'echo' }
  }
  return { dialled: allowed(to, dialPolicy), far: to === echo ? 'echo' : 'other' }
}

/** The parts that were judged: what is sent is made of them, not of the text of the order. @throws BadOrderError */
function allowed(to: string, dialPolicy: DialPolicy): Dialled {
  const decision = dialPolicy.decide(to)
  if (!decision.allowed) throw new BadOrderError('to', decision.reason, 403)
  return decision.dialled
}

function account(accounts: number): Pick<CallOrder, 'dialled' | 'far'> {
  if (accounts < 2) throw new BadOrderError('to', 'calls between accounts need two accounts in the target file')
  return { dialled: undefined, far: 'account' }
}

function codecsOf(codec: CodecName | undefined, { document }: OrderFacts): readonly CodecName[] {
  const { codecs } = document.media
  if (codec === undefined) return codecs
  if (!codecs.includes(codec)) {
    throw new BadOrderError(
      'media.codec',
      `the target file allows ${codecs.join(' and ')}, not ${codec} (media.codecs)`,
    )
  }
  return [codec]
}

function srtpOf(srtp: CallRequest['media']['srtp'], { document }: OrderFacts): false | readonly SuiteName[] {
  if (srtp === undefined || srtp === false) return false
  const suites = document.media.srtp
  if (suites.length === 0) throw new BadOrderError('media.srtp', 'the target file lists no SRTP suite (media.srtp)')
  if (srtp === true) return suites
  if (!suites.includes(srtp))
    throw new BadOrderError('media.srtp', `the target file allows ${suites.join(' and ')}, not ${srtp} (media.srtp)`)
  return [srtp]
}

function wayOf(
  transport: TransportName | undefined,
  family: Family | undefined,
  { reaches }: OrderFacts,
): Pick<CallOrder, 'transport' | 'family'> {
  const ways = FAMILIES.flatMap((f) => TRANSPORTS.map((t) => ({ transport: t, family: f }))).filter((way) =>
    reaches(way.transport, way.family),
  )
  const found = ways.find(
    (way) => way.transport === (transport ?? way.transport) && way.family === (family ?? way.family),
  )
  if (found !== undefined) return found
  const asked = [transport, family].filter((part) => part !== undefined).join(' over ')
  const there = ways.map((way) => `${way.transport} over ${way.family}`).join(', ')
  throw new BadOrderError(
    transport === undefined ? 'family' : 'transport',
    `the target cannot be reached over ${asked || 'any transport'}${there === '' ? '' : `; available: ${there}`}`,
  )
}
