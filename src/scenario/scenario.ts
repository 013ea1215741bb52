/** What a scenario is: data that says what is tested, and one function that tells the story. */
import type { Step } from '../result/terms.js'
import type { TransportName } from '../transport/sip-transport.js'
import type { Family } from '../transport/network.js'
import type { Devices } from './device-options.js'
import type { Rules } from './rule.js'
import type { Stage } from './stage.js'
import type { Variant } from './variant.js'
import type { Area, Need, Reliance } from './vocabulary.js'

/** A scenario as its file gives it. */
export interface ScenarioDefinition<R extends Rules = Rules, D extends Devices = Devices> {
  /** Stable; selects the scenario on the command line and links to it: `registrar/refresh-replaces`. */
  readonly id: string
  /** One sentence: what holds when it passes. */
  readonly title: string
  readonly area: Area
  /** Test purposes of the catalogue, `REG-REFRESH`. */
  readonly purposes: readonly string[]
  /** Provider rows that it is about, `BH-10`. */
  readonly provider?: readonly string[]
  /** What the target is held to. Every rule must be looked at by `run`, unless it is `whereReached`. */
  readonly rules: R
  /** The devices that act, by name; each gets an account of its own, unless it shares one. */
  readonly devices: D
  /** Features without which it cannot be run. */
  readonly needs?: readonly Need[]
  /**
   * The last of the target's vital signs without which the story cannot be told: where it, or one before it, is missing on this
   * variant, the scenario is not run. Default: login. (What `needs` names, such as the echo test, has vital signs of its own.)
   */
  readonly reliesOn?: Reliance
  /** The step of an everyday call at which customers meet what it tests; absent where they hardly do. */
  readonly step?: Step
  /** Default: udp. Each is a variant of its own. */
  readonly transports?: readonly TransportName[]
  /** Default: ipv4. */
  readonly families?: readonly Family[]
  /** Variants instead of all combinations of transports and families. */
  readonly variants?: readonly Variant[]
  /** How long it takes at most, in seconds of protocol time; over 40 is slow. */
  readonly seconds: number
  /**
   * What the clock shows when the story begins, where time is virtual: `2026-03-28T22:00:00Z`, for stories about days and hours. On real
   * time it is whatever time it is, and the story says where that is of no use.
   */
  readonly begins?: string
  /** Who notices when it fails, and how, in an operator's words. */
  readonly harm: string
  /** What to do, or whom to ask. */
  readonly advice: string
  /**
   * True where it may be run many times at once, each with accounts of its own (`POST /v1/runs`): what it judges is about its own
   * devices alone, it makes one call at a time, and leaves nothing changed at the target.
   */
  readonly fitForLoad?: boolean
  /** Runs after all others and spaced: what might get a device banned. */
  readonly provokesBans?: boolean
  run(stage: Stage<R, D>): Promise<void>
}

/** A scenario whose type parameters do not matter to the holder. */
// oxlint-disable-next-line typescript/no-explicit-any -- a list of scenarios with different rules and devices has no other type
export type AnyScenario = Omit<ScenarioDefinition, 'run'> & { run(stage: any): Promise<void> }

/** Seconds beyond which a scenario is slow: left out by default and listed as not run. */
export const SLOW_SECONDS = 40

/** The variants of a scenario, in order. */
export function variantsOf(definition: AnyScenario): readonly Variant[] {
  if (definition.variants) return definition.variants
  return (definition.transports ?? ['udp']).flatMap((transport) =>
    (definition.families ?? ['ipv4']).map((family) => ({ transport, family })),
  )
}
