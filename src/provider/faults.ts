/** A defect that can be switched on: what goes wrong, in which part, and which test purposes it may turn red. */
export interface Fault {
  readonly name: string
  readonly title: string
  readonly where: FaultPlace
  /** Purposes of the catalogue, as `TX-A`. A fault that turns another one red is itself defective. */
  readonly mayTurnRed: readonly string[]
}

export type FaultPlace =
  | 'registrar'
  | 'digest'
  | 'transaction'
  | 'proxy'
  | 'identity'
  | 'transport'
  | 'service'
  | 'relay'
  | 'stun'
  | 'dns'
  | 'ntp'

const catalogue = {
  'invite-not-resent': {
    title: 'a forwarded INVITE is sent once only',
    where: 'transaction',
    mayTurnRed: ['TX-A'],
  },
} as const satisfies Record<string, Omit<Fault, 'name'>>

export type FaultName = keyof typeof catalogue

/** All defects, in the order of the catalogue. */
export const faultCatalogue: readonly (Fault & { readonly name: FaultName })[] = Object.entries(catalogue).map(
  ([name, fault]) => ({ name: name as FaultName, ...fault }),
)
