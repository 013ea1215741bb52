/** The server's part of a handshake (RFC 6347 §4.2, RFC 5246 §7.4), as a table of what is due. */
import { timingSafeEqual } from 'node:crypto'
import { DtlsFault } from './alert.js'
import {
  checkCertificateVerify,
  parseCertificate,
  serializeCertificate,
  serializeCertificateRequest,
  serializeKeyExchange,
} from './authentication.js'
import { type Handshake, type HandshakeHost, type Secrets, secretsOf, Transcript, unexpected } from './handshake.js'
import { type HandshakeMessage, HandshakeType } from './handshake-messages.js'
import {
  type ClientHello,
  parseClientHello,
  RANDOM_BYTES,
  serializeHelloVerifyRequest,
  serializeServerHello,
  speaksDtls12,
} from './hellos.js'
import { type EphemeralKey, makeEphemeralKey } from './key-exchange.js'
import { type Randoms, verifyData } from './key-schedule.js'
import { OctetReader } from './octets.js'
import type { CipherSuite } from './record-cipher.js'
import { DTLS_1_0, DTLS_1_2 } from './records.js'
import type { SrtpProfile } from './srtp-profiles.js'

type Due = 'ClientHello' | 'Certificate' | 'ClientKeyExchange' | 'CertificateVerify' | 'Finished' | 'nothing'

const COOKIE_BYTES = 20
/** What a client that names no groups speaks (RFC 8422 §4): the one that everybody has. */
const COMMON_GROUP = 0x0017

export class ServerHandshake implements Handshake {
  readonly #host: HandshakeHost
  readonly #random: Buffer
  readonly #cookie: Buffer
  readonly #transcript = new Transcript()
  #due: Due = 'ClientHello'
  #hello: ClientHello | undefined
  #suite: CipherSuite | undefined
  #profile: SrtpProfile | undefined
  #key: EphemeralKey | undefined
  #certificate: Buffer | undefined
  #secrets: Secrets | undefined

  constructor(host: HandshakeHost) {
    this.#host = host
    this.#random = host.options.random.bytes(RANDOM_BYTES)
    this.#cookie = host.options.random.bytes(COOKIE_BYTES)
  }

  begin(): void {
    // The client begins.
  }

  take(message: HandshakeMessage): void {
    const { type, body } = message
    switch (this.#due) {
      case 'ClientHello':
        if (type !== HandshakeType.clientHello) throw unexpected(message, this.#due)
        if (this.#greeted(message)) this.#due = 'Certificate'
        return
      case 'Certificate':
        if (type !== HandshakeType.certificate) throw unexpected(message, this.#due)
        this.#transcript.adds(message)
        this.#meet(body)
        this.#due = 'ClientKeyExchange'
        return
      case 'ClientKeyExchange':
        if (type !== HandshakeType.clientKeyExchange) throw unexpected(message, this.#due)
        this.#transcript.adds(message)
        this.#agree(body)
        this.#due = 'CertificateVerify'
        return
      case 'CertificateVerify':
        if (type !== HandshakeType.certificateVerify) throw unexpected(message, this.#due)
        checkCertificateVerify(body, this.#transcript.messages, this.#certificate ?? Buffer.alloc(0))
        this.#transcript.adds(message)
        this.#due = 'Finished'
        return
      case 'Finished':
        if (type !== HandshakeType.finished) throw unexpected(message, this.#due)
        this.#finish(message)
        this.#due = 'nothing'
        return
      case 'nothing':
        throw unexpected(message, this.#due)
    }
  }

  /** Whether the hello was taken; otherwise the client is asked for its cookie. */
  #greeted(message: HandshakeMessage): boolean {
    const { asksForCookie } = this.#host.options
    const hello = parseClientHello(message.body)
    if (asksForCookie && !hello.cookie.equals(this.#cookie)) {
      const body = serializeHelloVerifyRequest(this.#cookie)
      const request = this.#transcript.makes(HandshakeType.helloVerifyRequest, body, { counts: false })
      // RFC 6347 §4.2.1: never sent again by itself.
      this.#host.sends([{ kind: 'handshake', epoch: 0, message: request, version: DTLS_1_0 }], false)
      return false
    }
    this.#transcript.adds(message)
    this.#choose(hello)
    return true
  }

  #choose(hello: ClientHello): void {
    const { suites, groups, profiles, identity, extendedMasterSecret } = this.#host.options
    if (!speaksDtls12(hello.version)) throw new DtlsFault('protocol_version', 'the client does not speak DTLS 1.2')
    // RFC 5246 §7.4.1.2, §7.4.1.3: of what the client has, by its preference.
    const suite = hello.cipherSuites
      .map((wanted) => suites.find(({ id, signature }) => id === wanted && signature === identity.kind))
      .find((one) => one !== undefined)
    if (suite === undefined) throw new DtlsFault('handshake_failure', 'no cipher suite in common')
    const profile = hello.srtpProfiles
      ?.map((wanted) => profiles.find(({ id }) => id === wanted))
      .find((one) => one !== undefined)
    if (profile === undefined) throw new DtlsFault('handshake_failure', 'no SRTP profile in common')
    const group = (hello.groups ?? [COMMON_GROUP]).find((one) => groups.includes(one))
    if (group === undefined) throw new DtlsFault('handshake_failure', 'no group in common')
    this.#hello = hello
    this.#suite = suite
    this.#profile = profile
    const key = makeEphemeralKey(group)
    this.#key = key
    const answer = {
      version: DTLS_1_2,
      random: this.#random,
      cipherSuite: suite.id,
      srtpProfile: profile.id,
      extendedMasterSecret: extendedMasterSecret && hello.extendedMasterSecret,
      secureRenegotiation: hello.secureRenegotiation,
    }
    const exchange = serializeKeyExchange(key, this.#randoms(), identity, hello.signatureSchemes)
    this.#host.sends(
      [
        this.#transcript.part(HandshakeType.serverHello, serializeServerHello(answer, hello.groups !== undefined)),
        this.#transcript.part(HandshakeType.certificate, serializeCertificate(identity)),
        this.#transcript.part(HandshakeType.serverKeyExchange, exchange),
        // RFC 5763 §5: both sides show certificates.
        this.#transcript.part(HandshakeType.certificateRequest, serializeCertificateRequest()),
        this.#transcript.part(HandshakeType.serverHelloDone, Buffer.alloc(0)),
      ],
      true,
    )
  }

  #meet(body: Buffer): void {
    const certificate = parseCertificate(body)
    if (certificate === undefined) throw new DtlsFault('handshake_failure', 'the client shows no certificate')
    this.#host.authenticates(certificate)
    this.#certificate = certificate
  }

  #agree(body: Buffer): void {
    const [key, suite, profile] = [this.#key, this.#suite, this.#profile]
    if (key === undefined || suite === undefined || profile === undefined) return
    const reader = new OctetReader(body)
    const theirs = reader.vector(1)
    reader.end()
    const premaster = key.sharedSecret(theirs)
    const isExtended = this.#host.options.extendedMasterSecret && this.#hello?.extendedMasterSecret === true
    const extended = isExtended ? this.#transcript.messages : undefined
    const secrets = secretsOf(premaster, { randoms: this.#randoms(), suite, profile, extended })
    this.#secrets = secrets
    this.#host.protects(secrets.ciphers.server, secrets.ciphers.client)
  }

  #finish(message: HandshakeMessage): void {
    const secrets = this.#secrets
    const expected = secrets && verifyData(secrets.master, 'client', this.#transcript.messages)
    if (secrets === undefined || expected?.length !== message.body.length || !timingSafeEqual(expected, message.body))
      throw new DtlsFault('decrypt_error', "the client's Finished does not match")
    this.#transcript.adds(message)
    // The last flight: sent again when the client's comes again, not by itself (RFC 6347 §4.2.4).
    this.#host.sends(this.#transcript.finish(verifyData(secrets.master, 'server', this.#transcript.messages)), false)
    this.#host.completed(secrets.keying)
  }

  #randoms(): Randoms {
    return { client: this.#hello?.random ?? Buffer.alloc(RANDOM_BYTES), server: this.#random }
  }
}
