/** Calls of which a device has gone without a word: how soon they end. */
import { canReceive, canSend, type Direction } from '../sdp/direction.js'

/** How often calls are looked at. */
export const SWEEP_MS = 30_000
/** Until the BYE is out. */
const LEEWAY_S = 1

/** Seconds within which a dead call ends, where so many milliseconds of silence are let pass. */
export const endsWithin = (silenceMs: number): number => (silenceMs + SWEEP_MS) / 1000 + LEEWAY_S

/** Milliseconds of silence to let pass, so that a dead call ends within so many seconds. */
export const silenceOf = (seconds: number): number => Math.max(1_000, (seconds - LEEWAY_S) * 1000 - SWEEP_MS)

/** Who is on hold may be silent for so long. */
const LONGEST_HOLD_MS = 3_600_000

/** One device in a stream. */
interface End {
  /** `lastAt`: when its last packet came, ms of the clock. */
  readonly leg: { readonly lastAt: number }
  /** As it described its audio last. */
  readonly direction: Direction
}

interface Ends {
  readonly caller: End
  readonly callee: End
}

/**
 * Until when there was a sign of life of both devices, ms of the clock: the last packet of the one that has sent nothing for
 * longer; of one that is to be silent, as the call is on hold, none is asked for.
 */
export function aliveAt(streams: readonly Ends[]): number {
  const [first] = streams
  const last = (end: keyof Ends) => Math.max(...streams.map((stream) => stream[end].leg.lastAt), 0)
  const due = first === undefined ? [] : endsDue(first)
  return due.length === 0 ? Math.max(last('caller'), last('callee')) + LONGEST_HOLD_MS : Math.min(...due.map(last))
}

/** Who is to send, as both have it. */
function endsDue({ caller, callee }: Ends): (keyof Ends)[] {
  return [
    ...(canSend(caller.direction) && canReceive(callee.direction) ? (['caller'] as const) : []),
    ...(canSend(callee.direction) && canReceive(caller.direction) ? (['callee'] as const) : []),
  ]
}
