/** What announcements sound like. */
export type AnnouncementSound =
  | 'speech'
  | 'nothing'
  | 'silence'
  | 'ringing'
  | 'busy'
  | 'special information tone'
  | 'noise'
  | 'music'

/** What service numbers go by as user agents: RFC 3261 §8, §12 to §15, RFC 3262, RFC 4028. Faults change single values. */
export interface ServiceRules {
  // requests
  /** §8.2.2.3 */
  readonly checksRequire: boolean
  /** §8.2.2.2 */
  readonly refusesMerged: boolean
  /** §8.2.3: status for a body of unknown type. */
  readonly unknownBodyStatus: 415 | 488
  /** §8.2.1, §21.5.2: status for an unknown method. */
  readonly unknownMethodStatus: 501 | 405
  /** §8.2.1: 405 tells the methods that are known. */
  readonly tellsAllow: boolean
  /** §11.2 */
  readonly optionsStatus: 200 | 404
  readonly takesLateOffers: boolean
  // dialogs
  /** §12.2.2 */
  readonly checksOrder: boolean
  /** §15.1.2: a BYE for a call that does not exist gets 481. */
  readonly refusesUnknownDialogs: boolean
  /** A BYE names its call by tags, too. */
  readonly checksTags: boolean
  /** §12.2.2: a re-INVITE's Contact is where requests go from then on. */
  readonly refreshesTarget: boolean
  /** §14.2 */
  readonly refusesOverlap: boolean
  /** §14.2: 500 tells when to try again. */
  readonly tellsRetryAfter: boolean
  /** §14.2: a re-INVITE that is refused leaves the session as it is. */
  readonly keepsSessionWhenRefused: boolean
  /** §13.3.1.4 */
  readonly repeats2xx: boolean
  /** §13.3.1.4: a call whose ACK never comes is ended by BYE. */
  readonly byeWithoutAck: boolean
  // RFC 3262
  /** §3: only callers that know them get reliable provisional responses. */
  readonly reliableOnlyWhenKnown: boolean
  readonly repeatsReliable: boolean
  /** §3: by how much RSeq rises. */
  readonly rseqStep: number
  /** §3: a PRACK names the response that it confirms. */
  readonly checksRack: boolean
  // RFC 4028
  readonly agreesToSessionTimer: boolean
  /** Otherwise an UPDATE without Session-Expires comes right after the answer, and no refresh at all. */
  readonly refreshesSession: boolean
  /** §10: a session that nobody refreshes is ended. */
  readonly endsDeadSessions: boolean
  /** The echo test answers calls. */
  readonly echoIsUp: boolean
  // codes
  readonly codesTakeEffect: boolean
  /** Whose settings a code switches: those of the account that logged in to the call, of the first one registered from there, or of all. */
  readonly codesActOn: 'who dials' | 'first at the address' | 'everybody'
  /** What was switched stays switched when the telephone registers again. */
  readonly settingsOutliveRegistration: boolean
  readonly announcementsSoundLike: AnnouncementSound
  /** Codes play what belongs to them, and not the mailbox's menu. */
  readonly playsOwnAnnouncements: boolean
  /** What the mailbox sounds like. */
  readonly mailboxSays: 'its menu' | 'busy tone'
  /** Status with which announcements in early media end. */
  readonly announcedStatus: 200 | 404
  readonly wakeUpDelayMs: number
  /** By which clock orders are taken: the zone's with its summer time, with the offset that it has when ordered, or UTC. */
  readonly wakeUpClock: 'right' | 'offset when ordered' | 'UTC'
  /** An order for a time that is past today is one for tomorrow. */
  readonly wakesNextDay: boolean
  /** A second order stands beside the first. */
  readonly keepsSeveralWakeUps: boolean
  readonly wakesTwice: boolean
  readonly cancelsWakeUps: boolean
  /** The second call is cancelled with the first. */
  readonly cancelsBothCalls: boolean
}

export const RIGHT_SERVICE: ServiceRules = {
  checksRequire: true,
  refusesMerged: true,
  unknownBodyStatus: 415,
  unknownMethodStatus: 501,
  tellsAllow: true,
  optionsStatus: 200,
  takesLateOffers: true,
  checksOrder: true,
  refusesUnknownDialogs: true,
  checksTags: true,
  refreshesTarget: true,
  refusesOverlap: true,
  tellsRetryAfter: true,
  keepsSessionWhenRefused: true,
  repeats2xx: true,
  byeWithoutAck: true,
  reliableOnlyWhenKnown: true,
  repeatsReliable: true,
  rseqStep: 1,
  checksRack: true,
  agreesToSessionTimer: true,
  refreshesSession: true,
  endsDeadSessions: true,
  echoIsUp: true,
  codesTakeEffect: true,
  codesActOn: 'who dials',
  settingsOutliveRegistration: true,
  announcementsSoundLike: 'speech',
  playsOwnAnnouncements: true,
  mailboxSays: 'its menu',
  announcedStatus: 200,
  wakeUpDelayMs: 0,
  wakeUpClock: 'right',
  wakesNextDay: true,
  keepsSeveralWakeUps: true,
  wakesTwice: true,
  cancelsWakeUps: true,
  cancelsBothCalls: true,
}

/** What service numbers go by with audio: RFC 3264, RFC 3550, RFC 4733. */
export interface ServiceMediaRules {
  /** RFC 3264 §6: who is held does not send. */
  readonly honoursHold: boolean
  /** RFC 3264 §8 */
  readonly raisesVersion: boolean
  /** RFC 3264 §6: a refused stream is in the answer, with port 0. */
  readonly answersAllStreams: boolean
  /** RFC 3264 §6.1: an offer without a common codec is refused. */
  readonly needsCommonCodec: boolean
  /** RFC 3264 §6.1: answers name codecs that were offered. */
  readonly namesOfferedCodecs: boolean
  /** Payload type of audio, where it is not as agreed (RFC 3264 §6.1). */
  readonly audioType: number | undefined
  /** Payload type of keypad tones, where it is not as agreed. */
  readonly eventType: number | undefined
  /** RFC 3264 §6.1: how long packets of announcements are; 'stamped as asked for': 20 ms of audio, under timestamps of another length. */
  readonly packetTimes: 'as asked for' | '20 ms' | 'stamped as asked for'
  /** RFC 3261 §15.1.2: nothing is sent once the call has ended. */
  readonly endsWithCall: boolean
  /** Telephone-events are agreed on where they are offered, and described to both devices of a call. */
  readonly takesEvents: boolean
  /** Telephone-events that were agreed on are heard. */
  readonly readsEvents: boolean
  /** RFC 4733 §2.5.1.4: the ends of one event are one digit. */
  readonly countsEvents: boolean
  /** The same digit twice in a row is two digits. */
  readonly countsRepeats: boolean
  /** Keys that come by INFO, which is answered 200, are heard. */
  readonly readsInfo: boolean
  /** A key that a telephone sends both by INFO and as a telephone-event is one. */
  readonly countsPressesOnce: boolean
  /** Keys are heard as tones in the audio, where no telephone-events were agreed on. */
  readonly readsTones: boolean
  /** A tone is one key, however long it is. */
  readonly countsTones: boolean
  /** RFC 4733 §2.5.1.2: the timestamp is that of the beginning. */
  readonly keepsEventTimestamp: boolean
  /** RFC 4733 §2.5.1.4 */
  readonly repeatsEventEnd: boolean
  /** RFC 3550 §6.4.1: RTCP reports the losses that there were. */
  readonly reportsRealLosses: boolean
  /** …and does report those. */
  readonly reportsLosses: boolean
  /** RFC 5761 §5.1.1: where it agrees to it, RTCP shares the port of the audio. */
  readonly multiplexesReports: boolean
  /** RFC 3550 §6.1 */
  readonly sendsCname: boolean
}

export const RIGHT_SERVICE_MEDIA: ServiceMediaRules = {
  honoursHold: true,
  raisesVersion: true,
  answersAllStreams: true,
  needsCommonCodec: true,
  namesOfferedCodecs: true,
  audioType: undefined,
  eventType: undefined,
  packetTimes: 'as asked for',
  endsWithCall: true,
  takesEvents: true,
  readsEvents: true,
  countsEvents: true,
  countsRepeats: true,
  readsInfo: true,
  countsPressesOnce: true,
  readsTones: true,
  countsTones: true,
  keepsEventTimestamp: true,
  repeatsEventEnd: true,
  reportsRealLosses: true,
  reportsLosses: true,
  multiplexesReports: true,
  sendsCname: true,
}
