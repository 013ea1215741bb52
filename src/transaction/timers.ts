/** The timers of RFC 3261's appendix A and RFC 6026 §8.11 as one named table, made per target. */

/** All values in ms. `Infinity` switches a timer off. */
export interface TimerTable {
  /** Round-trip estimate: first retransmission interval (RFC 3261 §17.1.1.1). */
  readonly T1: number
  /** Longest retransmission interval of non-INVITE requests and INVITE responses (§17.1.2.2). */
  readonly T2: number
  /** How long a message may stay in the network (§17.1.2.2). */
  readonly T4: number
  /** First INVITE retransmission, UDP; doubles without cap (§17.1.1.2). */
  readonly A: number
  /** INVITE client gives up (§17.1.1.2). */
  readonly B: number
  /** Proxy's limit for an INVITE after a provisional: more than three minutes (§16.6 step 11). */
  readonly C: number
  /** INVITE client absorbs repeated 300–699, UDP; at least 32 s (§17.1.1.2). */
  readonly D: number
  /** First non-INVITE retransmission, UDP; doubles up to T2 (§17.1.2.2). */
  readonly E: number
  /** Non-INVITE client gives up (§17.1.2.2). */
  readonly F: number
  /** First retransmission of a 300–699 to INVITE, UDP; doubles up to T2 (§17.2.1). */
  readonly G: number
  /** INVITE server stops waiting for the ACK (§17.2.1). */
  readonly H: number
  /** INVITE server absorbs repeated ACKs, UDP (§17.2.1). */
  readonly I: number
  /** Non-INVITE server repeats its answer on demand, UDP (§17.2.2). */
  readonly J: number
  /** Non-INVITE client absorbs repeated answers, UDP (§17.1.2.2). */
  readonly K: number
  /** INVITE server absorbs repeated INVITEs after a 2xx (RFC 6026 §7.1). */
  readonly L: number
  /** INVITE client passes on further 2xx (RFC 6026 §7.2). */
  readonly M: number
  /** Automatic 100 to an INVITE that its user has not answered (§17.2.1). */
  readonly trying: number
  /** A non-INVITE that nobody answered is past answering: the client has given up (RFC 4320 §4.2). */
  readonly unanswered: number
  /** Automatic 100 to any other request: when the client's Timer E is reset to T2 (RFC 4320 §4.1). */
  readonly tryingNonInvite: number
  /** A cancelled INVITE without final answer is given up (§9.1). */
  readonly cancelled: number
}

/**
 * The table for a target: everything derives from T1, T2 and T4 (500, 4000, 5000 ms when absent), and any single
 * value may be overridden. @throws RangeError when T1, T2 or T4 is not above 0
 */
export function timerTable(overrides: Partial<TimerTable> = {}): TimerTable {
  const T1 = overrides.T1 ?? 500
  const T2 = overrides.T2 ?? 4000
  const T4 = overrides.T4 ?? 5000
  if (!(T1 > 0 && T2 > 0 && T4 > 0)) throw new RangeError(`T1, T2 and T4 must be above 0: ${T1}, ${T2}, ${T4}`)
  const long = 64 * T1
  return {
    A: T1,
    B: long,
    C: 181_000,
    // RFC 3261 §17.1.1.2: the server's T1 is unknown, so 32 s is the least, whatever our own T1.
    D: Math.max(32_000, long),
    E: Math.min(T1, T2),
    F: long,
    G: Math.min(T1, T2),
    H: long,
    I: T4,
    J: long,
    K: T4,
    L: long,
    M: long,
    unanswered: long + T4,
    trying: 200,
    tryingNonInvite: timeUntilT2(T1, T2),
    cancelled: long,
    ...overrides,
    T1,
    T2,
    T4,
  }
}

/** Sum of the doubling intervals that are shorter than T2: 500 + 1000 + 2000 ms with the default values. */
function timeUntilT2(T1: number, T2: number): number {
  let sum = 0
  for (let interval = T1; interval < T2; interval *= 2) sum += interval
  return sum
}
