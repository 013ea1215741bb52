/** What the proxy goes by with provisional responses and the audio before the answer: RFC 3261 §16.7 step 5, RFC 3960 §3. Faults change single values. */
export interface EarlyMediaRules {
  /** RFC 3261 §16.7 step 5: what becomes of a 183. */
  readonly progress: 'passes' | 'becomes 180' | 'loses its description' | 'is dropped'
  /** A 183 that describes no audio is given a description on its way, with the relay's ports. */
  readonly describesProgress: boolean
  /** Until when the called side's audio is held back before the answer. */
  readonly leadsEarlyMedia: 'always' | 'until it rings' | 'never'
  /** RFC 3261 §13.2.1: each branch of a forked call is an offer/answer exchange, and has ports, of its own. */
  readonly branchesShareRelay: boolean
}

export const RIGHT_EARLY_MEDIA: EarlyMediaRules = {
  progress: 'passes',
  describesProgress: false,
  leadsEarlyMedia: 'always',
  branchesShareRelay: false,
}
