/** What a scenario stands on: a clock, a wire, a target. Supplied by whoever runs it; the scenario cannot tell which. */
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import type { Family, Network } from '../transport/network.js'
import type { Target } from './target.js'

/** Whose address a socket is bound to: a device of the story, or somebody else on another address. */
export type SourceAddress = 'own' | 'stranger'

export interface World {
  readonly clock: Clock
  readonly random: Random
  readonly network: Network
  readonly target: Target
  /** A local address that reaches the target; undefined where this machine has none of that family. */
  address(family: Family, whose?: SourceAddress): string | undefined
  /** Waits for the target's limits to allow one more call; what it returns gives the place back. */
  admitCall(): Promise<() => void>
  /**
   * The target's servers stop and start anew: what was in their memory is gone (bindings, nonces, transactions, calls), what was on disk is
   * not (accounts, settings). Settles when they answer again. Absent where nobody can tell the target to.
   */
  readonly restart?: (() => Promise<void>) | undefined
  /**
   * The server at this address, one of several, falls silent, and answers again when what it returns is called. Absent where nobody can do
   * that to the target.
   */
  readonly losesServer?: ((address: string) => Promise<() => Promise<void>>) | undefined
  /** How late (ms) the harness itself was at worst between two moments of the clock. */
  lagBetween(fromMs: number, toMs: number): number
}
