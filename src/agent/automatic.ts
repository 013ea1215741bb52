/**
 * What an agent does by itself. Everything is on by default; a scenario switches off what it wants done wrongly or
 * by hand. `agent.automatic` is the live set of switches, each call has its own copy.
 */
export interface Automatic {
  /** Listen at all. Off: the agent is mute, everything that arrives is swallowed before its transactions see it. */
  listen: boolean
  /** Answer 401 and 407 with credentials. */
  authenticate: boolean
  /** ACK for every 2xx (RFC 3261 §13.2.2.4). */
  acknowledge: boolean
  /** BYE for surplus 2xx of a forked INVITE (RFC 3261 §13.2.2.4). */
  dropSurplus: boolean
  /** Repeat a 2xx until its ACK arrives (RFC 3261 §13.3.1.4). */
  repeatSuccess: boolean
  /** BYE when no ACK arrived within 64*T1 (RFC 3261 §13.3.1.4). */
  byeUnacknowledged: boolean
  /** 487 to the INVITE after a CANCEL (RFC 3261 §9.2); the CANCEL itself gets its 200 either way. */
  obeyCancel: boolean
  /** 200 to a BYE (RFC 3261 §15.1.2). */
  answerBye: boolean
  /** Answer to re-INVITE and UPDATE. */
  answerReinvite: boolean
  /** Answers to OPTIONS, INFO, NOTIFY, MESSAGE outside and inside of dialogs. */
  answerOthers: boolean
  /** 405, 415, 416, 420, 481, 482, 501 where RFC 3261 §8.2 asks for them. */
  refuse: boolean
  /** PRACK for reliable provisionals (RFC 3262 §4). */
  acknowledgeReliable: boolean
  /** Repeat a re-INVITE after 491 with the back-off of RFC 3261 §14.1. */
  retryGlare: boolean
  /** A provisional response each minute while the call waits for its answer (RFC 3261 §13.3.1.1). */
  remindCaller: boolean
  /** 487 when the time in the INVITE's Expires is over (RFC 3261 §13.3.1). */
  obeyExpires: boolean
  /** Repeat a reliable provisional response until its PRACK (RFC 3262 §3). */
  repeatReliable: boolean
  /** Refresh the binding before it expires (RFC 3261 §10.2.4). */
  refreshRegistration: boolean
  /** Retry with Min-Expires after 423 (RFC 3261 §10.2.8). */
  obeyMinExpires: boolean
}

/** All on. */
export function automaticDefaults(): Automatic {
  return {
    listen: true,
    authenticate: true,
    acknowledge: true,
    dropSurplus: true,
    repeatSuccess: true,
    byeUnacknowledged: true,
    obeyCancel: true,
    answerBye: true,
    answerReinvite: true,
    answerOthers: true,
    refuse: true,
    acknowledgeReliable: true,
    retryGlare: true,
    remindCaller: true,
    obeyExpires: true,
    repeatReliable: true,
    refreshRegistration: true,
    obeyMinExpires: true,
  }
}

/**
 * A copy with some switches set otherwise. (By name, as spreading or a loop would be several times slower: `listen` of an
 * agent is a getter, and each call makes a copy.)
 */
export function automaticCopy(from: Automatic, other: Partial<Automatic> = {}): Automatic {
  return {
    listen: other.listen ?? from.listen,
    authenticate: other.authenticate ?? from.authenticate,
    acknowledge: other.acknowledge ?? from.acknowledge,
    dropSurplus: other.dropSurplus ?? from.dropSurplus,
    repeatSuccess: other.repeatSuccess ?? from.repeatSuccess,
    byeUnacknowledged: other.byeUnacknowledged ?? from.byeUnacknowledged,
    obeyCancel: other.obeyCancel ?? from.obeyCancel,
    answerBye: other.answerBye ?? from.answerBye,
    answerReinvite: other.answerReinvite ?? from.answerReinvite,
    answerOthers: other.answerOthers ?? from.answerOthers,
    refuse: other.refuse ?? from.refuse,
    acknowledgeReliable: other.acknowledgeReliable ?? from.acknowledgeReliable,
    retryGlare: other.retryGlare ?? from.retryGlare,
    remindCaller: other.remindCaller ?? from.remindCaller,
    obeyExpires: other.obeyExpires ?? from.obeyExpires,
    repeatReliable: other.repeatReliable ?? from.repeatReliable,
    refreshRegistration: other.refreshRegistration ?? from.refreshRegistration,
    obeyMinExpires: other.obeyMinExpires ?? from.obeyMinExpires,
  }
}
