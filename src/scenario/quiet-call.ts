/** Calls of many minutes, in which the two sides say something now and then. */
import type { Clock } from '../clock/clock.js'
import type { MediaSession } from '../media/media-session.js'
import type { EstablishedCall } from './device.js'
import type { StageTools } from './stage.js'
import type { Rules } from './rule.js'

/** How a call went that nobody wanted to end. */
export interface QuietCall {
  readonly stayed: boolean
  readonly lastedS: number
  /** Moments (seconds from the beginning) at which nothing came to a side of what the other said. */
  readonly unheard: Readonly<Record<'caller' | 'callee', readonly number[]>>
  /** Something came to a side at such a moment, and was not recognised as the other. */
  readonly unclear: boolean
}

/** Both speak for so long (ms), … */
const SPEAKS_MS = 1_200
/** … and what they say has arrived after so much more. */
const ARRIVES_MS = 500
/** Whoever is not understood goes on for so long: on a line that loses or delays packets a word is not always enough. */
const REPEATS_MS = 4_000
/** … as long as that has not been in vain so often: an hour of it would fill the record. */
const MOST_IN_VAIN = 3

/**
 * Lets a call go on for so long, with silence on the line but for a word of both sides every `everyMs`, as telephones with silence
 * suppression have it: a packet now and then keeps relays and NATs from forgetting the call, and minutes cost little. It begins and
 * ends with a word. Returns when the time is over, or the call.
 */
export async function talksNowAndThen<R extends Rules>(
  { caller, callee }: EstablishedCall,
  o: { readonly forMs: number; readonly everyMs?: number },
  { clock, waits, within }: Pick<StageTools<R>, 'clock' | 'waits' | 'within'>,
): Promise<QuietCall> {
  const { forMs, everyMs = 20_000 } = o
  const begunAt = clock.now()
  const unheard: Record<'caller' | 'callee', number[]> = { caller: [], callee: [] }
  const sides = [
    { side: 'caller', own: caller.media, other: callee.media },
    { side: 'callee', own: callee.media, other: caller.media },
  ] as const
  let unclear = false
  let inVain = 0
  const isUp = () => caller.state !== 'ended' && callee.state !== 'ended'
  const over = Promise.race([caller.ended, callee.ended])
  for (;;) {
    const since = clock.now()
    const heard = await says(sides, { clock, waits, repeatsMs: inVain < MOST_IN_VAIN ? REPEATS_MS : 0 })
    if (!isUp()) break
    if (heard.some((what) => what !== 'the other')) inVain += 1
    for (const [index, { side }] of sides.entries())
      if (heard[index] === 'nothing') unheard[side].push(Math.round((since - begunAt) / 1000))
    unclear ||= heard.includes('something')
    const left = begunAt + forMs - clock.now()
    if (left <= 0) break
    await within(over, Math.min(everyMs, Math.max(0, left - SPEAKS_MS - ARRIVES_MS)))
    if (!isUp()) break
  }
  return { stayed: isUp(), lastedS: Math.round((clock.now() - begunAt) / 1000), unheard, unclear }
}

interface Listener {
  readonly own: MediaSession | undefined
  readonly other: MediaSession | undefined
}

/** Both say a word, and more where it was not understood, then are silent. Returns what each of them heard. */
async function says(
  sides: readonly Listener[],
  {
    clock,
    waits,
    repeatsMs,
  }: { readonly clock: Clock; readonly waits: (ms: number) => Promise<void>; readonly repeatsMs: number },
): Promise<readonly ('the other' | 'something' | 'nothing')[]> {
  const since = clock.now()
  const hear = (withinMs: number) =>
    Promise.all(
      sides.map(async ({ own, other }) => (await own?.hears(other?.patternId ?? -1, withinMs, { since })) ?? false),
    )
  for (const { own } of sides) own?.start()
  await waits(SPEAKS_MS)
  const first = await hear(ARRIVES_MS)
  const heard = first.includes(false) && repeatsMs > 0 ? await hear(repeatsMs) : first
  for (const { own } of sides) own?.stop()
  return Promise.all(
    sides.map(async ({ own }, index) => {
      if (heard[index] === true) return 'the other'
      return (await own?.receives(0, { since })) ? 'something' : 'nothing'
    }),
  )
}
