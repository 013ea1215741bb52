/** Faults of the proxy. */
import type { FaultEntries } from './fault.js'

export const proxyFaults = {
  'non-invite-408': {
    title: 'a request other than INVITE that nobody answers gets 408',
    mayTurnRed: ['TX-F', 'TX-E'],
    rules: { proxy: { staysSilentOnTimeout: false } },
  },
  'one-account-uncalled': {
    title: 'calls to one account of all end with 480, although its device is registered',
    mayTurnRed: ['SURVEY'],
    rules: { proxy: { skipsNth: 2 } },
  },
  'cancel-not-forwarded': {
    title: 'a CANCEL is answered and goes no further',
    mayTurnRed: ['TX-CANCEL', 'TX-CROSS', 'BLF-END', 'PRX-CHANNELS'],
    rules: { proxy: { forwardsCancel: false } },
  },
  'cancel-late': {
    title: 'a CANCEL is forwarded after 16 s',
    mayTurnRed: ['TX-CANCEL', 'TX-CROSS', 'BLF-END', 'PRX-CHANNELS'],
    rules: { proxy: { cancelDelayMs: 16_000 } },
  },
  'provisionals-late': {
    title: 'provisional responses are forwarded 4 s late',
    mayTurnRed: ['PRX-1XX', 'MED-EARLY', 'REL-BETWEEN'],
    rules: { proxy: { provisionalDelayMs: 4_000 } },
  },
  'ringing-forgotten': {
    title: 'a call that has rung for 170 s is forgotten in silence',
    mayTurnRed: ['PRX-TIMERC'],
    rules: { proxy: { forgetsRingingMs: 170_000 } },
  },
  'via-parameters-dropped': {
    title: 'Vias below the topmost lose their parameters in responses',
    mayTurnRed: ['TX-COPY'],
    rules: { proxy: { keepsViaParameters: false } },
  },
  'late-cancel-kills': {
    title: 'a CANCEL after the answer ends the call',
    mayTurnRed: ['TX-LATECANCEL', 'TX-CROSS'],
    rules: { proxy: { lateCancelEndsCall: true } },
  },
  'stray-cancel-accepted': {
    title: 'a CANCEL that matches nothing is answered 200',
    mayTurnRed: ['TX-CANCEL481', 'PRX-CANCEL'],
    rules: { proxy: { refusesStrayCancel: false } },
  },
  'max-forwards-0-forwarded': {
    title: 'a request with Max-Forwards 0 goes on',
    mayTurnRed: ['PRX-483'],
    rules: { proxy: { refusesZeroHops: false } },
  },
  'max-forwards-kept': {
    title: 'Max-Forwards is not counted down',
    mayTurnRed: ['PRX-MAXFWD', 'PRX-LOOP'],
    rules: { proxy: { countsHops: false } },
  },
  'max-forwards-not-added': {
    title: 'Max-Forwards is not added where it is missing',
    mayTurnRed: ['PRX-MAXFWD'],
    rules: { proxy: { addsMaxForwards: false } },
  },
  'redirect-passed-to-caller': {
    title: 'a 302 of a telephone goes back to the caller',
    mayTurnRed: ['REDIR'],
    rules: { proxy: { followsRedirects: false } },
  },
  'redirect-circles-followed': {
    title: 'a call that two telephones lead to each other by 302 goes round without end',
    mayTurnRed: ['SPIRAL'],
    rules: { proxy: { endsRedirectCircles: false } },
  },
  'redirect-reaches-codes': {
    title: "a 302 of the called telephone to a service code switches the caller's services",
    mayTurnRed: ['REDIR'],
    rules: { proxy: { redirectsReachServices: true } },
  },
  'diversions-unconditional': {
    title: 'diversions on busy, on no answer and on not reachable divert all calls',
    mayTurnRed: ['SC-10', 'SC-11', 'SC-12'],
    rules: { proxy: { keepsConditions: false } },
  },
  'diverted-rings-on': {
    title: 'a call that is diverted rings the telephone that diverts, too',
    mayTurnRed: ['SC-14', 'DIV-CALLER', 'SPIRAL'],
    rules: { proxy: { divertsInstead: false } },
  },
  'called-party-main-number': {
    title: 'P-Called-Party-ID names the main number of a trunk, whatever was dialled',
    mayTurnRed: ['DDI'],
    rules: { proxy: { namesExtensionAsCalled: false } },
  },
  'plus-unknown': {
    title: 'numbers that begin with + are not known',
    mayTurnRed: ['CLIP'],
    rules: { proxy: { readsPlus: false } },
  },
  'loops-undetected': {
    title: 'a request that comes back unchanged is forwarded again',
    mayTurnRed: ['PRX-LOOP'],
    rules: { proxy: { detectsLoops: false } },
  },
  'proxy-require-ignored': {
    title: 'Proxy-Require is passed over',
    mayTurnRed: ['PRX-420'],
    rules: { proxy: { checksProxyRequire: false } },
  },
  'no-record-route': {
    title: 'requests are forwarded without Record-Route',
    mayTurnRed: [
      'PRX-RR',
      'NAT-ACK',
      'MOVED',
      'V6-RR',
      'MED-SILENT',
      'PRX-MAXFWD',
      'DLG-STRICT',
      'TR-REUSE',
      'HOLD',
      'BLF',
      'BLF-ASKED',
      'BLF-END',
      'BLF-FORK',
      'PRX-CHANNELS',
      'REMAPPED',
      'DEAD-CALL',
      'DLG-LATE',
      'REL-BETWEEN',
    ],
    rules: { proxy: { recordsRoute: false } },
  },
  'record-route-one-family': {
    title: 'between IPv4 and IPv6 only one Record-Route value is written',
    mayTurnRed: ['V6-RR'],
    rules: { proxy: { recordsBothFamilies: false } },
  },
  'record-route-unreachable': {
    title: 'Record-Route names an address of the provider that devices do not reach',
    mayTurnRed: [
      'NAT-ACK',
      'MOVED',
      'V6-RR',
      'TX-6026',
      'TR-REUSE',
      'REL-BETWEEN',
      'BLF-FORK',
      'DEAD-CALL',
      'DLG-LATE',
      'TX-CROSS',
    ],
    rules: { proxy: { recordsReachable: false } },
  },
  'ack-to-inside-address': {
    title: 'ACK to a device behind NAT goes to the inside address of its Contact',
    mayTurnRed: ['NAT-ACK'],
    rules: { proxy: { acknowledgesThroughNat: false } },
  },
  'strict-router-unknown': {
    title: 'strict routers are not understood',
    mayTurnRed: ['DLG-STRICT'],
    rules: { proxy: { knowsStrictRouters: false } },
  },
  'preference-ignored': {
    title: 'all devices of an account are rung at once, whatever their preference (q)',
    mayTurnRed: ['REG-Q'],
    rules: { registrar: { keepsPreference: false } },
  },
  'losers-not-cancelled': {
    title: 'when one branch answers the others go on ringing',
    mayTurnRed: ['PRX-FORK'],
    rules: { proxy: { cancelsLosers: false } },
  },
  'best-is-first': {
    title: 'of several failures the first one is passed on',
    mayTurnRed: ['PRX-BEST'],
    rules: { proxy: { choosesBest: false } },
  },
  'timer-c-short': {
    title: 'a ringing call is given up after one minute',
    mayTurnRed: ['PRX-TIMERC'],
    timers: () => ({ C: 60_000 }),
  },
  'unknown-header-dropped': {
    title: 'header fields that begin with X- are removed',
    mayTurnRed: ['PRX-PASS'],
    rules: { proxy: { forwardsUnknownHeaders: false } },
  },
  'unknown-methods-refused': {
    title: 'requests with an unknown method are refused with 501',
    mayTurnRed: ['PRX-PASS'],
    rules: { proxy: { forwardsUnknownMethods: false } },
  },
  'one-2xx-only': {
    title: 'further 2xx of a downstream fork are swallowed',
    mayTurnRed: ['PRX-LATE2XX', 'TX-6026', 'TX-CROSS'],
    rules: { proxy: { forwardsAll2xx: false } },
  },
  'forwards-100': {
    title: '100 of the callee is forwarded',
    mayTurnRed: ['PRX-1XX'],
    rules: { proxy: { keeps100: false } },
  },
  'to-tag-changed': {
    title: 'To tags of provisional responses are changed',
    mayTurnRed: ['PRX-TOTAG', 'TX-COPY', 'UA-18X', 'PRX-1XX', 'REL-BETWEEN'],
    rules: { proxy: { keepsToTags: false } },
  },
  'forwards-503': {
    title: 'a lone 503 is forwarded as it is',
    mayTurnRed: ['PRX-503', 'PRX-OVERLOAD'],
    rules: { proxy: { hides503: false } },
  },
  'finals-become-480': {
    title: 'every failure of the callee reaches the caller as 480',
    mayTurnRed: ['ST-422', 'UA-FINALS', 'PRX-503', 'PRX-BEST', 'TX-CANCEL', 'SC-11', 'GLARE'],
    rules: { proxy: { forwardsFinals: false } },
  },
  'max-breadth-dropped': {
    title: 'requests are forwarded without Max-Breadth',
    mayTurnRed: ['PRX-BREADTH'],
    rules: { proxy: { countsBreadth: false } },
  },
  'changes-past-the-relay': {
    title: "in answers to a re-INVITE the devices' own addresses are left",
    mayTurnRed: ['HOLD', 'CODEC-CHANGE', 'FAX', 'REMAPPED', 'MOVED'],
    rules: { proxy: { anchorsChanges: false } },
  },
  'refused-change-ends-audio': {
    title: 'when a re-INVITE is refused the ports of the relay are given up',
    mayTurnRed: ['GLARE', 'FAX', 'DLG-FAILED'],
    rules: { proxy: { survivesRefusals: false } },
  },
  'update-answered-by-proxy': {
    title: 'UPDATE is answered with 200 and goes no further',
    mayTurnRed: ['HOLD', 'ST-ENDS'],
    rules: { proxy: { forwardsUpdate: false } },
  },
  'refer-swallowed': {
    title: 'REFER within a call is answered with 202 and goes no further',
    mayTurnRed: ['TRANSFER'],
    rules: { proxy: { forwardsRefer: false } },
  },
  'transfer-status-swallowed': {
    title: 'NOTIFYs that tell what comes of a transfer are answered with 200 and go no further',
    mayTurnRed: ['TRANSFER'],
    rules: { proxy: { forwardsReferStatus: false } },
  },
  'transfer-ends-with-transferor': {
    title: 'the new call of a transfer ends with the call that was transferred',
    mayTurnRed: ['TRANSFER'],
    rules: { proxy: { keepsTransferred: false } },
  },
  'replaces-removed': {
    title: 'Replaces is removed from calls',
    mayTurnRed: ['TRANSFER'],
    rules: { proxy: { replaces: 'removed' } },
  },
  'replaces-refused': {
    title:
      'a call with Replaces is refused with 481: the call that it names is looked for among those of the proxy itself',
    mayTurnRed: ['TRANSFER'],
    rules: { proxy: { replaces: 'refused' } },
  },
  'referred-by-removed': {
    title: 'Referred-By is removed from calls',
    mayTurnRed: ['TRANSFER'],
    rules: { proxy: { keepsReferredBy: false } },
  },
  'brief-session-accepted': {
    title: 'session intervals below the minimum are let through',
    mayTurnRed: ['ST-422'],
    rules: { proxy: { checksSessionInterval: false } },
  },
  'no-min-se': {
    title: '422 comes without Min-SE',
    mayTurnRed: ['ST-422'],
    rules: { proxy: { tellsMinSe: false } },
  },
  'session-expires-removed': {
    title: 'answers are forwarded without Session-Expires',
    mayTurnRed: ['ST-ENDS'],
    rules: { proxy: { keepsSessionExpires: false } },
  },
  'session-interval-lengthened': {
    title:
      'requests are forwarded with a session interval of half an hour that the caller is to refresh, whatever they ask for',
    mayTurnRed: ['ST-ENDS'],
    rules: { proxy: { lengthensSessions: true } },
  },
  'session-refresh-refused': {
    title: 'requests within a call that refresh its session timer are refused with 403',
    mayTurnRed: ['ST-ENDS'],
    rules: { proxy: { passesRefreshes: false } },
  },
  'dead-call-never-cleared': {
    title: 'a call of which a telephone is dead stays up: neither its silence nor a session timer ends it',
    mayTurnRed: ['DEAD-CALL'],
    rules: { proxy: { clearsDeadCalls: false } },
  },
  'calls-end-after-half-hour': {
    title: 'a call is ended after half an hour, as nobody has refreshed what the proxy knows of it',
    mayTurnRed: ['LONG-CALL'],
    rules: { proxy: { callLifetimeMs: 1_800_000 } },
  },
  'calls-forgotten-after-half-hour': {
    title: 'a call is forgotten after half an hour: its requests are refused with 481',
    mayTurnRed: ['LONG-CALL'],
    rules: { proxy: { callLifetimeMs: 1_800_000, atLifetimesEnd: 'it is forgotten' } },
  },
  'calls-stay-where-they-began': {
    title: 'requests within a call go to where its devices were when it began',
    mayTurnRed: ['MOVED'],
    rules: { proxy: { followsCalls: false } },
  },
  'sips-downgraded': {
    title: 'a call to a SIPS URI is forwarded to a SIP contact',
    mayTurnRed: ['TLS-SIPS'],
    rules: { proxy: { keepsSips: false } },
  },
  'nat-ignored': {
    title: 'devices behind NAT are called at the inside address of their contact',
    mayTurnRed: ['NAT-KEEP', 'NAT-RPORT', 'NATLOSS', 'REG-EVIL', 'CGN', 'NAT-KINDS'],
    rules: { proxy: { natMemoryMs: 0 } },
  },
  'nat-binding-forgotten': {
    title: 'where a device behind NAT sits is forgotten after 8 s',
    mayTurnRed: ['NAT-KEEP', 'NATLOSS', 'CGN', 'REG-EVIL'],
    rules: { proxy: { natMemoryMs: 8_000 } },
  },
  'nat-port-of-contact': {
    title: 'devices behind NAT are called at their outside address, but at the port of their contact',
    mayTurnRed: ['NAT-KEEP', 'NATLOSS', 'CGN', 'NAT-KINDS'],
    rules: { proxy: { natPort: 'of the contact' } },
  },
  'carrier-addresses-unknown': {
    title: "contacts at the carriers' inside addresses (100.64.0.0/10) are taken for reachable",
    mayTurnRed: ['CGN'],
    rules: { proxy: { knowsCarrierAddresses: false } },
  },
  'never-leaves-udp': {
    title: 'large requests are sent over UDP nevertheless',
    mayTurnRed: ['TR-MTU'],
    rules: { transactions: { pathMtu: Number.POSITIVE_INFINITY } },
  },
  'diversion-circle-followed': {
    title: 'a call that is diverted to an account it has been at goes round until its caller gives up',
    mayTurnRed: ['SPIRAL'],
    rules: { proxy: { endsDiversionCircles: false } },
  },
  'proxy-slow-when-busy': {
    title: 'above 50 calls a second answers take a second and a half longer',
    mayTurnRed: [],
    onlyUnderLoad: true,
    rules: { proxy: { slowAbove: 50, slowMs: 1_500 } },
  },
  'proxy-refuses-when-busy': {
    title: 'above 50 calls a second more are refused: 503 with Retry-After',
    mayTurnRed: [],
    onlyUnderLoad: true,
    rules: { proxy: { refusesAbove: 50 } },
  },
  'extension-lost': {
    title: 'a trunk is not told which extension was dialled',
    mayTurnRed: ['DDI'],
    rules: { proxy: { tellsExtension: false } },
  },
} satisfies FaultEntries
