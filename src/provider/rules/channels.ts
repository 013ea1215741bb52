/** What the proxy goes by where an account may have so many calls at a time. Faults change single values. */
export interface ChannelRules {
  /** What ended a call that is counted for ever. */
  readonly channelKeptAfter: 'nothing' | 'BYE' | 'CANCEL' | 'a refusal'
  readonly countsCalls: 'of the account' | 'of all accounts'
  /** What becomes of a call that an account makes beyond its limit. */
  readonly beyondLimit: 'is refused' | 'is put through' | 'is refused, and a call that is on ends'
  /** A call that was hung up counts until the other side has answered its BYE. */
  readonly countsUntilAnswer: boolean
  /** While an account has as many calls as it may have, others can call. */
  readonly fullStopsOthers: boolean
  /** Status of the refusal. */
  readonly limitStatus: number
}

export const RIGHT_CHANNELS: ChannelRules = {
  channelKeptAfter: 'nothing',
  countsCalls: 'of the account',
  beyondLimit: 'is refused',
  countsUntilAnswer: false,
  fullStopsOthers: false,
  limitStatus: 486,
}
