/**
 * What the survey learned about the target, as plain data: scenarios take tolerances and patience from it instead of guessing.
 * What was not learned is absent, and means nothing.
 */
import type { Variant } from './variant.js'

/** The way to the target and back over one transport and family. */
export interface PathFacts {
  /** Round trip of a request and its response, median, ms. */
  readonly roundTripMs: number
  /** How much longer the slow ones take (90th percentile), ms. */
  readonly jitterMs: number
  /** Share of requests that had to be sent again, 0 to 1. */
  readonly loss: number
  /** How many round trips that is learned from. */
  readonly samples: number
}

/** How media encryption is treated on a transport. */
export type SrtpStance = 'required' | 'taken' | 'refused'

export interface Facts {
  /** The address that answers, by `udp/ipv4`: where a name has several, the first of those that are alive. */
  readonly servers: Readonly<Record<string, string>>
  readonly role?: 'proxy' | 'b2bua'
  /** Server and User-Agent header fields, as seen. */
  readonly software: readonly string[]
  /** By `udp/ipv4`. */
  readonly paths: Readonly<Record<string, PathFacts>>
  /** By transport. */
  readonly srtp: Readonly<Record<string, SrtpStance>>
  /** By transport: is plain RTP taken? */
  readonly plainAudio: Readonly<Record<string, boolean>>
  /** Seconds: `granted` of `asked`; `minimum` where a brief interval was refused with 423, or made longer. */
  readonly registration?: { readonly minimum?: number; readonly granted?: number; readonly asked: number }
  /** How the answer to REGISTER shows the contact that was registered: as it was sent, otherwise, or not at all. */
  readonly listsContacts?: 'as sent' | 'rewritten' | 'not'
  /** Whether a request of this kind is served as such. */
  readonly serves: { readonly options?: boolean; readonly registerQuery?: boolean; readonly lateOffer?: boolean }
  /** Whether Contacts of devices are rewritten before they reach others. */
  readonly rewritesContacts?: boolean
  /** How the target sees us, by `udp/ipv4`. */
  readonly seenAs: Readonly<Record<string, { readonly address: string; readonly port?: number; readonly nat: boolean }>>
  readonly echo?: {
    /** ms after the answer until the caller's own voice comes back for the first time: how long it talks before. */
    readonly firstEchoMs: number
    /** ms from a word to its echo. */
    readonly delayMs: number
  }
  readonly sessionTimers?: { readonly supported: boolean; readonly minimumS?: number; readonly expiresS?: number }
  /** Digest algorithms offered, in their order. */
  readonly algorithms: readonly string[]
}

/** Where nothing was learned. */
export const NO_FACTS: Facts = {
  servers: {},
  software: [],
  paths: {},
  srtp: {},
  plainAudio: {},
  serves: {},
  seenAs: {},
  algorithms: [],
}

/** The key of the tables by variant. */
export const variantKey = ({ transport, family }: Variant): string => `${transport}/${family}`

/** Answers that take longer than this are slow ones, ms: what is waited for two seconds elsewhere would be missed. */
const SLOW_MS = 500
/** No telephone waits for longer. */
const MOST_PATIENCE_MS = 10_000

/** How much longer than at others (ms) a message of this target is waited for: a server that answers late answers all the same. */
export function patienceMs({ paths }: Pick<Facts, 'paths'>, variant: Variant): number {
  const { roundTripMs = 0, jitterMs = 0 } = paths[variantKey(variant)] ?? {}
  return roundTripMs > SLOW_MS ? Math.min(roundTripMs + jitterMs, MOST_PATIENCE_MS) : 0
}
