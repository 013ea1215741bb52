/**
 * The relays side by side: what went through each, to which end, and its worst call. What an end of a call hears is booked on the
 * relay of that end.
 */
import type { LoadDirection, RelayResult } from '../result/load-relays.js'
import { rankBelowMedian } from '../verdict/chance.js'
import type { TargetDocument } from '../target/target-schema.js'
import { badness, whyBad } from './badness.js'
import type { CallRecord, LegRecord } from './call-record.js'
import { percentile, percentileOf, rounded } from './distribution.js'
import { concurrency, kneeOf } from './knee.js'

interface Row {
  readonly name: string
  address: string
  calls: number
  packetsSent: number
  packetsReceived: number
  packetsLost: number
  oneWayCalls: number
  wrongAudioCalls: number
  twoWayCalls: number
  duplicates: number
  reordered: number
  published: boolean | undefined
  readonly jitterMs: number[]
  readonly mos: number[]
  worst: CallRecord | undefined
  /** By end, and by the relay of the other end where that is another one. */
  readonly directions: Map<string, Direction>
  /** Of its calls: from when to when, and whether an end of it heard nothing. */
  readonly spans: { readonly from: number; readonly to: number; readonly bad: boolean }[]
}

type Counted = 'ends' | 'deaf' | 'wrong' | 'late' | 'ended' | 'expected' | 'lost' | 'gaps'
type Direction = Pick<LoadDirection, 'to' | 'with'> & { -readonly [K in Counted]: number } & {
  readonly jitterMs: number[]
  readonly endedAfterMs: number[]
}

/** Audio that begins so much later than it is due, or ends so much before the call, is missed by somebody, ms. */
const LATE_MS = 1_000
const EARLY_MS = 2_000
/** Calls of a relay of which is kept when they were. */
const MOST_SPANS = 100_000

export class RelayTable {
  readonly #rows = new Map<string, Row>()

  /** Relays that the target publishes stand in the table from the beginning: one that no call went through is news. */
  constructor(document: TargetDocument, families: readonly string[] = ['ipv4']) {
    for (const { name, addresses } of document.published?.relays ?? []) {
      const [address = ''] = addresses
      if (families.includes(address.includes(':') ? 'ipv6' : 'ipv4')) this.#row(name, address)
    }
  }

  /** @param interrupted cut short by who ordered it: what it had not heard by then says nothing of its relays */
  add(record: CallRecord, interrupted = false): void {
    for (const leg of record.legs) {
      if (leg.relay === '') continue
      const row = this.#row(leg.relay, leg.relayAddress)
      // A range of addresses on the published list becomes the one that was seen.
      row.address = leg.relayAddress === '' ? row.address : leg.relayAddress
      row.packetsSent += leg.packetsSent
      row.packetsReceived += leg.packetsReceived
      if (leg.published !== undefined) row.published = leg.published && (row.published ?? true)
      if (interrupted) continue
      row.packetsLost += leg.packetsLost
      row.duplicates += leg.duplicates
      row.reordered += leg.reordered
      if (leg.jitterMs !== undefined) row.jitterMs.push(leg.jitterMs)
      if (leg.mos !== undefined) row.mos.push(leg.mos)
      if (isAnswered(record)) this.#hear(row, leg, record)
    }
    // A call counts at each relay that led one of its ends, and what an end did not hear at the relay of that end.
    const legs = record.legs.filter(({ relay }) => relay !== '')
    for (const relay of new Set(legs.map((leg) => leg.relay))) {
      const row = this.#row(relay, '')
      const own = legs.filter((leg) => leg.relay === relay)
      row.calls += 1
      if (interrupted) continue
      const isDeaf = own.some(({ role }) => record.oneWay === role || record.oneWay === 'both')
      const isWrong = own.some(({ hears }) => hears === 'wrong')
      if (isDeaf) row.oneWayCalls += 1
      if (isWrong) row.wrongAudioCalls += 1
      if (record.twoWay) row.twoWayCalls += 1
      if (isAnswered(record) && row.spans.length < MOST_SPANS)
        row.spans.push({ from: record.answeredAt ?? 0, to: record.endedAt, bad: isDeaf })
      const isWorse = row.worst === undefined || badness(record) > badness(row.worst)
      // What the other end's relay did is not shown as this one's worst.
      if (isWorse && (isDeaf || isWrong || record.oneWay === undefined || row.worst === undefined)) row.worst = record
    }
  }

  /** Relays that calls went through. */
  get used(): number {
    return [...this.#rows.values()].filter(({ calls }) => calls > 0).length
  }

  /** The worst call of each relay. */
  get worst(): CallRecord[] {
    return [...this.#rows.values()].flatMap((row) => row.worst ?? [])
  }

  /** @param startedAt Unix ms of the run @param evidence files by call */
  result(startedAt: number, evidence: ReadonlyMap<string, readonly string[]>): RelayResult[] {
    return [...this.#rows.values()]
      .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
      .map(({ jitterMs, mos, worst, published, directions, spans, ...row }) => {
        const mosP5 = percentile(mos, 5)
        const many = row.oneWayCalls > 0 ? concurrency(spans) : []
        const knee = kneeOf(many.map((load, index) => ({ load, bad: spans[index]?.bad === true })))
        return {
          ...row,
          ...(directions.size === 0 ? {} : { directions: [...directions.values()].map(directionOf) }),
          ...(knee === undefined ? {} : { wellUpTo: knee.upTo }),
          jitterP95Ms: rounded(percentile(jitterMs, 95) ?? 0),
          ...(mosP5 === undefined ? {} : { mosP5: rounded(mosP5) }),
          ...(published === undefined ? {} : { published }),
          ...(worst === undefined ? {} : { worst: worstOf(worst, startedAt, evidence.get(worst.id) ?? []) }),
        }
      })
  }

  #hear(row: Row, leg: LegRecord, { legs, answeredAt = 0, endedAt }: CallRecord): void {
    const to = leg.role === 'caller' ? 'caller' : 'called'
    const other = legs.find((one) => one !== leg)?.relay
    const beside = other === undefined || other === '' || other === row.name ? undefined : other
    const key = `${to} ${beside ?? ''}`
    const sum: Direction = row.directions.get(key) ?? {
      to,
      ...(beside === undefined ? {} : { with: beside }),
      ends: 0,
      deaf: 0,
      wrong: 0,
      late: 0,
      ended: 0,
      expected: 0,
      lost: 0,
      gaps: 0,
      jitterMs: [],
      endedAfterMs: [],
    }
    row.directions.set(key, sum)
    const { silentAtStartMs = 0, silentAtEndMs = 0 } = leg
    sum.ends += 1
    if (leg.hears === 'nothing') sum.deaf += 1
    if (leg.hears === 'wrong') sum.wrong += 1
    if (silentAtStartMs > LATE_MS) sum.late += 1
    if (silentAtEndMs > EARLY_MS) {
      sum.ended += 1
      sum.endedAfterMs.push(endedAt - answeredAt - silentAtEndMs)
    }
    sum.expected += leg.packetsExpected
    sum.lost += leg.packetsLost
    sum.gaps += leg.gaps
    if (leg.jitterMs !== undefined) sum.jitterMs.push(leg.jitterMs)
  }

  #row(name: string, address: string): Row {
    const known = this.#rows.get(name)
    if (known !== undefined) return known
    const row: Row = {
      name,
      address,
      calls: 0,
      packetsSent: 0,
      packetsReceived: 0,
      packetsLost: 0,
      oneWayCalls: 0,
      wrongAudioCalls: 0,
      twoWayCalls: 0,
      duplicates: 0,
      reordered: 0,
      published: undefined,
      jitterMs: [],
      mos: [],
      worst: undefined,
      directions: new Map(),
      spans: [],
    }
    this.#rows.set(name, row)
    return row
  }
}

/** Only who was to be answered, and was, has audio that anybody waited for. */
const isAnswered = ({ answeredAt, outcome }: CallRecord): boolean => answeredAt !== undefined && outcome === undefined

function directionOf({ jitterMs, endedAfterMs, ...sums }: Direction): LoadDirection {
  const sorted = jitterMs.toSorted((a, b) => a - b)
  const atLeast = sorted[rankBelowMedian(sorted.length) - 1]
  const ended = percentile(endedAfterMs, 50)
  return {
    ...sums,
    ...(ended === undefined ? {} : { endedAfterMs: Math.round(ended) }),
    ...(sorted.length === 0 ? {} : { jitterMs: rounded(percentileOf(sorted, 50)) }),
    ...(atLeast === undefined ? {} : { jitterAtLeastMs: rounded(atLeast) }),
  }
}

function worstOf(
  record: CallRecord,
  startedAt: number,
  evidence: readonly string[],
): NonNullable<RelayResult['worst']> {
  return {
    id: record.callId === '' ? record.id : record.callId,
    why: whyBad(record),
    packetsSent: record.packetsSent,
    packetsReceived: record.packetsReceived,
    packetsLost: record.packetsLost,
    ...(record.jitterMs === undefined ? {} : { jitterMs: rounded(record.jitterMs) }),
    ...(record.mos === undefined ? {} : { mos: rounded(record.mos) }),
    startedAtMs: Math.round(record.startedAt - startedAt),
    badness: rounded(badness(record)),
    evidence: [...evidence],
  }
}
