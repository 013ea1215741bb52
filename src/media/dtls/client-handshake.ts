/** The client's part of a handshake (RFC 6347 §4.2, RFC 5246 §7.4), as a table of what is due. */
import { timingSafeEqual } from 'node:crypto'
import { DtlsFault } from './alert.js'
import {
  parseCertificate,
  parseCertificateRequest,
  parseKeyExchange,
  serializeCertificate,
  serializeCertificateVerify,
  SIGNATURE_SCHEMES,
} from './authentication.js'
import { publicKeyOf } from './certificate.js'
import {
  type FlightPart,
  type Handshake,
  type HandshakeHost,
  type Secrets,
  secretsOf,
  Transcript,
  unexpected,
} from './handshake.js'
import { type HandshakeMessage, HandshakeType } from './handshake-messages.js'
import {
  OFFERED_EXTENSIONS,
  parseHelloVerifyRequest,
  parseServerHello,
  RANDOM_BYTES,
  serializeClientHello,
  type ServerHello,
  speaksDtls12,
} from './hellos.js'
import { makeEphemeralKey } from './key-exchange.js'
import { verifyData } from './key-schedule.js'
import { vector8 } from './octets.js'
import type { CipherSuite } from './record-cipher.js'
import { DTLS_1_0, DTLS_1_2 } from './records.js'
import type { SrtpProfile } from './srtp-profiles.js'

type Due = 'ServerHello' | 'Certificate' | 'ServerKeyExchange' | 'ServerHelloDone' | 'Finished' | 'nothing'

export class ClientHandshake implements Handshake {
  readonly #host: HandshakeHost
  readonly #random: Buffer
  readonly #transcript = new Transcript()
  #due: Due = 'ServerHello'
  #asked = false
  #hello: ServerHello | undefined
  #suite: CipherSuite | undefined
  #profile: SrtpProfile | undefined
  #certificate: Buffer | undefined
  #exchange: { readonly group: number; readonly publicKey: Buffer } | undefined
  /** Signature schemes that the server asks our certificate for; undefined: it asks for none. */
  #requested: readonly number[] | undefined
  #secrets: Secrets | undefined

  constructor(host: HandshakeHost) {
    this.#host = host
    this.#random = host.options.random.bytes(RANDOM_BYTES)
  }

  begin(): void {
    this.#greet(Buffer.alloc(0))
  }

  take(message: HandshakeMessage): void {
    const { type, body } = message
    // RFC 5246 §7.4.1.1: passed over in the middle of a handshake, and not part of its hashes.
    if (type === HandshakeType.helloRequest) return
    if (type === HandshakeType.helloVerifyRequest) {
      this.#verify(message)
      return
    }
    switch (this.#due) {
      case 'ServerHello':
        if (type !== HandshakeType.serverHello) throw unexpected(message, this.#due)
        this.#transcript.adds(message)
        this.#choose(parseServerHello(body))
        this.#due = 'Certificate'
        return
      case 'Certificate':
        if (type !== HandshakeType.certificate) throw unexpected(message, this.#due)
        this.#transcript.adds(message)
        this.#meet(body)
        this.#due = 'ServerKeyExchange'
        return
      case 'ServerKeyExchange':
        if (type !== HandshakeType.serverKeyExchange) throw unexpected(message, this.#due)
        this.#transcript.adds(message)
        this.#exchange = parseKeyExchange(body, this.#randoms(), this.#certificate ?? Buffer.alloc(0))
        this.#due = 'ServerHelloDone'
        return
      case 'ServerHelloDone':
        this.#transcript.adds(message)
        if (type === HandshakeType.certificateRequest && this.#requested === undefined) {
          this.#requested = parseCertificateRequest(body)
          return
        }
        if (type !== HandshakeType.serverHelloDone || body.length > 0) throw unexpected(message, this.#due)
        this.#answer()
        this.#due = 'Finished'
        return
      case 'Finished':
        if (type !== HandshakeType.finished) throw unexpected(message, this.#due)
        this.#finish(body)
        this.#due = 'nothing'
        return
      case 'nothing':
        throw unexpected(message, this.#due)
    }
  }

  #greet(cookie: Buffer): void {
    const { suites, groups, profiles, extendedMasterSecret } = this.#host.options
    const body = serializeClientHello({
      version: DTLS_1_2,
      random: this.#random,
      cookie,
      cipherSuites: suites.map(({ id }) => id),
      groups,
      signatureSchemes: SIGNATURE_SCHEMES,
      srtpProfiles: profiles.map(({ id }) => id),
      extendedMasterSecret,
      secureRenegotiation: true,
    })
    const message = this.#transcript.makes(HandshakeType.clientHello, body)
    // RFC 6347 §4.2.1: the version of the first record is the lowest, for servers that look at it before the hello.
    this.#host.sends([{ kind: 'handshake', epoch: 0, message, version: DTLS_1_0 }], true)
  }

  /** RFC 6347 §4.2.1: the same hello once more, with the cookie. */
  #verify(message: HandshakeMessage): void {
    if (this.#due !== 'ServerHello' || this.#asked) throw unexpected(message, this.#due)
    this.#asked = true
    this.#transcript.forgets()
    this.#greet(parseHelloVerifyRequest(message.body))
  }

  #choose(hello: ServerHello): void {
    const { suites, profiles, extendedMasterSecret } = this.#host.options
    if (hello.version !== DTLS_1_2) {
      const words = speaksDtls12(hello.version) ? 'later than DTLS 1.2' : 'earlier than DTLS 1.2'
      throw new DtlsFault('protocol_version', `the server chose a version ${words}`)
    }
    const suite = suites.find(({ id }) => id === hello.cipherSuite)
    if (suite === undefined) throw new DtlsFault('illegal_parameter', 'the server chose a suite that was not offered')
    // RFC 5246 §7.4.1.4: only what was asked for.
    const uninvited = hello.extensions.find((type) => !OFFERED_EXTENSIONS.has(type))
    if (uninvited !== undefined)
      throw new DtlsFault('unsupported_extension', `extension ${uninvited} was not asked for`)
    const profile = profiles.find(({ id }) => id === hello.srtpProfile)
    if (hello.srtpProfile === undefined)
      throw new DtlsFault('handshake_failure', 'the server does not use SRTP (no use_srtp in its hello)')
    if (profile === undefined)
      throw new DtlsFault('illegal_parameter', 'the server chose an SRTP profile that was not offered')
    if (hello.extendedMasterSecret && !extendedMasterSecret)
      throw new DtlsFault('unsupported_extension', 'extended_master_secret was not asked for')
    this.#hello = hello
    this.#suite = suite
    this.#profile = profile
  }

  #meet(body: Buffer): void {
    const certificate = parseCertificate(body)
    if (certificate === undefined) throw new DtlsFault('handshake_failure', 'the server shows no certificate')
    const kind = publicKeyOf(certificate)?.kind
    if (kind === undefined || kind !== this.#suite?.signature)
      throw new DtlsFault('unsupported_certificate', "the certificate's key is not that of the cipher suite")
    this.#host.authenticates(certificate)
    this.#certificate = certificate
  }

  /** Our certificate where it is asked for, our key, and Finished. */
  #answer(): void {
    const { identity } = this.#host.options
    const [exchange, suite, profile] = [this.#exchange, this.#suite, this.#profile]
    if (exchange === undefined || suite === undefined || profile === undefined) return
    if (!this.#host.options.groups.includes(exchange.group))
      throw new DtlsFault('illegal_parameter', `group ${exchange.group} was not offered`)
    const key = makeEphemeralKey(exchange.group)
    const premaster = key.sharedSecret(exchange.publicKey)
    const flight: FlightPart[] = []
    if (this.#requested !== undefined)
      flight.push(this.#transcript.part(HandshakeType.certificate, serializeCertificate(identity)))
    flight.push(this.#transcript.part(HandshakeType.clientKeyExchange, vector8(key.publicKey)))
    const extended = this.#hello?.extendedMasterSecret === true ? this.#transcript.messages : undefined
    const secrets = secretsOf(premaster, { randoms: this.#randoms(), suite, profile, extended })
    this.#secrets = secrets
    if (this.#requested !== undefined) {
      const body = serializeCertificateVerify(this.#transcript.messages, identity, this.#requested)
      flight.push(this.#transcript.part(HandshakeType.certificateVerify, body))
    }
    this.#host.protects(secrets.ciphers.client, secrets.ciphers.server)
    flight.push(...this.#transcript.finish(verifyData(secrets.master, 'client', this.#transcript.messages)))
    this.#host.sends(flight, true)
  }

  #finish(body: Buffer): void {
    const secrets = this.#secrets
    const expected = secrets && verifyData(secrets.master, 'server', this.#transcript.messages)
    if (secrets === undefined || expected?.length !== body.length || !timingSafeEqual(expected, body))
      throw new DtlsFault('decrypt_error', "the server's Finished does not match")
    this.#host.completed(secrets.keying)
  }

  #randoms(): { readonly client: Buffer; readonly server: Buffer } {
    return { client: this.#random, server: this.#hello?.random ?? Buffer.alloc(RANDOM_BYTES) }
  }
}
