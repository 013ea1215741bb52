/** Makes X.509 certificates for tests and the embedded provider. */
import { createPrivateKey, webcrypto } from 'node:crypto'
import type { JsonName } from '@peculiar/x509'

/** A certificate authority of our own, PEM. */
export interface Authority {
  readonly cert: string
  readonly key: string
}

/** A certificate and its private key, PEM. */
export interface IssuedCertificate {
  readonly cert: string
  readonly key: string
}

export interface CertificateOptions {
  /** Default: the first DNS name. */
  readonly commonName?: string
  readonly dnsNames?: readonly string[]
  readonly ipAddresses?: readonly string[]
  /** Such as `sip:example.com`. */
  readonly uris?: readonly string[]
  /** Default: an hour ago. */
  readonly notBefore?: Date
  /** Default: a year after now. */
  readonly notAfter?: Date
}

const CURVE = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
// Loaded when first asked for: it takes longer to load than most runs need to start.
async function loadX509() {
  await import('reflect-metadata')
  return import('@peculiar/x509')
}

const DAY_MS = 86_400_000
const YEAR_MS = 365 * DAY_MS

/**
 * Makes an authority, valid for ten years. For tests and the embedded provider: the key is handed out in clear.
 * Uses crypto.subtle, and so has to run outside of virtual time.
 */
export async function makeAuthority(commonName = 'ringproof test authority'): Promise<Authority> {
  const x509 = await loadX509()
  const keys = await generateKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: distinguishedName(commonName),
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + 10 * YEAR_MS),
    signingAlgorithm: CURVE,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { cert: certificate.toString('pem'), key: await exportKey(keys) }
}

/**
 * Issues a server certificate; where `authority` is undefined, a self-signed one. Without names of any kind it has no
 * subjectAltName. Uses crypto.subtle, and so has to run outside of virtual time.
 */
export async function issueCertificate(
  authority: Authority | undefined,
  options: CertificateOptions,
): Promise<IssuedCertificate> {
  const x509 = await loadX509()
  const { dnsNames = [], ipAddresses = [], uris = [] } = options
  const keys = await generateKeys()
  const names = [
    ...dnsNames.map((value) => new x509.GeneralName('dns', value)),
    ...ipAddresses.map((value) => new x509.GeneralName('ip', value)),
    ...uris.map((value) => new x509.GeneralName('url', value)),
  ]
  const fields = {
    serialNumber: serialNumber(),
    notBefore: options.notBefore ?? new Date(Date.now() - DAY_MS),
    notAfter: options.notAfter ?? new Date(Date.now() + YEAR_MS),
    signingAlgorithm: CURVE,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ],
  }
  const subject = distinguishedName(options.commonName ?? dnsNames[0] ?? ipAddresses[0] ?? 'ringproof')
  const key = await exportKey(keys)
  if (authority === undefined) {
    const own = await x509.X509CertificateGenerator.createSelfSigned({ ...fields, name: subject, keys })
    return { cert: own.toString('pem'), key }
  }
  const issued = await x509.X509CertificateGenerator.create({
    ...fields,
    subject,
    issuer: new x509.X509Certificate(authority.cert).subjectName,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
  })
  return { cert: issued.toString('pem'), key }
}

function distinguishedName(commonName: string): JsonName {
  return [{ CN: [commonName] }]
}

function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16))
  // A serial number must be positive, and not begin with a zero byte.
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return Buffer.from(bytes).toString('hex')
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(CURVE, true, ['sign', 'verify'])
}

async function exportKey(keys: webcrypto.CryptoKeyPair): Promise<string> {
  const der = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString()
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' })
  return webcrypto.subtle.importKey('pkcs8', der, CURVE, false, ['sign'])
}
