/** What went wrong when: moments that an operator looks up in his own logs. */
import type { LoadResult } from '../result/result.js'

type Incident = NonNullable<LoadResult['incidents']>[number]

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
  readonly why: string
}

/** Less is the Internet's weather. */
const NOTABLE_LOSS = 0.01
/** A single packet of a quiet second is no burst. */
const NOTABLE_PACKETS = 3
/** Seconds between two bursts that still make one. */
const GAP_MS = 2_500
const MOST = 100

/** Bursts of loss by relay, and calls that failed by second and reason, in the order of time. */
export function incidentsOf(losses: readonly LossSecond[], failed: readonly FailedCall[]): Incident[] {
  const all = [...burstsOf(losses), ...failuresOf(failed)].toSorted((a, b) => a.atMs - b.atMs)
  const rest = all.length - MOST
  return rest <= 0 ? all : [...all.slice(0, MOST), { atMs: all[MOST]?.atMs ?? 0, text: `${rest} more incidents` }]
}

function burstsOf(losses: readonly LossSecond[]): Incident[] {
  const open = new Map<string, { from: number; to: number; lost: number; all: number }>()
  const found: Incident[] = []
  const close = (relay: string) => {
    const burst = open.get(relay)
    if (burst === undefined) return
    open.delete(relay)
    const seconds = Math.max(1, Math.round((burst.to - burst.from) / 1000) + 1)
    const share = ((burst.lost / burst.all) * 100).toFixed(1)
    found.push({
      atMs: burst.from,
      relay,
      text: `${burst.lost} packets (${share} %) lost within ${seconds} s on ${relay}`,
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

function failuresOf(failed: readonly FailedCall[]): Incident[] {
  const groups = new Map<string, { first: FailedCall; count: number }>()
  for (const call of failed) {
    const key = `${Math.floor(call.atMs / 1000)} ${call.relay} ${call.why}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { first: call, count: 1 })
    else group.count += 1
  }
  return [...groups.values()].map(({ first, count }) => ({
    atMs: first.atMs,
    text: `${count === 1 ? 'a call' : `${count} calls`} failed: ${first.why}`,
    ...(first.relay === '' ? {} : { relay: first.relay }),
  }))
}
