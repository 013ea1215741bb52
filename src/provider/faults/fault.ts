/** The shape of a fault: what goes wrong, which test purposes it may turn red, and which rules it breaks. */
import type { TimerTable } from '../../transaction/timers.js'
import type { Overrides } from '../rules/rules.js'

export interface FaultEntry {
  readonly title: string
  /** Purposes of the catalogue, as `TX-A`. A fault that turns another one red is itself defective. */
  readonly mayTurnRed: readonly string[]
  /** No scenario shows it: it takes many calls at a time or a second, or calls of many minutes. */
  readonly onlyUnderLoad?: true
  /** What the parts of the provider go by instead. */
  readonly rules?: Overrides
  /** Timers that the stack has instead of the right ones. */
  readonly timers?: (right: TimerTable) => Partial<TimerTable>
}

/** Faults of one part, by name. */
export type FaultEntries = Readonly<Record<string, FaultEntry>>
