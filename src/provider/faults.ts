/** A defect that can be switched on: what goes wrong, in which part, and which test purposes it may turn red. */
export interface Fault {
  readonly name: string
  readonly title: string
  readonly where: FaultPlace
  /** Purposes of the catalogue, as `TX-A`. A fault that turns another one red is itself defective. */
  readonly mayTurnRed: readonly string[]
}

export type FaultPlace =
  | 'registrar'
  | 'digest'
  | 'transaction'
  | 'proxy'
  | 'identity'
  | 'transport'
  | 'service'
  | 'relay'
  | 'stun'
  | 'dns'
  | 'ntp'

const catalogue = {
  'refresh-adds-binding': {
    title: 'a refresh adds a second binding for the same contact',
    where: 'registrar',
    mayTurnRed: ['REG-REFRESH', 'REG-ADD', 'REG-URI', 'REG-REBOOT'],
  },
  'star-ignored': {
    title: 'Contact * with Expires 0 is answered 200 and removes nothing',
    where: 'registrar',
    mayTurnRed: ['REG-STAR'],
  },
  'bad-star-accepted': {
    title: 'Contact * with another expiry, or beside another contact, is answered 200',
    where: 'registrar',
    mayTurnRed: ['REG-STARBAD'],
  },
  'register-order-ignored': {
    title: 'a REGISTER with the same Call-ID and an old CSeq number is carried out',
    where: 'registrar',
    mayTurnRed: ['REG-CSEQ', 'REG-ATOMIC'],
  },
  'register-not-atomic': {
    title: 'of a REGISTER that is refused, the contacts that would do are stored',
    where: 'registrar',
    mayTurnRed: ['REG-ATOMIC'],
  },
  'no-min-expires': {
    title: '423 comes without Min-Expires',
    where: 'registrar',
    mayTurnRed: ['REG-423'],
  },
  'brief-registration-accepted': {
    title: 'an interval below the published minimum is granted',
    where: 'registrar',
    mayTurnRed: ['REG-423'],
  },
  'binding-ends-early': {
    title: 'a binding ends after half of the time that was granted',
    where: 'registrar',
    mayTurnRed: ['REG-EXPIRE', 'REG-GRANT', 'REG-QUERY', 'FLAP'],
  },
  'binding-never-ends': {
    title: 'a binding outlives the time that was granted',
    where: 'registrar',
    mayTurnRed: ['REG-EXPIRE', 'REG-GRANT'],
  },
  'contact-expires-ignored': {
    title: "the Expires header field counts, the contact's own parameter does not",
    where: 'registrar',
    mayTurnRed: ['REG-EXPIRES', 'REG-423', 'REG-GRANT', 'REG-ATOMIC'],
  },
  'contacts-compared-as-text': {
    title: 'contacts are compared as text, not as URIs',
    where: 'registrar',
    mayTurnRed: ['REG-URI'],
  },
  'registers-for-anyone': {
    title: "any account's credentials register any address-of-record",
    where: 'registrar',
    mayTurnRed: ['REG-AUTHZ'],
  },
  'require-ignored-by-registrar': {
    title: 'extensions in Require that nobody knows are passed over',
    where: 'registrar',
    mayTurnRed: ['REG-420'],
  },
  'own-address-as-contact': {
    title: 'a contact that names the provider itself is stored and used',
    where: 'registrar',
    mayTurnRed: ['REG-EVIL', 'PRX-LOOP'],
  },
  'sips-contact-mixed': {
    title: 'a SIPS contact in a SIP REGISTER is stored',
    where: 'registrar',
    mayTurnRed: ['TLS-SIPS'],
  },
  'keeps-both-devices': {
    title: 'a second device with the same credentials does not displace the first',
    where: 'registrar',
    mayTurnRed: ['REG-SHARED', 'FLAP'],
  },
  'second-device-refused': {
    title: 'a second device with the same credentials is refused',
    where: 'registrar',
    mayTurnRed: ['REG-SHARED', 'REG-REBOOT', 'FLAP', 'REBOOT'],
  },
  'outbound-ignored': {
    title: 'instance and reg-id of RFC 5626 are ignored although it is listed as supported',
    where: 'registrar',
    mayTurnRed: ['OB-FLOW', 'OB-CLOSED'],
  },
  'aor-not-unescaped': {
    title: 'escapes and parameters make another address-of-record',
    where: 'registrar',
    mayTurnRed: ['REG-ESCAPED'],
  },
  'unknown-aor-accepted': {
    title: 'an address-of-record of another domain is answered 200',
    where: 'registrar',
    mayTurnRed: ['REG-404'],
  },
  'record-route-in-register': {
    title: 'Record-Route of a REGISTER comes back in its answer',
    where: 'registrar',
    mayTurnRed: ['REG-NO6XX'],
  },
  'challenges-in-wrong-order': {
    title: 'challenges come weakest first, one of them twice',
    where: 'digest',
    mayTurnRed: ['DIG-ORDER'],
  },
  'no-qop': {
    title: 'challenges have no qop',
    where: 'digest',
    mayTurnRed: ['DIG-QOP'],
  },
  'stale-unflagged': {
    title: 'an expired nonce is challenged anew without stale=true',
    where: 'digest',
    mayTurnRed: ['DIG-STALE'],
  },
  'nonce-never-stale': {
    title: 'a nonce is good for ever',
    where: 'digest',
    mayTurnRed: ['DIG-STALE'],
  },
  'nonce-count-unchecked': {
    title: 'the same nonce count is accepted again',
    where: 'digest',
    mayTurnRed: ['DIG-REPLAY'],
  },
  'digest-uri-unchecked': {
    title: 'credentials made for another URI are accepted',
    where: 'digest',
    mayTurnRed: ['DIG-URI'],
  },
  'wrong-password-accepted': {
    title: 'any password will do',
    where: 'digest',
    mayTurnRed: ['DIG-BADPW', 'REG-AUTHZ', 'ID-FRAUD', 'DIG-ENUM', 'DIG-STALE', 'DIG-URI'],
  },
  'users-enumerable': {
    title: 'unknown users are told apart from wrong passwords',
    where: 'digest',
    mayTurnRed: ['DIG-ENUM', 'DIG-BADPW'],
  },
  'challenge-repeated': {
    title: 'the challenge to an INVITE is repeated by timers',
    where: 'digest',
    mayTurnRed: ['DIG-ONCE'],
  },
  'basic-offered': {
    title: 'Basic authentication is offered beside Digest',
    where: 'digest',
    mayTurnRed: ['DIG-QOP', 'DIG-ORDER'],
  },
  'challenge-401-with-proxy-header': {
    title: '401 carries Proxy-Authenticate and 407 WWW-Authenticate',
    where: 'digest',
    mayTurnRed: ['DIG-CHAL'],
  },
  'invite-not-resent': {
    title: 'a forwarded INVITE is sent once only',
    where: 'transaction',
    mayTurnRed: ['TX-A', 'TX-B'],
  },
  'invite-interval-even': {
    title: 'an unanswered INVITE is resent every 500 ms, the interval never doubles',
    where: 'transaction',
    mayTurnRed: ['TX-A'],
  },
  'request-not-resent': {
    title: 'forwarded requests other than INVITE are sent once only',
    where: 'transaction',
    mayTurnRed: ['TX-E', 'TX-F'],
  },
  'request-interval-unbounded': {
    title: 'intervals of requests other than INVITE double beyond T2',
    where: 'transaction',
    mayTurnRed: ['TX-E'],
  },
  'final-not-repeated': {
    title: 'a forwarded failure is sent once only',
    where: 'transaction',
    mayTurnRed: ['TX-G', 'TX-H', 'TX-REPLAY'],
  },
  'final-repeated-for-ever': {
    title: 'a forwarded failure is repeated without end',
    where: 'transaction',
    mayTurnRed: ['TX-H', 'TX-G'],
  },
  'gives-up-early': {
    title: 'transactions give up after 4 s',
    where: 'transaction',
    mayTurnRed: ['TX-A', 'TX-B', 'TX-E', 'TX-F', 'TX-TIMEOUT'],
  },
  'never-gives-up': {
    title: 'unanswered requests are repeated without end',
    where: 'transaction',
    mayTurnRed: ['TX-B', 'TX-F', 'TX-TIMEOUT', 'TX-A', 'TX-E'],
  },
  'resends-on-streams': {
    title: 'requests are resent over TCP and TLS too',
    where: 'transaction',
    mayTurnRed: ['TX-TCP', 'TX-TLS'],
  },
  'answers-not-kept': {
    title: 'an answered request that comes again is carried out again',
    where: 'transaction',
    mayTurnRed: ['TX-REPLAY', 'TX-COPY', 'REG-CSEQ'],
  },
  'no-trying': {
    title: 'an INVITE gets no 100',
    where: 'transaction',
    mayTurnRed: ['TX-100'],
  },
  'ack-with-new-branch': {
    title: 'the ACK of a failure carries a branch of its own',
    where: 'transaction',
    mayTurnRed: ['TX-ACK'],
  },
  'stray-2xx-lost': {
    title: 'a 2xx that is repeated by the callee is dropped',
    where: 'transaction',
    mayTurnRed: ['TX-6026', 'PRX-LATE2XX'],
  },
  'early-100-for-non-invite': {
    title: 'requests other than INVITE get an early 100 over UDP',
    where: 'transaction',
    mayTurnRed: ['TX-NI100'],
  },
  'non-invite-408': {
    title: 'a request other than INVITE that nobody answers gets 408',
    where: 'proxy',
    mayTurnRed: ['TX-F', 'TX-E'],
  },
  'cancel-not-forwarded': {
    title: 'a CANCEL is answered and goes no further',
    where: 'proxy',
    mayTurnRed: ['TX-CANCEL'],
  },
  'late-cancel-kills': {
    title: 'a CANCEL after the answer ends the call',
    where: 'proxy',
    mayTurnRed: ['TX-LATECANCEL'],
  },
  'stray-cancel-accepted': {
    title: 'a CANCEL that matches nothing is answered 200',
    where: 'proxy',
    mayTurnRed: ['TX-CANCEL481', 'PRX-CANCEL'],
  },
  'max-forwards-0-forwarded': {
    title: 'a request with Max-Forwards 0 goes on',
    where: 'proxy',
    mayTurnRed: ['PRX-483'],
  },
  'max-forwards-kept': {
    title: 'Max-Forwards is not counted down',
    where: 'proxy',
    mayTurnRed: ['PRX-MAXFWD', 'PRX-LOOP'],
  },
  'max-forwards-not-added': {
    title: 'Max-Forwards is not added where it is missing',
    where: 'proxy',
    mayTurnRed: ['PRX-MAXFWD'],
  },
  'loops-undetected': {
    title: 'a request that comes back unchanged is forwarded again',
    where: 'proxy',
    mayTurnRed: ['PRX-LOOP'],
  },
  'proxy-require-ignored': {
    title: 'Proxy-Require is passed over',
    where: 'proxy',
    mayTurnRed: ['PRX-420'],
  },
  'no-record-route': {
    title: 'requests are forwarded without Record-Route',
    where: 'proxy',
    mayTurnRed: ['PRX-RR', 'V6-RR', 'MED-SILENT', 'PRX-MAXFWD', 'DLG-STRICT'],
  },
  'record-route-one-family': {
    title: 'between IPv4 and IPv6 only one Record-Route value is written',
    where: 'proxy',
    mayTurnRed: ['V6-RR'],
  },
  'strict-router-unknown': {
    title: 'strict routers are not understood',
    where: 'proxy',
    mayTurnRed: ['DLG-STRICT'],
  },
  'losers-not-cancelled': {
    title: 'when one branch answers the others go on ringing',
    where: 'proxy',
    mayTurnRed: ['PRX-FORK'],
  },
  'best-is-first': {
    title: 'of several failures the first one is passed on',
    where: 'proxy',
    mayTurnRed: ['PRX-BEST'],
  },
  'timer-c-short': {
    title: 'a ringing call is given up after one minute',
    where: 'proxy',
    mayTurnRed: ['PRX-TIMERC'],
  },
  'unknown-header-dropped': {
    title: 'header fields that begin with X- are removed',
    where: 'proxy',
    mayTurnRed: ['PRX-PASS'],
  },
  'one-2xx-only': {
    title: 'further 2xx of a downstream fork are swallowed',
    where: 'proxy',
    mayTurnRed: ['PRX-LATE2XX', 'TX-6026'],
  },
  'forwards-100': {
    title: '100 of the callee is forwarded',
    where: 'proxy',
    mayTurnRed: ['PRX-1XX'],
  },
  'provisionals-dropped': {
    title: '183 is not forwarded',
    where: 'proxy',
    mayTurnRed: ['PRX-1XX', 'MED-EARLY'],
  },
  'to-tag-changed': {
    title: 'To tags of provisional responses are changed',
    where: 'proxy',
    mayTurnRed: ['PRX-TOTAG', 'TX-COPY', 'UA-18X', 'PRX-1XX'],
  },
  'forwards-503': {
    title: 'a lone 503 is forwarded as it is',
    where: 'proxy',
    mayTurnRed: ['PRX-503'],
  },
  'finals-become-480': {
    title: 'every failure of the callee reaches the caller as 480',
    where: 'proxy',
    mayTurnRed: ['UA-FINALS', 'PRX-503'],
  },
  'max-breadth-dropped': {
    title: 'requests are forwarded without Max-Breadth',
    where: 'proxy',
    mayTurnRed: ['PRX-BREADTH'],
  },
  'brief-session-accepted': {
    title: 'session intervals below the minimum are let through',
    where: 'proxy',
    mayTurnRed: ['ST-422'],
  },
  'no-min-se': {
    title: '422 comes without Min-SE',
    where: 'proxy',
    mayTurnRed: ['ST-422'],
  },
  'sips-downgraded': {
    title: 'a call to a SIPS URI is forwarded to a SIP contact',
    where: 'proxy',
    mayTurnRed: ['TLS-SIPS'],
  },
  'nat-ignored': {
    title: 'devices behind NAT are called at the inside address of their contact',
    where: 'proxy',
    mayTurnRed: ['NAT-KEEP', 'NAT-RPORT', 'NATLOSS', 'REG-EVIL', 'CGN'],
  },
  'never-leaves-udp': {
    title: 'large requests are sent over UDP nevertheless',
    where: 'proxy',
    mayTurnRed: ['TR-MTU'],
  },
  'extension-lost': {
    title: 'a trunk is not told which extension was dialled',
    where: 'proxy',
    mayTurnRed: ['DDI'],
  },
  'any-from-accepted': {
    title: 'any From is passed on',
    where: 'identity',
    mayTurnRed: ['ID-FROM', 'ID-OTHER'],
  },
  'asserted-identity-passed': {
    title: "a customer's own P-Asserted-Identity is passed on",
    where: 'identity',
    mayTurnRed: ['ID-PAI', 'ID-OTHER'],
  },
  'preferred-identity-passed': {
    title: 'P-Preferred-Identity is passed on',
    where: 'identity',
    mayTurnRed: ['ID-PAI'],
  },
  'privacy-ignored': {
    title: 'the number is asserted although privacy was asked for',
    where: 'identity',
    mayTurnRed: ['UA-PRIV'],
  },
  'preloaded-route-trusted': {
    title: 'a request with a Route needs no credentials',
    where: 'identity',
    mayTurnRed: ['ID-FRAUD'],
  },
  'to-tag-trusted': {
    title: 'a request with a To tag needs no credentials',
    where: 'identity',
    mayTurnRed: ['ID-FRAUD'],
  },
  'rport-ignored': {
    title: 'rport is ignored: answers go to the port in Via',
    where: 'transport',
    mayTurnRed: ['NAT-RPORT'],
  },
  'received-missing': {
    title: 'received is not added',
    where: 'transport',
    mayTurnRed: ['TR-RECEIVED', 'NAT-NORPORT', 'NAT-RPORT'],
  },
  'framing-broken': {
    title: 'a message that arrives in pieces over TCP is lost',
    where: 'transport',
    mayTurnRed: ['TR-FRAME'],
  },
  'crlf-closes-connection': {
    title: 'empty lines before a message close the connection',
    where: 'transport',
    mayTurnRed: ['TR-CRLF', 'OB-PONG'],
  },
  'excess-bytes-refused': {
    title: 'a datagram with bytes beyond Content-Length is dropped',
    where: 'transport',
    mayTurnRed: ['TR-EXCESS'],
  },
  'compact-forms-unknown': {
    title: 'compact header names are not understood',
    where: 'transport',
    mayTurnRed: ['TR-FORMS'],
  },
  'large-datagrams-dropped': {
    title: 'requests over 1500 bytes are dropped',
    where: 'transport',
    mayTurnRed: ['TR-BIG'],
  },
  'replies-on-new-connection': {
    title: 'requests to a device on TCP open a connection of their own',
    where: 'transport',
    mayTurnRed: ['TR-REUSE', 'OB-FLOW'],
  },
  'idle-connection-closed': {
    title: 'connections are closed after 10 s without traffic',
    where: 'transport',
    mayTurnRed: ['TR-IDLE'],
  },
  'no-tcp': {
    title: 'nothing listens on TCP',
    where: 'transport',
    mayTurnRed: [
      'TR-BOTH',
      'DNS-RECORDS',
      'DNS-DEAD',
      'V6-DUAL',
      'TR-FRAME',
      'TR-CRLF',
      'TR-REUSE',
      'TR-IDLE',
      'TX-TCP',
      'OB-PONG',
      'TR-MTU',
    ],
  },
  'certificate-of-another-name': {
    title: 'the TLS certificate carries another name',
    where: 'transport',
    mayTurnRed: ['TLS-CERT'],
  },
  'certificate-expired': {
    title: 'the TLS certificate has expired',
    where: 'transport',
    mayTurnRed: ['TLS-CERT'],
  },
  'old-tls-allowed': {
    title: 'TLS 1.0 and 1.1 are accepted',
    where: 'transport',
    mayTurnRed: ['TLS-VERSION'],
  },
  'keep-alive-unanswered': {
    title: 'keep-alives get no answer',
    where: 'transport',
    mayTurnRed: ['OB-PONG', 'OB-STUN', 'NAT-KEEP', 'NATLOSS'],
  },
  'signalling-outside-the-list': {
    title: 'requests to devices leave from an unpublished port',
    where: 'transport',
    mayTurnRed: ['FW-SIG', 'NAT-KEEP', 'NATLOSS', 'CGN'],
  },
  '2xx-not-repeated': {
    title: 'services send their 200 once only',
    where: 'service',
    mayTurnRed: ['TX-2XX'],
  },
  'no-bye-without-ack': {
    title: 'a call whose ACK never comes is dropped without BYE',
    where: 'service',
    mayTurnRed: ['TX-2XX'],
  },
  'unknown-dialog-accepted': {
    title: 'BYE for a call that does not exist is answered 200',
    where: 'service',
    mayTurnRed: ['DLG-481'],
  },
  'dialog-order-ignored': {
    title: 'requests with an old CSeq number are carried out',
    where: 'service',
    mayTurnRed: ['DLG-CSEQ'],
  },
  'target-not-refreshed': {
    title: "a re-INVITE's Contact is ignored",
    where: 'service',
    mayTurnRed: ['DLG-TARGET'],
  },
  'no-retry-after': {
    title: '500 to an overlapping INVITE has no Retry-After',
    where: 'service',
    mayTurnRed: ['DLG-OVERLAP'],
  },
  'overlap-accepted': {
    title: 'an INVITE that overlaps another is answered 200',
    where: 'service',
    mayTurnRed: ['DLG-OVERLAP'],
  },
  'failed-reinvite-ends-call': {
    title: 'a re-INVITE that is refused ends the call',
    where: 'service',
    mayTurnRed: ['DLG-FAILED'],
  },
  'late-offer-refused': {
    title: 'an INVITE without offer is refused',
    where: 'service',
    mayTurnRed: ['DLG-LATE'],
  },
  'bye-from-anyone': {
    title: 'a BYE needs only the Call-ID',
    where: 'service',
    mayTurnRed: ['DLG-STRANGER', 'DLG-481'],
  },
  'merged-accepted': {
    title: 'the same request by two paths is answered twice',
    where: 'service',
    mayTurnRed: ['TX-MERGE'],
  },
  'require-ignored': {
    title: 'services pass over extensions in Require',
    where: 'service',
    mayTurnRed: ['UA-OPTIONS', 'REL-420'],
  },
  'no-415': {
    title: 'a body of unknown type is refused without Accept',
    where: 'service',
    mayTurnRed: ['UA-415'],
  },
  'no-501': {
    title: 'unknown methods are answered 405',
    where: 'service',
    mayTurnRed: ['UA-405'],
  },
  'no-allow': {
    title: '405 comes without Allow',
    where: 'service',
    mayTurnRed: ['UA-405'],
  },
  'options-404': {
    title: 'OPTIONS to a service is answered 404',
    where: 'service',
    mayTurnRed: ['UA-OPTIONS'],
  },
  'reliable-not-repeated': {
    title: 'reliable provisional responses are sent once only',
    where: 'service',
    mayTurnRed: ['REL-RETX'],
  },
  'rack-unchecked': {
    title: 'a PRACK for another response is accepted',
    where: 'service',
    mayTurnRed: ['REL-RACK'],
  },
  'rseq-jumps': {
    title: 'RSeq rises by two',
    where: 'service',
    mayTurnRed: ['REL-ORDER'],
  },
  'unasked-reliable': {
    title: 'reliable provisionals go to callers that do not know them',
    where: 'service',
    mayTurnRed: ['REL-420'],
  },
  'session-timer-ignored': {
    title: 'services agree to no session timer and never refresh',
    where: 'service',
    mayTurnRed: ['ST-REFRESH', 'ST-DEAD'],
  },
  'session-not-ended': {
    title: 'a session that nobody refreshes goes on',
    where: 'service',
    mayTurnRed: ['ST-DEAD'],
  },
  'hold-ignored': {
    title: 'services go on sending while they are held',
    where: 'service',
    mayTurnRed: ['OA-HOLD', 'OA-ANSWER'],
  },
  'origin-version-kept': {
    title: 'the version in o= stays although the description changes',
    where: 'service',
    mayTurnRed: ['OA-VER'],
  },
  'audio-type-forced': {
    title: 'audio is sent as payload type 0 whatever was agreed',
    where: 'service',
    mayTurnRed: ['OA-PT', 'MED-ECHO'],
  },
  'media-lines-dropped': {
    title: 'refused streams are left out of the answer',
    where: 'service',
    mayTurnRed: ['OA-MLINE'],
  },
  'no-common-codec-accepted': {
    title: 'an offer without a common codec is answered with another',
    where: 'service',
    mayTurnRed: ['OA-488'],
  },
  'keys-in-clear': {
    title: 'SRTP keys are put into unencrypted signalling',
    where: 'service',
    mayTurnRed: ['SD-PLAIN'],
  },
  'crypto-tag-not-echoed': {
    title: "the answer's crypto line carries another tag",
    where: 'service',
    mayTurnRed: ['SD-TAG', 'SD-UNK', 'SD-BADKEY'],
  },
  'savp-without-keys-accepted': {
    title: 'RTP/SAVP without any key is accepted',
    where: 'service',
    mayTurnRed: ['SD-NOCRYPTO'],
  },
  'dtmf-type-forced': {
    title: 'telephone-events are sent as payload type 101 whatever was agreed',
    where: 'service',
    mayTurnRed: ['EV-PT'],
  },
  'dtmf-end-is-a-digit': {
    title: 'each end packet counts as a digit',
    where: 'service',
    mayTurnRed: ['EV-END'],
  },
  'dtmf-repeat-swallowed': {
    title: 'the same digit twice in a row counts once',
    where: 'service',
    mayTurnRed: ['EV-REPEAT'],
  },
  'event-timestamp-moves': {
    title: 'the timestamp moves within a telephone-event',
    where: 'service',
    mayTurnRed: ['EV-TS'],
  },
  'event-ends-once': {
    title: 'the end of a telephone-event is sent once only',
    where: 'service',
    mayTurnRed: ['EV-END'],
  },
  'rtcp-loss-invented': {
    title: 'RTCP reports losses that never were',
    where: 'service',
    mayTurnRed: ['RTCP'],
  },
  'no-cname': {
    title: 'RTCP comes without CNAME',
    where: 'service',
    mayTurnRed: ['MED-SYM'],
  },
  'codes-without-effect': {
    title: 'service codes announce a change and change nothing',
    where: 'service',
    mayTurnRed: ['SC-7', 'SC-8', 'SC-9', 'SC-10', 'SC-11', 'SC-12', 'SC-14', 'UA-PRIV', 'SPIRAL'],
  },
  'wake-up-late': {
    title: 'wake-up calls come a minute and a half late',
    where: 'service',
    mayTurnRed: ['WAKE'],
  },
  'wake-up-once': {
    title: 'the second wake-up call never comes',
    where: 'service',
    mayTurnRed: ['WAKE'],
  },
  'wake-up-not-cancelled': {
    title: 'a cancelled wake-up call comes nevertheless',
    where: 'service',
    mayTurnRed: ['WAKE', 'SC-16'],
  },
  'star-as-escape-unknown': {
    title: '%2A is not understood as *',
    where: 'service',
    mayTurnRed: ['SC-5', 'SC-6', 'SC-7', 'SC-8', 'SC-15', 'SC-17'],
  },
  'relay-drops-every-50th': {
    title: 'every 50th packet is lost',
    where: 'relay',
    mayTurnRed: ['MED-ECHO', 'MED-TWOWAY', 'RTCP', 'SRTP-ROC'],
  },
  'relay-one-way': {
    title: 'what the callee says does not reach the caller',
    where: 'relay',
    mayTurnRed: ['MED-TWOWAY', 'MED-LATCH', 'MED-V4V6', 'MED-EARLY', 'HALF', 'MED-SYM'],
  },
  'relay-outside-the-list': {
    title: 'media is led over an address that is not published',
    where: 'relay',
    mayTurnRed: ['FW-RTP'],
  },
  'relay-follows-hijacker': {
    title: 'media follows whoever sent last',
    where: 'relay',
    mayTurnRed: ['MED-LATCH', 'MED-BLEED'],
  },
  'relay-answers-strangers': {
    title: 'media goes to whoever sends first, announced or not',
    where: 'relay',
    mayTurnRed: ['MED-BLEED', 'MED-LATCH'],
  },
  'relay-ignores-source': {
    title: 'media goes to the address in SDP, wherever the device really is',
    where: 'relay',
    mayTurnRed: ['MED-LATCH', 'CGN'],
  },
  'relay-sends-after-bye': {
    title: 'packets are sent on after the call has ended',
    where: 'relay',
    mayTurnRed: ['MED-SILENT'],
  },
  'relay-garbles-audio': {
    title: 'payloads are altered on their way',
    where: 'relay',
    mayTurnRed: ['MED-ECHO', 'MED-TWOWAY', 'MED-V4V6', 'MED-EARLY', 'MED-LATCH'],
  },
  'relay-delays-audio': {
    title: 'audio comes half a second late',
    where: 'relay',
    mayTurnRed: ['MED-ECHO', 'MED-TWOWAY'],
  },
  'rtcp-not-forwarded': {
    title: 'RTCP is not forwarded',
    where: 'relay',
    mayTurnRed: ['RTCP', 'MED-SYM', 'SRTCP'],
  },
  'sdp-says-ip4': {
    title: 'IPv6 addresses are written as IN IP4',
    where: 'relay',
    mayTurnRed: ['MED-V4V6', 'V6-RR', 'FW-RTP'],
  },
  'srtp-downgraded': {
    title: 'SRTP between two devices is turned into RTP on one side',
    where: 'relay',
    mayTurnRed: ['LEAK', 'SD-UNIQUE', 'SRTP-AUTH'],
  },
  'srtp-key-reused': {
    title: "the caller's key is used for the other direction too",
    where: 'relay',
    mayTurnRed: ['SD-UNIQUE', 'SRTCP'],
  },
  'srtp-tampered-accepted': {
    title: 'SRTP packets with a wrong tag are accepted',
    where: 'relay',
    mayTurnRed: ['SRTP-AUTH'],
  },
  'srtp-replays-accepted': {
    title: 'SRTP packets that were had before are accepted',
    where: 'relay',
    mayTurnRed: ['SRTP-AUTH'],
  },
  'stun-wrong-address': {
    title: 'the mapped address is wrong',
    where: 'stun',
    mayTurnRed: ['STUN-3478', 'STUN-ALT', 'OB-STUN'],
  },
  'stun-alternative-dead': {
    title: 'the alternative STUN port is dead',
    where: 'stun',
    mayTurnRed: ['STUN-ALT'],
  },
  'stun-unknown-ignored': {
    title: 'unknown required attributes are passed over',
    where: 'stun',
    mayTurnRed: ['STUN-3478', 'STUN-ALT'],
  },
  'stun-answers-from-elsewhere': {
    title: 'STUN answers come from another port than the one asked',
    where: 'stun',
    mayTurnRed: ['STUN-3478', 'STUN-ALT'],
  },
  'dns-no-naptr': {
    title: 'there are no NAPTR records',
    where: 'dns',
    mayTurnRed: ['DNS-RECORDS'],
  },
  'dns-no-aaaa': {
    title: 'there are no AAAA records',
    where: 'dns',
    mayTurnRed: ['DNS-RECORDS', 'V6-DUAL'],
  },
  'dns-srv-dead-port': {
    title: 'SRV records name ports where nobody listens',
    where: 'dns',
    mayTurnRed: ['DNS-RECORDS', 'DNS-DEAD'],
  },
  'dns-dead-address': {
    title: 'one of the addresses is dead',
    where: 'dns',
    mayTurnRed: ['DNS-RECORDS', 'DNS-DEAD'],
  },
  'ntp-offset': {
    title: 'the time is 90 s off',
    where: 'ntp',
    mayTurnRed: ['NTP'],
  },
  'ntp-unsynchronised': {
    title: 'the time server says that it is not synchronised',
    where: 'ntp',
    mayTurnRed: ['NTP'],
  },
} as const satisfies Record<string, Omit<Fault, 'name'>>

export type FaultName = keyof typeof catalogue

/** All defects, in the order of the catalogue. */
export const faultCatalogue: readonly (Fault & { readonly name: FaultName })[] = Object.entries(catalogue).map(
  ([name, fault]) => ({ name: name as FaultName, ...fault }),
)

/** The defects that are switched on. */
export class Faults {
  readonly #on: ReadonlySet<FaultName>

  constructor(names: Iterable<FaultName> = []) {
    this.#on = new Set(names)
  }

  has(name: FaultName): boolean {
    return this.#on.has(name)
  }

  names(): FaultName[] {
    return [...this.#on]
  }
}
