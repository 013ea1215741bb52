/** Faults of service numbers, with their audio. */
import type { FaultEntries } from './fault.js'

/** Purposes of the scenarios in which an announcement is to be spoken. */
const ANNOUNCED = ['SC-1', 'SC-2', 'SC-5', 'SC-6', 'SC-9', 'SC-15', 'SC-16', 'SC-17'] as const

export const serviceFaults = {
  '2xx-not-repeated': {
    title: 'services send their 200 once only',
    mayTurnRed: ['TX-2XX'],
    rules: { service: { repeats2xx: false } },
  },
  'no-bye-without-ack': {
    title: 'a call whose ACK never comes is dropped without BYE',
    mayTurnRed: ['TX-2XX'],
    rules: { service: { byeWithoutAck: false } },
  },
  'unknown-dialog-accepted': {
    title: 'BYE for a call that does not exist is answered 200',
    mayTurnRed: ['DLG-481'],
    rules: { service: { refusesUnknownDialogs: false } },
  },
  'dialog-order-ignored': {
    title: 'requests with an old CSeq number are carried out',
    mayTurnRed: ['DLG-CSEQ'],
    rules: { service: { checksOrder: false } },
  },
  'target-not-refreshed': {
    title: "a re-INVITE's Contact is ignored",
    mayTurnRed: ['DLG-TARGET'],
    rules: { service: { refreshesTarget: false } },
  },
  'no-retry-after': {
    title: '500 to an overlapping INVITE has no Retry-After',
    mayTurnRed: ['DLG-OVERLAP'],
    rules: { service: { tellsRetryAfter: false } },
  },
  'overlap-accepted': {
    title: 'an INVITE that overlaps another is answered 200',
    mayTurnRed: ['DLG-OVERLAP'],
    rules: { service: { refusesOverlap: false } },
  },
  'failed-reinvite-ends-call': {
    title: 'a re-INVITE that is refused ends the call',
    mayTurnRed: ['DLG-FAILED'],
    rules: { service: { keepsSessionWhenRefused: false } },
  },
  'late-offer-refused': {
    title: 'an INVITE without offer is refused',
    mayTurnRed: ['DLG-LATE'],
    rules: { service: { takesLateOffers: false } },
  },
  'bye-from-anyone': {
    title: 'a BYE needs only the Call-ID',
    mayTurnRed: ['DLG-STRANGER', 'DLG-481'],
    rules: { service: { checksTags: false } },
  },
  'merged-accepted': {
    title: 'the same request by two paths is answered twice',
    mayTurnRed: ['TX-MERGE'],
    rules: { service: { refusesMerged: false } },
  },
  'require-ignored': {
    title: 'services pass over extensions in Require',
    mayTurnRed: ['UA-OPTIONS', 'REL-420'],
    rules: { service: { checksRequire: false } },
  },
  'no-415': {
    title: 'a body of unknown type is refused without Accept',
    mayTurnRed: ['UA-415'],
    rules: { service: { unknownBodyStatus: 488 } },
  },
  'no-501': {
    title: 'unknown methods are answered 405',
    mayTurnRed: ['UA-405'],
    rules: { service: { unknownMethodStatus: 405 } },
  },
  'no-allow': {
    title: '405 comes without Allow',
    mayTurnRed: ['UA-405'],
    rules: { service: { tellsAllow: false } },
  },
  'options-404': {
    title: 'OPTIONS to a service is answered 404',
    mayTurnRed: ['UA-OPTIONS'],
    rules: { service: { optionsStatus: 404 } },
  },
  'reliable-not-repeated': {
    title: 'reliable provisional responses are sent once only',
    mayTurnRed: ['REL-RETX'],
    rules: { service: { repeatsReliable: false } },
  },
  'rack-unchecked': {
    title: 'a PRACK for another response is accepted',
    mayTurnRed: ['REL-RACK'],
    rules: { service: { checksRack: false } },
  },
  'rseq-jumps': {
    title: 'RSeq rises by two',
    mayTurnRed: ['REL-ORDER'],
    rules: { service: { rseqStep: 2 } },
  },
  'unasked-reliable': {
    title: 'reliable provisionals go to callers that do not know them',
    mayTurnRed: ['REL-420'],
    rules: { service: { reliableOnlyWhenKnown: false } },
  },
  'session-timer-ignored': {
    title: 'services agree to no session timer and never refresh',
    mayTurnRed: ['ST-REFRESH', 'ST-DEAD'],
    rules: { service: { agreesToSessionTimer: false } },
  },
  'session-not-refreshed': {
    title:
      'services agree to refresh the session, and send one UPDATE without Session-Expires after the answer instead',
    mayTurnRed: ['ST-REFRESH'],
    rules: { service: { refreshesSession: false } },
  },
  'session-not-ended': {
    title: 'a session that nobody refreshes goes on',
    mayTurnRed: ['ST-DEAD'],
    rules: { service: { endsDeadSessions: false } },
  },
  'hold-ignored': {
    title: 'services go on sending while they are held',
    mayTurnRed: ['OA-HOLD', 'OA-ANSWER'],
    rules: { serviceMedia: { honoursHold: false } },
  },
  'origin-version-kept': {
    title: 'the version in o= stays although the description changes',
    mayTurnRed: ['OA-VER'],
    rules: { serviceMedia: { raisesVersion: false } },
  },
  'audio-type-forced': {
    title: 'audio is sent as payload type 0 whatever was agreed',
    mayTurnRed: ['OA-PT', 'MED-ECHO'],
    rules: { serviceMedia: { audioType: 0 } },
  },
  'media-lines-dropped': {
    title: 'refused streams are left out of the answer',
    mayTurnRed: ['OA-MLINE'],
    rules: { serviceMedia: { answersAllStreams: false } },
  },
  'no-common-codec-accepted': {
    title: 'an offer without a common codec is answered with another',
    mayTurnRed: ['OA-488'],
    rules: { serviceMedia: { needsCommonCodec: false } },
  },
  'keys-in-clear': {
    title: 'SRTP keys are put into unencrypted signalling',
    mayTurnRed: ['SD-PLAIN'],
    rules: { encryption: { keysOverTlsOnly: false } },
  },
  'crypto-tag-not-echoed': {
    title: "the answer's crypto line carries another tag",
    mayTurnRed: ['SD-TAG', 'SD-UNK', 'SD-BADKEY', 'SD-SUITES', 'SD-LIFETIME', 'SD-MKI'],
    rules: { encryption: { echoesTag: false } },
  },
  'other-keying-ignored': {
    title: 'audio that asks for DTLS-SRTP or MIKEY is answered as plain RTP',
    mayTurnRed: ['DTLS-FP', 'SD-MIKEY', 'MIKEY-KEYS', 'SD-NOCRYPTO'],
    rules: { encryption: { refusesOtherKeying: false } },
  },
  'keying-pretended': {
    title: 'DTLS-SRTP and MIKEY are accepted by the answer, and not spoken',
    mayTurnRed: ['DTLS-FP', 'SD-MIKEY', 'MIKEY-KEYS'],
    rules: { encryption: { meansKeying: false } },
  },
  'savp-without-keys-accepted': {
    title: 'RTP/SAVP without any key is accepted',
    mayTurnRed: ['SD-NOCRYPTO', 'SD-MIKEY', 'MIKEY-KEYS', 'DTLS-FP'],
    rules: { encryption: { needsKeys: false } },
  },
  'rtcp-loss-invented': {
    title: 'RTCP reports losses that never were',
    mayTurnRed: ['RTCP'],
    rules: { serviceMedia: { reportsRealLosses: false } },
  },
  'rtcp-always-zero': {
    title: 'RTCP reports no loss, whatever was lost',
    mayTurnRed: ['RTCP'],
    rules: { serviceMedia: { reportsLosses: false } },
  },
  'rtcp-apart': {
    title: 'services agree to rtcp-mux and send RTCP to the next port',
    mayTurnRed: ['RTCP'],
    rules: { serviceMedia: { multiplexesReports: false } },
  },
  'service-sends-after-bye': {
    title: 'services go on sending audio after the call has ended',
    mayTurnRed: ['MED-ECHO', 'MED-SILENT'],
    rules: { serviceMedia: { endsWithCall: false } },
  },
  'mailbox-busy-tone': {
    title: 'the mailbox answers with a busy tone',
    mayTurnRed: ['SC-1', 'SC-2', 'SC-5', 'MWI'],
    rules: { service: { mailboxSays: 'busy tone' } },
  },
  'unassigned-number-announced': {
    title: 'an announcement in early media ends with 404: the number is not assigned',
    mayTurnRed: ['SC-6'],
    rules: { service: { announcedStatus: 404 } },
  },
  'no-cname': {
    title: 'RTCP comes without CNAME',
    mayTurnRed: ['MED-SYM'],
    rules: { serviceMedia: { sendsCname: false } },
  },
  'codes-without-effect': {
    title: 'service codes announce a change and change nothing',
    mayTurnRed: ['SC-7', 'SC-8', 'SC-9', 'SC-10', 'SC-11', 'SC-12', 'SC-13', 'SC-14', 'UA-PRIV', 'SPIRAL'],
    rules: { service: { codesTakeEffect: false } },
  },
  'codes-for-first-account': {
    title: 'a code switches the services of the account that registered first from the address it comes from',
    mayTurnRed: ['CODE-OWN'],
    rules: { service: { codesActOn: 'first at the address' } },
  },
  'codes-for-everybody': {
    title: 'a code switches the services of all accounts',
    mayTurnRed: ['CODE-OWN', 'SC-10', 'SC-11', 'SC-12', 'SC-13', 'SC-14', 'SPIRAL', 'DIV-CALLER'],
    rules: { service: { codesActOn: 'everybody' } },
  },
  'codes-forgotten': {
    title: 'what was switched by code is forgotten when the telephone registers again',
    mayTurnRed: ['SC-12', 'SC-14', 'SC-8'],
    rules: { service: { settingsOutliveRegistration: false } },
  },
  'echo-down': {
    title: 'the echo test is answered 503',
    mayTurnRed: ['DLG-LATE'],
    rules: { service: { echoIsUp: false } },
  },
  'unoffered-codec': {
    title: 'answers name G.729 alone, whatever was offered',
    mayTurnRed: [
      'DLG-CSEQ',
      'ST-DEAD',
      'ST-REFRESH',
      'DLG-STRICT',
      'DLG-481',
      'MED-V4V6',
      'MED-ECHO',
      'MED-TWOWAY',
      'OA-PT',
      'MED-LATCH',
      'MED-SYM',
      'CGN',
      'PRX-RR',
      'TX-LATECANCEL',
      'TX-REPLAY',
      'TX-6026',
      'TX-2XX',
      'TX-A',
      'DLG-STRANGER',
      'SC-1',
      'SC-2',
      'SC-5',
      'SC-17',
      'SC-9',
      'SC-15',
      'SC-16',
      'SD-TAG',
      'SD-UNIQUE',
      'LEAK',
      'TR-REUSE',
      'V6-RR',
      'HALF',
      'MED-EARLY',
      'PTIME',
      'VAD',
      'CODECS',
      'BLF',
      'BLF-ASKED',
      'BLF-FORK',
      'ST-ENDS',
    ],
    rules: { serviceMedia: { namesOfferedCodecs: false } },
  },
  'announcements-silent': {
    title: 'announcements are not heard',
    mayTurnRed: ['SC-1', 'SC-2', 'SC-5', 'SC-6', 'SC-7', 'SC-8', 'SC-9', 'SC-15', 'SC-16', 'SC-17'],
    rules: { service: { announcementsSoundLike: 'nothing' } },
  },
  'announcements-ringing': {
    title: 'announcements are answered by a ringing tone that goes on',
    mayTurnRed: ANNOUNCED,
    rules: { service: { announcementsSoundLike: 'ringing' } },
  },
  'announcements-special-tone': {
    title: 'the special information tone is heard in place of announcements',
    mayTurnRed: ANNOUNCED,
    rules: { service: { announcementsSoundLike: 'special information tone' } },
  },
  'announcements-noise': {
    title: 'noise is heard in place of announcements',
    mayTurnRed: ANNOUNCED,
    rules: { service: { announcementsSoundLike: 'noise' } },
  },
  'announcements-of-silence': {
    title: 'announcements are packets of silence',
    mayTurnRed: ANNOUNCED,
    rules: { service: { announcementsSoundLike: 'silence' } },
  },
  'wrong-announcement': {
    title: "codes are answered by the announcement of the mailbox's menu",
    mayTurnRed: ['SC-6', 'SC-17'],
    rules: { service: { playsOwnAnnouncements: false } },
  },
  'wake-up-late': {
    title: 'wake-up calls come a minute and a half late',
    mayTurnRed: ['WAKE', 'WAKE-CLOCK'],
    rules: { service: { wakeUpDelayMs: 90_000 } },
  },
  'wake-up-hour-off': {
    title: 'wake-up calls that are ordered before the clocks change come an hour off',
    mayTurnRed: ['WAKE-CLOCK'],
    rules: { service: { wakeUpClock: 'offset when ordered' } },
  },
  'wake-up-in-utc': {
    title: 'the time of a wake-up call is taken as UTC',
    mayTurnRed: ['WAKE', 'WAKE-CLOCK'],
    rules: { service: { wakeUpClock: 'UTC' } },
  },
  'wake-up-not-tomorrow': {
    title: 'a wake-up call that is ordered for after midnight never comes',
    mayTurnRed: ['WAKE-CLOCK'],
    rules: { service: { wakesNextDay: false } },
  },
  'wake-up-one-order': {
    title: 'a second order of a wake-up call replaces the first',
    mayTurnRed: ['WAKE', 'WAKE-CLOCK'],
    rules: { service: { keepsSeveralWakeUps: false } },
  },
  'wake-up-once': {
    title: 'the second wake-up call never comes',
    mayTurnRed: ['WAKE', 'WAKE-CLOCK'],
    rules: { service: { wakesTwice: false } },
  },
  'wake-up-not-cancelled': {
    title: 'a cancelled wake-up call comes nevertheless',
    mayTurnRed: ['WAKE', 'SC-16'],
    rules: { service: { cancelsWakeUps: false } },
  },
  'second-wake-up-not-cancelled': {
    title: 'cancelling a wake-up call cancels the first of its two calls only',
    mayTurnRed: ['SC-16'],
    rules: { service: { cancelsBothCalls: false } },
  },
  'srtp-answered-plain': {
    title: 'services answer an offer of SRTP with plain RTP',
    mayTurnRed: ['SRTCP', 'MED-ECHO', 'SD-TAG', 'SD-UNK', 'SD-BADKEY'],
    rules: { encryption: { answersEncrypted: false } },
  },
  'star-as-escape-unknown': {
    title: '%2A is not understood as *',
    mayTurnRed: ['SC-5', 'SC-6', 'SC-7', 'SC-8', 'SC-15', 'SC-17'],
    rules: { proxy: { readsEscapes: false } },
  },
  'packet-time-ignored': {
    title: 'announcements come in packets of 20 ms, whatever the offer wants',
    mayTurnRed: ['PTIME'],
    rules: { serviceMedia: { packetTimes: '20 ms' } },
  },
  'announcements-misstamped': {
    title: 'announcements come in packets of 20 ms, under timestamps of the packet time that was asked for',
    mayTurnRed: ['PTIME'],
    rules: { serviceMedia: { packetTimes: 'stamped as asked for' } },
  },
} satisfies FaultEntries
