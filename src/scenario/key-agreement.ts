/**
 * First messages of key agreements that telephones offer in place of keys in SDP: enough to see whether a peer that accepts one
 * means it. What follows them is not spoken here.
 */
import type { Random } from '../clock/random.js'

const uint16 = (value: number) => Buffer.from([value >>> 8, value & 0xff])
const uint24 = (value: number) => Buffer.from([value >>> 16, (value >>> 8) & 0xff, value & 0xff])
const sized16 = (body: Buffer) => Buffer.concat([uint16(body.length), body])

/**
 * A MIKEY message of the pre-shared key method (RFC 3830 §3.1) in which nothing is wrong but that nobody shares its key: HDR, T,
 * RAND, KEMAC. Encrypted data and MAC look like chance to whoever does not know the key, and here they are.
 * @param o.unixMs for the timestamp, which a responder may check @param o.ssrc of the stream that it is for
 */
export function mikeyOfUnknownKey(random: Random, o: { readonly unixMs: number; readonly ssrc: number }): Buffer {
  // RFC 3830 §6.1, §6.1.1: version 1, pre-shared, T follows, no response expected, MIKEY-1; one crypto session, by SRTP-ID.
  const header = Buffer.alloc(19)
  header.set([1, 0, 5, 0])
  header.writeUInt32BE(random.uint32(), 4)
  header.set([1, 0, 0], 8)
  header.writeUInt32BE(o.ssrc, 11)
  // §6.6: RAND follows, NTP-UTC: seconds since 1900 and their fraction.
  const seconds = Math.floor(o.unixMs / 1000)
  const timestamp = Buffer.alloc(10)
  timestamp.set([11, 0])
  timestamp.writeUInt32BE((seconds + 2_208_988_800) % 2 ** 32, 2)
  timestamp.writeUInt32BE(Math.floor(((o.unixMs - seconds * 1000) / 1000) * 2 ** 32), 6)
  // §6.11: KEMAC follows.
  const rand = Buffer.concat([Buffer.from([1, 16]), random.bytes(16)])
  // §6.2: the last one, AES-CM-128 over one key of 16 octets (§6.13), HMAC-SHA-1-160.
  const encrypted = random.bytes(4 + 16)
  const kemac = Buffer.concat([Buffer.from([0, 1]), sized16(encrypted), Buffer.from([1]), random.bytes(20)])
  return Buffer.concat([header, timestamp, rand, kemac])
}

/** A DTLS 1.2 ClientHello that offers SRTP (RFC 6347 §4.1, §4.2.2; RFC 5764 §4.1.1). @param number of the record, from 0 on */
export function dtlsClientHello(random: Random, number: number): Buffer {
  const extension = (type: number, body: Buffer) => Buffer.concat([uint16(type), sized16(body)])
  const extensions = Buffer.concat([
    // supported_groups: x25519, secp256r1; ec_point_formats: uncompressed.
    extension(10, sized16(Buffer.from([0x00, 0x1d, 0x00, 0x17]))),
    extension(11, Buffer.from([1, 0])),
    // signature_algorithms: ECDSA and RSA with SHA-256.
    extension(13, sized16(Buffer.from([0x04, 0x03, 0x04, 0x01]))),
    // use_srtp: AES_CM_128_HMAC_SHA1_80 and _32, no MKI.
    extension(14, Buffer.concat([sized16(Buffer.from([0x00, 0x01, 0x00, 0x02])), Buffer.from([0])])),
  ])
  const body = Buffer.concat([
    DTLS_1_2,
    random.bytes(32),
    // No session, no cookie; ECDHE with AES-128-GCM and AES-128-CBC; no compression.
    Buffer.from([0, 0]),
    sized16(Buffer.from([0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x09, 0xc0, 0x13])),
    Buffer.from([1, 0]),
    sized16(extensions),
  ])
  const length = uint24(body.length)
  const handshake = Buffer.concat([Buffer.from([CLIENT_HELLO]), length, uint16(0), uint24(0), length, body])
  const sequence = Buffer.alloc(8)
  sequence.writeUInt32BE(number, 4)
  return Buffer.concat([Buffer.from([HANDSHAKE, 0xfe, 0xff]), sequence, sized16(handshake)])
}

const DTLS_1_2 = Buffer.from([0xfe, 0xfd])
const CLIENT_HELLO = 1
const HANDSHAKE = 22

/** What a datagram is of DTLS; undefined: none of it (RFC 7983 §7, RFC 6347 §4.1). */
export function dtlsMessage(datagram: Uint8Array): 'ClientHello' | 'other' | undefined {
  const [type = 0, major] = datagram
  if (type < 20 || type > 63 || major !== 0xfe || datagram.length < 13) return undefined
  return type === HANDSHAKE && datagram[13] === CLIENT_HELLO ? 'ClientHello' : 'other'
}
