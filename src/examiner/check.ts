/**
 * What a standing check is: an id, its text, and what it looks at. Each has a file in checks/, named for its id;
 * standing-checks.ts lists them.
 */
import type { MediaPacketEvent } from '../media/media-events.js'
import type { SipMessage } from '../message/message.js'
import type { Violation } from '../message/parse.js'
import type { Cause } from '../result/causes.js'
import type { Gravity } from '../result/terms.js'
import type { StandingNote } from '../result/finding.js'
import type { Endpoint } from '../transport/network.js'
import type { Leg } from './memory/legs.js'
import type { Memory } from './memory/memory.js'
import type { DescriptionSeen, RequestSeen, ResponseSeen, RtpSeen } from './seen.js'
import type { SeenGarbage, SeenMessage } from './types.js'

/** `fail`: a MUST or a promise was broken; `warn`: a SHOULD, or something that operations must know; `info`: good to know. */
export type Severity = StandingNote['severity']

/** What a note says beside what was expected and what came. */
export interface CheckText {
  readonly severity: Severity
  readonly gravity: Gravity
  /** A code for what is broken, shared with rules of scenarios that see the same; default: the check's id. */
  readonly cause?: Cause
  /** Causes, or ids of scenarios, that bring this one about. */
  readonly follows?: readonly (Cause | `${string}/${string}`)[]
  /** True where the check compares times: where the harness was late itself, it would blame the target for it. */
  readonly readsClock?: true
  readonly title: string
  readonly rule: string
  readonly provider: readonly string[]
  readonly harm: string
  readonly advice: string
}

/** A check that sees several kinds of wrong: what one of them says other than the check's text. */
export type Kind = Partial<CheckText>

export interface Observation extends Kind {
  readonly expected: string
  readonly actual: string
}

/** Notes something. @param times how often it was seen, default 1 */
export type Report = (seen: Observation, times?: number) => void

/**
 * What there is to look at. Only what is the target's gets here: strangers and our own devices have been passed over, except where
 * it says `sent`.
 */
export interface Sights {
  readonly request: RequestSeen
  readonly response: ResponseSeen
  readonly description: DescriptionSeen
  /** Bytes on a signalling port that are no SIP message. */
  readonly garbage: SeenGarbage
  /** A message of one of our devices. */
  readonly sent: SipMessage
  /** An RTP packet of a stream that the target sends itself. (There are many packets: most of the others are few.) */
  readonly originated: RtpSeen
  /** The same, where its number is that of the packet before, or far from it. */
  readonly outOfOrder: RtpSeen
  /** An RTP packet of a stream that one of our devices sends: the target passes it on. */
  readonly passedOn: RtpSeen
  /** An RTP packet after the end of its call. */
  readonly afterEnd: RtpSeen
  /** An RTP packet of a payload type that neither of the two descriptions has. */
  readonly unlistedType: RtpSeen
  /** An RTP packet where SRTP was agreed on. */
  readonly onSecureLeg: RtpSeen
  /** A port at which a packet with a new SSRC has come. */
  readonly newStream: Leg
  /** A datagram at a port of audio that is neither RTP nor RTCP. */
  readonly malformed: { readonly leg: Leg; readonly event: MediaPacketEvent }
  /** A packet that comes from an address or port that is not on the target's list. */
  readonly unlistedSource: { readonly leg: Leg; readonly remote: Endpoint }
  readonly rtcp: { readonly leg: Leg; readonly event: MediaPacketEvent }
}

/** What a check does with what it looks at. */
export type Watch = { readonly [K in keyof Sights]?: (seen: Sights[K]) => void }

export interface StandingCheck {
  readonly id: `EXAM-${string}`
  readonly text: CheckText
  /**
   * Codes of the message parser that this check reports, with what is particular about each; `'own look'` where the check looks
   * for the same by itself. Codes that no check names belong to EXAM-GRAMMAR.
   */
  readonly violations?: Readonly<Record<string, Kind | ((seen: SeenMessage) => Kind) | 'own look'>>
  /** EXAM-GRAMMAR: what it says of any other code. */
  readonly otherViolation?: (violation: Violation) => Kind
  /** Begins to look. Called once for each examiner: what the check alone remembers lives in here. */
  readonly watch?: (memory: Memory, report: Report) => Watch
}
