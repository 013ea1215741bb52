/** What transports go by: RFC 3261 §18, RFC 3581, RFC 5626. Faults change single values. */
export interface TransportRules {
  readonly listensOnTcp: boolean
  readonly minTlsVersion: 'TLSv1' | 'TLSv1.2'
  readonly certificate: 'right' | 'of another name' | 'expired'
  /** RFC 3581 §4: responses go to the port that the request came from. */
  readonly knowsRport: boolean
  /** RFC 5626 §4.4, on streams and by STUN. */
  readonly answersKeepAlives: boolean
  /** §18.3: what leaves over a stream has Content-Length. */
  readonly addsContentLength: boolean
  /** §7.3.3 */
  readonly knowsCompactForms: boolean
  /** RFC 5626 §5.3: requests to a device go over the connection that it opened. */
  readonly reusesConnections: boolean
}

export const RIGHT_TRANSPORT: TransportRules = {
  listensOnTcp: true,
  minTlsVersion: 'TLSv1.2',
  certificate: 'right',
  knowsRport: true,
  answersKeepAlives: true,
  addsContentLength: true,
  knowsCompactForms: true,
  reusesConnections: true,
}

/** What happens to bytes below the stack: RFC 3261 §7.5, §18. */
export interface WireRules {
  /** RFC 3261 §17.1.1.3: the ACK of a failure has the branch of its INVITE. */
  readonly ackHasBranchOfInvite: boolean
  /** §18.2.1 */
  readonly addsReceived: boolean
  /** §18.3: a message is complete when its Content-Length is reached, in however many pieces it comes. */
  readonly framesByLength: boolean
  /** §7.5 */
  readonly takesEmptyLines: boolean
  /** §18.3: bytes of a datagram beyond Content-Length are discarded. */
  readonly takesExcessBytes: boolean
  /** Bytes; longer datagrams are dropped. */
  readonly longestDatagram: number
  /** ms without traffic after which a connection is closed. */
  readonly idleMs: number
  /** ms without a packet after which a UDP flow is forgotten: what is sent to that device then is lost, until it sends again. */
  readonly flowMs: number
  /** Requests leave from the published port. */
  readonly sendsFromPublished: boolean
}

export const RIGHT_WIRE: WireRules = {
  ackHasBranchOfInvite: true,
  addsReceived: true,
  framesByLength: true,
  takesEmptyLines: true,
  takesExcessBytes: true,
  longestDatagram: Number.POSITIVE_INFINITY,
  idleMs: Number.POSITIVE_INFINITY,
  flowMs: Number.POSITIVE_INFINITY,
  sendsFromPublished: true,
}
