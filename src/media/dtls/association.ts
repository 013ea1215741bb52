/**
 * A DTLS 1.2 association for SRTP keys (RFC 6347, RFC 5763, RFC 5764): one end of it. Datagrams come in by `receive`, which
 * never throws, and go out by the function that is handed in; time comes from the clock.
 */
import type { Clock, Timer } from '../../clock/clock.js'
import type { Random } from '../../clock/random.js'
import type { Fingerprint } from '../../sdp/key-management.js'
import { alertBody, type AlertName, DtlsFault, parseAlert } from './alert.js'
import { type DtlsIdentity, matchesFingerprints } from './certificate.js'
import { ClientHandshake } from './client-handshake.js'
import { cutIntoDatagrams } from './flights.js'
import type { FlightPart, Handshake, HandshakeHost } from './handshake.js'
import { HandshakeType, parseFragments, Reassembler } from './handshake-messages.js'
import { GROUPS } from './key-exchange.js'
import { CIPHER_SUITES, type CipherSuite, type RecordCipher } from './record-cipher.js'
import { ContentType, type DtlsRecord, parseRecords, RecordReader, RecordWriter } from './records.js'
import { ServerHandshake } from './server-handshake.js'
import { SRTP_PROFILES, type SrtpKeying, type SrtpProfile } from './srtp-profiles.js'

export type DtlsRole = 'client' | 'server'
export type DtlsState = 'new' | 'handshaking' | 'connected' | 'failed' | 'closed'

/** Why there are no keys. `words`: for people. */
export interface DtlsFailure {
  /**
   * `fingerprint`: the peer's certificate is not the one of its SDP · `alert`: the peer gave up · `timeout`: it fell silent ·
   * `protocol`: what it said was wrong, or nothing is in common · `defect`: a mistake of ours.
   */
  readonly code: 'fingerprint' | 'alert' | 'timeout' | 'protocol' | 'defect'
  /** Of theirs where the code is `alert`, else of ours. */
  readonly alert?: string
  readonly words: string
}

export interface DtlsOptions {
  readonly role: DtlsRole
  readonly clock: Clock
  readonly random: Random
  readonly identity: DtlsIdentity
  readonly send: (datagram: Buffer) => void
  /** Of the peer, from its SDP; undefined: not told yet, and no keys are given out before (RFC 8842 §5.2). */
  readonly fingerprints?: readonly Fingerprint[] | undefined
  /** State, failure or keys have changed. */
  readonly onChange?: () => void
  readonly profiles?: readonly SrtpProfile[]
  readonly suites?: readonly CipherSuite[]
  readonly groups?: readonly number[]
  /** Only of a server; default true: the exchange of RFC 6347 §4.2.1. */
  readonly asksForCookie?: boolean
  readonly extendedMasterSecret?: boolean
  /** Octets of a datagram at most; default 1,200. */
  readonly mtu?: number
  /** Default true. False: whatever certificate the peer shows is taken. */
  readonly checksFingerprint?: boolean
  /** Default true. False: a flight that gets no answer is not sent again. */
  readonly repeats?: boolean
  /** Default true. False: handshake messages in several pieces are passed over. */
  readonly joinsFragments?: boolean
  /** Until a flight is sent again (ms), doubled each time; default 1,000 (RFC 6347 §4.2.4.1). */
  readonly retransmitAfterMs?: number
}

const MTU = 1_200
const RETRANSMIT_MS = 1_000
/** After 1, 3, 7, 15 and 31 s once more, and given up after a minute: RFC 6347 §4.2.4.1 has no longer interval than that. */
const REPETITIONS = 5
/** A peer that repeats its flight faster than this has our answer on the way. */
const LEAST_GAP_MS = 100
/** Protected records that may wait for their key. */
const MOST_HELD = 16

export class DtlsAssociation {
  readonly role: DtlsRole
  readonly #o: DtlsOptions
  readonly #handshake: Handshake
  readonly #writer = new RecordWriter()
  readonly #reassembler = new Reassembler()
  #state: DtlsState = 'new'
  #failure: DtlsFailure | undefined
  #fingerprints: readonly Fingerprint[] | undefined
  #certificate: Buffer | undefined
  #keying: SrtpKeying | undefined
  #reader: RecordReader | undefined
  /** Our ChangeCipherSpec is out: what follows is protected. */
  #mayWrite = false
  #cipherChanged = false
  #held: DtlsRecord[] = []
  #flight: readonly FlightPart[] | undefined
  /** message_seq of the message of theirs that our flight answers. */
  #answers = -1
  #sentAt = -Infinity
  #timer: Timer | undefined
  /** Flights that were sent again, on time or because the peer repeated its own. */
  retransmissions = 0

  constructor(o: DtlsOptions) {
    this.#o = o
    this.role = o.role
    this.#fingerprints = o.fingerprints
    const host: HandshakeHost = {
      options: {
        random: o.random,
        identity: o.identity,
        profiles: o.profiles ?? SRTP_PROFILES,
        suites: o.suites ?? CIPHER_SUITES,
        groups: o.groups ?? GROUPS,
        asksForCookie: o.asksForCookie ?? true,
        extendedMasterSecret: o.extendedMasterSecret ?? true,
      },
      sends: (flight, repeats) => this.#sends(flight, repeats),
      protects: (write, read) => this.#protects(write, read),
      authenticates: (certificate) => this.#authenticates(certificate),
      completed: (keying) => this.#completed(keying),
    }
    this.#handshake = o.role === 'client' ? new ClientHandshake(host) : new ServerHandshake(host)
  }

  get state(): DtlsState {
    return this.#state
  }

  get failure(): DtlsFailure | undefined {
    return this.#failure
  }

  /** What the peer showed, DER. */
  get peerCertificate(): Buffer | undefined {
    return this.#certificate
  }

  /** Keys of both directions, once the handshake is over and the peer's certificate is the one of its SDP. */
  get keying(): SrtpKeying | undefined {
    return this.#state === 'connected' && this.#fingerprints !== undefined ? this.#keying : undefined
  }

  /** A client sends its hello, a server waits. */
  start(): void {
    if (this.#state !== 'new') return
    this.#state = 'handshaking'
    this.#guards(() => this.#handshake.begin())
  }

  /** The peer's SDP has come: its certificate must be one of these. */
  trusts(fingerprints: readonly Fingerprint[]): void {
    this.#fingerprints = fingerprints
    const certificate = this.#certificate
    if (certificate === undefined || this.#isOver) return
    this.#guards(() => {
      this.#authenticates(certificate)
      this.#o.onChange?.()
    })
  }

  /** A datagram that is DTLS (RFC 7983 §7). Never throws; what is no record is passed over (RFC 6347 §4.1.2.7). */
  receive(datagram: Buffer): void {
    if (this.#state === 'new') this.start()
    for (const record of parseRecords(datagram)) {
      if (this.#isOver) return
      this.#guards(() => this.#receives(record))
    }
  }

  /** Says goodbye (close_notify), where the peer is still there. */
  close(): void {
    if (this.#isOver) return
    if (this.#state !== 'new') this.#alert('close_notify', false)
    this.#ends('closed')
  }

  get #isOver(): boolean {
    return this.#state === 'failed' || this.#state === 'closed'
  }

  #receives(record: DtlsRecord): void {
    if (record.epoch === 0) {
      this.#takes(record.type, 0, record.body)
    } else if (record.epoch === 1 && (this.#reader === undefined || !this.#cipherChanged)) {
      // It overtook what its key comes from.
      if (this.#held.length < MOST_HELD) this.#held.push({ ...record, body: Buffer.from(record.body) })
    } else if (record.epoch === 1) {
      const plain = this.#reader?.read(record)
      if (plain !== undefined) this.#takes(record.type, 1, plain)
    }
  }

  #takes(type: number, epoch: 0 | 1, body: Buffer): void {
    switch (type) {
      case ContentType.handshake:
        this.#takesHandshake(epoch, body)
        return
      case ContentType.changeCipherSpec:
        if (epoch === 0 && body.length === 1 && body[0] === 1) this.#changesCipher()
        return
      case ContentType.alert:
        // After the handshake, what is in clear may be anybody's.
        if (epoch === 1 || this.#state === 'handshaking') this.#takesAlert(body)
        return
      default:
      // There is no application data in DTLS-SRTP (RFC 5764 §3): passed over.
    }
  }

  #takesHandshake(epoch: 0 | 1, body: Buffer): void {
    for (const fragment of parseFragments(body)) {
      const { type, sequence, offset, length } = fragment
      if ((type === HandshakeType.finished) !== (epoch === 1)) {
        // RFC 5246 §7.2.2: renegotiation is refused by a warning.
        if (epoch === 1 && this.#state === 'connected') this.#alert('no_renegotiation', false)
        continue
      }
      if (this.#o.joinsFragments === false && fragment.body.length < length) continue
      if (sequence === this.#answers && offset + fragment.body.length === length) this.#repeats()
      else if (this.#state === 'handshaking') this.#reassembler.add(fragment)
    }
    for (let next = this.#reassembler.take(); next !== undefined && !this.#isOver; next = this.#reassembler.take())
      this.#handshake.take(next)
    // Only now: a message that waits for its key is not to come in the middle of another.
    this.#releases()
  }

  #changesCipher(): void {
    this.#cipherChanged = true
    this.#releases()
  }

  #protects(write: RecordCipher, read: RecordCipher): void {
    this.#writer.protectWith(write)
    this.#reader = new RecordReader(read)
  }

  #releases(): void {
    if (this.#reader === undefined || !this.#cipherChanged) return
    const held = this.#held
    this.#held = []
    for (const record of held) if (!this.#isOver) this.#receives(record)
  }

  #authenticates(certificate: Buffer): void {
    this.#certificate = certificate
    if (this.#o.checksFingerprint === false || this.#fingerprints === undefined) return
    if (matchesFingerprints(certificate, this.#fingerprints)) return
    // RFC 8842 §5.1: the media session is torn down at once.
    throw new FingerprintFault()
  }

  #completed(keying: SrtpKeying): void {
    this.#keying = keying
    this.#state = 'connected'
    this.#timer?.cancel()
    // A client has nothing that would be asked for again.
    if (this.role === 'client') this.#flight = undefined
    this.#o.onChange?.()
  }

  #takesAlert(body: Buffer): void {
    const alert = parseAlert(body)
    if (alert === undefined) return
    if (alert.name === 'close_notify') {
      // RFC 5246 §7.2.1: answered with the same.
      this.#alert('close_notify', false)
      // Before there are keys it is no goodbye: the peer has given up, and whoever waits for keys has to know.
      if (this.#state === 'handshaking')
        this.#fails({ code: 'alert', alert: alert.name, words: 'the peer ended the handshake with close_notify' })
      else this.#ends('closed')
    } else if (alert.fatal) {
      this.#fails({ code: 'alert', alert: alert.name, words: `the peer ended the handshake with ${alert.name}` })
    }
  }

  #sends(flight: readonly FlightPart[], repeats: boolean): void {
    this.#flight = flight
    this.#answers = this.#reassembler.next - 1
    this.#timer?.cancel()
    this.#transmits()
    this.#mayWrite = flight.some(({ kind }) => kind === 'change-cipher-spec')
    if (repeats && this.#o.repeats !== false)
      this.#repeatsAfter(this.#o.retransmitAfterMs ?? RETRANSMIT_MS, REPETITIONS)
  }

  #transmits(): void {
    this.#sentAt = this.#o.clock.now()
    for (const datagram of cutIntoDatagrams(this.#flight ?? [], this.#writer, this.#o.mtu ?? MTU))
      this.#o.send(datagram)
  }

  #repeatsAfter(ms: number, times: number): void {
    this.#timer = this.#o.clock.after(ms, () => {
      if (times === 0) {
        this.#fails({ code: 'timeout', words: 'the peer did not answer the handshake' })
        return
      }
      this.retransmissions++
      this.#guards(() => this.#transmits())
      if (!this.#isOver) this.#repeatsAfter(2 * ms, times - 1)
    })
  }

  /** The peer has sent its flight again: ours was lost (RFC 6347 §4.2.4). */
  #repeats(): void {
    if (this.#flight === undefined || this.#o.repeats === false || this.#o.clock.now() - this.#sentAt < LEAST_GAP_MS)
      return
    this.retransmissions++
    this.#transmits()
  }

  /** Whatever a peer sends, nothing is thrown out of here. */
  #guards(work: () => void): void {
    try {
      work()
    } catch (error) {
      const fault = error instanceof DtlsFault ? error : undefined
      const alert = fault?.alert ?? 'internal_error'
      if (!this.#isOver) this.#alert(alert, true)
      const code = error instanceof FingerprintFault ? 'fingerprint' : fault === undefined ? 'defect' : 'protocol'
      this.#fails({ code, alert, words: error instanceof Error ? error.message : String(error) })
    }
  }

  #alert(name: AlertName, fatal: boolean): void {
    this.#o.send(this.#writer.write(ContentType.alert, this.#mayWrite ? 1 : 0, alertBody(name, fatal)))
  }

  #fails(failure: DtlsFailure): void {
    if (this.#isOver) return
    this.#failure = failure
    this.#ends('failed')
  }

  #ends(state: 'failed' | 'closed'): void {
    this.#state = state
    this.#timer?.cancel()
    this.#flight = undefined
    this.#held = []
    this.#o.onChange?.()
  }
}

class FingerprintFault extends DtlsFault {
  constructor() {
    super('bad_certificate', "the peer's certificate is not the one whose fingerprint its session description has")
  }
}
