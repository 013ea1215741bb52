/** What the proxy goes by where a device has two calls at a time. Faults change single values. */
export interface SecondCallRules {
  readonly callsOfADevice: 'are apart' | 'end together' | 'one at a time' | 'share a relay'
  /** A second call tells who calls, as a first one does. */
  readonly secondCallsNameCaller: boolean
}

export const RIGHT_SECOND_CALLS: SecondCallRules = {
  callsOfADevice: 'are apart',
  secondCallsNameCaller: true,
}
