/** What a client of the call agent may order of a call, and what the target allows of it. */
import { z } from 'zod'
import type { Law } from '../media/g711.js'
import type { SuiteName } from '../sdp/crypto-attribute.js'
import type { Dialled, DialPolicy } from '../target/dial-policy.js'
import { nearestWord } from '../target/did-you-mean.js'
import { srtpSuites, type TargetDocument } from '../target/target-schema.js'
import type { TransportName } from '../transport/flow.js'
import type { Family } from '../transport/network.js'
import { holdTimeSchema, type HoldTime, isShorterThan } from './hold-time.js'

/**
 * How a call is meant to go: `signalling` is answered, held and hung up as `answered`, but offers no audio; the others end
 * before they are answered. Only `answered` calls have audio.
 */
export const outcomes = ['answered', 'signalling', 'busy', 'declined', 'cancelled', 'unanswered'] as const
export type Outcome = (typeof outcomes)[number]

/** Milliseconds that the called device rings where a call is to ring and the order does not say how long. */
const RINGS_MS = 2_000
/** Milliseconds that digits take: until the first one, and each with its pause. */
const FIRST_DIGIT_MS = 1_000
const DIGIT_MS = 250
/** Milliseconds from the hold to its end, where the order does not say. */
const ON_HOLD_MS = 2_000

const oneOrMore = <T extends string>(values: readonly [T, ...T[]]) => {
  const one = z.enum(values)
  const error = `expected ${values.join(', ')}, or a list of these`
  return z.union([one.transform((value) => [value]), z.array(one).min(1, { error })], { error })
}

/** A call, as `POST /v1/calls` and waves order it. */
export const callRequestSchema = z.strictObject({
  /** `echo`, `account`, `auto` (both, where there are both), or a number. */
  to: z.string().min(1).max(256).default('auto'),
  /** Milliseconds from the answer to the BYE, or a log-normal distribution of them. */
  holdMs: holdTimeSchema.default(10_000),
  media: z
    .strictObject({
      codec: z.enum(['PCMA', 'PCMU']).optional(),
      /** Audio in a packet, milliseconds. */
      ptimeMs: z.literal([10, 20, 30, 40, 60]).optional(),
      /** True or false, a suite, or the share of calls that are encrypted, from 0 to 1. Default: as the target wants it. */
      srtp: z.union([z.boolean(), z.enum(srtpSuites), z.number().min(0).max(1)]).optional(),
    })
    .default({}),
  /** Of several, each takes an equal share of the calls, as far as the target can be reached that way. */
  transport: oneOrMore(['udp', 'tcp', 'tls']).optional(),
  family: oneOrMore(['ipv4', 'ipv6']).optional(),
  /** Digits that the caller sends once the call is up (RFC 4733). */
  dtmf: z
    .string()
    .regex(/^[0-9A-D*#]{1,32}$/, { error: 'expected up to 32 of the digits 0-9, A-D, * and #' })
    .optional(),
  /** Milliseconds after the answer at which the caller puts the call on hold, and how long it stays there. */
  holdAtMs: z.int().min(0).max(86_400_000).optional(),
  resumeAfterMs: z.int().min(0).max(86_400_000).optional(),
  /** How the call is meant to go; all but `answered` and `signalling` only between accounts. */
  outcome: z.enum(outcomes).default('answered'),
  /** Milliseconds that the called device rings; only between accounts. */
  ringMs: z.int().min(0).max(50_000).optional(),
  /** A name for calls of this kind: k6 gets it as the tag `call`. */
  name: z
    .string()
    .regex(/^[\w .-]{1,40}$/, { error: 'expected up to 40 letters, digits, spaces, dots, hyphens and underscores' })
    .optional(),
})
type CallRequest = z.output<typeof callRequestSchema>

/** Whether a call is meant to be answered. */
export const isAnswered = (outcome = 'answered'): boolean => outcome === 'answered' || outcome === 'signalling'

/** A call as a worker makes it. */
export interface CallOrder {
  /** What is dialled; undefined: another account of ours. */
  readonly dialled: Dialled | undefined
  /** Who answers: the target's echo, an account of ours, or somebody whose audio we do not know. */
  readonly far: 'echo' | 'account' | 'other'
  readonly holdMs: number
  readonly codecs: readonly Law[]
  readonly srtp: false | readonly SuiteName[]
  readonly transport: TransportName
  readonly family: Family
  /** Default: 20. */
  readonly ptimeMs?: number
  readonly dtmf?: string
  /** When the caller puts the call on hold, after the answer, and for how long, ms. */
  readonly onHold?: { readonly atMs: number; readonly forMs: number }
  /** Default: answered. */
  readonly outcome?: Outcome
  /** Default: 0. */
  readonly ringMs?: number
  readonly name?: string
}

/** One kind of call among those that an order leaves open, with its share of them. */
export interface CallChoice {
  readonly weight: number
  readonly order: Omit<CallOrder, 'holdMs'>
  readonly holdMs: HoldTime
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
  /** Whether calls over a transport are encrypted where an order says nothing. */
  readonly encrypts: (transport: TransportName) => boolean
}

const TRANSPORTS: readonly TransportName[] = ['udp', 'tcp', 'tls']
const FAMILIES: readonly Family[] = ['ipv4', 'ipv6']

/** The transport and family of calls and registrations that name none; undefined where the target cannot be reached. */
export function usualWay(reaches: OrderFacts['reaches']): { transport: TransportName; family: Family } | undefined {
  return FAMILIES.flatMap((family) => TRANSPORTS.map((transport) => ({ transport, family }))).find((way) =>
    reaches(way.transport, way.family),
  )
}

/** Reads what a schema describes. @param path of the field that holds it @throws BadOrderError */
export function parsed<T>(schema: z.ZodType<T>, body: unknown, path: readonly (string | number)[] = []): T {
  const result = schema.safeParse(body)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined
  const field = [...path, ...(issue?.path ?? []), ...(unknown === undefined ? [] : [unknown])].join('.')
  const message = unknown === undefined ? issue?.message : noSuchField(unknown, fieldsAt(schema, issue?.path ?? []))
  throw new BadOrderError(field === '' ? 'body' : field, message ?? 'invalid order')
}

function noSuchField(name: string, fields: readonly string[]): string {
  const near = nearestWord(name, fields)
  return `there is no such field; ${near === undefined ? `there are ${fields.join(', ')}` : `did you mean ${near}?`}`
}

/** Names of the fields of an object within a schema; none where it is described otherwise. */
function fieldsAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: unknown = schema
  for (const step of [...path, undefined]) {
    while (at instanceof z.ZodDefault || at instanceof z.ZodOptional) at = at.unwrap()
    if (step === undefined) break
    at = at instanceof z.ZodObject ? at.shape[String(step)] : at instanceof z.ZodArray ? at.element : undefined
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : []
}

/**
 * Reads and checks the order of a call: the kinds of calls that it may become, by weight. `auto` is two kinds, and so is a
 * share of encrypted calls; each transport and family is a kind.
 * @param at path of the order within the body @throws BadOrderError
 */
export function callChoices(body: unknown, facts: OrderFacts, at: readonly (string | number)[] = []): CallChoice[] {
  const request = parsed(callRequestSchema, body, at)
  return within(at, () => {
    const { to, holdMs, media, transport, family, outcome, name } = request
    const ways = waysOf(transport, family, facts)
    const common = {
      codecs: codecsOf(media.codec, facts),
      ...(media.ptimeMs === undefined ? {} : { ptimeMs: media.ptimeMs }),
      ...dtmfOf(request),
      ...onHoldOf(request),
      ...(outcome === 'answered' ? {} : { outcome }),
      ...(name === undefined ? {} : { name }),
    }
    const destinations = destinationsOf(to, outcome, facts)
    return ways.flatMap((way) =>
      srtpOf(media.srtp, way.transport, facts).flatMap(({ share, suites }) =>
        destinations.map((destination) => ({
          weight: share / destinations.length / ways.length,
          order: { ...common, ...way, ...destination, ...ringingOf(request, destination.far), srtp: suites },
          holdMs,
        })),
      ),
    )
  })
}

/** Puts the path of the order before the field that is wrong. */
function within<T>(at: readonly (string | number)[], read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (at.length === 0 || !(error instanceof BadOrderError)) throw error
    throw new BadOrderError([...at, error.field].join('.'), error.message, error.status)
  }
}

/** Who may be called: one, or two for `auto` where there are both. */
function destinationsOf(
  to: string,
  outcome: Outcome,
  facts: OrderFacts,
): readonly Pick<CallOrder, 'dialled' | 'far'>[] {
  const { echo } = facts.document.services
  if (to === 'auto') {
    const whom = !isAnswered(outcome) || echo === undefined ? ['account'] : facts.accounts < 2 ? ['echo'] : AUTO
    return whom.map((one) => destinationOf(one, facts))
  }
  const destination = destinationOf(to, facts)
  if (!isAnswered(outcome) && destination.far !== 'account')
    throw new BadOrderError('outcome', `only calls between accounts can be ${outcome} on purpose: use "to": "account"`)
  return [destination]
}

const AUTO = ['echo', 'account'] as const

/** Who is called. @throws BadOrderError */
export function destinationOf(
  to: string,
  { document, dialPolicy, accounts }: Pick<OrderFacts, 'document' | 'dialPolicy' | 'accounts'>,
): Pick<CallOrder, 'dialled' | 'far'> {
  const { echo } = document.services
  if (to === 'account' || (to === 'auto' && echo === undefined)) {
    if (accounts < 2) throw new BadOrderError('to', 'calls between accounts need two accounts in the target file')
    return { dialled: undefined, far: 'account' }
  }
  if (to === 'echo' || to === 'auto') {
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

/** How long the called device rings, where it is ours. */
function ringingOf({ ringMs, outcome, to }: CallRequest, far: CallOrder['far']): Pick<CallOrder, 'ringMs'> {
  if (far !== 'account') {
    if (ringMs === undefined || to === 'auto') return {}
    throw new BadOrderError('ringMs', 'only a called account rings as long as it is told: use "to": "account"')
  }
  const rings = ringMs ?? (outcome === 'cancelled' || outcome === 'unanswered' ? RINGS_MS : 0)
  return rings === 0 ? {} : { ringMs: rings }
}

function dtmfOf({ dtmf, holdMs, outcome }: CallRequest): Pick<CallOrder, 'dtmf'> {
  if (dtmf === undefined) return {}
  if (outcome !== 'answered')
    throw new BadOrderError('dtmf', 'a call that is not answered, or has no audio, takes no digits')
  const neededMs = FIRST_DIGIT_MS + dtmf.length * DIGIT_MS
  if (isShorterThan(holdMs, neededMs)) {
    throw new BadOrderError(
      'dtmf',
      `the call is over (holdMs) before all digits are sent, ${neededMs} ms after the answer`,
    )
  }
  return { dtmf }
}

function onHoldOf({ holdAtMs, resumeAfterMs, holdMs, outcome }: CallRequest): Pick<CallOrder, 'onHold'> {
  if (holdAtMs === undefined) {
    if (resumeAfterMs === undefined) return {}
    throw new BadOrderError('resumeAfterMs', 'a call that is not put on hold (holdAtMs) cannot be resumed')
  }
  if (outcome !== 'answered')
    throw new BadOrderError('holdAtMs', 'a call that is not answered, or has no audio, cannot be put on hold')
  const forMs = resumeAfterMs ?? ON_HOLD_MS
  const offAtMs = holdAtMs + forMs
  if (isShorterThan(holdMs, offAtMs)) {
    throw new BadOrderError(
      'holdAtMs',
      `the call is over (holdMs) before it is off hold, ${offAtMs} ms after the answer`,
    )
  }
  return { onHold: { atMs: holdAtMs, forMs } }
}

function codecsOf(codec: Law | undefined, { document }: OrderFacts): readonly Law[] {
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

type Suites = CallOrder['srtp']

function srtpOf(
  srtp: CallRequest['media']['srtp'],
  transport: TransportName,
  { document, encrypts }: OrderFacts,
): readonly { readonly share: number; readonly suites: Suites }[] {
  const wanted = srtp ?? encrypts(transport)
  if (wanted === false || wanted === 0) return [{ share: 1, suites: false }]
  const suites = document.media.srtp
  if (suites.length === 0) throw new BadOrderError('media.srtp', 'the target file lists no SRTP suite (media.srtp)')
  if (wanted === true || wanted === 1) return [{ share: 1, suites }]
  if (typeof wanted === 'number') {
    return [
      { share: wanted, suites },
      { share: 1 - wanted, suites: false },
    ]
  }
  if (!suites.includes(wanted))
    throw new BadOrderError('media.srtp', `the target file allows ${suites.join(' and ')}, not ${wanted} (media.srtp)`)
  return [{ share: 1, suites: [wanted] }]
}

type Way = Pick<CallOrder, 'transport' | 'family'>

/** Each of those named, over the first of the others that reaches the target; what cannot be combined is left out. @throws BadOrderError */
function waysOf(
  transports: readonly TransportName[] | undefined,
  families: readonly Family[] | undefined,
  { reaches }: OrderFacts,
): Way[] {
  const all = FAMILIES.flatMap((family) => TRANSPORTS.map((transport) => ({ transport, family })))
  const there = all.filter((way) => reaches(way.transport, way.family))
  const found = (transports ?? [undefined]).flatMap((transport) => {
    const ways = (families ?? [undefined]).flatMap(
      (family) =>
        there.find((way) => way.transport === (transport ?? way.transport) && way.family === (family ?? way.family)) ??
        [],
    )
    if (ways.length === 0) throw notReached(transport, families, there)
    return ways
  })
  const missing = families?.find((family) => !found.some((way) => way.family === family))
  if (missing !== undefined) throw notReached(undefined, [missing], there)
  return [...new Set(found)]
}

function notReached(
  transport: TransportName | undefined,
  families: readonly Family[] | undefined,
  there: readonly Way[],
): BadOrderError {
  const asked = [transport, families?.join(' or ')].filter((part) => part !== undefined).join(' over ')
  const available = there.map((way) => `${way.transport} over ${way.family}`).join(', ')
  return new BadOrderError(
    transport === undefined ? 'family' : 'transport',
    `the target cannot be reached over ${asked || 'any transport'}${available === '' ? '' : `; available: ${available}`}`,
  )
}
