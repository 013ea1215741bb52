/** The language that scenario files are written in. */
export { type Breaking, finding, must, owed, promised, type Rule, should, whereReached } from './rule.js'
export { inconclusive, loginTaken, notApplicable, precondition, unsupported } from './outcome.js'
export { scenario } from './declaration.js'
export type { AnyScenario, ScenarioDefinition } from './scenario.js'
export { AREAS, type Area, type Need } from './vocabulary.js'
export { ScenarioMistake } from './mistake.js'
export type { Variant } from './variant.js'
export type { DeviceOptions } from './device-options.js'
export type { Device, EstablishedCall } from './device.js'
export { eachIsCalledAlone, SharedAccount } from './shared-account.js'
export type { RegisterOutcome } from '../agent/registration.js'
export type { Notification } from '../agent/notification.js'
export type { IncomingCall, OutgoingCall } from '../agent/call.js'
export type { Subscription } from '../agent/subscription.js'
export type { Subscribing } from './subscription-verbs.js'
export { MESSAGE_SUMMARY, type MessageSummary, parseMessageSummary } from '../message/message-summary.js'
export { DIALOG_INFO, parseDialogInfo } from '../message/dialog-info.js'
export { type Lamp, STAYS_DARK_AFTER, STAYS_LIT_AFTER, watchesLine } from './lamp.js'
export { type LampKind, LAMPS } from './lamps.js'
export { asksToWrite, writesTo } from './text-message.js'
export { deletesMessage, leavesMessage, playsMessages } from './mailbox.js'
export { isHeardFrom } from './mailbox-menu.js'
export { probe } from './probe.js'
export { insideOf } from './inside-call.js'
export { arrivesAt, callsBoth, progresses, ringsAt } from './ringing.js'
export { describedEarly } from './early-audio.js'
export { isToldNoMore, transferTaken } from './transfers.js'
export { audioIsThere, connected, type HeardBy, hearingEachOther, hears, inWords } from './hearing-each-other.js'
export { SCHEDULING_MS } from './expect.js'
export { FaxEnd, type FaxOffer } from './fax.js'
export { callWithSessionTimer } from './session-timer.js'
export { type QuietCall, talksNowAndThen } from './quiet-call.js'
export { audioLoss } from './audio-loss.js'
export { type AudioPace, fits, paceAt } from './audio-pace.js'
export { talkBothWays } from './talk-both-ways.js'
export { fallsSilent } from './silence.js'
export { Hearing, type HearingFilter } from './hearing.js'
export {
  onlyForProxiedCalls,
  onlyForProxies,
  onlyWhereProxied,
  onlyWhereRelayed,
  onlyWithState,
  type Stage,
  type StageTools,
  wasProxied,
} from './stage.js'
export type { SipSighting } from '../evidence/record.js'
export { sessionDescriptionIn } from '../message/body-parts.js'
export { addingToDescription } from './added-description.js'
export { textOf } from './text-of.js'
export { SessionDescription } from '../sdp/session-description.js'
export { keyOctets } from '../sdp/crypto-attribute.js'
export { parseUri, uriEquals } from '../message/uri.js'
export { echoTail } from './echo-tail.js'
export { saysAnsweredElsewhere } from './cancel-reason.js'
export { clockOf, momentsOf, timeOfDay } from './local-time.js'
export { isServed } from './service-answer.js'
export { outsideAddress } from './translation.js'
export { mikeyOfUnknownKey } from './key-agreement.js'
export { mikeyEcho, type MikeyEcho } from './mikey-echo.js'
export { handshakeOf, type HandshakeSeen } from './dtls-handshake.js'
export { RelayCoverage } from './relay-coverage.js'
export { outcomeOfOffer, type OfferOutcome } from './offer-outcome.js'
export { IceAgent, type CheckOutcome } from './ice-agent.js'
export { defaultIsCandidate, iceOf, type IceDescription } from '../sdp/ice.js'
export { Eavesdropper } from './eavesdropper.js'
export { encryptedEcho, type EncryptedEcho } from './encrypted-echo.js'
export { bindingOf, bindingsIn, type ListedBinding } from './bindings.js'
export {
  type CallerIdentity,
  callerIdentity,
  fieldsNaming,
  isAnonymous,
  isOf,
  isSameNumber,
  userOf,
  usersIn,
} from './caller-identity.js'
export { formsOf } from '../target/number-forms.js'
export { type Challenge, parseChallenges } from '../message/digest.js'
export { compareDigits, type DigitsCompared, toldBack, toldInWords } from './told-back.js'
export { type InfoForm, pressesByInfo } from './info-keys.js'
export { hearsSpeech, speechAt, type SpeechHeard } from './announcement.js'
export { announcementAt, type AnnouncementHeard } from './recorded-announcement.js'
export { echoAt, soundAt, type SoundHeard, voiceAt, type VoiceHeard } from './sound.js'
// What stories put on the wire by hand, or read from it packet by packet.
export { RawRtp, type HandDescription, type HandPacket } from './raw-rtp.js'
export { AudioPattern, PatternListener } from '../media/audio-pattern.js'
export { isClearRtcp, parseRtcp, SdesType } from '../media/rtcp.js'
export type { MediaPacketEvent } from '../media/media-events.js'
export { type SrtcpEvent, type SrtcpFault, SrtcpSources } from '../media/srtcp-source.js'
export { isFault, isRtcp, parseRtp, type RtpPacket, serializeRtp } from '../media/rtp.js'
export { eventOfDigit, EventReceiver, type EventReport, parseEvents, serializeEvent } from '../media/telephone-event.js'
export { BINDING, encodeStun, looksLikeStun, parseStun, type StunMessage } from '../nat/stun.js'
export { parseMessage } from '../message/parse.js'
export { type Endpoint, familyOf, formatEndpoint, sameEndpoint } from '../transport/network.js'
export { sentenceOf as certificateSentence } from '../transport/certificate-check.js'
export { DnsError } from '../transport/dns-client.js'
export { announcedServers, locate } from '../transport/locate.js'
export { serversOf, serversOfRoute } from './servers.js'
export type {
  Answer,
  AnswerOptions,
  CallState,
  EndOfCall,
  HangUpOptions,
  HoldOptions,
  InviteOptions,
  RingOptions,
  SessionOptions,
} from '../agent/call.js'
export type { Exchange, OutOfDialogOptions, RequestOptions } from '../agent/exchange.js'
export type { MediaWish } from '../agent/media-factory.js'
export type { ReferOptions, Referral } from '../agent/referral.js'
export type { RegisterOptions } from '../agent/registration.js'
export type { SessionTimer, SessionTimerWish } from '../agent/session-timer.js'
export type { SubscribeOptions, SubscriberState } from '../agent/subscription.js'
export type { HeardPattern } from '../media/audio-pattern.js'
export type { Law } from '../media/g711.js'
export type { MediaSessionOptions } from '../media/media-options.js'
export type { MediaReport } from '../media/media-report.js'
export type { RtcpPacket } from '../media/rtcp-packets.js'
export type { HeardEvent } from '../media/telephone-event.js'
export type { DialogInfo } from '../message/dialog-info.js'
export type { EventName, SubscriptionState } from '../message/event.js'
export type { NameAddr } from '../message/header-values.js'
export type { MessageCount } from '../message/message-summary.js'
export type { SipMessage, SipRequest, SipResponse } from '../message/message.js'
export type { SipUri } from '../message/uri.js'
export type { NatKind } from '../nat/nat-kind.js'
export type { CallAudio } from './call-audio.js'
export type { Devices, DtlsDevice } from './device-options.js'
export type { Matchers, Pointer, Told } from './expect.js'
export type { InsideCall } from './inside-call.js'
export type { LampShows } from './lamp.js'
export type { LeftMessage } from './mailbox.js'
export type { AnswerByHand, RequestByHand } from './messages-by-hand.js'
export type { FlowByHand, RegisterByHand } from './registration-verbs.js'
export type { LostServer } from './restart.js'
export type { ArrivedCall } from './ringing.js'
export type { Rules } from './rule.js'
export type { SharingPolicy } from './shared-account.js'
export type { CodecName } from '../sdp/audio-stream.js'
export type { CryptoAttribute, CryptoKey, CryptoLine, SuiteName } from '../sdp/crypto-attribute.js'
export type { Direction } from '../sdp/direction.js'
export type { IceCandidate, IceCredentials } from '../sdp/ice.js'
export type { MediaDescription, SdpSection } from '../sdp/section.js'
export type { Origin } from '../sdp/values.js'
export type { TargetAccount } from '../target/target-schema.js'
export type { TransportName } from '../transport/flow.js'
export type { CertificateFault, ConnectOptions } from '../transport/network.js'
