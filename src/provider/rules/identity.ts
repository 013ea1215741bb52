/** Who may say what about themselves, and act for whom: RFC 3323, RFC 3325, RFC 3261 §26. Faults change single values. */
export interface IdentityRules {
  /** From names a number of the account. */
  readonly checksFrom: boolean
  /** A customer's own P-Asserted-Identity is removed. */
  readonly removesAsserted: boolean
  readonly removesPreferred: boolean
  /** The number that is asserted is one of the caller's account. */
  readonly assertsOwnNumber: boolean
  readonly honoursPrivacy: boolean
  /** A BYE from an address that the call does not know has to show whose call it is. */
  readonly checksByeSender: boolean
  /** A CANCEL comes from where the INVITE came from. */
  readonly checksCancelSender: boolean
  /** A request with a Route needs no credentials. */
  readonly trustsRoute: boolean
  /** A request with a To tag needs no credentials. */
  readonly trustsToTag: boolean
  /** A request with both needs no credentials, whatever its Request-URI. */
  readonly trustsBoth: boolean
  /** Who asked for privacy is named in History-Info. */
  readonly namesHidden: boolean
  /** A customer's own Remote-Party-ID is removed. */
  readonly removesRemoteParty: boolean
  /** A customer's own Diversion and History-Info are removed. */
  readonly removesDiversion: boolean
  /** How the caller's number is written. */
  readonly numberForm: 'as owned' | 'without prefix' | 'prefix doubled' | 'as dialled'
  /** Whose number a diverted call shows. */
  readonly divertedShows: 'the caller' | 'the caller, withheld or not' | 'who diverts'
  /** Diversion and History-Info name the caller in place of who diverts. */
  readonly namesCallerAsDiverter: boolean
}

export const RIGHT_IDENTITY: IdentityRules = {
  checksFrom: true,
  removesAsserted: true,
  removesPreferred: true,
  assertsOwnNumber: true,
  honoursPrivacy: true,
  checksByeSender: true,
  checksCancelSender: true,
  trustsRoute: false,
  trustsToTag: false,
  trustsBoth: false,
  namesHidden: false,
  removesRemoteParty: true,
  removesDiversion: true,
  numberForm: 'as owned',
  divertedShows: 'the caller',
  namesCallerAsDiverter: false,
}
