/** When calls stopped working, and when they worked again: told by the calls and by the audio of each second. */
import type { LoadResult } from '../result/load-result.js'
import type { CallFact } from './call-facts.js'

type Incident = NonNullable<LoadResult['incidents']>[number]

/** What went through a relay within one second. */
export interface RelaySecond {
  readonly atMs: number
  readonly relay: string
  /** Calls that are up. */
  readonly calls: number
  readonly received: number
  /** Packets that were sent to ends which heard nothing, though they talk and did in the second before. */
  readonly missed: number
}

/** So many in a row that do not get through are no chance. */
const MOST_BY_CHANCE = 4
/** Samples are taken once a second: what happened at once may be in two of them. */
const AROUND_MS = 1_500
/** Packets that tell of a silence. What was sent just before hanging up does not come back any more. */
const LEAST_MISSED = 10

/** Calls that did not get through one after another, by when they began. @param startedAt of the load, Unix ms */
export function unansweredIn(facts: readonly CallFact[], startedAt: number): Incident[] {
  const found: Incident[] = []
  let run: CallFact[] = []
  const close = (back: CallFact | undefined, hadBefore: boolean) => {
    const [first] = run
    const last = run.at(-1)
    if (first !== undefined && last !== undefined && run.length > MOST_BY_CHANCE) {
      const from = Math.round(first.startedAt - startedAt)
      const within = Math.max(1, Math.round((last.startedAt - first.startedAt) / 1000))
      const whole = `no call got through${hadBefore ? ' any more' : ''}: ${run.length} that began within ${within} s (${statusesOf(run)})`
      const until =
        back === undefined
          ? 'none got through again'
          : `calls got through again from ${seconds(back.startedAt - startedAt)} on`
      found.push({ atMs: from, text: `${whole}; ${until}` })
    }
    run = []
  }
  let worked = false
  for (const fact of facts.toSorted((a, b) => a.startedAt - b.startedAt)) {
    if (isUnanswered(fact)) {
      run.push(fact)
    } else if (fact.answeredAt !== undefined) {
      close(fact, worked)
      worked = true
    }
  }
  close(undefined, worked)
  return found
}

/** Rejections and missing answers. What this machine could not send (status 0) says nothing. */
const isUnanswered = ({ answeredAt, refused, status }: CallFact): boolean =>
  answeredAt === undefined && (refused || status === 503 || status === 408)

function statusesOf(facts: readonly CallFact[]): string {
  const counts = new Map<number, number>()
  for (const { status } of facts) counts.set(status, (counts.get(status) ?? 0) + 1)
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([status, many]) => `${status === 408 ? 'no answer' : status}: ${many}`)
    .join(', ')
}

/**
 * When nothing came any more while calls were up, and when something did again: from the target at all, and through single relays
 * while others went on.
 */
export function silencesIn(samples: readonly RelaySecond[]): Incident[] {
  const whole = silencesOf(sumsOf(samples), WHOLE)
  const single = [...new Set(samples.map(({ relay }) => relay))]
    .filter((relay) => relay !== '')
    .flatMap((relay) =>
      silencesOf(
        samples.filter((one) => one.relay === relay),
        SINGLE,
      ),
    )
    .filter((one) => !whole.some((all) => overlap(one, all)))
  return [
    ...whole.map((one) => told(one, 'from the target')),
    ...single.map((one) => ({ ...told(one, `through ${one.relay}`), relay: one.relay })),
  ]
}

const told = ({ fromMs, untilMs, calls }: Silence, where: string): Incident => ({
  atMs: fromMs,
  text: `no audio any more ${where}, with ${calls} ${calls === 1 ? 'call' : 'calls'} up; ${untilMs === undefined ? 'it did not come back' : `it came back at ${seconds(untilMs)}`}`,
})

/** Of all relays together, by second. */
function sumsOf(samples: readonly RelaySecond[]): RelaySecond[] {
  const sums = new Map<number, RelaySecond>()
  for (const { atMs, ...one } of samples) {
    const { calls, received, missed } = sums.get(atMs) ?? { calls: 0, received: 0, missed: 0 }
    const sum = { calls: calls + one.calls, received: received + one.received, missed: missed + one.missed }
    sums.set(atMs, { atMs, relay: '', ...sum })
  }
  return [...sums.values()]
}

/** What is no silence yet: seconds, and calls that are up. Through all relays a second tells, where several calls are up. */
interface Silent {
  readonly seconds: number
  readonly calls: number
}
const WHOLE: Silent = { seconds: 1, calls: 3 }
const SINGLE: Silent = { seconds: 2, calls: 1 }

const overlap = (one: Silence, other: Silence): boolean =>
  one.fromMs <= (other.untilMs ?? Number.POSITIVE_INFINITY) + AROUND_MS &&
  other.fromMs <= (one.untilMs ?? Number.POSITIVE_INFINITY) + AROUND_MS

interface Silence {
  readonly relay: string
  readonly fromMs: number
  readonly untilMs: number | undefined
  readonly calls: number
}

function silencesOf(samples: readonly RelaySecond[], least: Silent): Silence[] {
  const found: Silence[] = []
  let silent: RelaySecond[] = []
  const close = (untilMs: number | undefined) => {
    const [first] = silent
    const calls = Math.max(0, ...silent.map((one) => one.calls))
    if (first !== undefined && silent.length >= least.seconds && calls >= least.calls)
      found.push({ relay: first.relay, fromMs: first.atMs, untilMs, calls })
    silent = []
  }
  for (const sample of samples) {
    if (sample.received > 0) close(sample.atMs)
    // It begins where something is missed: calls that have just begun, or only wait for the answer to their BYE, have nothing to be heard.
    else if (sample.calls > 0 && (sample.missed >= LEAST_MISSED || silent.length > 0)) silent.push(sample)
  }
  close(undefined)
  return found
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
