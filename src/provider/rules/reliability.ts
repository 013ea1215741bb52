/** What the proxy goes by with reliable provisional responses between devices: RFC 3262, RFC 3261 §16.6, §16.7. Faults change single values. */
export interface ReliabilityRules {
  /** RFC 3261 §16.6: what the caller supports and requires reaches the called device as it is. */
  readonly reliabilityAsked: 'as the caller does' | 'always' | 'required where supported' | 'never required'
  /** RFC 3262 §3: Require and RSeq of provisional responses go on. */
  readonly keepsRSeq: boolean
  /** RFC 3262 §4: PRACK is for the called device. */
  readonly confirmations: 'forwarded' | 'answered here' | 'refused'
  /** RFC 3262 §5: the answer in a PRACK is led over the relay, as every other. */
  readonly leadsConfirmations: boolean
  /** RFC 3261 §8.2.2.3: Unsupported of a 420 goes on. */
  readonly keepsUnsupported: boolean
}

export const RIGHT_RELIABILITY: ReliabilityRules = {
  reliabilityAsked: 'as the caller does',
  keepsRSeq: true,
  confirmations: 'forwarded',
  leadsConfirmations: true,
  keepsUnsupported: true,
}
