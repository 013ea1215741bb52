// Mistakes that operators of Kamailio and rtpengine make, each with the check that is about it. See planted.mjs for how they are made.
import { fileURLToPath } from 'node:url'
import { udpAnswers } from '../../../peers/lib/probes.mjs'
import { ipv4, relays, sipPort } from '../../../peers/kamailio/layout.mjs'

/**
 * @typedef {readonly [find: string, put: string, times?: number]} Edit
 * @typedef {object} Defect
 * @property {string} name
 * @property {string} why how it comes about
 * @property {readonly string[]} foundBy checks about it, `scenario#rule` or a standing check: at least one of them must not hold
 * @property {readonly string[]} only what is run, besides the vital signs
 * @property {boolean} [slow] takes minutes
 * @property {{ transport?: string, family?: string }} [on] where it is looked for: UDP over IPv4 where not said, since that is quick
 * @property {Readonly<Record<string, Readonly<Record<string, readonly Edit[]>>>>} [files] edits by program and file
 * @property {Readonly<Record<string, (args: readonly string[]) => readonly string[]>>} [args] arguments by program
 * @property {Readonly<Record<string, () => Promise<boolean>>>} [answers] the question by which a program is known to work
 * @property {{ from?: number, to?: number, name?: string, selfSigned?: boolean }} [certificate]
 * @property {readonly { chain?: string, match: readonly string[] }[]} [drops] rules of the packet filter
 */

const config = (...edits) => ({ kamailio: { 'kamailio.cfg': edits } })
const mediaFlags = (find, put) => ({ kamailio: { 'layout.cfg': [[find, put]] } })
const toRelay = (number, ...match) => ({ match: ['-p', 'udp', '-d', relays[number - 1].ipv4, ...match] })
/** Where TLS is broken on purpose, the usual question would find Kamailio not working. */
const onUdp = { kamailio: () => udpAnswers({ address: ipv4, port: sipPort }) }

/** The script that starts the servers with it, for a target file; bin/defects.mjs writes it. */
export const scriptOf = ({ name }) =>
  fileURLToPath(new URL(`../../../.cache/kamailio-defects/${name}.sh`, import.meta.url))

/** @type {readonly Defect[]} */
export const defects = [
  // --- signalling ---
  {
    name: 'record-route-forgotten',
    why: 'record_route() was left out, or stands behind the exit of a branch.',
    foundBy: ['proxy/stays-on-the-path#fromCallee', 'proxy/stays-on-the-path#fromCaller'],
    only: ['proxy/stays-on-the-path'],
    files: config(['\t\trecord_route();\n\t}\n\troute(RELAY);', '\t}\n\troute(RELAY);']),
  },
  {
    name: 'record-route-of-the-inside',
    why: 'A server behind address translation gives its inner address (no advertised_address).',
    foundBy: [
      'proxy/stays-on-the-path#arrives',
      'proxy/stays-on-the-path#fromCallee',
      'survey/hang-up#calleeHangsUp',
      'survey/hang-up#callerHangsUp',
      'EXAM-RECORD-ROUTE',
    ],
    only: ['proxy/stays-on-the-path'],
    files: config([
      '\t\trecord_route();\n\t}\n\troute(RELAY);',
      '\t\trecord_route_preset("127.1.0.72:5070");\n\t}\n\troute(RELAY);',
    ]),
  },
  {
    name: 'acks-dropped',
    why: 'An ACK that belongs to no transaction is dropped: so is each ACK of a 2xx.',
    foundBy: [
      'survey/call#call',
      'survey/hang-up#acknowledged',
      'retransmission/success-passed-on#quiet',
      'retransmission/lossy-call#acknowledged',
      'proxy/second-success#acknowledged',
    ],
    only: ['retransmission/lossy-call', 'retransmission/success-passed-on', 'proxy/second-success'],
    files: config([
      '\t\tif (t_check_trans()) {\n\t\t\texit;\n\t\t}\n\t} else if',
      '\t\tt_check_trans();\n\t\texit;\n\t} else if',
    ]),
  },
  {
    name: 'no-trying',
    why: 'auto_inv_100 is off, and the script sends none.',
    foundBy: ['retransmission/trying#prompt'],
    only: ['retransmission/trying'],
    files: config(['\t\tt_reply("100", "Trying");\n', '']),
  },
  {
    name: 'cancel-not-forwarded',
    why: 'The CANCEL is answered by the script, and t_relay() is not called for it.',
    foundBy: ['retransmission/cancel#stops', 'retransmission/cancel#told'],
    only: ['retransmission/cancel'],
    files: config([
      '\tif (t_check_trans()) {\n\t\tt_relay();\n\t\texit;',
      '\tif (t_check_trans()) {\n\t\tsl_send_reply("200", "canceling");\n\t\texit;',
    ]),
  },
  {
    name: 'max-forwards-unchecked',
    why: 'The check of maxfwd was taken out with the other checks at the top of the script.',
    foundBy: ['proxy/max-forwards#less', 'proxy/max-forwards-zero#refused'],
    only: ['proxy/max-forwards', 'proxy/max-forwards-zero'],
    files: config(['if (!mf_process_maxfwd_header("70")) {', 'if (0) {']),
  },
  {
    name: 'loops-unnoticed',
    why: 'No detection of loops: Max-Forwards is relied upon.',
    foundBy: ['proxy/loop#detected'],
    only: ['proxy/loop'],
    files: config(['&& search_hf("Via", "OWN_VIA", "a")) {', '&& 0) {']),
  },
  {
    name: 'proxy-require-ignored',
    why: 'Proxy-Require is not looked at.',
    foundBy: ['proxy/proxy-require#refused', 'proxy/proxy-require#notForwarded'],
    only: ['proxy/proxy-require'],
    files: config(['if (is_present_hf("Proxy-Require") && !is_method("ACK")) {', 'if (0) {']),
  },
  {
    name: 'service-unavailable-passed-on',
    why: "The failure_route answers with the code of the device; the caller's side takes the whole provider for overloaded.",
    foundBy: ['proxy/callee-overloaded#not503', 'proxy/callee-overloaded#is500'],
    only: ['proxy/callee-overloaded'],
    files: config(['t_reply("500", "Server Internal Error");', 't_reply("503", "Service Unavailable");']),
  },
  {
    name: 'gives-up-after-5-s',
    why: 'fr_timer is 5 s, as in many examples, so that failover is quick.',
    foundBy: ['retransmission/invite-backoff#patient', 'retransmission/request-backoff#patient'],
    only: ['retransmission/invite-backoff', 'retransmission/request-backoff'],
    files: config(['modparam("tm", "fr_timer", 32000)', 'modparam("tm", "fr_timer", 5000)']),
  },
  {
    name: 'rings-10-s-only',
    why: 'fr_inv_timer in seconds, as in old versions, or meant for a gateway.',
    foundBy: ['proxy/ringing-long#rings'],
    only: ['proxy/ringing-long'],
    slow: true,
    files: config(['modparam("tm", "fr_inv_timer", 190000)', 'modparam("tm", "fr_inv_timer", 10000)']),
  },
  {
    name: 'repeats-every-100-ms',
    why: 'Timers of the transaction were tuned for a fast network.',
    foundBy: ['retransmission/invite-backoff#doubling', 'retransmission/request-backoff#growing'],
    only: ['retransmission/invite-backoff', 'retransmission/request-backoff'],
    files: config(
      ['modparam("tm", "retr_timer1", 500)', 'modparam("tm", "retr_timer1", 100)'],
      ['modparam("tm", "retr_timer2", 4000)', 'modparam("tm", "retr_timer2", 100)'],
      ['t_set_retr("500", "32000");', 't_set_retr("100", "100");'],
    ),
  },
  {
    name: 'invite-sent-once',
    why: 'INVITE is sent on statelessly: forward() in place of t_relay().',
    foundBy: ['retransmission/invite-backoff#resent'],
    only: ['retransmission/invite-backoff'],
    files: config(['t_set_retr("500", "32000");', 't_set_retr("60000", "60000");']),
  },
  {
    name: 'request-timeout-408',
    why: "Kamailio's own answer for a request that nobody answers.",
    foundBy: ['retransmission/request-backoff#no408'],
    only: ['retransmission/request-backoff'],
    files: config(['if (t_branch_timeout() && !t_branch_replied() && $rm != "INVITE") {', 'if (0) {']),
  },
  {
    name: 'strays-forwarded',
    why: 'Responses that match no transaction are sent on statelessly, which is the default.',
    foundBy: ['retransmission/stray-response#dropped'],
    only: ['retransmission/stray-response'],
    files: config(['\tif (!t_check_trans()) {\n\t\tdrop;', '\tif (0) {\n\t\tdrop;']),
  },

  // --- who may do what ---
  {
    name: 'local-from-trusted',
    why: 'Calls with a From of the own domain are taken for calls of customers: is_from_local() in place of a log-in.',
    foundBy: ['security/no-credentials#plain'],
    only: ['security/no-credentials'],
    files: config([
      '\troute(PROXY_AUTH);\n\troute(IDENTITY);',
      '\tif (from_uri == myself) {\n\t\t$vn(account) = $sht(owner=>$fU);\n\t} else {\n\t\troute(PROXY_AUTH);\n\t}\n\troute(IDENTITY);',
    ]),
  },
  {
    name: 'open-by-route',
    why: 'Whatever has a Route of ours is sent on, without has_totag(): a preloaded Route leads past the log-in.',
    foundBy: ['security/no-credentials#preloadedRoute'],
    only: ['security/no-credentials'],
    files: config([
      '\t\tloose_route();\n\t\tif ($route_uri != $null || $du != $null) {',
      '\t\tloose_route();\n\t\tif (!is_present_hf("Proxy-Authorization")) {\n\t\t\troute(LOCATION);\n\t\t\troute(RELAY);\n\t\t\texit;\n\t\t}\n\t\tif ($route_uri != $null || $du != $null) {',
    ]),
  },
  {
    name: 'open-by-to-tag',
    why: 'Whatever has a To tag is taken for a request of a call that is on.',
    foundBy: ['security/no-credentials#forgedTag'],
    only: ['security/no-credentials'],
    files: config(
      ['if ($vn(sender) == $null || $vn(receiver) == $null || $(vn(sender){s.select,0,|}) != $si) {', 'if (0) {'],
      [
        '\t\tif (uri == myself) {\n\t\t\tsend_reply("481", "Call/Transaction Does Not Exist");\n\t\t\texit;\n\t\t}\n\t\tif ($vn(receiver)',
        '\t\tif (uri == myself) {\n\t\t\troute(LOCATION);\n\t\t}\n\t\tif ($vn(receiver)',
      ],
    ),
  },
  {
    name: 'bye-of-anybody',
    why: 'Requests in a call are not held against the addresses of its two sides.',
    foundBy: ['security/bye-of-stranger#goesOn'],
    only: ['security/bye-of-stranger'],
    files: config(['|| $(vn(sender){s.select,0,|}) != $si) {', ') {']),
  },
  {
    name: 'cancel-of-anybody',
    why: 'A CANCEL that knows the branch is believed, wherever it comes from.',
    foundBy: ['security/cancel-of-stranger#ringsOn'],
    only: ['security/cancel-of-stranger'],
    files: config(['if ($sht(side=>$ci::$ft) != $null && $(sht(side=>$ci::$ft){s.select,0,|}) != $si) {', 'if (0) {']),
  },
  {
    name: 'any-from-asserted',
    why: 'From is not compared with the account that logged in, and is asserted.',
    foundBy: ['security/somebody-elses-number#asserted', 'security/somebody-elses-number#shown'],
    only: ['security/somebody-elses-number'],
    files: config(
      ['if ($var(owned) == 0 && $fd != "anonymous.invalid") {', 'if (0) {'],
      ['\tif ($var(owned) == 0) {\n\t\t$var(shown) = $vn(account);\n\t}\n', ''],
    ),
  },
  {
    name: 'asserted-identity-of-customers',
    why: 'P-Asserted-Identity of customers is passed on, since a trunk once needed it.',
    foundBy: ['security/asserted-identity#asserted'],
    only: ['security/asserted-identity'],
    files: config([
      '\tremove_hf("P-Asserted-Identity");\n\tremove_hf("P-Preferred-Identity");\n\tif (!($hdr',
      '\tremove_hf("P-Preferred-Identity");\n\tif (!is_present_hf("P-Asserted-Identity") && !($hdr',
    ]),
  },
  {
    name: 'privacy-ignored',
    why: 'P-Asserted-Identity is added to every call.',
    foundBy: ['security/privacy#removed'],
    only: ['security/privacy'],
    files: config(['if (!($hdr(Privacy) =~ "(^|;)[ \\t]*id[ \\t]*(;|$)")) {', 'if (1) {']),
  },
  {
    name: 'any-account-registered',
    why: 'To is not compared with the user of the credentials: www_authenticate() without check_to().',
    foundBy: ['registrar/somebody-elses-account#refused', 'registrar/somebody-elses-account#unchanged'],
    only: ['registrar/somebody-elses-account'],
    files: config(
      ['if ($sht(owner=>$var(shown)) != $vn(account)) {', 'if ($sht(owner=>$var(shown)) == $null) {'],
      [
        '$var(aor) = "sip:" + $vn(account) + "@SIP_DOMAIN";',
        '$var(aor) = "sip:" + $sht(owner=>$var(shown)) + "@SIP_DOMAIN";',
      ],
    ),
  },
  {
    name: 'users-enumerable',
    why: 'A user that does not exist is told so before any password is asked for.',
    foundBy: ['digest/enumeration#sameAnswer'],
    only: ['digest/enumeration'],
    files: config([
      '\t# step 3. The challenge',
      '\tif ($sht(owner=>$tU) == $null) {\n\t\tsend_reply("404", "Not Found");\n\t\texit;\n\t}\n\t# step 3. The challenge',
    ]),
  },
  {
    name: 'replays-accepted',
    why: 'nonce_count is off, as it is unless switched on.',
    foundBy: ['digest/replayed-login#register', 'digest/replayed-login#call'],
    only: ['digest/replayed-login'],
    files: config(['modparam("auth", "nonce_count", 1)', 'modparam("auth", "nonce_count", 0)']),
  },
  {
    name: 'no-qop',
    why: 'auth_challenge() with flags 0, for telephones of long ago.',
    foundBy: ['digest/quality-of-protection#qop'],
    only: ['digest/quality-of-protection'],
    files: config(['auth_challenge("SIP_DOMAIN", "1")', 'auth_challenge("SIP_DOMAIN", "0")', 4]),
  },
  {
    name: 'digest-uri-unchecked',
    why: 'The module does not compare the uri of the credentials, and the script neither.',
    foundBy: ['digest/made-for-another-number#refused'],
    only: ['digest/made-for-another-number'],
    files: config(['if ($adu != $ou && !cmp_uri("$adu", "$ou")) {', 'if (0) {']),
  },

  // --- registrar ---
  {
    name: 'both-devices-kept',
    why: 'max_contacts of the registrar is not what the product promises: an account is one device.',
    foundBy: ['flapping/contact-set#noMore', 'flapping/timeline#displaced', 'flapping/quick#noMore'],
    only: ['flapping/contact-set', 'flapping/timeline', 'flapping/quick'],
    files: config(['\tif ($var(others) == 0) {\n\t\treturn;', '\tif (1) {\n\t\treturn;']),
  },
  {
    name: 'no-min-expires',
    why: '423 from the script, without the header that says what would do.',
    foundBy: ['registrar/too-brief#minimum'],
    only: ['registrar/too-brief'],
    files: config(['\t\tappend_to_reply("Min-Expires: 60\\r\\n");\n', '']),
  },
  {
    name: 'registrations-of-40-s',
    why: 'max_expires was lowered so that devices behind NAT register often; the target file says from a minute to an hour.',
    foundBy: ['registrar/too-brief#published'],
    only: ['registrar/too-brief'],
    files: config(['modparam("registrar", "max_expires", 3600)', 'modparam("registrar", "max_expires", 40)']),
  },
  {
    name: 'extensions-ignored',
    why: 'Require of a REGISTER is not looked at.',
    foundBy: ['registrar/unknown-extension#refused'],
    only: ['registrar/unknown-extension'],
    files: config(['\tif (is_present_hf("Require")) {', '\tif (0) {']),
  },

  // --- NAT and transports ---
  {
    name: 'contact-behind-nat-not-fixed',
    why: 'nat_uac_test() and fix_nated_register() are missing for registrations.',
    foundBy: ['nat/keep-alive#atOnce', 'nat/shared-address#firstRings', 'nat/shared-address#secondRings'],
    only: ['nat/keep-alive', 'nat/shared-address'],
    files: config(['\t\t\tfix_nated_register();\n', '\t\t\t$var(nothing) = 0;\n']),
  },
  {
    name: 'rport-forced-on-all',
    why: 'force_rport() for each request, whether it comes through a NAT or not.',
    foundBy: ['nat/no-rport#namedPort'],
    only: ['nat/no-rport'],
    files: config(['if (nat_uac_test("2") && $sel(via[1].host) =~ "^([0-9.]+|.*:.*)$") {', 'if (1) {']),
  },
  {
    name: 'long-datagrams-dropped',
    why: 'A firewall drops fragments of UDP.',
    foundBy: ['tcp/large-datagram#fragments'],
    only: ['tcp/large-datagram'],
    drops: [{ match: ['-p', 'udp', '-d', '127.1.0.71', '--dport', '5070', '-m', 'length', '--length', '1500:65535'] }],
  },
  {
    name: 'never-leaves-udp',
    why: 'udp_mtu is not set, as it is unless switched on.',
    foundBy: ['tcp/leaves-udp#overTcp'],
    only: ['tcp/leaves-udp'],
    files: config(['udp_mtu=1300\nudp_mtu_try_proto=TCP\n', '']),
  },
  {
    name: 'connections-closed-after-10-s',
    why: 'tcp_connection_lifetime is shorter than any registration.',
    foundBy: ['tcp/idle#open', 'tcp/idle#usable'],
    only: ['tcp/idle'],
    on: { transport: 'tcp', family: 'ipv4' },
    files: config(['tcp_connection_lifetime=3700', 'tcp_connection_lifetime=10']),
  },
  {
    name: 'certificate-of-another-name',
    why: 'The certificate is for the name of the machine.',
    foundBy: ['tls/certificate#name', 'survey/reach#answers'],
    only: ['tls/certificate'],
    on: { transport: 'tls', family: 'ipv4' },
    certificate: { name: 'sbc1.kamailio.test' },
    answers: onUdp,
  },
  {
    name: 'certificate-expired',
    why: 'Nobody renewed it.',
    foundBy: ['tls/certificate#dates', 'survey/reach#answers'],
    only: ['tls/certificate'],
    on: { transport: 'tls', family: 'ipv4' },
    certificate: { from: -91, to: -1 },
    answers: onUdp,
  },
  {
    name: 'certificate-expires-soon',
    why: 'Renewal fails unnoticed.',
    foundBy: ['tls/certificate#lasting'],
    only: ['tls/certificate'],
    on: { transport: 'tls', family: 'ipv4' },
    certificate: { from: -88, to: 2 },
  },
  {
    name: 'certificate-signed-by-itself',
    why: 'The certificate that the package came with.',
    foundBy: ['tls/certificate#chain', 'survey/reach#answers'],
    only: ['tls/certificate'],
    on: { transport: 'tls', family: 'ipv4' },
    certificate: { selfSigned: true },
    answers: onUdp,
  },
  {
    name: 'old-tls-allowed',
    why: 'TLS 1.0 for one old telephone.',
    foundBy: ['tls/old-versions#no10', 'tls/old-versions#no11'],
    only: ['tls/old-versions'],
    on: { transport: 'tls', family: 'ipv4' },
    files: {
      kamailio: {
        'tls.cfg': [
          [
            '[server:default]\nmethod = TLSv1.2+',
            '[server:default]\nmethod = TLSv1+\ncipher_list = DEFAULT:@SECLEVEL=0',
          ],
        ],
      },
    },
  },
  {
    name: 'sips-downgraded',
    why: 'The scheme of the Request-URI is not looked at.',
    foundBy: ['tls/sips-not-downgraded#notForwarded'],
    only: ['tls/sips-not-downgraded'],
    on: { transport: 'tls', family: 'ipv4' },
    files: config(['if ($var(sips) == 1 && !($ru =~ "^[Ss][Ii][Pp][Ss]:")) {', 'if (0) {']),
  },
  {
    name: 'tls-on-ipv4-only',
    why: 'A listener was forgotten that DNS publishes.',
    foundBy: ['survey/reach#answers', 'ipv6/both-families#answers'],
    only: ['ipv6/both-families'],
    on: { transport: 'tls' },
    files: config(['listen=tls:IPV6_ADDRESS:SIPS_PORT\n', '']),
    answers: onUdp,
  },

  // --- DNS, STUN, NTP ---
  {
    name: 'dead-address-in-dns',
    why: 'A server was taken out of service, and its address left in the zone.',
    foundBy: ['dns/dead-records#alive', 'survey/every-address#answers'],
    only: ['dns/dead-records'],
    on: {},
    files: {
      dns: {
        'dnsmasq.conf': [
          [
            'host-record=proxy.kamailio.test,127.1.0.71,::1',
            'host-record=proxy.kamailio.test,127.1.0.71,::1\nhost-record=proxy.kamailio.test,127.1.0.73',
          ],
        ],
      },
    },
  },
  {
    name: 'srv-with-another-port',
    why: 'SRV records were copied from another platform.',
    foundBy: ['dns/records#ports', 'dns/dead-records#alive'],
    only: ['dns/records', 'dns/dead-records'],
    on: { family: 'ipv4' },
    files: {
      dns: {
        'dnsmasq.conf': [
          [
            'srv-host=_sip._tcp.proxy.kamailio.test,proxy.kamailio.test,5070,10,10',
            'srv-host=_sip._tcp.proxy.kamailio.test,proxy.kamailio.test,5060,10,10',
          ],
        ],
      },
    },
  },
  {
    name: 'stun-on-one-port-only',
    why: 'The firewall lets in 3478 alone.',
    foundBy: ['dns/stun-alternative#answers'],
    only: ['dns/stun-alternative'],
    drops: [{ match: ['-p', 'udp', '-d', '127.1.0.71', '--dport', '10000'] }],
  },
  {
    name: 'time-server-without-time',
    why: 'chronyd has lost its sources.',
    foundBy: ['dns/time#answers', 'dns/time#synchronised'],
    only: ['dns/time'],
    files: { ntp: { 'chrony.conf': [['local stratum 3\n', '']] } },
    answers: { ntp: async () => true },
  },

  // --- media ---
  {
    name: 'answer-not-rewritten',
    why: 'rtpengine_answer() is missing in the onreply_route: the caller sends past the relay.',
    foundBy: [
      'survey/audio#audio',
      'media/two-way#callerHears',
      'media/two-way#calleeHears',
      'media/relay-addresses#announced',
    ],
    only: ['media/two-way', 'media/relay-addresses'],
    files: config(['\t} else if ($rm =~ "INVITE|UPDATE") {\n\t\troute(ANSWER);\n\t}', '\t}']),
  },
  {
    name: 'one-relay-gives-a-wrong-address',
    why: 'advertised address of one rtpengine of five.',
    foundBy: ['media/relay-addresses#announced', 'media/every-relay#bothWays', 'EXAM-PUBLISHED-RELAYS'],
    only: ['media/every-relay', 'media/relay-addresses'],
    args: {
      'relay-3': (args) =>
        args.map((arg) => (arg === '--interface=127.1.0.158' ? '--interface=127.1.0.158!127.1.0.198' : arg)),
    },
  },
  {
    name: 'one-relay-behind-a-firewall',
    why: 'The RTP ports of one relay of five were not opened.',
    foundBy: ['media/every-relay#bothWays'],
    only: ['media/every-relay'],
    drops: [toRelay(3)],
  },
  {
    name: 'half-of-the-ports-opened',
    why: 'The firewall of one relay lets in half of the ports that rtpengine takes.',
    foundBy: ['media/every-relay#bothWays'],
    only: ['media/every-relay'],
    drops: [toRelay(2, '--dport', `${relays[1].first}:${relays[1].first + 1349}`)],
  },
  {
    name: 'one-relay-loses-packets',
    why: 'A bad line card, or a machine that is too busy: one relay of five loses 5 %.',
    foundBy: ['media/every-relay#complete', 'media/two-way#complete'],
    only: ['media/every-relay', 'media/two-way'],
    drops: [toRelay(4, '-m', 'statistic', '--mode', 'random', '--probability', '0.05')],
  },
  {
    name: 'one-relay-without-ipv6',
    why: 'A relay was added with its IPv4 address alone.',
    // Which of the calls meets that relay is decided by turns: the first may be one of the survey's.
    foundBy: ['media/every-relay#ownFamily', 'survey/call#call'],
    only: ['media/every-relay'],
    on: { transport: 'udp' },
    args: { 'relay-2': (args) => args.filter((arg) => arg !== '--interface=::1') },
  },
  {
    name: 'families-not-translated',
    why: 'No address-family: offers keep the family of the caller.',
    foundBy: ['ipv6/from-ipv4#calleeHears', 'ipv6/from-ipv4#callerHears', 'ipv6/from-ipv4#ownFamily'],
    only: ['ipv6/from-ipv4'],
    on: { transport: 'udp' },
    files: config([' address-family=$var(family) ', ' ']),
  },
  {
    name: 'signalled-addresses-believed',
    why: 'The flag asymmetric, which a gateway once needed: devices behind NAT get nothing.',
    foundBy: ['nat/audio#hears'],
    only: ['nat/audio'],
    files: mediaFlags('strict-source', 'strict-source asymmetric'),
  },
  {
    name: 'follows-any-sender',
    why: 'media-handover, so that devices may change networks in a call.',
    foundBy: ['media/hijacker#notFollowed'],
    only: ['media/hijacker'],
    files: mediaFlags('strict-source', 'media-handover'),
  },
  {
    name: 'call-not-ended-at-the-relay',
    why: 'rtpengine_delete() is missing: the relay ends a call when it was silent for a minute.',
    foundBy: ['media/silent-after-bye#silent', 'EXAM-RTP-AFTER-BYE'],
    only: ['media/silent-after-bye'],
    files: config(['\t\trtpengine_delete();\n\t\t$sht(media=>$ci) = $null;', '\t\t$sht(media=>$ci) = $null;']),
  },
  {
    name: 'telephone-event-stripped',
    why: 'codec-strip with a list that is too long.',
    foundBy: ['dtmf/between-devices#agreed', 'dtmf/between-devices#toCallee', 'dtmf/between-devices#toCaller'],
    only: ['dtmf/between-devices'],
    files: mediaFlags('strict-source', 'strict-source codec-strip-telephone-event'),
  },
  {
    name: 'encryption-taken-away',
    why: 'RTP/AVP for every callee.',
    foundBy: ['srtp/protected-call#offered', 'survey/call#call'],
    only: ['srtp/protected-call'],
    on: { transport: 'tls', family: 'ipv4' },
    files: config(['\t$var(profile) = "";\n', '\t$var(profile) = "RTP/AVP";\n']),
  },
  {
    name: 'keys-to-udp',
    why: 'The offer of a device on TLS is passed on as it is to devices on UDP.',
    foundBy: ['srtp/keys-stay-on-tls#notPassedOn'],
    only: ['srtp/keys-stay-on-tls'],
    on: { family: 'ipv4' },
    files: config(['\t\t$var(profile) = "RTP/AVP";\n', '\t\t$var(profile) = "";\n']),
  },
  {
    name: 'plain-audio-on-tls',
    why: 'Nothing refuses RTP where only SRTP was promised.',
    foundBy: ['srtp/policy#rejected'],
    only: ['srtp/policy'],
    on: { transport: 'tls', family: 'ipv4' },
    files: config(['if (is_method("INVITE|UPDATE") && $pr == "tls" && has_body', 'if (0 && has_body']),
  },

  // --- services ---
  {
    name: 'notify-past-the-proxy',
    why: 'NOTIFY is not record-routed: telephones take the way to the application server from it, and go past the proxy.',
    foundBy: ['EXAM-PUBLISHED-SIGNALLING'],
    only: ['lamps/mailbox-light-subscription'],
    files: config(['is_method("INVITE|UPDATE|SUBSCRIBE|NOTIFY")', 'is_method("INVITE|UPDATE|SUBSCRIBE")']),
  },
  {
    name: 'answered-without-keys',
    why: 'What rtpengine makes of an offer of SRTP without keys is relied upon.',
    foundBy: ['srtp/no-key#refused'],
    only: ['srtp/no-key'],
    on: { transport: 'tls', family: 'ipv4' },
    files: config([' && !search_body("a=crypto:")) {', ' && 0) {']),
  },
  {
    name: 'withheld-in-one-field',
    why: 'A withheld number is taken out of P-Asserted-Identity alone; From still has it.',
    foundBy: ['services/caller-id#changed'],
    only: ['services/caller-id'],
    files: config(['\t\tuac_replace_from("Anonymous", "sip:anonymous@anonymous.invalid");\n', '']),
  },
  {
    name: 'paused-agents-ring',
    why: 'The queue rings whoever is registered.',
    foundBy: ['services/queue-pause#paused'],
    only: ['services/queue-pause'],
    files: config(['$sht(switched=>$var(agent)::paused) == 1 || ', '']),
  },
  {
    name: 'codes-with-escapes-unknown',
    why: 'The dial plan compares $rU as it came: %2A is no star to it, and %23 no hash.',
    foundBy: ['services/star-spellings#escaped', 'services/hash-spellings#hash', 'services/hash-spellings#both'],
    only: ['services/star-spellings', 'services/hash-spellings'],
    files: config(['\t$var(dialled) = $(rU{s.unescape.user});\n\t$vn(owner)', '\t$var(dialled) = $rU;\n\t$vn(owner)']),
  },
  {
    name: 'busy-not-diverted',
    why: 'The failure_route waits for 480, and telephones that are busy say 486.',
    foundBy: ['services/divert-busy#changed'],
    only: ['services/divert-busy'],
    files: config(['t_check_status("486|600")', 't_check_status("600")']),
  },
  {
    name: 'diverter-shown-as-caller',
    why: 'Diversion names the number that the call goes to.',
    foundBy: ['services/diverted-caller#diverter'],
    only: ['services/diverted-caller'],
    files: config(['Diversion: <sip:$vn(callee)@SIP_DOMAIN>', 'Diversion: <sip:DIVERSION_NUMBER@SIP_DOMAIN>']),
  },
  {
    name: 'mailbox-of-nobody',
    why: 'The application server is told who calls, not whose mailbox it is.',
    foundBy: ['lamps/mailbox-light#on', 'lamps/mailbox-light#known'],
    only: ['lamps/mailbox-light'],
    files: config(['\t\t$vn(owner) = $vn(callee);\n', '\t\t$vn(owner) = $fU;\n']),
  },
]
