/**
 * AES-GCM for SRTP and SRTCP (RFC 7714): one operation encrypts and authenticates, and its tag stands in front of the MKI.
 *
 *  +-------------------------+  <-+                +-------------------------+  <-+
 *  | RTP header, CSRC, ext.  |    | associated     | first 8 octets of RTCP  |    | associated
 *  +=========================+  <-+                +=========================+  <-+
 *  | payload, padding        |    encrypted        | the rest                |    encrypted
 *  +-------------------------+                     +-------------------------+
 *  | tag, 16 octets          |                     | tag, 16 octets          |
 *  +-------------------------+                     +-+-----------------------+  <-+
 *  | MKI, where agreed       |                     |E| SRTCP index           |    | associated
 *  +-------------------------+                     +-+-----------------------+  <-+
 *                                                  | MKI, where agreed       |
 *                                                  +-------------------------+
 */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { uint32At } from './rtp.js'
import { deriveKey, KeyLabel, type MasterKey } from './srtp-keys.js'

/** RFC 7714 §13.2: never shorter. */
export const GCM_TAG_BYTES = 16
const GCM_SALT_BYTES = 12
const RTCP_HEADER_BYTES = 8
const ENCRYPTED = 0x80000000
const NOTHING = Buffer.alloc(0)

/** What encrypts and authenticates one kind of packet under one master key, for one epoch of key derivation. */
export class GcmKeys {
  readonly epoch: number
  readonly #key: Buffer
  readonly #salt: Buffer
  readonly #algorithm: 'aes-128-gcm' | 'aes-256-gcm'

  /** @param epoch of key derivation */
  constructor(key: Buffer, salt: Buffer, epoch = 0) {
    this.epoch = epoch
    this.#key = key
    this.#salt = salt
    this.#algorithm = key.length === 32 ? 'aes-256-gcm' : 'aes-128-gcm'
  }

  /** RFC 7714 §11: as for counter mode; the salt of 96 bits stands on the left (RFC 3711 §4.3.1). */
  static derive(master: MasterKey, kind: 'rtp' | 'rtcp', epoch: number): GcmKeys {
    const base = kind === 'rtp' ? KeyLabel.rtpEncryption : KeyLabel.rtcpEncryption
    const key = deriveKey(master, base, epoch, master.key.length)
    return new GcmKeys(key, deriveKey(master, base + 2, epoch, GCM_SALT_BYTES), epoch)
  }

  /** Ciphertext and tag. @param counter the 48 bits behind the SSRC: ROC and SEQ, or the SRTCP index (RFC 7714 §8.1, §9.1) */
  seal(ssrc: number, counter: number, associated: Uint8Array, plain: Uint8Array): Buffer {
    const options = { authTagLength: GCM_TAG_BYTES }
    const cipher = createCipheriv(this.#algorithm, this.#key, this.#vector(ssrc, counter), options)
    cipher.setAAD(associated)
    const sealed = cipher.update(plain)
    return Buffer.concat([sealed, cipher.final(), cipher.getAuthTag()])
  }

  /** The plaintext; undefined where the tag, which stands at the end, does not match. */
  open(ssrc: number, counter: number, associated: Uint8Array, sealed: Uint8Array): Buffer | undefined {
    const options = { authTagLength: GCM_TAG_BYTES }
    const decipher = createDecipheriv(this.#algorithm, this.#key, this.#vector(ssrc, counter), options)
    decipher.setAAD(associated)
    const end = sealed.length - GCM_TAG_BYTES
    decipher.setAuthTag(sealed.subarray(end))
    const plain = decipher.update(sealed.subarray(0, end))
    try {
      decipher.final()
      return plain
    } catch {
      return undefined
    }
  }

  #vector(ssrc: number, counter: number): Buffer {
    const vector = Buffer.from(this.#salt)
    vector.writeInt32BE(vector.readInt32BE(2) ^ ssrc, 2)
    const high = Math.floor(counter / 0x10000)
    vector.writeInt32BE(vector.readInt32BE(6) ^ high, 6)
    vector.writeUInt16BE(vector.readUInt16BE(10) ^ (counter & 0xffff), 10)
    return vector
  }
}

/** RFC 7714 §8.2. @param start where the payload begins */
export function sealRtp(
  keys: GcmKeys,
  index: number,
  rtp: Uint8Array,
  start: number,
  mki: Uint8Array = NOTHING,
): Buffer {
  const header = rtp.subarray(0, start)
  return Buffer.concat([header, keys.seal(uint32At(rtp, 8), index, header, rtp.subarray(start)), mki])
}

/** @param end where the tag begins */
export function openRtp(
  keys: GcmKeys,
  index: number,
  packet: Uint8Array,
  start: number,
  end: number,
): Buffer | undefined {
  const header = packet.subarray(0, start)
  const plain = keys.open(uint32At(packet, 8), index, header, packet.subarray(start, end + GCM_TAG_BYTES))
  return plain === undefined ? undefined : Buffer.concat([header, plain])
}

/** RFC 7714 §9.2, and §9.3 where it is authenticated only. @param field the E flag and the index */
export function sealRtcp(keys: GcmKeys, field: number, rtcp: Uint8Array, mki: Uint8Array = NOTHING): Buffer {
  const last = Buffer.alloc(4)
  last.writeUInt32BE(field)
  const clear = rtcp.subarray(0, field >= ENCRYPTED ? RTCP_HEADER_BYTES : rtcp.length)
  const associated = Buffer.concat([clear, last])
  const sealed = keys.seal(uint32At(rtcp, 4), field % ENCRYPTED, associated, rtcp.subarray(clear.length))
  return Buffer.concat([clear, sealed, last, mki])
}

/** @param indexAt where the E flag and the index stand */
export function openRtcp(keys: GcmKeys, packet: Uint8Array, indexAt: number): Buffer | undefined {
  const field = uint32At(packet, indexAt)
  const end = indexAt - GCM_TAG_BYTES
  const clear = packet.subarray(0, field >= ENCRYPTED ? RTCP_HEADER_BYTES : end)
  const associated = Buffer.concat([clear, packet.subarray(indexAt, indexAt + 4)])
  const plain = keys.open(uint32At(packet, 4), field % ENCRYPTED, associated, packet.subarray(clear.length, indexAt))
  return plain === undefined ? undefined : Buffer.concat([clear, plain])
}
