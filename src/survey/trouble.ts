/** What is missing at a target, as a code for machines and a plain sentence for people. */
import type { Cause } from '../result/causes.js'
import type { VoiceHeard } from '../scenario/sound.js'
import type { Variant } from '../scenario/variant.js'
import type { CertificateFault, HandshakeFault } from '../transport/network.js'
import { formatEndpoint, NetworkError } from '../transport/network.js'
import type { Hop } from '../transport/flow.js'

/** Why a vital sign is missing. `rejected-488` and the like: the status that was answered. */
export type TroubleCode =
  // reach
  | 'name-not-found'
  | 'no-address'
  | 'no-local-address'
  | 'no-route'
  | 'refused'
  | 'no-answer'
  | 'reset'
  | 'dead-address'
  | 'certificate-expired'
  | 'certificate-not-yet-valid'
  | 'certificate-name'
  | 'certificate-untrusted'
  | 'certificate-unusable'
  | 'no-common-tls-version'
  | 'no-common-cipher'
  | 'not-tls'
  | 'tls-failed'
  | 'unreadable-answer'
  | 'no-final-answer'
  | 'unreachable'
  | 'out-of-reach'
  | 'flooded'
  // log in
  | 'wrong-password'
  | 'unknown-account'
  | 'forbidden'
  | 'not-allowed-here'
  | 'realm-changes'
  | 'no-common-algorithm'
  // call, audio, hang up, services
  | 'encryption-dropped'
  | 'other-family'
  | 'not-delivered'
  | 'bad-answer'
  | 'no-audio'
  | 'no-audio-to-caller'
  | 'no-audio-to-callee'
  | 'no-echo'
  | 'ack-not-delivered'
  | 'bye-not-delivered'
  | 'bye-refused'
  | 'bye-unanswered'
  | `rejected-${number}`

/**
 * Causes that bring a missing sign about, though the sign alone cannot tell: where scenarios that go on without it find one of
 * them, the sign is told there.
 */
const FOLLOWS: Readonly<Partial<Record<Cause, readonly Cause[]>>> = {
  'call-refused': ['challenge-malformed', 'stream-framing', 'stream-not-reused'],
  'call-not-delivered': ['stream-framing', 'stream-not-reused'],
  'service-not-reachable': ['challenge-malformed', 'audio-altered', 'stream-framing'],
  'no-audio': ['audio-altered', 'address-family-wrong'],
  'ack-lost': ['route-lost'],
  'hang-up-lost': ['route-lost', 'ack-lost', 'stream-not-reused'],
}

/** The causes that `cause` follows from, as a check carries them. */
export function followsOf(cause: Cause): { readonly follows?: Cause[] } {
  const follows = FOLLOWS[cause]
  return follows === undefined ? {} : { follows: [...follows] }
}

export interface Trouble {
  readonly code: TroubleCode
  /** What is wrong, exactly, without a full stop. */
  readonly sentence: string
  /** What was counted, for those who look for the cause: told beside the rule, not in the sentence. */
  readonly figures?: string
  /** The same without whom it concerns: what several accounts share. */
  readonly why?: string
  /** User of the account that was called, where the call did not arrive: it may be about that account alone. */
  readonly called?: string
  /** What shares it is one finding. */
  readonly cause: Cause
  /** Told by something that came, not by something that failed to come: it holds however late this process was. */
  readonly certain?: boolean
  /** Sound that came in place of a voice: whether the target is to blame is told by that. */
  readonly heard?: VoiceHeard
  /** True where the target is not to blame: nothing can be told. */
  readonly ours?: boolean
}

/** `TLS over IPv6`. */
export const wordsFor = ({ transport, family }: { readonly transport: string; readonly family: string }): string =>
  `${transport.toUpperCase()} over ${family === 'ipv4' ? 'IPv4' : 'IPv6'}`

/** `proxy.example (192.0.2.1:5060)`; where the file gives the number, the number alone. */
export const placeOf = (hop: Hop, host: string): string => {
  const endpoint = formatEndpoint(hop.remote)
  return host === hop.remote.address ? endpoint : `${host} (${endpoint})`
}

/** What an error of the wire says of the server at `where`. */
export function connectionTrouble(error: unknown, variant: Variant, where: string): Trouble {
  const transport = variant.transport.toUpperCase()
  if (!(error instanceof NetworkError)) {
    const sentence = `${where} cannot be asked over ${transport}: ${error instanceof Error ? error.message : String(error)}`
    return { code: 'unreachable', cause: 'not-reachable', sentence }
  }
  if (error.code === 'certificate') return certificateTrouble(error.certificate)
  if (error.code === 'tls') return handshakeTrouble(error.handshake ?? 'other', where)
  const [code, sentence] = wireWords(error, where, transport)
  return { code, sentence, cause: 'not-reachable', certain: code !== 'no-answer' }
}

function wireWords({ code, message }: NetworkError, where: string, transport: string): readonly [TroubleCode, string] {
  if (code === 'refused') return ['refused', `${where} refuses ${transport}: nothing listens on that port`]
  if (code === 'unreachable') return ['no-route', `There is no route to ${where} from this machine`]
  if (code === 'timeout')
    return ['no-answer', `No ${transport} connection to ${where}: no answer at all, as from a filtered port`]
  if (code === 'closed') return ['reset', `${where} breaks off the ${transport} connection before it is ready`]
  return ['unreachable', `${where} cannot be reached over ${transport}: ${message}`]
}

/** The gravest first: what is not trusted can be dated as one likes. */
const GRAVEST: readonly CertificateFault['kind'][] = ['absent', 'expired', 'not-yet-valid', 'name', 'untrusted']

function certificateTrouble(faults: readonly CertificateFault[]): Trouble {
  const weight = ({ kind }: CertificateFault) => (GRAVEST.indexOf(kind) + GRAVEST.length + 1) % (GRAVEST.length + 1)
  const [first, ...others] = faults.toSorted((a, b) => weight(a) - weight(b))
  const about = (fault: CertificateFault) => certificateWords(fault)
  const [code, sentence] = first ? about(first) : (['certificate-unusable', 'cannot be used'] as const)
  const more = others.map((fault) => `; it ${about(fault)[1]}`).join('')
  return { code, sentence: `The TLS certificate ${sentence}${more}`, cause: 'certificate-invalid', certain: true }
}

function certificateWords(fault: CertificateFault): readonly [TroubleCode, string] {
  const day = (at: number | undefined, otherwise: string) =>
    at === undefined || Number.isNaN(at) ? otherwise : new Date(at).toISOString().slice(0, 10)
  switch (fault.kind) {
    case 'expired':
      return ['certificate-expired', `expired on ${day(fault.at, 'a day in the past')}`]
    case 'not-yet-valid':
      return ['certificate-not-yet-valid', `is not valid before ${day(fault.at, 'a day to come')}`]
    case 'name': {
      const carries = fault.carries.length === 0 ? 'no SIP domain' : fault.carries.join(', ')
      const wildcard = fault.wildcard ? ' (SIP accepts no wildcards: RFC 5922 §7.2)' : ''
      return ['certificate-name', `is for ${carries}, not for ${fault.wanted}${wildcard}`]
    }
    case 'untrusted':
      return ['certificate-untrusted', UNTRUSTED[fault.why]]
    case 'absent':
      return ['certificate-unusable', 'is missing: the server sent none']
    case 'purpose':
      return ['certificate-unusable', 'is not meant for servers (extendedKeyUsage lacks serverAuth)']
    case 'revoked':
      return ['certificate-unusable', 'was revoked']
    case 'other':
      return ['certificate-unusable', `is not accepted (${fault.code})`]
    default:
      return fault satisfies never
  }
}

const UNTRUSTED = {
  'self-signed': 'is self-signed, by nobody whom this machine or the target file trusts',
  'unknown-authority':
    'comes from an authority that neither this machine nor the target file (endpoints.tls.ca) trusts',
  'chain-incomplete':
    'cannot be traced to a trusted authority: the server does not send its intermediate certificates, or endpoints.tls.ca is not its authority',
} as const

function handshakeTrouble(fault: HandshakeFault, where: string): Trouble {
  const [code, sentence] = HANDSHAKES[fault]
  return { code, sentence: sentence.replace('WHERE', where), cause: 'tls-handshake-fails', certain: true }
}

const HANDSHAKES: Readonly<Record<HandshakeFault, readonly [TroubleCode, string]>> = {
  version: ['no-common-tls-version', 'No TLS version in common: WHERE refuses TLS 1.2 and 1.3'],
  cipher: ['no-common-cipher', 'No TLS cipher in common with WHERE'],
  'not-tls': ['not-tls', 'What answers at WHERE does not speak TLS'],
  other: ['tls-failed', 'The TLS handshake with WHERE fails'],
}
