/** What client and server of a handshake have in common, and what they ask of the association that they are for. */
import type { Random } from '../../clock/random.js'
import type { DtlsIdentity } from './certificate.js'
import { HandshakeType, type HandshakeMessage, serializeHandshake } from './handshake-messages.js'
import type { Randoms } from './key-schedule.js'
import { extendedMasterSecret, masterSecret } from './key-schedule.js'
import { type CipherSuite, recordCiphers, type RecordCipher } from './record-cipher.js'
import type { SrtpKeying, SrtpProfile } from './srtp-profiles.js'
import { srtpKeying } from './srtp-profiles.js'
import { DtlsFault } from './alert.js'

/** A piece of a flight. `version`: of its record, where it is not DTLS 1.2. */
export type FlightPart =
  | { readonly kind: 'handshake'; readonly epoch: 0 | 1; readonly message: HandshakeMessage; readonly version?: number }
  | { readonly kind: 'change-cipher-spec' }

/** What a handshake is done with, and for whom. */
export interface HandshakeOptions {
  readonly random: Random
  readonly identity: DtlsIdentity
  readonly profiles: readonly SrtpProfile[]
  readonly suites: readonly CipherSuite[]
  readonly groups: readonly number[]
  /** Only of a server: HelloVerifyRequest before anything else (RFC 6347 §4.2.1). */
  readonly asksForCookie: boolean
  /** Offer and accept extended master secrets (RFC 7627). */
  readonly extendedMasterSecret: boolean
}

export interface HandshakeHost {
  readonly options: HandshakeOptions
  /** @param repeats it is sent again until the peer's next flight is whole */
  sends(flight: readonly FlightPart[], repeats: boolean): void
  /** Keys are there: what is sent in epoch 1, and what comes in it. */
  protects(write: RecordCipher, read: RecordCipher): void
  /** @throws DtlsFault `bad_certificate` where the certificate has no fingerprint in SDP */
  authenticates(certificate: Buffer): void
  /** Both Finished were right. */
  completed(keying: SrtpKeying): void
}

export interface Handshake {
  begin(): void
  /** The peer's messages, in their order. @throws DtlsFault */
  take(message: HandshakeMessage): void
}

/** All messages so far, in both directions (RFC 6347 §4.2.6), and the numbers of ours. */
export class Transcript {
  #messages: Buffer[] = []
  #next = 0

  get messages(): readonly Buffer[] {
    return this.#messages
  }

  adds(message: HandshakeMessage): void {
    this.#messages.push(serializeHandshake(message))
  }

  /** The first ClientHello and its HelloVerifyRequest do not count (RFC 6347 §4.2.1). */
  forgets(): void {
    this.#messages = []
  }

  /** A message of ours. */
  makes(type: number, body: Buffer, o: { readonly counts?: boolean } = {}): HandshakeMessage {
    const message = { type, sequence: this.#next++, body }
    if (o.counts !== false) this.adds(message)
    return message
  }

  /** The same as a part of a flight, in clear. */
  part(type: number, body: Buffer): FlightPart {
    return { kind: 'handshake', epoch: 0, message: this.makes(type, body) }
  }

  /** ChangeCipherSpec and Finished. */
  finish(verifyData: Buffer): readonly FlightPart[] {
    const message = this.makes(HandshakeType.finished, verifyData)
    return [{ kind: 'change-cipher-spec' }, { kind: 'handshake', epoch: 1, message }]
  }
}

/** What both sides know once the keys were exchanged. */
export interface Secrets {
  readonly master: Buffer
  readonly ciphers: { readonly client: RecordCipher; readonly server: RecordCipher }
  readonly keying: SrtpKeying
}

/** @param extended by RFC 7627, over the messages up to ClientKeyExchange */
export function secretsOf(
  premaster: Buffer,
  o: {
    readonly randoms: Randoms
    readonly suite: CipherSuite
    readonly profile: SrtpProfile
    readonly extended: readonly Buffer[] | undefined
  },
): Secrets {
  const { randoms, suite, profile, extended } = o
  const master = extended === undefined ? masterSecret(premaster, randoms) : extendedMasterSecret(premaster, extended)
  return {
    master,
    ciphers: recordCiphers(suite, master, randoms),
    keying: srtpKeying(profile, master, randoms),
  }
}

export function unexpected({ type }: HandshakeMessage, expected: string): DtlsFault {
  return new DtlsFault('unexpected_message', `handshake message ${type} where ${expected} is due`)
}
