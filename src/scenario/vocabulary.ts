/** The words that scenarios are described with: areas of the report, what a story relies on, what a target must have. */
import type { TargetDocument } from '../target/target-file.js'

/** The rows of the report's matrix, in their order. */
export const AREAS = {
  survey: 'Basic functions',
  registrar: 'Registration',
  digest: 'Log-in (digest)',
  retransmission: 'Retransmission on UDP',
  tcp: 'Signalling over TCP',
  tls: 'Signalling over TLS',
  srtp: 'Encrypted audio (SRTP)',
  ipv6: 'IPv6',
  nat: 'Devices behind NAT',
  flapping: 'Two devices, one account',
  proxy: 'Call routing (proxy)',
  dialog: 'Calls in progress',
  dtmf: 'Keypad tones (DTMF)',
  media: 'Audio',
  services: 'Service numbers',
  lamps: 'Lamps, mailbox lights, text messages',
  dns: 'Finding the servers (DNS, STUN)',
  security: 'Fraud and privacy',
} as const

export type Area = keyof typeof AREAS

/** What a story relies on, each on those before it: the target's names and ports, log-in, calls between accounts, their audio. */
export const RELIANCES = ['nothing', 'reach', 'login', 'call', 'audio'] as const
export type Reliance = (typeof RELIANCES)[number]

/** Features by name, each told by the target file or this machine. Codes and house rules carry a value after a colon. */
export const NEEDS = [
  'echo',
  'dtmf-test',
  /** The DTMF test takes keys by SIP INFO, or may do so. */
  'keys-by-info',
  /** The DTMF test takes keys as tones in the audio. */
  'keys-in-band',
  'mailbox',
  'mailbox-external',
  /** The keys of its menu are told. */
  'mailbox-keys',
  'srtp',
  /** A pre-shared key of MIKEY is told. */
  'mikey-key',
  'stun',
  'stun-alternative',
  'ntp',
  'dns',
  'published',
  'queue',
  'diversion',
  /** It is known how a number is dialled from abroad. */
  'country-code',
  'brief-registration',
  'shared-credentials',
  /** Its servers can be told to restart while it is tested: only of a target that was started for the run. */
  'restart',
  /** One of its servers can be taken away for a while: of such a target alone, too. */
  'server-loss',
  /** What only a kernel or OpenSSL can do. */
  'sockets',
  /** RFC 5626. A target has it unless its file says otherwise, as the next ones. */
  'outbound',
  'prack',
  'session-timers',
  'call-routing',
] as const
export type Need =
  | (typeof NEEDS)[number]
  | `shared-credentials:${NonNullable<TargetDocument['policy']['sharedCredentials']>}`
  | `codes:${keyof TargetDocument['services']['codes']}`
