/**
 * SRTP and SRTCP (RFC 3711) with AES counter mode and HMAC-SHA1; AES-256 by RFC 6188; AES-GCM, whose packets look
 * otherwise (srtp-gcm.ts), by RFC 7714.
 *
 *  +-------------------------+  <-+                +-------------------------+  <-+
 *  | RTP header, CSRC, ext.  |    |                | first 8 octets of RTCP  |    |
 *  +=========================+    | authenticated  +=========================+    | authenticated
 *  | payload, padding        |    | (with the ROC) | the rest, encrypted     |    |
 *  | encrypted               |    |                +-+=======================+    |
 *  +=========================+  <-+                |E| SRTCP index           |    |
 *  | MKI, where agreed       |                     +-+-----------------------+  <-+
 *  +-------------------------+                     | MKI, where agreed       |
 *  | authentication tag      |                     +-------------------------+
 *  +-------------------------+                     | authentication tag      |
 *                                                  +-------------------------+
 */
import { RTP_HEADER_BYTES, rtpHeaderBytes, uint32At } from './rtp.js'
import { GcmKeys, openRtcp, openRtp, sealRtcp, sealRtp } from './srtp-gcm.js'
import {
  badTag,
  exhausted,
  notRtcp,
  notRtp,
  replayed,
  type SrtpError,
  tooOld,
  tooShort,
  unknownMki,
} from './srtp-error.js'
import { KeyRing } from './srtp-key-ring.js'
import { suiteOf } from './srtp-keys.js'
import type { MasterKey, SessionKeys, Suite, SuiteName } from './srtp-keys.js'
import { ReplayList, RTP_INDICES, SrtpStream } from './srtp-stream.js'

export { SrtpError } from './srtp-error.js'
export { isSuiteName } from '../sdp/crypto-attribute.js'
export { suiteOf } from './srtp-keys.js'
export type { MasterKey, Suite, SuiteName } from './srtp-keys.js'

export interface SrtpOptions {
  readonly suite: SuiteName
  /** The first one protects; all of them unprotect, chosen by MKI. */
  readonly keys: readonly MasterKey[]
  /** 0 (default: derived once), or a power of two up to 2^24 (RFC 3711 §4.3.1, RFC 4568 §6.3.1). */
  readonly keyDerivationRate?: number
  /** Replay window in packets, 64 at least (RFC 3711 §3.3.2); 127 by default. */
  readonly window?: number
  /** Session parameters of RFC 4568 §6.3.2. */
  readonly unencryptedSrtp?: boolean
  readonly unencryptedSrtcp?: boolean
  readonly unauthenticatedSrtp?: boolean
}

/** RFC 3711 §9.2. */
const RTCP_INDICES = 2 ** 31
const RTCP_HEADER_BYTES = 8
const RTCP_INDEX_BYTES = 4
const ENCRYPTED = 0x80000000

/** What SRTCP says of itself behind the reports (RFC 3711 §3.4). */
export interface SrtcpFields {
  readonly index: number
  /** The E flag. */
  readonly encrypted: boolean
  /** UNENCRYPTED_SRTCP was agreed on (RFC 4568 §6.3.2). */
  readonly mayBeClear: boolean
  /** Its tag matches, whether it came before or not. */
  readonly authentic: boolean
  /** The authentication tag, an octet for each character. */
  readonly tag: string
}

/** An SRTCP packet in clear, or why it is refused; its fields, unless there is no room for them or its MKI is unknown. */
export interface ReadRtcp {
  readonly plain: Buffer | SrtpError
  readonly fields?: SrtcpFields
}

interface RtcpStream {
  /** Of the next packet that we send. */
  nextIndex: number
  readonly seen: ReplayList
}

/**
 * The cryptographic contexts of one direction of one media stream: one per SSRC, bound when first heard or sent (RFC
 * 4568 §6.4.1). Wholly synchronous. A context has some 6 KB, half of it OpenSSL's, and 4 KB of key stream
 * per source that is busy.
 */
export class SrtpContext {
  readonly suite: Suite
  readonly #options: SrtpOptions
  readonly #rate: number
  readonly #window: number
  readonly #rtpTag: number
  readonly #streams = new Map<number, SrtpStream>()
  readonly #rtcpStreams = new Map<number, RtcpStream>()
  #last: SrtpStream | undefined
  #rings: readonly [KeyRing, ...KeyRing[]]
  #mkiBytes: number

  /** Throws RangeError for keys, salts, MKIs, rates or windows of the wrong size. */
  constructor(options: SrtpOptions) {
    this.suite = suiteOf(options.suite)
    this.#options = options
    this.#rate = options.keyDerivationRate ?? 0
    this.#window = options.window ?? 127
    this.#rtpTag = options.unauthenticatedSrtp ? 0 : this.suite.rtpTagBytes
    if (this.suite.aead && (options.unencryptedSrtp || options.unauthenticatedSrtp))
      throw new RangeError(`${options.suite} always encrypts and authenticates (RFC 7714 §8.2)`)
    if (!(this.#window >= 64)) throw new RangeError(`a replay window of ${this.#window}; 64 at least (RFC 3711 §3.3.2)`)
    // RFC 3711 §4.3.1: zero, or a power of two from 1 to 2^24.
    if (this.#rate !== 0 && !(Number.isInteger(Math.log2(this.#rate)) && this.#rate >= 1 && this.#rate <= 2 ** 24))
      throw new RangeError(`a key derivation rate of ${this.#rate}; 0 or a power of two up to 2^24 (RFC 3711 §4.3.1)`)

    this.#rings = this.#ringsOf(options.keys)
    this.#mkiBytes = options.keys[0]?.mki?.length ?? 0
  }

  /** New master keys for the same streams: ROC, SRTCP index and replay lists go on (RFC 3711 §3.3.1, §3.4). */
  rekey(keys: readonly MasterKey[]): void {
    this.#rings = this.#ringsOf(keys)
    this.#mkiBytes = keys[0]?.mki?.length ?? 0
  }

  /**
   * Encrypts and authenticates an RTP packet; the input is left as it is. Throws SrtpError: 'not-rtp', 'key-exhausted',
   * and 'replayed' or 'too-old' for an index that may have been used, because its key stream must not serve twice
   * (RFC 3711 §9.1).
   */
  protect(rtp: Uint8Array): Buffer {
    const end = rtp.length
    const start = rtpHeaderBytes(rtp, end)
    if (start < 0) throw notRtp
    const ssrc = uint32At(rtp, 8)
    const stream = this.#stream(ssrc) ?? this.#addStream(new SrtpStream(ssrc, 0, this.#window))
    const index = stream.estimateIndex(sequenceOf(rtp))
    // RFC 3711 §9.2: no packet after the 2^48th index.
    if (index >= RTP_INDICES) throw exhausted
    const verdict = index < 0 ? 'too-old' : stream.seen.judge(index)
    if (verdict !== 'new') throw verdict === 'replayed' ? replayed : tooOld

    const ring = this.#rings[0]
    // RFC 4568 §6.1: fewer packets than the lifetime says.
    if (ring.rtpPackets + 1 >= ring.lifetime) throw exhausted
    ring.rtpPackets++
    const keys = ring.rtp(index)
    if (keys instanceof GcmKeys) {
      stream.accept(index)
      return sealRtp(keys, index, rtp, start, ring.master.mki)
    }
    const packet = Buffer.allocUnsafe(end + this.#mkiBytes + this.#rtpTag)
    const clear = this.#options.unencryptedSrtp ? end : start
    for (let i = 0; i < clear; i++) packet[i] = rtp[i] ?? 0
    if (clear < end) stream.encrypt(keys, index, this.#epochEnd(index), rtp, packet, start, end)
    if (ring.master.mki) packet.set(ring.master.mki, end)
    // RFC 3711 §4.2: header and encrypted portion, then the ROC, which is not sent.
    if (this.#rtpTag > 0)
      keys.auth.write(packet, end, Math.floor(index / 0x10000), packet, end + this.#mkiBytes, this.#rtpTag)

    stream.accept(index)
    return packet
  }

  /**
   * Authenticates and decrypts an SRTP packet into a new buffer; the input is left as it is. Nothing about the source
   * changes, and no key stream is made, before the tag matches.
   */
  unprotect(packet: Uint8Array): Buffer | SrtpError {
    const end = packet.length - this.#mkiBytes - this.#rtpTag
    if (end < RTP_HEADER_BYTES) return tooShort
    const start = rtpHeaderBytes(packet, end)
    if (start < 0) return notRtp
    const ring = this.#ringFor(packet, this.suite.aead ? end + this.#rtpTag : end)
    if (!ring) return unknownMki

    const ssrc = uint32At(packet, 8)
    const sequence = sequenceOf(packet)
    const known = this.#stream(ssrc)
    const stream = known ?? new SrtpStream(ssrc, 0, this.#window)
    let index = stream.estimateIndex(sequence)
    if (index < 0) return tooOld
    if (index >= RTP_INDICES) return exhausted
    // RFC 3711 §3.3, step 5: the replay list first, the tag next, and updates only after both.
    const verdict = stream.seen.judge(index)
    if (verdict !== 'new') return verdict === 'replayed' ? replayed : tooOld

    let rtp = this.#opened(ring, stream, index, packet, start, end)
    // RFC 3711 §3.3.1 leaves the estimate to us where the first packet heard may follow a wrap: when everything
    // before the wrap was lost, ROC is already 1, and only the tag can tell.
    if (rtp === undefined && stream.highestSequence < 0 && sequence < 0x8000) {
      index += 0x10000
      rtp = this.#opened(ring, stream, index, packet, start, end)
    }
    if (rtp === undefined) return badTag
    // RFC 4568 §6.1: what comes under a key that has served its time is not accepted.
    if (ring.rtpPackets >= ring.lifetime) return exhausted
    ring.rtpPackets++
    if (!known) this.#addStream(stream)
    stream.accept(index)
    return rtp
  }

  /** The packet in clear, if it was this index that it was protected with. @param end of the payload */
  #opened(
    ring: KeyRing,
    stream: SrtpStream,
    index: number,
    packet: Uint8Array,
    start: number,
    end: number,
  ): Buffer | undefined {
    const keys = ring.rtp(index)
    if (keys instanceof GcmKeys) return openRtp(keys, index, packet, start, end)
    if (this.#rtpTag > 0) {
      const tagAt = end + this.#mkiBytes
      if (!keys.auth.matches(packet, end, Math.floor(index / 0x10000), tagAt, this.#rtpTag)) return undefined
    }
    const rtp = Buffer.allocUnsafe(end)
    const clear = this.#options.unencryptedSrtp ? end : start
    for (let i = 0; i < clear; i++) rtp[i] = packet[i] ?? 0
    if (clear < end) stream.encrypt(keys, index, this.#epochEnd(index), packet, rtp, start, end)
    return rtp
  }

  /** Protects a compound RTCP packet. Throws SrtpError: 'not-rtcp', 'key-exhausted'. */
  protectRtcp(rtcp: Uint8Array): Buffer {
    const end = rtcp.length
    if (end < RTCP_HEADER_BYTES || (rtcp[0] ?? 0) >>> 6 !== 2) throw notRtcp
    // RFC 3711 §4.1.1: the SSRC of the first header of the compound packet.
    const ssrc = uint32At(rtcp, 4)
    const stream = this.#rtcpStream(ssrc)
    const index = stream.nextIndex
    // RFC 3711 §9.2: 2^31 packets, and never the same index again.
    if (index >= RTCP_INDICES) throw exhausted

    const ring = this.#rings[0]
    if (ring.rtcpPackets + 1 >= ring.lifetime) throw exhausted
    ring.rtcpPackets++
    const keys = ring.rtcp(index)
    const encrypted = !this.#options.unencryptedSrtcp
    if (keys instanceof GcmKeys) {
      stream.nextIndex = index + 1
      return sealRtcp(keys, encrypted ? index + ENCRYPTED : index, rtcp, ring.master.mki)
    }
    const indexEnd = end + RTCP_INDEX_BYTES
    const packet = Buffer.allocUnsafe(indexEnd + this.#mkiBytes + this.suite.rtcpTagBytes)
    packet.set(rtcp)
    if (encrypted) applyKeyStream(keys, ssrc, index, packet, end)
    packet.writeUInt32BE(encrypted ? index + ENCRYPTED : index, end)
    if (ring.master.mki) packet.set(ring.master.mki, indexEnd)
    keys.auth.write(packet, indexEnd, undefined, packet, indexEnd + this.#mkiBytes, this.suite.rtcpTagBytes)
    stream.nextIndex = index + 1
    return packet
  }

  /** Authenticates and decrypts an SRTCP packet into a new buffer; authentication is never left out (RFC 3711 §3.4). */
  unprotectRtcp(packet: Uint8Array): Buffer | SrtpError {
    return this.readRtcp(packet).plain
  }

  /** The same, with what the packet says of itself; what comes twice is opened too, to tell whether its tag matches. */
  readRtcp(packet: Uint8Array): ReadRtcp {
    const { aead, rtcpTagBytes } = this.suite
    const indexEnd = packet.length - this.#mkiBytes - (aead ? 0 : rtcpTagBytes)
    const end = indexEnd - RTCP_INDEX_BYTES
    if (end - (aead ? rtcpTagBytes : 0) < RTCP_HEADER_BYTES) return { plain: tooShort }
    if ((packet[0] ?? 0) >>> 6 !== 2) return { plain: notRtcp }
    const ring = this.#ringFor(packet, indexEnd)
    if (!ring) return { plain: unknownMki }

    const field = uint32At(packet, end)
    const index = field % ENCRYPTED
    const rtcp = this.#openedRtcp(ring, index, packet, end)
    const tagAt = aead ? end - rtcpTagBytes : packet.length - rtcpTagBytes
    const fields = {
      index,
      encrypted: field >= ENCRYPTED,
      mayBeClear: this.#options.unencryptedSrtcp === true,
      authentic: rtcp !== undefined,
      tag: Buffer.from(packet.subarray(tagAt, tagAt + rtcpTagBytes)).toString('latin1'),
    }
    return { plain: this.#acceptedRtcp(ring, uint32At(packet, 4), index, rtcp), fields }
  }

  /** RFC 3711 §3.3, steps 5 to 8, of an SRTCP packet that was opened. */
  #acceptedRtcp(ring: KeyRing, ssrc: number, index: number, rtcp: Buffer | undefined): Buffer | SrtpError {
    const verdict = this.#rtcpStreams.get(ssrc)?.seen.judge(index) ?? 'new'
    if (verdict !== 'new') return verdict === 'replayed' ? replayed : tooOld
    if (rtcp === undefined) return badTag
    if (ring.rtcpPackets >= ring.lifetime) return exhausted
    ring.rtcpPackets++
    this.#rtcpStream(ssrc).seen.add(index)
    return rtcp
  }

  /** @param end where the E flag and the index stand */
  #openedRtcp(ring: KeyRing, index: number, packet: Uint8Array, end: number): Buffer | undefined {
    const keys = ring.rtcp(index)
    if (keys instanceof GcmKeys) return openRtcp(keys, packet, end)
    const indexEnd = end + RTCP_INDEX_BYTES
    if (!keys.auth.matches(packet, indexEnd, undefined, indexEnd + this.#mkiBytes, this.suite.rtcpTagBytes))
      return undefined

    const rtcp = Buffer.from(packet.subarray(0, end))
    // RFC 3711 §3.4: decrypted only if the E flag is set.
    if (uint32At(packet, end) >= ENCRYPTED) applyKeyStream(keys, uint32At(packet, 4), index, rtcp, end)
    return rtcp
  }

  /** The roll-over counter of a source; undefined if it was never seen. */
  rolloverCounter(ssrc: number): number | undefined {
    return this.#streams.get(ssrc)?.rolloverCounter
  }

  /** For a session joined late, whose ROC key management has told (RFC 3711 §3.3.1); before its first packet. */
  setRolloverCounter(ssrc: number, rolloverCounter: number): void {
    this.#addStream(new SrtpStream(ssrc, rolloverCounter, this.#window))
  }

  /** The index of the next SRTCP packet that a source sends, for one whose context comes from elsewhere. */
  setRtcpIndex(ssrc: number, nextIndex: number): void {
    this.#rtcpStream(ssrc).nextIndex = nextIndex
  }

  #stream(ssrc: number): SrtpStream | undefined {
    if (this.#last?.ssrc === ssrc) return this.#last
    const stream = this.#streams.get(ssrc)
    if (stream) this.#last = stream
    return stream
  }

  #addStream(stream: SrtpStream): SrtpStream {
    this.#streams.set(stream.ssrc, stream)
    this.#last = stream
    return stream
  }

  #rtcpStream(ssrc: number): RtcpStream {
    let stream = this.#rtcpStreams.get(ssrc)
    if (!stream) {
      stream = { nextIndex: 0, seen: new ReplayList(this.#window) }
      this.#rtcpStreams.set(ssrc, stream)
    }
    return stream
  }

  #epochEnd(index: number): number {
    return this.#rate === 0 ? RTP_INDICES : (Math.floor(index / this.#rate) + 1) * this.#rate
  }

  #ringFor(packet: Uint8Array, mkiAt: number): KeyRing | undefined {
    if (this.#mkiBytes === 0) return this.#rings[0]
    return this.#rings.find((ring) => ring.master.mki?.every((octet, i) => packet[mkiAt + i] === octet))
  }

  #ringsOf(keys: readonly MasterKey[]): readonly [KeyRing, ...KeyRing[]] {
    const [first, ...others] = keys
    if (!first) throw new RangeError('an SRTP context without a master key')
    const mkiBytes = first.mki?.length ?? 0
    if (keys.length > 1 && mkiBytes === 0) throw new RangeError('several master keys need an MKI (RFC 4568 §6.1)')
    for (const { key, salt, mki } of keys) {
      if (key.length !== this.suite.keyBytes || salt.length !== this.suite.saltBytes) {
        throw new RangeError(
          `${this.suite.name} takes ${this.suite.keyBytes} octets of key and ${this.suite.saltBytes} of salt, ` +
            `not ${key.length} and ${salt.length}`,
        )
      }
      // RFC 4568 §6.1: an MKI has 1 to 128 octets, the same number for all keys of the attribute.
      if ((mki?.length ?? 0) !== mkiBytes || mkiBytes > 128) throw new RangeError('MKIs of unequal or excessive length')
    }
    const ring = (master: MasterKey) => new KeyRing(master, this.#rate, this.suite.aead)
    return [ring(first), ...others.map(ring)]
  }
}

function sequenceOf(packet: Uint8Array): number {
  return ((packet[2] ?? 0) << 8) | (packet[3] ?? 0)
}

/** RFC 3711 §3.4: the encrypted portion of RTCP begins at the ninth octet. */
function applyKeyStream(keys: SessionKeys, ssrc: number, index: number, packet: Uint8Array, end: number): void {
  const octets = end - RTCP_HEADER_BYTES
  if (octets === 0) return
  const stream = keys.stream.generate(ssrc, index, 1, (octets + 15) >> 4)
  for (let i = 0; i < octets; i++)
    packet[RTCP_HEADER_BYTES + i] = (packet[RTCP_HEADER_BYTES + i] ?? 0) ^ (stream[i] ?? 0)
}
