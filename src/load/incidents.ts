/** What went wrong when: moments that an operator looks up in his own logs. */
import type { LoadResult } from '../result/load-result.js'
import { contextOf, type LoadFacts, type Moment } from './incident-context.js'

export type Incident = NonNullable<LoadResult['incidents']>[number]

/** Loss of a relay within one second. */
export interface LossSecond {
  readonly atMs: number
  readonly relay: string
  readonly received: number
  readonly lost: number
}

/** A call that failed. */
export interface FailedCall {
  readonly atMs: number
  readonly relay: string
  readonly transport: string
  readonly why: string
}

/** As it is told, without what else was going on. */
interface Found extends Moment {
  readonly text: string
}

/** Less is the Internet's weather. */
const NOTABLE_LOSS = 0.01
/** A single packet of a quiet second is no burst. */
const NOTABLE_PACKETS = 3
/** Seconds between two bursts that still make one. */
const GAP_MS = 2_500
const MOST = 100

/**
 * Bursts of loss by relay, and calls that failed by second and reason, in the order of time, each with what else was going on.
 * @param told what is told in any case, however much there is of the others
 */
export function incidentsOf(
  losses: readonly LossSecond[],
  failed: readonly FailedCall[],
  facts: LoadFacts,
  told: readonly Incident[] = [],
): Incident[] {
  const found = [...burstsOf(losses), ...failuresOf(failed)].toSorted((a, b) => a.fromMs - b.fromMs)
  const context = contextOf(found, facts)
  const all = found.map(({ fromMs, relay, text }, index): Incident => {
    const also = context[index] ?? ''
    return { atMs: fromMs, text, ...(relay === undefined ? {} : { relay }), ...(also === '' ? {} : { also }) }
  })
  const rest = all.slice(Math.max(0, MOST - told.length))
  const shown = [...told, ...all.slice(0, all.length - rest.length)].toSorted((a, b) => a.atMs - b.atMs)
  const [first] = rest
  return first === undefined ? shown : [...shown, { atMs: first.atMs, text: `${rest.length} more incidents` }]
}

function burstsOf(losses: readonly LossSecond[]): Found[] {
  const open = new Map<string, { from: number; to: number; lost: number; all: number }>()
  const found: Found[] = []
  const close = (relay: string) => {
    const burst = open.get(relay)
    if (burst === undefined) return
    open.delete(relay)
    const seconds = Math.max(1, Math.round((burst.to - burst.from) / 1000) + 1)
    const share = ((burst.lost / burst.all) * 100).toFixed(1)
    found.push({
      // The second is told by its end.
      fromMs: burst.from,
      toMs: burst.to,
      ...(relay === '' ? {} : { relay }),
      transports: [],
      text: `${burst.lost} packets (${share} %) lost within ${seconds} s ${relay === '' ? 'between devices that send to each other' : `on ${relay}`}`,
    })
  }
  for (const { atMs, relay, received, lost } of losses) {
    if (lost < NOTABLE_PACKETS || lost / (lost + received) < NOTABLE_LOSS) continue
    const burst = open.get(relay)
    if (burst !== undefined && atMs - burst.to <= GAP_MS) {
      burst.to = atMs
      burst.lost += lost
      burst.all += lost + received
      continue
    }
    close(relay)
    open.set(relay, { from: atMs, to: atMs, lost, all: lost + received })
  }
  for (const relay of open.keys()) close(relay)
  return found
}

function failuresOf(failed: readonly FailedCall[]): Found[] {
  const groups = new Map<string, FailedCall[]>()
  for (const call of failed) {
    const key = `${Math.floor(call.atMs / 1000)} ${call.relay} ${call.why}`
    groups.set(key, [...(groups.get(key) ?? []), call])
  }
  return [...groups.values()].map((calls) => {
    const times = calls.map(({ atMs }) => atMs)
    const [{ relay, why } = { relay: '', why: '' }] = calls
    return {
      fromMs: Math.min(...times),
      toMs: Math.max(...times),
      text: `${calls.length === 1 ? 'a call' : `${calls.length} calls`} failed: ${why}`,
      ...(relay === '' ? {} : { relay }),
      transports: [...new Set(calls.map(({ transport }) => transport))],
    }
  })
}
