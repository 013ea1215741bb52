/** What the provider's two SIP hosts go by, where DNS names a second one. Faults change single values. */
export interface HostRules {
  /** What one of them is told of where devices are the other one knows. */
  readonly sharesBindings: boolean
  /** Calls that began at one of them go on at the other. */
  readonly sharesCalls: boolean
  /** The second one answers at all. */
  readonly secondAnswers: boolean
  /** The second one takes registrations. */
  readonly secondRegisters: boolean
  /** A device is called from where it has registered: what comes from elsewhere its router drops. */
  readonly callsFromOwnHost: boolean
  /** What would go by way of a host that is lost goes by the other one. */
  readonly leavesLostHost: boolean
  /** Where devices are, and calls, is known beyond the host that is lost. */
  readonly survivesLoss: boolean
}

export const RIGHT_HOSTS: HostRules = {
  sharesBindings: true,
  sharesCalls: true,
  secondAnswers: true,
  secondRegisters: true,
  callsFromOwnHost: true,
  leavesLostHost: true,
  survivesLoss: true,
}
