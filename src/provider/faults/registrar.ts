/** Faults of the registrar. */
import type { FaultEntries } from './fault.js'

/** Seconds for which a binding that never ends is kept. */
const OVERTIME = 1e6

export const registrarFaults = {
  'refresh-adds-binding': {
    title: 'a refresh adds a second binding for the same contact',
    mayTurnRed: ['REG-REFRESH', 'REG-ADD', 'REG-URI', 'REG-REBOOT', 'OB-FLOW'],
    rules: { registrar: { comparesContacts: 'removals as text' } },
  },
  'contacts-not-listed': {
    title: 'the answer to REGISTER does not list the bindings',
    mayTurnRed: ['REG-SHARED', 'REG-ADD', 'REG-QUERY', 'REG-REFRESH'],
    rules: { registrar: { listsBindings: false } },
  },
  'expires-not-told': {
    title: 'bindings are listed without their time',
    mayTurnRed: ['REG-ADD', 'REG-REFRESH'],
    rules: { registrar: { tellsTime: false } },
  },
  'query-removes': {
    title: 'a REGISTER without Contact removes all bindings',
    mayTurnRed: ['REG-SHARED', 'REG-QUERY'],
    rules: { registrar: { queryRemoves: true } },
  },
  'empty-query-rejected': {
    title: 'a REGISTER without Contact is rejected with 404 where there is no binding',
    mayTurnRed: ['REG-QUERY'],
    rules: { registrar: { answersEmptyQuery: false } },
  },
  'cseq-across-calls': {
    title: 'CSeq numbers are compared across Call-IDs',
    mayTurnRed: ['REG-REBOOT', 'REG-NO6XX'],
    rules: { registrar: { ordersAcrossCallIds: true } },
  },
  'one-account-locked': {
    title: 'one account of all cannot register: 403',
    mayTurnRed: ['SURVEY'],
    rules: { registrar: { locksNth: 3 } },
  },
  'one-account-per-address': {
    title: 'an account that registers from the address and port of another displaces it',
    mayTurnRed: ['BH-11'],
    rules: { registrar: { sharesAddresses: false } },
  },
  'star-ignored': {
    title: 'Contact * with Expires 0 is answered 200 and removes nothing',
    mayTurnRed: ['REG-STAR'],
    rules: { registrar: { starRemoves: false } },
  },
  'bad-star-accepted': {
    title: 'Contact * with another expiry, or beside another contact, is answered 200',
    mayTurnRed: ['REG-STARBAD'],
    rules: { registrar: { checksStar: false }, proxy: { overlooks: ['contact-wildcard-misplaced'] } },
  },
  'register-order-ignored': {
    title: 'a REGISTER with the same Call-ID and an old CSeq number is carried out',
    mayTurnRed: ['REG-CSEQ', 'REG-ATOMIC'],
    rules: { registrar: { checksOrder: false } },
  },
  'register-not-atomic': {
    title: 'of a REGISTER that is refused, the contacts that would do are stored',
    mayTurnRed: ['REG-ATOMIC'],
    rules: { registrar: { isAtomic: false } },
  },
  'no-min-expires': {
    title: '423 comes without Min-Expires',
    mayTurnRed: ['REG-423'],
    rules: { registrar: { tellsMinimum: false } },
  },
  'brief-registration-accepted': {
    title: 'an interval below the published minimum is granted',
    mayTurnRed: ['REG-423'],
    rules: { registrar: { checksMinimum: false } },
  },
  'binding-ends-early': {
    title: 'a binding ends after half of the time that was granted',
    mayTurnRed: ['REG-EXPIRE', 'REG-GRANT', 'REG-QUERY', 'FLAP'],
    rules: { registrar: { kept: (granted) => granted / 2, told: (left) => left * 2 } },
  },
  'binding-never-ends': {
    title: 'a binding outlives the time that was granted',
    mayTurnRed: ['REG-EXPIRE', 'REG-GRANT'],
    rules: { registrar: { kept: (granted) => granted + OVERTIME, told: (left) => left - OVERTIME } },
  },
  'contact-expires-ignored': {
    title: "the Expires header field counts, the contact's own parameter does not",
    mayTurnRed: ['REG-EXPIRES', 'REG-423', 'REG-GRANT', 'REG-ATOMIC'],
    rules: { registrar: { readsContactExpires: false } },
  },
  'contacts-compared-as-text': {
    title: 'contacts are compared as text, not as URIs',
    mayTurnRed: ['REG-URI'],
    rules: { registrar: { comparesContacts: 'as text' } },
  },
  'registers-for-anyone': {
    title: "any account's credentials register any address-of-record",
    mayTurnRed: ['REG-AUTHZ'],
    rules: { registrar: { ownersOnly: false } },
  },
  'require-ignored-by-registrar': {
    title: 'extensions in Require that nobody knows are passed over',
    mayTurnRed: ['REG-420'],
    rules: { registrar: { checksRequire: false } },
  },
  'own-address-as-contact': {
    title: 'a contact that names the provider itself is stored and used',
    mayTurnRed: ['REG-EVIL', 'PRX-LOOP'],
    rules: { registrar: { refusesOwnAddress: false } },
  },
  'sips-contact-mixed': {
    title: 'a SIPS contact in a SIP REGISTER is stored',
    mayTurnRed: ['TLS-SIPS'],
    rules: { registrar: { refusesMixedSips: false } },
  },
  'keeps-both-devices': {
    title: 'a second device with the same credentials does not displace the first',
    mayTurnRed: ['REG-SHARED', 'FLAP'],
    rules: { registrar: { sharedCredentials: 'fork' } },
  },
  'second-device-refused': {
    title: 'a second device with the same credentials is refused',
    mayTurnRed: ['REG-SHARED', 'REG-REBOOT', 'FLAP'],
    rules: { registrar: { sharedCredentials: 'refuse' } },
  },
  'displaced-refresh-lost': {
    title: 'a device that was displaced is answered 200 when it registers again, and not stored',
    mayTurnRed: ['REG-SHARED', 'FLAP'],
    rules: { registrar: { storesDisplaced: false } },
  },
  'displacing-keeps-time': {
    title: 'a device that displaces another is stored with what is left of the time of the other one',
    mayTurnRed: ['FLAP', 'REG-SHARED'],
    rules: { registrar: { displacingRenews: false } },
  },
  'unregister-clears-all': {
    title: 'a device that unregisters takes all contacts of the account with it',
    mayTurnRed: ['REG-SHARED', 'REG-EXPIRES', 'FLAP', 'REG-ATOMIC'],
    rules: { registrar: { removesNamedOnly: false } },
  },
  'outbound-ignored': {
    title: 'instance and reg-id of RFC 5626 are ignored although outbound is agreed on',
    mayTurnRed: ['OB-FLOW', 'OB-CLOSED'],
    rules: { registrar: { knowsOutbound: false } },
  },
  'old-flow-kept': {
    title: 'a device that registers the same flow number over a new connection is called over the old one',
    mayTurnRed: ['OB-FLOW'],
    rules: { registrar: { followsFlows: false } },
  },
  'first-source-kept': {
    title: 'a device that registers again is called where its first REGISTER came from',
    mayTurnRed: ['NAT-REBOOT', 'NATLOSS', 'OB-FLOW'],
    rules: { registrar: { followsSource: false } },
  },
  'all-flows-called': {
    title: 'a device that holds several flows is called over all of them at once',
    mayTurnRed: ['OB-FLOW'],
    rules: { proxy: { callsOneFlow: false } },
  },
  'overrun-after-restart': {
    title: 'when all telephones come back after a restart, the registrar answers 503 as long as anybody asks',
    mayTurnRed: ['REBOOT'],
    rules: { registrar: { recovers: false } },
  },
  'unknown-refresh-refused': {
    title: 'a telephone that renews a registration which a restart has lost is answered 481',
    mayTurnRed: ['REBOOT', 'DIG-STALE'],
    rules: { registrar: { bindsAtRefresh: false } },
  },
  'aor-not-unescaped': {
    title: 'escapes and parameters make another address-of-record',
    mayTurnRed: ['REG-ESCAPED'],
    rules: { registrar: { readsEscapes: false } },
  },
  'unknown-aor-accepted': {
    title: 'an address-of-record of another domain is answered 200',
    mayTurnRed: ['REG-404'],
    rules: { registrar: { ownDomainOnly: false } },
  },
  'preference-not-told': {
    title: 'contacts are listed without the preference (q) that they were registered with',
    mayTurnRed: ['REG-Q'],
    rules: { registrar: { tellsPreference: false } },
  },
  'record-route-in-register': {
    title: 'Record-Route of a REGISTER comes back in its answer',
    mayTurnRed: ['REG-NO6XX'],
    rules: { registrar: { returnsRecordRoute: true } },
  },
} satisfies FaultEntries
