/** What every part of the provider is handed: names, house rules, addresses, accounts, the rules that it goes by. */
import type { TransportName } from '../transport/flow.js'
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import type { DigestAlgorithm } from '../message/digest.js'
import type { TimerTable } from '../transaction/timers.js'
import type { Family, Network } from '../transport/network.js'
import type { AccountBook } from './account.js'
import type { ProviderAddresses } from './addresses.js'
import type { Rules } from './rules/rules.js'

/** Names that lead to the provider. */
export interface ProviderNames {
  /** The registrar's domain, host part of every address-of-record, realm of digest authentication. */
  readonly domain: string
  /** Registrar and outbound proxy on TLS; the certificate carries it. */
  readonly secure: string
  /** The second SIP host, where there is one. */
  readonly second: string
  readonly stun: string
  readonly ntp: string
}

export const defaultNames: ProviderNames = {
  domain: 'proxy.ringproof.test',
  secure: 'secure.ringproof.test',
  second: 'proxy2.ringproof.test',
  stun: 'stun.ringproof.test',
  ntp: 'ntp.ringproof.test',
}

/** Languages of its announcements. */
export type Language = 'en' | 'de'

/** House rules. */
export interface ProviderPolicy {
  /** What a second device does that registers with the credentials of the first (BH-10). */
  readonly sharedCredentials: 'displace' | 'fork' | 'refuse'
  /** Seconds. */
  readonly minExpires: number
  /** Seconds. */
  readonly maxExpires: number
  /** Algorithms that log-ins are asked for with, the preferred one first (RFC 8760 §2.3). */
  readonly digestAlgorithms: readonly DigestAlgorithm[]
  /** Milliseconds that a nonce of digest authentication lives. */
  readonly nonceLifetimeMs: number
  /** Milliseconds of ringing until a diversion on no answer, or the mailbox, takes the call. */
  readonly noAnswerMs: number
  /** Offers with ICE are answered with ICE-lite (RFC 8445 §2.5), otherwise without. */
  readonly answersIce: boolean
  /** As full agents do: where RTCP has a port of its own its paths, too, have to be offered, and one of them chosen, before audio takes that of ICE. */
  readonly iceAsAWhole: boolean
  /** Milliseconds without a packet or a request after which a call counts as over. */
  readonly mediaTimeoutMs: number
  /** Least session interval in seconds (RFC 4028 §5). */
  readonly minSessionExpires: number
  /** Of wake-up calls. */
  readonly timeZone: string
  /** Seconds: calls get a session timer of at most so many (RFC 4028 §8). Undefined: only where devices want one, as they want it. */
  readonly longestSession: number | undefined
  /** Transports over which calls have to be encrypted: EP-2 has SIP over TLS with SRTP. */
  readonly encryptedOn: readonly TransportName[]
  /** Pre-shared key of MIKEY, its octets as UTF-8; undefined: offers with one are refused. */
  readonly mikeyKey: string | undefined
  /** Event packages of RFC 6665 that it serves itself; others go to the devices of whom they are about. */
  readonly eventPackages: readonly string[]
  /** Devices that have not subscribed to their mailbox are told of waiting messages, too. */
  readonly tellsUnasked: boolean
  /** Milliseconds by which the echo test is late. */
  readonly echoDelayMs: number
  /** The echo test sends packets back as they came, source and numbers too. */
  readonly echoReflects: boolean
  /** The DTMF test listens while it says what it is. */
  readonly listensWhileGreeting: boolean
  /** How the DTMF test tells digits back. */
  readonly tellsDigitsBy: 'telephone-events' | 'tones' | 'speech'
  /** In which announcements are made. */
  readonly language: Language
}

export const defaultPolicy: ProviderPolicy = {
  sharedCredentials: 'displace',
  minExpires: 10,
  maxExpires: 3600,
  digestAlgorithms: ['SHA-512-256', 'SHA-256', 'MD5'],
  nonceLifetimeMs: 30_000,
  noAnswerMs: 20_000,
  answersIce: true,
  iceAsAWhole: false,
  mediaTimeoutMs: 300_000,
  minSessionExpires: 90,
  timeZone: 'Europe/Berlin',
  longestSession: undefined,
  encryptedOn: ['tls'],
  mikeyKey: 'known to both sides alone',
  eventPackages: ['message-summary', 'dialog'],
  tellsUnasked: true,
  echoDelayMs: 0,
  echoReflects: false,
  listensWhileGreeting: true,
  tellsDigitsBy: 'telephone-events',
  language: 'en',
}

/** What every part of the provider is handed. */
export interface ProviderContext {
  /** Its servers have been restarted: devices come back with what they know from before. */
  readonly isRestarted?: true
  readonly clock: Clock
  readonly random: Random
  readonly network: Network
  readonly timers: TimerTable
  readonly addresses: ProviderAddresses
  /** What it listens on; addresses of another family mean nothing. */
  readonly families: readonly Family[]
  readonly names: ProviderNames
  readonly policy: ProviderPolicy
  readonly accounts: AccountBook
  /** Addresses of SIP hosts that are lost at present. */
  readonly lost: Set<string>
  /** What its parts go by: the right rules, or those of a provider with faults. */
  readonly rules: Rules
  readonly log: (line: string) => void
}
