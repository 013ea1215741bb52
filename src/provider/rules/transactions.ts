/** What transactions go by beside their timers: RFC 3261 §17. Faults change single values, and timers. */
export interface TransactionRules {
  /** An INVITE gets a 100 of our own. */
  readonly sendsTrying: boolean
  /** An INVITE over UDP is sent again at even intervals, beside the timers. */
  readonly resendsInvitesEvenly: boolean
  /** Requests are sent again over TCP and TLS, too. */
  readonly resendsOnStreams: boolean
  /** RFC 6026 §7.3: a response that belongs to no request is dropped. */
  readonly dropsStrays: boolean
  /** RFC 3261 §18.1.1: bytes beyond which a request leaves over TCP; undefined: as the stack has it. */
  readonly pathMtu: number | undefined
}

export const RIGHT_TRANSACTIONS: TransactionRules = {
  sendsTrying: true,
  resendsInvitesEvenly: false,
  resendsOnStreams: false,
  dropsStrays: true,
  pathMtu: undefined,
}
