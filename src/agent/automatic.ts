/**
 * What an agent does by itself. Everything is on by default; a scenario switches off what it wants done wrongly or
 * by hand. `agent.automatic` is the live set of switches, each call has its own copy.
 */
export interface Automatic {
  /** Listen at all. Off: the agent is mute, everything that arrives is swallowed before its transactions see it. */
  listen: boolean
  /** Answer 401 and 407 with credentials. */
  authenticate: boolean
  /** ACK for every 2xx, and BYE for the surplus ones of a forked INVITE (RFC 3261 §13.2.2.4). */
  acknowledge: boolean
  /** Repeat a 2xx until its ACK arrives (RFC 3261 §13.3.1.4). */
  repeatSuccess: boolean
  /** 487 to the INVITE after a CANCEL (RFC 3261 §9.2); the CANCEL itself gets its 200 either way. */
  obeyCancel: boolean
  /** Answer to re-INVITE and UPDATE. */
  answerReinvite: boolean
  /** 405, 415, 416, 420, 481, 482, 501 where RFC 3261 §8.2 asks for them. */
  refuse: boolean
  /** PRACK for reliable provisionals (RFC 3262 §4). */
  acknowledgeReliable: boolean
  /** A provisional response each minute while the call waits for its answer (RFC 3261 §13.3.1.1). */
  remindCaller: boolean
  /** Refresh the binding before it expires (RFC 3261 §10.2.4). */
  refreshRegistration: boolean
}

/** All on. */
export function automaticDefaults(): Automatic {
  return {
    listen: true,
    authenticate: true,
    acknowledge: true,
    repeatSuccess: true,
    obeyCancel: true,
    answerReinvite: true,
    refuse: true,
    acknowledgeReliable: true,
    remindCaller: true,
    refreshRegistration: true,
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
    repeatSuccess: other.repeatSuccess ?? from.repeatSuccess,
    obeyCancel: other.obeyCancel ?? from.obeyCancel,
    answerReinvite: other.answerReinvite ?? from.answerReinvite,
    refuse: other.refuse ?? from.refuse,
    acknowledgeReliable: other.acknowledgeReliable ?? from.acknowledgeReliable,
    remindCaller: other.remindCaller ?? from.remindCaller,
    refreshRegistration: other.refreshRegistration ?? from.refreshRegistration,
  }
}
