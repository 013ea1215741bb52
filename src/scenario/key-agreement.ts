/**
 * First messages of key agreements that telephones offer in place of keys in SDP: enough to see whether a peer that accepts one
 * means it. What follows them is not spoken here.
 */
import type { Random } from '../clock/random.js'

const uint16 = (value: number) => Buffer.from([value >>> 8, value & 0xff])
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
