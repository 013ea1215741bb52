// What was asked for on the command line (RINGPROOF_CALLS, _RATE, _HOLD, _DURATION, _TO, …), within the target's limits.
import type { CallOrder } from './orders.ts'

/** Numbers that a profile can be asked for. */
export interface Numbers {
  /** Calls at the same time. */
  calls: number
  /** New calls a second. */
  rate: number
  /** Seconds that a call is held. */
  hold: number
  /** Seconds that the load lasts. */
  duration: number
}

/**
 * What was asked for, else what is usual for the profile. Without `--calls` or `--rate` the target's limits
 * (RINGPROOF_MOST_CALLS, _MOST_RATE) bound what is usual.
 */
export function asked(usual: Numbers): Numbers & {
  /** What was asked for. */
  given: Partial<Numbers>
  /** What the target file allows. */
  most: { calls: number; rate: number }
} {
  const given: Partial<Numbers> = {}
  for (const name of ['calls', 'rate', 'hold', 'duration'] as const) {
    const value = numberOf(name.toUpperCase())
    if (value !== undefined) given[name] = value
  }
  const hold = given.hold ?? usual.hold
  const most = { calls: numberOf('MOST_CALLS') ?? Infinity, rate: numberOf('MOST_RATE') ?? Infinity }
  const calls = Math.max(1, Math.round(Math.min(given.calls ?? usual.calls, most.calls)))
  const rate = Math.min(given.rate ?? usual.rate, most.rate)
  return { calls, rate, hold, duration: given.duration ?? usual.duration, given, most }
}

/** The call that was asked for (RINGPROOF_TO, _CODEC, _SRTP, _TRANSPORT, _FAMILY; _AUDIO=none: signalling alone), to be spread into the calls of a profile. */
export function askedCall(): CallOrder {
  const { RINGPROOF_TO, RINGPROOF_CODEC, RINGPROOF_SRTP, RINGPROOF_TRANSPORT, RINGPROOF_FAMILY, RINGPROOF_AUDIO } =
    __ENV
  const media = {
    ...(RINGPROOF_CODEC ? { codec: RINGPROOF_CODEC } : {}),
    ...(RINGPROOF_SRTP ? { srtp: RINGPROOF_SRTP === 'true' } : {}),
  }
  const order = {
    to: RINGPROOF_TO || 'auto',
    ...(Object.keys(media).length === 0 ? {} : { media }),
    ...(RINGPROOF_TRANSPORT ? { transport: RINGPROOF_TRANSPORT.split(',') } : {}),
    ...(RINGPROOF_FAMILY ? { family: RINGPROOF_FAMILY.split(',') } : {}),
    ...(RINGPROOF_AUDIO === 'none' ? { outcome: 'signalling' } : {}),
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the agent checks it, and names the field
  return order as CallOrder
}

function numberOf(name: string): number | undefined {
  const text = __ENV[`RINGPROOF_${name}`]
  const value = Number(text)
  return text && Number.isFinite(value) && value > 0 ? value : undefined
}
