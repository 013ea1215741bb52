/**
 * What is wrong with the relays of a load, by relay and direction. A relay is named where it stands out against the others beyond
 * chance; what all have alike, or what is too little to tell, is said of the load, and held against no relay.
 */
import type { Cause } from '../result/causes.js'
import type { Gravity } from '../result/terms.js'
import type { LoadDirection, RelayCounts, RelayResult } from '../result/load-relays.js'
import type { LoadResult } from '../result/load-result.js'
import type { Share } from './chance.js'
import { lossBounds } from './loss.js'
import { type Contrast, moreOften, partOf, type Seen, standOut } from './stand-out.js'
import { counted, distinct, headline, listed } from '../result/texts.js'
import type { TroubleWords } from './trouble.js'

/** A relay that loses more than this part of its packets is worth a finding; the load profiles' limit is the same. */
const LOSS = 0.01
/** Jitter, ms, beyond which telephones have to delay or drop audio; the load profiles' limit is the same. */
const JITTER_MS = 30

/** What one or several relays have done. */
export interface RelayTroubleFound extends TroubleWords {
  readonly cause: Cause
  readonly count: number
  readonly evidence: readonly string[]
  /** Those that are named; none where it is not held against any. */
  readonly relays: readonly string[]
  readonly ofRelays: number
}

interface Sick {
  readonly where: string
  readonly relays: readonly RelayResult[]
  readonly rows: readonly LoadDirection[]
  /** Calls that it concerns, and all that went there. */
  readonly hit: number
  readonly of: number
  /** ` to the caller`, where it is in that direction alone. */
  readonly toWhom: string
}

/** One way in which a relay can be bad. */
interface Trouble {
  readonly cause: Cause
  readonly gravity: Gravity
  readonly title: (sick: Sick) => string
  /** After `Callers whose call goes through relay-3`, or `Callers`. */
  readonly harm: string
  readonly expected: string
  readonly badness: (rows: readonly LoadDirection[]) => number
  readonly contrast: Contrast<LoadDirection>
  /** Whether it is there beyond chance, whoever brings it about; and whether it shows at all. */
  readonly isThere: (rows: readonly LoadDirection[]) => boolean
  readonly shows: (rows: readonly LoadDirection[]) => boolean
  readonly calls: (relay: RelayResult, rows: readonly LoadDirection[]) => number
  readonly actual: (relay: RelayResult, rows: readonly LoadDirection[]) => string
}

const sum = (rows: readonly LoadDirection[], of: (row: LoadDirection) => number) =>
  rows.reduce((total, row) => total + of(row), 0)

const lossOf = (rows: readonly LoadDirection[]) => ({
  expected: sum(rows, ({ expected }) => expected),
  lost: sum(rows, ({ lost }) => lost),
  gaps: sum(rows, ({ gaps }) => gaps),
})
const shareLost = (rows: readonly LoadDirection[]): number => {
  const { expected, lost } = lossOf(rows)
  return expected === 0 ? 0 : lost / expected
}
const boundsOf = (rows: readonly LoadDirection[]) => lossBounds(lossOf(rows), 1)
const atLeastLost = (rows: readonly LoadDirection[]) => boundsOf(rows).lossAtLeast ?? 0

/** Something that an end of a call either has or has not. */
function event(hits: (row: LoadDirection) => number): Pick<Trouble, 'badness' | 'contrast' | 'isThere' | 'shows'> {
  const shareOf = (row: LoadDirection): Share => ({ hit: hits(row), of: row.ends })
  return {
    badness: (rows) => partOf(rows.map(shareOf)),
    contrast: (some, rest, ways) => moreOften(some.map(shareOf), rest.map(shareOf), ways),
    isThere: (rows) => rows.some((row) => hits(row) > 0),
    shows: (rows) => rows.some((row) => hits(row) > 0),
  }
}

const moreLoss: Contrast<LoadDirection> = (some, rest) => {
  const [own, others] = [atLeastLost(some), boundsOf(rest).lossAtMost]
  if (others === undefined || own <= Math.max(LOSS, others)) return 0
  return some.some((row) => shareLost([row]) > LOSS) ? own / others : 0
}

const jitterOf = (rows: readonly LoadDirection[]) => Math.max(0, ...rows.map(({ jitterMs = 0 }) => jitterMs))
const isUneven =
  (limitMs: number) =>
  ({ jitterAtLeastMs = 0 }: LoadDirection) =>
    jitterAtLeastMs > limitMs

const beyond = (relays: readonly RelayResult[]): string => {
  const [first, ...others] = relays
  return first?.wellUpTo === undefined || others.length > 0
    ? ''
    : `, all of them beyond ${counted(first.wellUpTo, 'call')} at a time`
}

/** The most harmful first. @param lateMs how late we sent ourselves, which others hear as jitter */
const troublesOf = (lateMs: number): readonly Trouble[] => [
  {
    cause: 'no-audio',
    gravity: 'outage',
    title: ({ where, hit }) => `No audio comes back${where}: ${counted(hit, 'call')} silent`,
    harm: 'hear nothing',
    expected: 'audio comes back through every relay',
    ...event(({ ends, deaf, expected }) => (deaf === ends && expected === 0 ? ends : 0)),
    calls: ({ calls }) => calls,
    actual: ({ packetsSent, packetsReceived }) =>
      packetsReceived === 0
        ? `${packetsSent} packets sent to it, none came back`
        : 'in one direction nothing came back in any call',
  },
  {
    cause: 'no-audio',
    gravity: 'outage',
    title: ({ where, hit, of, toWhom, relays }) =>
      `${hit} of ${counted(of, 'call')}${where} had no audio${toWhom === '' ? ' in one direction or both' : toWhom}${beyond(relays)}`,
    harm: 'are not heard, or hear nothing',
    expected: 'audio in both directions',
    ...event(({ deaf }) => deaf),
    calls: ({ oneWayCalls }) => oneWayCalls,
    actual: ({ oneWayCalls, calls }) => `in ${oneWayCalls} of ${counted(calls, 'call')} an end received nothing`,
  },
  {
    cause: 'wrong-audio',
    gravity: 'exposure',
    title: ({ where, hit, of }) => `${hit} of ${counted(of, 'call')}${where} had audio of another call`,
    harm: 'hear somebody else’s call, or noise',
    expected: 'each call’s own audio',
    ...event(({ wrong }) => wrong),
    calls: ({ wrongAudioCalls = 0 }) => wrongAudioCalls,
    actual: ({ wrongAudioCalls = 0, calls }) => `${wrongAudioCalls} of ${counted(calls, 'call')} with other audio`,
  },
  {
    cause: 'audio-ends-early',
    gravity: 'outage',
    title: ({ where, hit, of, rows }) =>
      `Audio ends before the call${where}: ${hit} of ${counted(of, 'call')}${after(rows)}`,
    harm: 'are cut off in the middle: the call goes on in silence',
    expected: 'audio until the call is hung up',
    ...event(({ ended }) => ended),
    calls: (_, rows) => mostOf(rows, ({ ended }) => ended),
    actual: ({ calls }, rows) =>
      `audio ended early in ${mostOf(rows, ({ ended }) => ended)} of ${counted(calls, 'call')}${after(rows)}`,
  },
  {
    cause: 'audio-begins-late',
    gravity: 'harm',
    title: ({ where, hit, of, toWhom }) =>
      `The beginning is missing${toWhom} in ${hit} of ${counted(of, 'call')}${where}`,
    harm: 'do not hear the first words',
    expected: 'audio from the answer on',
    ...event(({ late }) => late),
    calls: (_, rows) => mostOf(rows, ({ late }) => late),
    actual: ({ calls }, rows) => `audio began late in ${mostOf(rows, ({ late }) => late)} of ${counted(calls, 'call')}`,
  },
  {
    cause: 'audio-lost',
    gravity: 'harm',
    title: ({ where, rows, relays, toWhom }) => `${lostInWords(rows, relays)} of the audio${toWhom} is lost${where}`,
    harm: 'hear gaps and clicks',
    expected: `less than ${LOSS * 100} % of packets lost`,
    badness: atLeastLost,
    contrast: moreLoss,
    isThere: (rows) => atLeastLost(rows) > LOSS,
    shows: (rows) => shareLost(rows) > LOSS,
    calls: ({ calls }) => calls,
    actual: (_, rows) => `${lossOf(rows).lost} of ${lossOf(rows).expected} packets lost`,
  },
  {
    cause: 'audio-uneven',
    gravity: 'harm',
    title: ({ where, rows, toWhom }) =>
      `Audio${toWhom} arrives unevenly${where}: a jitter of ${jitterOf(rows).toFixed(0)} ms`,
    harm: 'hear gaps, or one another late',
    expected: `a jitter below ${JITTER_MS} ms`,
    badness: jitterOf,
    contrast: (some, rest) =>
      some.every(isUneven(JITTER_MS + lateMs)) && rest.every(({ jitterMs = 0 }) => jitterMs < JITTER_MS)
        ? jitterOf(some) / Math.max(0.1, jitterOf(rest))
        : 0,
    isThere: (rows) => rows.length > 0 && rows.every(isUneven(JITTER_MS + lateMs)),
    shows: (rows) => jitterOf(rows) > JITTER_MS + lateMs,
    calls: ({ calls }) => calls,
    actual: (_, rows) => `${jitterOf(rows).toFixed(0)} ms in half of the calls or more`,
  },
]

const mostOf = (rows: readonly LoadDirection[], of: (row: LoadDirection) => number) =>
  Math.max(
    0,
    ...(['caller', 'called'] as const).map((to) =>
      sum(
        rows.filter((row) => row.to === to),
        of,
      ),
    ),
  )

function after(rows: readonly LoadDirection[]): string {
  const times = rows.flatMap(({ endedAfterMs }) => endedAfterMs ?? []).toSorted((a, b) => a - b)
  const half = times[Math.floor(times.length / 2)]
  return half === undefined ? '' : `, after ${(half / 1000).toFixed(0)} s`
}

function lostInWords(rows: readonly LoadDirection[], relays: readonly RelayResult[]): string {
  const shares = relays.map((relay) => shareLost(rows.filter((row) => directionsOf(relay).includes(row))))
  const [least, most] = [Math.min(...shares), Math.max(...shares)].map(percent)
  return least === most ? `${most} %` : `${least} to ${most} %`
}

const percent = (part: number): string => (part * 100).toLocaleString('en-US', { maximumFractionDigits: 1 })

/** Each relay by its worst trouble; relays with the same are told together. First those that are named. */
export function relayTroubles({
  relays,
  generator,
  relayCounts = [],
}: Pick<LoadResult, 'relays' | 'generator' | 'relayCounts'>): RelayTroubleFound[] {
  const used = relays.filter(({ calls }) => calls > 0)
  const told = new Set<string>()
  const troubles = troublesOf(generator.sendLatenessP99Ms)
  const named = troubles.map((trouble) => {
    const standing = namedFor(trouble, used)
    const sick = used.filter(({ name }) => standing.has(name) && !told.has(name))
    for (const { name } of sick) told.add(name)
    return sick.length === 0 ? [] : [findingOf(trouble, sick, used, standing, relayCounts)]
  })
  return troubles.flatMap((trouble, index) => {
    const rest = used.filter(({ name }) => !told.has(name))
    // Each by itself may be too little to tell; one direction that is well hides what the other one loses.
    const isThere = [rest, ...rest.map((one) => [one])].some((some) =>
      [SIDES, ...SIDES.map((side) => [side])].some((sides) =>
        trouble.isThere(some.flatMap(directionsOf).filter(({ to }) => sides.includes(to))),
      ),
    )
    const there = isThere ? rest.filter((relay) => trouble.shows(directionsOf(relay))) : []
    for (const { name } of there) told.add(name)
    return [
      ...(named[index] ?? []),
      ...(there.length === 0 ? [] : [findingOf(trouble, there, used, new Map(), relayCounts)]),
    ]
  })
}

type Side = LoadDirection['to']
const SIDES: readonly Side[] = ['caller', 'called']

/** Relays that stand out, in one direction or in both together, and the directions in which it shows. */
function namedFor({ badness, contrast, shows }: Trouble, used: readonly RelayResult[]): Map<string, readonly Side[]> {
  const rowsTo = (sides: readonly Side[], relay: RelayResult) =>
    directionsOf(relay).filter(({ to }) => sides.includes(to))
  const names = [...SIDES.map((side) => [side]), SIDES].flatMap((sides) =>
    standOut(
      used.flatMap((relay): Seen<LoadDirection>[] =>
        rowsTo(sides, relay).map((row) => ({ name: relay.name, with: row.with, seen: row })),
      ),
      badness,
      contrast,
    ),
  )
  return new Map(
    used.flatMap((relay) =>
      names.includes(relay.name) ? [[relay.name, SIDES.filter((side) => shows(rowsTo([side], relay)))] as const] : [],
    ),
  )
}

function findingOf(
  trouble: Trouble,
  sick: readonly RelayResult[],
  used: readonly RelayResult[],
  named: ReadonlyMap<string, readonly Side[]>,
  relayCounts: readonly RelayCounts[],
): RelayTroubleFound {
  const names = sick.map(({ name }) => name)
  const isNamed = named.size > 0
  const sides = isNamed
    ? distinct(names.flatMap((name) => named.get(name) ?? []))
    : SIDES.filter((side) => trouble.shows(sick.flatMap(directionsOf).filter(({ to }) => to === side)))
  const rowsOf = (relay: RelayResult) =>
    directionsOf(relay).filter(({ to }) => sides.length === 0 || sides.includes(to))
  const only = used.length === 1
  const isAll = sick.length === used.length
  const where = isNamed || only ? listed(sick.map(nameOf)) : isAll ? `all ${sick.length} relays` : ''
  const of = isNamed || only || isAll ? sick : used
  const title = trouble.title({
    where: where === '' ? '' : ` through ${where}`,
    relays: sick,
    rows: sick.flatMap(rowsOf),
    hit: sick.reduce((all, relay) => all + trouble.calls(relay, rowsOf(relay)), 0),
    of: of.reduce((all, { calls }) => all + calls, 0),
    toWhom:
      sides.length === 1 && sick.every(isDivided) ? ` to the ${sides[0] === 'caller' ? 'caller' : 'called party'}` : '',
  })
  return {
    cause: trouble.cause,
    gravity: trouble.gravity,
    title: headline(title),
    harm: `Callers${isNamed ? ` whose call goes through ${listed(names)}` : ''} ${trouble.harm}.`,
    advice: adviceFor(isNamed, sick, used),
    evidence: sick.flatMap(({ worst }) => worst?.evidence ?? []),
    count: sick.reduce((all, relay) => all + trouble.calls(relay, rowsOf(relay)), 0),
    expected: trouble.expected,
    actual: sick
      .map((relay) => `${nameOf(relay)}: ${trouble.actual(relay, rowsOf(relay))}${ownWords(relay, relayCounts)}`)
      .join('; '),
    relays: isNamed || only ? names : [],
    ofRelays: used.length,
  }
}

/** Where the relay's own counters make clear on which side of it packets were lost. */
function ownWords({ name }: RelayResult, relayCounts: readonly RelayCounts[]): string {
  const { lostBefore = 0, lostAfter = 0 } = relayCounts.find(({ relays }) => relays.includes(name)) ?? {}
  const sides = [
    ...(lostBefore > 0 ? [`${lostBefore} or more were lost before it`] : []),
    ...(lostAfter > 0 ? [`${lostAfter} or more in it or after it`] : []),
  ]
  return sides.length === 0 ? '' : ` (by the relay's own counters ${sides.join(', ')})`
}

function adviceFor(isNamed: boolean, sick: readonly RelayResult[], used: readonly RelayResult[]): string {
  if (isNamed)
    return `Take ${sick.length === 1 ? 'it' : 'them'} out of use, and compare configuration, network and load with the relays that work.`
  if (used.length === 1) return 'Look at the relay’s configuration, network and CPU.'
  if (sick.length === used.length)
    return 'All relays are alike in this: look first at what they have in common (network, version, CPU).'
  return 'Too few to tell these relays from the others, or from what all share: load longer, or with more calls.'
}

export const nameOf = ({ name, address }: Pick<RelayResult, 'name' | 'address'>): string =>
  name === address ? address : `${name} (${address})`

/** Whether it led audio to callers and to called parties, and it is known which. */
const isDivided = ({ directions = [] }: RelayResult): boolean => distinct(directions.map(({ to }) => to)).length === 2

/** By direction; of a result that does not tell them apart, all as one. */
function directionsOf(relay: RelayResult): readonly LoadDirection[] {
  const known = relay.directions ?? UNDIVIDED.get(relay)
  if (known !== undefined) return known
  const { calls, packetsReceived, packetsLost, oneWayCalls, wrongAudioCalls = 0 } = relay
  const whole: LoadDirection[] = [
    {
      to: 'caller',
      ends: calls,
      deaf: packetsReceived === 0 ? calls : oneWayCalls,
      wrong: wrongAudioCalls,
      late: 0,
      ended: 0,
      expected: packetsReceived === 0 ? 0 : packetsReceived + packetsLost,
      lost: packetsLost,
      gaps: packetsLost,
    },
  ]
  UNDIVIDED.set(relay, whole)
  return whole
}

const UNDIVIDED = new WeakMap<RelayResult, LoadDirection[]>()
