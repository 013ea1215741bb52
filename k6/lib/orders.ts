// What can be ordered of a call agent: calls, mixes of calls, waves of calls.

/** Milliseconds that calls are held from the answer to the BYE: one time for all, or log-normal as the calls of people are. */
export type HoldTime =
  | number
  | {
      medianMs: number
      /** Standard deviation of the logarithm: 0.8 is usual for calls of people, 0 gives the median every time. */
      sigma: number
      /** Default: a tenth of the median, at least 2 s. */
      minMs?: number
      /** Default: five times the median. */
      maxMs?: number
    }

export type Transport = 'udp' | 'tcp' | 'tls'
export type Family = 'ipv4' | 'ipv6'

/** One call, or calls of one kind. What is left out is as the target file has it. */
export interface CallOrder {
  /** `echo` (the echo test), `account` (our accounts call each other), `auto` (half of each, where there are both: the default), or a number. */
  to?: string
  /** Default: 10 s. */
  holdMs?: HoldTime
  media?: {
    codec?: 'PCMA' | 'PCMU'
    /** Milliseconds of audio in a packet; default 20. */
    ptimeMs?: 10 | 20 | 30 | 40 | 60
    /** Encrypted or not, a suite, or the share of calls that are encrypted, such as 0.3. */
    srtp?: boolean | number | string
  }
  /** Of several, each takes an equal share of the calls, as far as the target can be reached that way. */
  transport?: Transport | Transport[]
  family?: Family | Family[]
  /** Digits that the caller sends half a second after the answer (RFC 4733), such as `12#`. Between accounts they have to arrive. */
  dtmf?: string
  /** Milliseconds after the answer at which the caller puts the call on hold. */
  holdAtMs?: number
  /** Milliseconds that it stays on hold; default 2 s. */
  resumeAfterMs?: number
  /**
   * How the call is meant to go. `signalling` is answered, held and hung up, but without audio: it costs the machine little, and says
   * nothing about the relays. Only calls between accounts can be `busy` (486), `declined` (603), `cancelled` by the caller
   * (487) or `unanswered` by the called device (480): such a call succeeds when it goes so, and has no audio.
   */
  outcome?: 'answered' | 'signalling' | 'busy' | 'declined' | 'cancelled' | 'unanswered'
  /** Milliseconds that the called account rings. */
  ringMs?: number
  /** Becomes the tag `call` of all metrics of these calls, for thresholds of their own. */
  name?: string
}

/** Kinds of calls by weight: made by `mix`. */
export interface Mix {
  readonly mix: readonly { readonly weight: number; readonly call: CallOrder }[]
}

/** A wave: calls that begin within a second or so, ordered at once. */
export type WaveOrder = ({ call: CallOrder } | { mix: Mix['mix'] }) & {
  count: number
  /** Milliseconds that the beginnings are spread over. */
  overMs?: number
  /** Evenly spaced, or as independent callers begin. */
  arrivals?: 'even' | 'poisson'
  /** The same seed gives the same calls at the same times. */
  seed?: number
}

/** Scenarios by name, as `ringproof list scenarios` has them. A `*` stands for anything: all that are fit for load and that the target has. */
export interface RunOrder {
  scenario: string
  /** Default: by turns all that the target has. */
  variant?: { transport?: 'udp' | 'tcp' | 'tls'; family?: 'ipv4' | 'ipv6' }
}

/** Scenarios by weight. */
export interface RunMix {
  readonly mix: readonly (RunOrder & { weight?: number })[]
}

/** Runs of scenarios that begin within a second or so, ordered at once. */
export type RunWaveOrder = (RunOrder | RunMix) &
  Omit<WaveOrder, 'call' | 'mix'> & {
    /** No calls are made beside them: where the target has few accounts, those of the calls may be used, too. */
    alone?: boolean
  }

/** Kinds of calls, each as often as its weight asks for: `mix([{ weight: 3, call: {…} }, { weight: 1, call: {…} }])`. */
export function mix(parts: readonly { weight: number; call: CallOrder }[]): Mix {
  if (parts.length === 0) throw new Error('a mix wants one kind of call at least')
  for (const [index, { weight }] of parts.entries()) {
    if (typeof weight !== 'number' || !(weight > 0))
      throw new Error(`mix: the weight of kind ${index + 1} is ${show(weight)}: give it more than 0, or leave it out`)
  }
  return { mix: parts }
}

/** The kinds of calls of an order. */
export function kindsOf(calls: CallOrder | Mix): readonly CallOrder[] {
  return 'mix' in calls ? calls.mix.map(({ call }) => call) : [calls]
}

/** Milliseconds that the longest call of an order may be held. */
export function longestHoldMs(calls: CallOrder | Mix): number {
  return Math.max(
    ...kindsOf(calls).map(({ holdMs = DEFAULT_HOLD_MS, ringMs = 0 }) => {
      const asked = typeof holdMs === 'number' ? holdMs : holdMs?.medianMs
      if (typeof asked !== 'number' || !Number.isFinite(asked))
        throw new Error(`holdMs is ${show(holdMs)}: give milliseconds, or { medianMs, sigma }`)
      const held = typeof holdMs === 'number' ? holdMs : (holdMs.maxMs ?? Math.max(2_000, 5 * holdMs.medianMs))
      return held + ringMs
    }),
  )
}

/** A value in an error, as the script has it. */
export const show = (value: unknown): string => JSON.stringify(value) ?? String(value)

const DEFAULT_HOLD_MS = 10_000
