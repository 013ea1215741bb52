/** What is known of one call once it is over, and what is made of it. */
import { qualityOfReception } from '../media/quality.js'
import type { MediaReport } from '../media/media-report.js'
import type { TransportName } from '../transport/flow.js'
import type { Family } from '../transport/network.js'
import type { CallOrder, Outcome } from './call-order.js'

/**
 * What an end of a call hears: the audio that was meant for it; audio of somebody else; packets, but no audio that is known;
 * no packet at all.
 */
export type Hearing = 'right' | 'wrong' | 'unrecognised' | 'nothing'

/** One end of a call. Times are Unix ms. */
export interface LegRecord {
  readonly role: 'caller' | 'callee'
  /** User part of the account. */
  readonly account: string
  /** Name on the published list, else the address that media went to. */
  readonly relay: string
  readonly relayAddress: string
  /** False where media came from, or was sent to, an address that the target file does not publish; absent without a list. */
  readonly published?: boolean
  readonly codec?: string
  readonly srtp?: string
  readonly packetsSent: number
  readonly packetsReceived: number
  /** Holes in the sequence, and what should still have come at the end. */
  readonly packetsLost: number
  readonly packetsExpected: number
  /** Runs of lost packets. */
  readonly gaps: number
  readonly duplicates: number
  readonly reordered: number
  readonly late: number
  /** Packets that were refused, by code. */
  readonly refused?: Readonly<Record<string, number>>
  /** Packets of RTCP, but for the BYE at the end. */
  readonly rtcpSent: number
  readonly rtcpReceived: number
  readonly jitterMs?: number
  /** Absent where nothing was received: what is not heard has no quality. */
  readonly mos?: number
  readonly roundTripMs?: number
  /** From the other end to this one, one way; absent where it could not be measured. */
  readonly delayMs?: number
  /** The same from mouth to ear, packet and jitter buffer of 60 ms included. */
  readonly mouthToEarMs?: number
  readonly hears: Hearing
  /** Silence between the moment from which audio was due and the first packet, where it was more than network delay. */
  readonly silentAtStartMs?: number
  /** Silence between the last packet and the end, where it was more than network delay. */
  readonly silentAtEndMs?: number
  /** What this end played, and what it heard. */
  readonly pattern: number
  readonly heard: readonly number[]
  /** Addresses that packets came from. */
  readonly sources: readonly string[]
}

/** How a call ended. Only `normal` is success: we hung up when we meant to, and the other side said yes. */
export type EndCause =
  | 'normal'
  | 'bye-from-far-side'
  | 'bye-refused'
  | 'bye-unanswered'
  | 'refused' // a final response of 300 and above
  | 'no-answer' // no final response
  | 'cancelled' // by us, since it was meant to be
  | 'client-gone' // whoever ordered it went away
  | 'agent-stopped'
  | 'error'

export interface CallRecord {
  readonly id: string
  readonly callId: string
  readonly to: string
  readonly far: CallOrder['far']
  /** Absent: it was meant to be answered. */
  readonly outcome?: Exclude<Outcome, 'answered'>
  /** As its order calls calls of its kind. */
  readonly name?: string
  readonly transport: TransportName
  readonly family: Family
  /** Of the final response to the INVITE; 408 where none came, 0 where none was waited for. */
  readonly status: number
  readonly startedAt: number
  readonly answeredAt?: number
  readonly endedAt: number
  /** Session request delay (RFC 6076 §4.3): from the INVITE that was let in to the first answer that is audible or visible. */
  readonly setupMs?: number
  /** Session disconnect delay (RFC 6076 §4.4): from BYE to its answer. */
  readonly disconnectMs?: number
  readonly end: EndCause
  /** In words, where it did not end as it should. */
  readonly reason?: string
  /** Status of the answer to BYE. */
  readonly byeStatus?: number
  /** What a final response other than 2xx asked for, seconds (RFC 3261 §20.33). */
  readonly retryAfterS?: number
  readonly relay: string
  /** Audio of this very call recognised at both ends; for `other`, where nobody's audio is known, packets both ways. */
  readonly twoWay: boolean
  /** The ends that no packet reached. Where the called end was never rung, or what came was not recognised, nobody is deaf. */
  readonly oneWay?: 'caller' | 'callee' | 'both'
  readonly wrongAudio: boolean
  readonly success: boolean
  /** Sums over the ends that are ours. */
  readonly packetsSent: number
  readonly packetsReceived: number
  readonly packetsLost: number
  readonly duplicates: number
  readonly reordered: number
  /** Of the worse end. */
  readonly lossRatio?: number
  readonly jitterMs?: number
  readonly mos?: number
  readonly roundTripMs?: number
  readonly codec?: string
  readonly srtp?: string
  readonly legs: readonly LegRecord[]
  /** Files of the report that show it. */
  readonly evidence: readonly string[]
  /** The generator's own fault, such as ports or descriptors that ran out: nothing is learnt about the target. */
  readonly generatorTrouble?: string
}

export type LegFacts = Pick<LegRecord, 'role' | 'account' | 'relay' | 'relayAddress' | 'pattern'> & {
  readonly published?: boolean | undefined
  /** Pattern that this end should hear; undefined where nobody knows. */
  readonly expects: number | undefined
  /** When both sides had begun to send, so that audio was due; ms of the report's clock. */
  readonly from?: number | undefined
  /** When the other side had no more reason to send, ms of the report's clock. */
  readonly until: number
  /** How long packets took from the other end, where that could be measured. */
  readonly delayMs?: number | undefined
}

/** Network delay and the other side's pace: silence up to this before the end is none. */
const USUAL_SILENCE_MS = 300
/** Where it is not seen how often packets come. */
const PACKET_MS = 20
/** Jitter buffer of a telephone: what comes later is not heard. */
const JITTER_BUFFER_MS = 60

/** Makes the record of one end. Without a report (no media session came about) it heard nothing. */
export function legRecord(facts: LegFacts, report: MediaReport | undefined): LegRecord {
  const { expects, from, until, delayMs, published, ...about } = facts
  const received = report?.received
  const heard = (report?.heard ?? []).map((one) => one.patternId)
  const packets = received?.packets ?? 0
  // Only the audio of this call goes on to its end: an announcement may be over, and who is silent need not send (RFC 3551 §4.1).
  const isExpected = expects !== undefined && heard.includes(expects)
  const silence =
    received?.lastAt === undefined || !Number.isFinite(until) || !isExpected
      ? 0
      : Math.max(0, until - received.lastAt - USUAL_SILENCE_MS)
  // Numbers begin with the first packet that arrives: what was lost before it shows in time alone.
  const late = isExpected ? lateBeginning(received, from) : 0
  const packetMs = packetTimeOf(received)
  const missing = Math.floor(silence / packetMs) + Math.floor(late / packetMs)
  const lost = (received?.lost ?? 0) + missing
  const expected = (received?.expected ?? 0) + missing
  const quality = qualityHeard(
    { received: packets, expected, lost, late: received?.late ?? 0 },
    delayMs ?? (report?.roundTripMs ?? 0) / 2,
    packetMs,
  )
  return {
    ...about,
    ...(published === undefined ? {} : { published }),
    ...optional('codec', report?.codec),
    ...optional('srtp', report?.srtp),
    packetsSent: report?.sent.packets ?? 0,
    packetsReceived: packets,
    packetsLost: lost,
    packetsExpected: expected,
    gaps: (received?.gaps ?? 0) + Number(late >= packetMs) + Number(silence >= packetMs),
    duplicates: received?.duplicates ?? 0,
    reordered: received?.reordered ?? 0,
    late: received?.late ?? 0,
    ...(received === undefined || Object.keys(received.refused).length === 0 ? {} : { refused: received.refused }),
    rtcpSent: report?.rtcp.sent ?? 0,
    rtcpReceived: report?.rtcp.received ?? 0,
    ...optional('jitterMs', received?.jitterMs),
    ...optional('mos', quality?.mos),
    ...optional('roundTripMs', report?.roundTripMs),
    ...optional('delayMs', delayMs),
    ...optional('mouthToEarMs', delayMs && mouthToEarMs(delayMs, packetMs)),
    hears: hearingOf(heard, expects, packets),
    ...(late > 0 ? { silentAtStartMs: late + USUAL_SILENCE_MS } : {}),
    ...(silence > 0 ? { silentAtEndMs: silence + USUAL_SILENCE_MS } : {}),
    heard,
    sources: (received?.sources ?? []).map(({ address, port }) => `${address}:${port}`),
  }
}

/**
 * Quality of what an end received, of a whole call or of a second of it: lost packets and those that came too late for a jitter
 * buffer of 60 ms are not heard. Undefined where nothing came.
 * @param networkMs one way @param packetMs of audio in a packet
 */
export const qualityHeard = (
  received: Parameters<typeof qualityOfReception>[0],
  networkMs: number,
  packetMs: number,
): ReturnType<typeof qualityOfReception> => qualityOfReception(received, mouthToEarMs(networkMs, packetMs))

/** From mouth to ear: the packet is filled, travels, and waits in the jitter buffer. */
export const mouthToEarMs = (networkMs: number, packetMs: number): number => networkMs + packetMs + JITTER_BUFFER_MS

type Received<K extends keyof MediaReport['received']> = Pick<MediaReport['received'], K> | undefined

/** Milliseconds by which the first packet came later than it was due, network delay allowed for. @param from when it was due */
export function lateBeginning(received: Received<'firstAt'>, from: number | undefined): number {
  const { firstAt } = received ?? {}
  return firstAt === undefined || from === undefined ? 0 : Math.max(0, firstAt - from - USUAL_SILENCE_MS)
}

/** Milliseconds between packets, as they came. */
export function packetTimeOf(received: Received<'firstAt' | 'lastAt' | 'expected'>): number {
  const { firstAt, lastAt, expected = 0 } = received ?? {}
  if (firstAt === undefined || lastAt === undefined || expected < 50) return PACKET_MS
  return Math.max(10, Math.round((lastAt - firstAt) / (expected - 1)))
}

/** @param expects undefined: nobody knows what there is to hear, so that any packet will do */
export function hearingOf(heard: readonly number[], expects: number | undefined, packets: number): Hearing {
  if (expects === undefined) return packets === 0 ? 'nothing' : 'right'
  if (heard.some((id) => id !== expects)) return 'wrong'
  if (heard.includes(expects)) return 'right'
  return packets === 0 ? 'nothing' : 'unrecognised'
}

export type CallFacts = Pick<
  CallRecord,
  'id' | 'callId' | 'to' | 'far' | 'transport' | 'family' | 'status' | 'startedAt' | 'endedAt' | 'end'
> & {
  readonly [K in 'answeredAt' | 'setupMs' | 'disconnectMs' | 'byeStatus' | 'retryAfterS']?: number | undefined
} & {
  readonly reason?: string | undefined
  readonly generatorTrouble?: string | undefined
  readonly outcome?: Outcome | undefined
  readonly name?: string | undefined
  /** Of a call that was not meant to be answered: what its called device did not see as it should, in words. */
  readonly amiss?: string | undefined
  /** What went wrong while the call was up, in words: digits, hold. */
  readonly brokenStep?: string | undefined
  /** The caller's end, and the callee's where that is ours too. */
  readonly legs: readonly LegRecord[]
}

/** Makes the record of a call from its ends. */
export function callRecord(facts: CallFacts): CallRecord {
  const { legs } = facts
  // A call that was not to be answered and was has no audio that anybody waited for.
  const answered = facts.status >= 200 && facts.status < 300 && (facts.outcome ?? 'answered') === 'answered'
  const caller = legs.find((leg) => leg.role === 'caller')
  const callee = legs.find((leg) => leg.role === 'callee')
  const ends = facts.far === 'account' ? [caller, callee] : [caller]
  const twoWay = answered && ends.every((leg) => leg?.hears === 'right')
  const deaf = answered ? ends.map((leg) => leg?.hears === 'nothing') : []
  const oneWay: CallRecord['oneWay'] =
    deaf[0] === true ? (deaf[1] === true ? 'both' : 'caller') : deaf[1] === true ? 'callee' : undefined
  const wrongAudio = legs.some((leg) => leg.hears === 'wrong')
  const sum = (of: (leg: LegRecord) => number) => legs.reduce((total, leg) => total + of(leg), 0)
  const most = (of: (leg: LegRecord) => number | undefined) => extreme(legs.map(of), Math.max)
  const { outcome, reason } = facts
  const intended = outcome === undefined || outcome === 'answered' ? undefined : outcome
  const otherwise = intended === undefined ? undefined : (facts.amiss ?? wentOtherwise(intended, facts))
  const told =
    intended === undefined
      ? (reason ?? (answered && !twoWay ? audioInWords(legs, facts) : facts.brokenStep))
      : otherwise
  // Thousands a second: one object that grows costs a tenth of one that is put together from many.
  const record: { -readonly [K in keyof CallRecord]: CallRecord[K] } = {
    id: facts.id,
    callId: facts.callId,
    to: facts.to,
    far: facts.far,
    transport: facts.transport,
    family: facts.family,
    status: facts.status,
    startedAt: facts.startedAt,
    endedAt: facts.endedAt,
    end: facts.end,
    legs,
    relay: caller?.relay ?? '',
    twoWay,
    wrongAudio,
    success:
      intended === undefined
        ? answered && facts.end === 'normal' && twoWay && facts.brokenStep === undefined
        : otherwise === undefined,
    packetsSent: sum((leg) => leg.packetsSent),
    packetsReceived: sum((leg) => leg.packetsReceived),
    packetsLost: sum((leg) => leg.packetsLost),
    duplicates: sum((leg) => leg.duplicates),
    reordered: sum((leg) => leg.reordered),
    evidence: [],
  }
  if (facts.answeredAt !== undefined) record.answeredAt = facts.answeredAt
  if (facts.setupMs !== undefined) record.setupMs = facts.setupMs
  if (facts.disconnectMs !== undefined) record.disconnectMs = facts.disconnectMs
  if (facts.byeStatus !== undefined) record.byeStatus = facts.byeStatus
  if (facts.retryAfterS !== undefined) record.retryAfterS = facts.retryAfterS
  if (told !== undefined) record.reason = told
  if (facts.generatorTrouble !== undefined) record.generatorTrouble = facts.generatorTrouble
  if (intended !== undefined) record.outcome = intended
  if (facts.name !== undefined) record.name = facts.name
  if (oneWay !== undefined) record.oneWay = oneWay
  const lossRatio = most(lossRatioOf)
  if (lossRatio !== undefined) record.lossRatio = lossRatio
  const jitterMs = most((leg) => leg.jitterMs)
  if (jitterMs !== undefined) record.jitterMs = jitterMs
  // An end that hears nothing has no figure, so neither has the call.
  const isHeard = legs.length > 0 && ends.every((leg) => leg?.mos !== undefined)
  const mos = isHeard
    ? extreme(
        legs.map((leg) => leg.mos),
        Math.min,
      )
    : undefined
  if (mos !== undefined) record.mos = mos
  const roundTripMs = most((leg) => leg.roundTripMs)
  if (roundTripMs !== undefined) record.roundTripMs = roundTripMs
  if (caller?.codec !== undefined) record.codec = caller.codec
  if (caller?.srtp !== undefined) record.srtp = caller.srtp
  return record
}

/** Final responses that a call is right to end with that is not meant to be answered. */
const RIGHT: Readonly<Record<Exclude<Outcome, 'answered' | 'signalling'>, readonly number[]>> = {
  busy: [486],
  declined: [603],
  // RFC 3261 §9.2: the answer to an INVITE that was cancelled.
  cancelled: [487],
  // The called device gives up; a proxy may give up before it (RFC 3261 §16.8).
  unanswered: [480, 408],
}

/** How a call went otherwise than it was meant to, in words; undefined where it went as meant. */
function wentOtherwise(meant: Exclude<Outcome, 'answered'>, { status, end, reason }: CallFacts): string | undefined {
  if (meant === 'signalling')
    return status >= 200 && status < 300 && end === 'normal' ? undefined : (reason ?? `it ended with ${status}`)
  const ends: readonly EndCause[] = meant === 'cancelled' ? ['refused', 'cancelled'] : ['refused']
  const right = RIGHT[meant]
  if (right.includes(status) && ends.includes(end)) return undefined
  return `the call was to be ${meant} (${right.join(' or ')}): ${reason ?? `it ended with ${status}`}`
}

/** Whether who ordered it, or the end of the agent, cut it short: then it says nothing about the target. */
export const isInterrupted = ({ end, generatorTrouble }: Pick<CallRecord, 'end' | 'generatorTrouble'>): boolean =>
  end === 'client-gone' || (end === 'agent-stopped' && generatorTrouble === undefined)

/** Lost packets by expected ones; undefined where none was expected. */
export function lossRatioOf(leg: LegRecord): number | undefined {
  return leg.packetsExpected === 0 ? undefined : Math.min(1, leg.packetsLost / leg.packetsExpected)
}

/** Audio is recognised after about a second. */
const RECOGNITION_MS = 1200
const OR_AN_ANNOUNCEMENT = ' (if the echo test plays an announcement first, use a longer --hold)'

function audioInWords(legs: readonly LegRecord[], { answeredAt, endedAt, far }: CallFacts): string {
  const tooShort = endedAt - (answeredAt ?? endedAt) < RECOGNITION_MS
  const words: Readonly<Record<Exclude<Hearing, 'right'>, (who: string) => string>> = {
    nothing: (who) => `${who} received no audio`,
    wrong: (who) => `${who} heard audio of another call`,
    unrecognised: (who) =>
      tooShort
        ? `the call was too short to recognise what ${who} heard`
        : `${who} received packets, but not the audio of this call${far === 'echo' ? OR_AN_ANNOUNCEMENT : ''}`,
  }
  const told = legs.flatMap((leg) =>
    leg.hears === 'right' ? [] : [words[leg.hears](leg.role === 'caller' ? 'the caller' : 'the callee')],
  )
  if (far === 'account' && !legs.some((leg) => leg.role === 'callee')) told.push('the called account did not ring')

  return told.join('; ')
}

function extreme(values: readonly (number | undefined)[], of: (...values: number[]) => number): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : of(...known)
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a computed key is not typed by the compiler
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V }
}
