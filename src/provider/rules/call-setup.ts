/** What the proxy goes by while a call is set up and given up: RFC 3261 §16.7, §16.10, RFC 3326. Faults change single values. */
export interface CallSetupRules {
  /** RFC 3261 §9.1: a CANCEL for a callee that has not answered yet waits for its first response. */
  readonly keepsEarlyCancel: boolean
  /** §16.10: all branches are cancelled, not only the first. */
  readonly cancelsAllBranches: boolean
  /** §16.7 step 5: a 2xx goes on though its branch was cancelled. */
  readonly forwardsCrossingAnswer: boolean
  /** What is answered while it is cancelled is a call, with an ACK and a BYE to come. */
  readonly remembersCrossingCall: boolean
  /** RFC 3326 §1: telephones that stop ringing hear why. */
  readonly saysCompletedElsewhere: 'where it was' | 'always' | 'never'
  /** RFC 3326 §2: the caller's Reason goes on. */
  readonly copiesReason: boolean
}

export const RIGHT_CALL_SETUP: CallSetupRules = {
  keepsEarlyCancel: true,
  cancelsAllBranches: true,
  forwardsCrossingAnswer: true,
  remembersCrossingCall: true,
  saysCompletedElsewhere: 'where it was',
  copiesReason: true,
}
