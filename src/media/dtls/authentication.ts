/** Certificates and signatures of a handshake (RFC 5246 §7.4.2–§7.4.8, RFC 8422 §5.4). */
import { sign, verify } from 'node:crypto'
import { DtlsFault } from './alert.js'
import type { DtlsIdentity, KeyKind } from './certificate.js'
import { publicKeyOf } from './certificate.js'
import type { Randoms } from './key-schedule.js'
import { OctetReader, uint16, vector16, vector24, vector8 } from './octets.js'

/** SignatureAndHashAlgorithm (RFC 5246 §7.4.1.4.1), in order of preference. */
const SCHEMES: readonly { readonly id: number; readonly kind: KeyKind; readonly hash: string }[] = [
  { id: 0x0403, kind: 'ecdsa', hash: 'sha256' },
  { id: 0x0401, kind: 'rsa', hash: 'sha256' },
  { id: 0x0503, kind: 'ecdsa', hash: 'sha384' },
  { id: 0x0501, kind: 'rsa', hash: 'sha384' },
  { id: 0x0603, kind: 'ecdsa', hash: 'sha512' },
  { id: 0x0601, kind: 'rsa', hash: 'sha512' },
  { id: 0x0203, kind: 'ecdsa', hash: 'sha1' },
  { id: 0x0201, kind: 'rsa', hash: 'sha1' },
]
export const SIGNATURE_SCHEMES: readonly number[] = SCHEMES.map(({ id }) => id)

/** ClientCertificateType: ecdsa_sign, rsa_sign (RFC 8422 §5.5, RFC 5246 §7.4.4). */
const CERTIFICATE_TYPES = Buffer.from([64, 1])
const NAMED_CURVE = 3

export function serializeCertificate({ certificate }: DtlsIdentity): Buffer {
  return vector24(vector24(certificate))
}

/** The peer's own certificate, DER; undefined: an empty list. @throws DtlsFault where it is malformed */
export function parseCertificate(body: Buffer): Buffer | undefined {
  const reader = new OctetReader(body)
  const list = new OctetReader(reader.vector(3))
  reader.end()
  const first = list.left === 0 ? undefined : Buffer.from(list.vector(3))
  while (list.left > 0) list.vector(3)
  return first
}

/** RFC 5246 §7.4.4: both kinds of key, any authority. */
export function serializeCertificateRequest(): Buffer {
  return Buffer.concat([
    vector8(CERTIFICATE_TYPES),
    vector16(Buffer.concat(SIGNATURE_SCHEMES.map(uint16))),
    vector16(Buffer.alloc(0)),
  ])
}

/** The schemes that a server takes. */
export function parseCertificateRequest(body: Buffer): readonly number[] {
  const reader = new OctetReader(body)
  reader.vector(1)
  const schemes = reader.numbers(2)
  reader.vector(2)
  reader.end()
  return schemes
}

/** ServerKeyExchange (RFC 8422 §5.4): the group, the key, and a signature over both with the randoms. */
export function serializeKeyExchange(
  key: { readonly group: number; readonly publicKey: Buffer },
  randoms: Randoms,
  identity: DtlsIdentity,
  schemes: readonly number[] | undefined,
): Buffer {
  const parameters = Buffer.concat([Buffer.from([NAMED_CURVE]), uint16(key.group), vector8(key.publicKey)])
  return Buffer.concat([parameters, signed(signedParameters(randoms, parameters), identity, schemes)])
}

/** The server's group and key. @throws DtlsFault where its signature is not that of the certificate */
export function parseKeyExchange(
  body: Buffer,
  randoms: Randoms,
  certificate: Buffer,
): { readonly group: number; readonly publicKey: Buffer } {
  const reader = new OctetReader(body)
  if (reader.number(1) !== NAMED_CURVE) throw new DtlsFault('illegal_parameter', 'a curve without a name')
  const group = reader.number(2)
  const publicKey = Buffer.from(reader.vector(1))
  const parameters = body.subarray(0, body.length - reader.left)
  verifySigned(reader, signedParameters(randoms, parameters), certificate)
  return { group, publicKey }
}

/** CertificateVerify (RFC 5246 §7.4.8): signs all messages so far. */
export function serializeCertificateVerify(
  messages: readonly Buffer[],
  identity: DtlsIdentity,
  schemes: readonly number[],
): Buffer {
  return signed(Buffer.concat(messages), identity, schemes)
}

/** @throws DtlsFault where the signature is not that of the certificate */
export function checkCertificateVerify(body: Buffer, messages: readonly Buffer[], certificate: Buffer): void {
  verifySigned(new OctetReader(body), Buffer.concat(messages), certificate)
}

const signedParameters = ({ client, server }: Randoms, parameters: Buffer) =>
  Buffer.concat([client, server, parameters])

/** @param schemes that the other side takes; undefined: it did not say (RFC 5246 §7.4.1.4.1: SHA-1 then) */
function signed(data: Buffer, { kind, privateKey }: DtlsIdentity, schemes: readonly number[] | undefined): Buffer {
  const scheme = SCHEMES.find((one) => one.kind === kind && (schemes?.includes(one.id) ?? one.hash === 'sha1'))
  if (scheme === undefined) throw new DtlsFault('handshake_failure', `no signature scheme in common for ${kind}`)
  return Buffer.concat([uint16(scheme.id), vector16(sign(scheme.hash, data, privateKey))])
}

function verifySigned(reader: OctetReader, data: Buffer, certificate: Buffer): void {
  const id = reader.number(2)
  const signature = reader.vector(2)
  reader.end()
  const scheme = SCHEMES.find((one) => one.id === id)
  const own = publicKeyOf(certificate)
  // RFC 5246 §7.4.3, §7.4.8: one of the schemes that were offered, and that of the certificate's key.
  if (scheme === undefined || own === undefined || own.kind !== scheme.kind)
    throw new DtlsFault('illegal_parameter', `signature scheme ${id} is not that of the certificate`)
  if (!isValid(scheme.hash, data, own.key, signature))
    throw new DtlsFault('decrypt_error', 'a signature that is not that of the certificate')
}

function isValid(hash: string, data: Buffer, key: Parameters<typeof verify>[2], signature: Buffer): boolean {
  try {
    return verify(hash, data, key, signature)
  } catch {
    return false
  }
}
