/** The relays side by side: what went through each, and its worst call. */
import type { RelayResult } from '../result/result.js'
import type { TargetDocument } from '../target/target-schema.js'
import { badness, whyBad, type CallRecord } from './call-record.js'
import { percentile, rounded } from './distribution.js'

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
}

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
      const isWorse = row.worst === undefined || badness(record) > badness(row.worst)
      // What the other end's relay did is not shown as this one's worst.
      if (isWorse && (isDeaf || isWrong || record.oneWay === undefined || row.worst === undefined)) row.worst = record
    }
  }

  /** The worst call of each relay. */
  get worst(): CallRecord[] {
    return [...this.#rows.values()].flatMap((row) => row.worst ?? [])
  }

  /** @param startedAt Unix ms of the run @param evidence files by call */
  result(startedAt: number, evidence: ReadonlyMap<string, readonly string[]>): RelayResult[] {
    return [...this.#rows.values()]
      .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
      .map(({ jitterMs, mos, worst, published, ...row }) => {
        const mosP5 = percentile(mos, 5)
        return {
          ...row,
          jitterP95Ms: rounded(percentile(jitterMs, 95) ?? 0),
          ...(mosP5 === undefined ? {} : { mosP5: rounded(mosP5) }),
          ...(published === undefined ? {} : { published }),
          ...(worst === undefined ? {} : { worst: worstOf(worst, startedAt, evidence.get(worst.id) ?? []) }),
        }
      })
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
    }
    this.#rows.set(name, row)
    return row
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
