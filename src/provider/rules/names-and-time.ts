/** What STUN, DNS and NTP go by. Faults change single values. */
export interface StunRules {
  readonly tellsRightAddress: boolean
  /** The alternative port answers. */
  readonly servesAlternative: boolean
  /** RFC 8489 §6.3.1: unknown attributes that must be understood are refused. */
  readonly refusesUnknown: boolean
  /** RFC 8489 §6.3.1.2: from the port that was asked. */
  readonly answersFromAsked: boolean
}

export const RIGHT_STUN: StunRules = {
  tellsRightAddress: true,
  servesAlternative: true,
  refusesUnknown: true,
  answersFromAsked: true,
}

export interface DnsRules {
  readonly hasNaptr: boolean
  readonly hasAaaa: boolean
  /** How far the port in SRV records is off. */
  readonly srvPortError: number
  /** One of the addresses is dead. */
  readonly hasDeadAddress: boolean
}

export const RIGHT_DNS: DnsRules = { hasNaptr: true, hasAaaa: true, srvPortError: 0, hasDeadAddress: false }

export interface NtpRules {
  /** How far the time is off. */
  readonly offsetMs: number
  readonly isSynchronised: boolean
}

export const RIGHT_NTP: NtpRules = { offsetMs: 0, isSynchronised: true }
