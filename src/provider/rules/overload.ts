/** What the proxy goes by where an account calls too often, or a device says that it is overloaded. Faults change single values. */
export interface OverloadRules {
  /** What becomes of calls that an account begins beyond its pace. */
  readonly beyondPace: 'is refused' | 'is put through' | 'is not answered'
  /** Who else is refused while an account calls too often. */
  readonly paceStops: 'nobody else' | 'everybody'
  /** Which requests of an account are refused while it calls too often. */
  readonly paceRefuses: 'calls' | 'calls and requests in calls' | 'calls and registrations'
  /** Status of the refusal. */
  readonly paceStatus: number
  /** Seconds that Retry-After tells (RFC 3261 §20.33); undefined: no such field. */
  readonly paceWaitS: number | undefined
  /** An account that has called too often is refused for so long, ms; 0: until a second holds fewer calls again. */
  readonly paceHoldsMs: number
  /** What is not called any more once a device has answered 503. */
  readonly shunsOverloaded: 'nothing' | 'the account' | 'all at its address'
}

export const RIGHT_OVERLOAD: OverloadRules = {
  beyondPace: 'is refused',
  paceStops: 'nobody else',
  paceRefuses: 'calls',
  paceStatus: 503,
  paceWaitS: 2,
  paceHoldsMs: 0,
  shunsOverloaded: 'nothing',
}
