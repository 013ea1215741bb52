/** Certificates that DTLS-SRTP shows: self-signed, and known by their fingerprints in SDP (RFC 5763 §5, RFC 8122 §5). */
import {
  createHash,
  generateKeyPair,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto'
import { promisify } from 'node:util'
import type { Fingerprint } from '../../sdp/key-management.js'

export type KeyKind = 'ecdsa' | 'rsa'

/** A certificate with its private key. */
export interface DtlsIdentity {
  readonly kind: KeyKind
  /** DER. */
  readonly certificate: Buffer
  readonly privateKey: KeyObject
}

/** Whole seconds: what X.509 writes down. */
const second = (unixMs: number) => new Date(Math.floor(unixMs / 1000) * 1000)
const DAY_MS = 86_400_000

const RSA_BITS = 2048
/** To make one takes up to a second, in which this thread does nothing else: identities of a process share it. */
let rsaKey: { readonly privateKey: KeyObject; readonly publicKey: KeyObject } | undefined

/** Makes the RSA key beforehand, on another thread: where time counts, nobody has to wait for it in the middle of calls. */
export async function prepareRsaKey(): Promise<void> {
  rsaKey ??= await promisify(generateKeyPair)('rsa', { modulusLength: RSA_BITS })
}

/**
 * A self-signed certificate: of a fresh P-256 key, or of this process's RSA key with 2,048 bits. Made here, octet by octet, because it is made in
 * the middle of calls in virtual time, where no promise of another thread may be waited for: @peculiar/x509 needs crypto.subtle.
 * @param o.unixMs now; it is valid from a day before until a month after, unless `o.expired`: then until yesterday
 */
export function makeIdentity(o: {
  readonly kind?: KeyKind
  readonly unixMs: number
  readonly expired?: boolean
}): DtlsIdentity {
  const { kind = 'ecdsa', unixMs, expired = false } = o
  const { privateKey, publicKey } =
    kind === 'ecdsa'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : (rsaKey ??= generateKeyPairSync('rsa', { modulusLength: RSA_BITS }))
  // RFC 5758 §3.2: ecdsa-with-SHA256 has no parameters; RFC 4055 §5: those of sha256WithRSAEncryption are null.
  const algorithm =
    kind === 'ecdsa'
      ? sequence(oid('2a8648ce3d040302'))
      : sequence(oid('2a864886f70d01010b'), Buffer.from([0x05, 0x00]))
  const name = sequence(set(sequence(oid('550403'), der(0x0c, Buffer.from('ringproof')))))
  const [from, to] = expired ? [-40 * DAY_MS, -DAY_MS] : [-DAY_MS, 30 * DAY_MS]
  const serial = randomBytes(16)
  // RFC 5280 §4.1.2.2: positive.
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40
  const body = sequence(
    // Version 3.
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    algorithm,
    name,
    sequence(time(unixMs + from), time(unixMs + to)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  )
  const signature = sign('sha256', body, privateKey)
  const certificate = sequence(body, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), signature])))
  return { kind, certificate, privateKey }
}

/** What a peer's certificate signs with, and its key. Undefined: it cannot be read, or has a key of another kind. */
export function publicKeyOf(certificate: Buffer): { readonly kind: KeyKind; readonly key: KeyObject } | undefined {
  try {
    const key = new X509Certificate(certificate).publicKey
    const kind = key.asymmetricKeyType === 'ec' ? 'ecdsa' : key.asymmetricKeyType === 'rsa' ? 'rsa' : undefined
    return kind && { kind, key }
  } catch {
    return undefined
  }
}

/** Strongest first. RFC 8122 §5: MD2 and MD5 must not be used. */
const HASHES = ['sha-512', 'sha-384', 'sha-256', 'sha-224', 'sha-1']

/**
 * RFC 8122 §5: octets in upper-case hex with colons between. The name of the hash function stays as it is written here: its
 * case does not matter (RFC 5234 §2.3). @throws RangeError for another hash function
 */
export function fingerprintOf(certificate: Buffer, hash = 'sha-256'): Fingerprint {
  const name = hash.toLowerCase()
  if (!HASHES.includes(name)) throw new RangeError(`no fingerprint by ${hash}`)
  const digest = createHash(name.replace('-', '')).update(certificate).digest('hex').toUpperCase()
  return { hash, value: digest.match(/../g)?.join(':') ?? '' }
}

/** RFC 8122 §5.1: of the strongest hash function that the peer used, one has to match. */
export function matchesFingerprints(certificate: Buffer, fingerprints: readonly Fingerprint[]): boolean {
  const hash = HASHES.find((name) => fingerprints.some((one) => one.hash === name))
  if (hash === undefined) return false
  const { value } = fingerprintOf(certificate, hash)
  return fingerprints.some((one) => one.hash === hash && one.value === value)
}

// DER (X.690): tag, length, contents.
function der(tag: number, contents: Buffer): Buffer {
  const { length } = contents
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), contents])
  const octets = length < 0x100 ? [0x81, length] : [0x82, length >>> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...octets]), contents])
}

const sequence = (...parts: Buffer[]) => der(0x30, Buffer.concat(parts))
const set = (...parts: Buffer[]) => der(0x31, Buffer.concat(parts))
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'))
/** UTCTime, as RFC 5280 §4.1.2.5 wants it until 2049. */
const time = (unixMs: number) =>
  der(0x17, Buffer.from(`${second(unixMs).toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)}Z`))
