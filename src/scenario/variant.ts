/** The transport and the address family that a scenario is run over. */
import type { TransportName } from '../transport/flow.js'
import type { Family } from '../transport/network.js'

/** One combination that a scenario is run in. */
export interface Variant {
  readonly transport: TransportName
  readonly family: Family
}
