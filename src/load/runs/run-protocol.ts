/** What the main thread of a call agent and the threads that run scenarios say to each other. All of it survives a structured clone. */
import type { ScenarioResult } from '../../result/scenario-result.js'
import type { ScenarioFolder } from '../../runner/scenario-files.js'
import type { Facts } from '../../scenario/facts.js'
import type { AnyScenario } from '../../scenario/scenario.js'
import type { Variant } from '../../scenario/variant.js'
import type { TargetAccount, TargetDocument } from '../../target/target-file.js'
import type { AccessLine } from '../../transport/access-line.js'
import type { HepCollector } from '../../worlds/hep-sender.js'
import type { KnownDeviations, SeenNote } from '../../verdict/facts.js'

export interface RunWorkerData {
  readonly document: TargetDocument
  /** What a survey learned of the target. */
  readonly facts: Facts
  readonly known?: KnownDeviations | undefined
  readonly line?: AccessLine | undefined
  /** A collector that is sent every SIP message, by its address. */
  readonly hep?: HepCollector | undefined
  /** Folders of the user's scenarios. */
  readonly own: readonly ScenarioFolder[]
  /** The moment that results count from, Unix ms. */
  readonly startedAt: number
}

/** A scenario as those know it who only order it. */
export interface PushableScenario {
  readonly id: string
  readonly devices: AnyScenario['devices']
  /** Why it cannot be run as load, after `it`; absent where it can. */
  readonly unfit?: string
  /** In the scenario's order; `why`: the target, or this machine, cannot have it. */
  readonly variants: readonly { readonly variant: Variant; readonly why?: string }[]
}

export type ToRunWorker =
  | {
      readonly kind: 'run'
      readonly id: string
      readonly scenario: string
      readonly variant: Variant
      readonly lease: ReadonlyMap<string, TargetAccount>
    }
  /** Nobody wants to know any more: the run is cleaned up. */
  | { readonly kind: 'break-off'; readonly id: string }
  /** One more call of a run may begin. */
  | { readonly kind: 'admitted'; readonly ticket: number }
  /** Asks for what was kept of the first failures; their captures go into this folder. */
  | { readonly kind: 'kept'; readonly folder: string }
  /** Asks what the standing checks noticed. */
  | { readonly kind: 'notes' }
  | { readonly kind: 'stop'; readonly withinMs: number }

export type FromRunWorker =
  | { readonly kind: 'ready'; readonly scenarios: readonly PushableScenario[] }
  | { readonly kind: 'begun'; readonly id: string; readonly unixMs: number }
  | { readonly kind: 'ended'; readonly id: string; readonly outcome: RunOutcome; readonly left: readonly BindingLeft[] }
  /** A run wants to make a call beside its first one; the rate of calls has to allow it. */
  | { readonly kind: 'admit'; readonly ticket: number }
  | { readonly kind: 'kept'; readonly results: readonly ScenarioResult[] }
  | { readonly kind: 'notes'; readonly notes: readonly SeenNote[] }
  | { readonly kind: 'second'; readonly lagMaxMs: number }
  | { readonly kind: 'stopped' }

/** What came of a run: the result of the scenario without what only a reader of one needs. */
export interface RunOutcome
  extends Pick<
    ScenarioResult,
    'id' | 'title' | 'variant' | 'verdict' | 'reason' | 'reasonCode' | 'durationMs' | 'checks' | 'defect'
  > {
  /** Unix ms. */
  readonly endedAt: number
  /** How late the thread itself was at worst meanwhile, ms. */
  readonly lagMs: number
}

/** An account at which a contact may have been left, since its removal was not confirmed. */
export interface BindingLeft {
  readonly user: string
  /** Seconds until it is gone by itself. */
  readonly seconds: number
}
