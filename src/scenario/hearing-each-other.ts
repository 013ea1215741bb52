/** Whether the two ends of a call hear each other now: what was heard earlier does not count. */
import type { Call } from '../agent/call.js'
import type { Clock } from '../clock/clock.js'
import type { Device } from './device.js'
import { precondition } from './outcome.js'

/** A voice is known from tones that take so long (ms): what is recognised later was said after the question. */
const CYCLE_MS = 1_000

export interface HeardBy {
  /** The first of the two hears the other. */
  readonly first: boolean
  readonly second: boolean
}

/** Listens at both ends until both hear the other's voice, at most for so long (ms). Inconclusive where an end has no audio session. */
export async function hearingEachOther(first: Call, second: Call, clock: Clock, withinMs = 5_000): Promise<HeardBy> {
  const [here, there] = [first.media, second.media]
  precondition(here && there, 'an end of the call has no audio session', 'no-audio')
  const since = clock.now() + CYCLE_MS
  const [atFirst, atSecond] = await Promise.all([
    here.hears(there.patternId, withinMs, { since }),
    there.hears(here.patternId, withinMs, { since }),
  ])
  return { first: atFirst, second: atSecond }
}

/** Both hear each other, or the scenario is inconclusive. @param when `before the hold` */
export async function audioIsThere(first: Call, second: Call, clock: Clock, when: string): Promise<void> {
  const heard = await hearingEachOther(first, second, clock)
  precondition(heard.first && heard.second, `the two did not hear each other ${when}`, 'no-audio')
}

/** For reports. */
export const inWords = ({ first, second }: HeardBy): string =>
  `${first ? 'one hears the other' : 'one hears nothing'}, ${second ? 'the other does, too' : 'the other hears nothing'}`

/** Whether one end hears the other's voice within so long (ms), said after the question. */
export async function hears(listener: Call, speaker: Call, clock: Clock, withinMs: number): Promise<boolean> {
  const [here, there] = [listener.media, speaker.media]
  precondition(here && there, 'an end of the call has no audio session', 'no-audio')
  return here.hears(there.patternId, withinMs, { since: clock.now() + CYCLE_MS })
}

/** Whether each of two devices hears the other in whichever of their calls: a provider may connect the calls that are there, or make new ones. */
export async function connected(one: Device, other: Device, clock: Clock, withinMs = 6_000): Promise<HeardBy> {
  const since = clock.now() + CYCLE_MS
  const listens = (here: Device, there: Device) =>
    anyTrue(
      here.mediaSessions.flatMap((session) =>
        there.mediaSessions.map(({ patternId }) => session.hears(patternId, withinMs, { since })),
      ),
    )
  const [first, second] = await Promise.all([listens(one, other), listens(other, one)])
  return { first, second }
}

/** True as soon as one of them is, false when all are false. */
function anyTrue(all: readonly Promise<boolean>[]): Promise<boolean> {
  return new Promise((resolve) => {
    for (const one of all) void one.then((value) => value && resolve(true))
    void Promise.all(all).then((values) => resolve(values.includes(true)))
  })
}
