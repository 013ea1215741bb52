/** What event notification goes by: RFC 6665, RFC 3842, RFC 4235. Faults change single values. */
export interface EventRules {
  // subscriptions
  /** RFC 6665 §4.2.1.1: the 423 to a brief interval names the least one. */
  readonly tellsMinimum: boolean
  /** RFC 6665 §3.1.1: a 2xx to SUBSCRIBE says how long the subscription lasts. */
  readonly tellsTime: boolean
  /** RFC 6665 §4.2.1.2: a NOTIFY follows at once, also after a refresh. */
  readonly notifiesAtOnce: boolean
  /** RFC 6665 §4.2.1.4: a refresh lengthens the subscription. */
  readonly lengthensAtRefresh: boolean
  /** RFC 6665 §4.2.1.4: the end of a subscription is told. */
  readonly tellsEnd: boolean
  /** A refresh of a subscription that nobody knows is refused with 481, so that the device subscribes anew. */
  readonly refusesUnknown: boolean
  /** A device that subscribes again after a restart is told where it is now. */
  readonly followsRestart: boolean
  /** RFC 6665 §4.2.1.2: NOTIFY goes in the dialog that the SUBSCRIBE made. */
  readonly notifiesInDialog: boolean
  /** RFC 6665 §4.2.2 */
  readonly tellsState: boolean
  readonly sendsBody: boolean
  /** RFC 6665 §4.2.1.4: what a subscriber ends is over. */
  readonly endsWhenAsked: boolean
  // mailbox lights
  /** RFC 3842 §3.8: a new message is told … */
  readonly tellsNewMessages: boolean
  /** … and that one is gone. */
  readonly tellsDeletedMessages: boolean
  /** Who watches a mailbox has to be its owner. */
  readonly mailboxForOwnerOnly: boolean
  /** Devices that have not subscribed are told, too. */
  readonly tellsUnasked: boolean
  // busy lamps
  /** RFC 4235 §4.1: each document has the next number. */
  readonly countsLampDocuments: boolean
  /** RFC 4235 §4.1.1: a call keeps its id for as long as it lasts. */
  readonly keepsLampIds: boolean
  /** A line that rings is told, not only one that talks. */
  readonly lampsShowRinging: boolean
  /** The calls that are on are told to who subscribes. */
  readonly lampsBeginRight: boolean
  /** A line that calls somebody is as busy as one that is called. */
  readonly lampsFollowOutgoing: boolean
  /** Of several telephones on one account each counts. */
  readonly lampsFollowEveryDevice: boolean
  /** A call that was given up by its caller is over … */
  readonly lampsFollowCancel: boolean
  /** … and one that was refused … */
  readonly lampsFollowRefusal: boolean
  /** … and one that was hung up: whether the other end says that it has heard of it, or not. */
  readonly lampsFollowHangUp: 'at once' | 'once it is answered'
  /** Who withholds the number is not told to watchers. */
  readonly lampsHideWithheld: boolean
}

export const RIGHT_EVENTS: EventRules = {
  tellsMinimum: true,
  tellsTime: true,
  notifiesAtOnce: true,
  lengthensAtRefresh: true,
  tellsEnd: true,
  refusesUnknown: true,
  followsRestart: true,
  notifiesInDialog: true,
  tellsState: true,
  sendsBody: true,
  tellsNewMessages: true,
  tellsDeletedMessages: true,
  mailboxForOwnerOnly: true,
  tellsUnasked: true,
  endsWhenAsked: true,
  countsLampDocuments: true,
  keepsLampIds: true,
  lampsShowRinging: true,
  lampsBeginRight: true,
  lampsFollowOutgoing: true,
  lampsFollowEveryDevice: true,
  lampsFollowCancel: true,
  lampsFollowRefusal: true,
  lampsFollowHangUp: 'at once',
  lampsHideWithheld: true,
}
