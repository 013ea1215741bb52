import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  fingerprintOf,
  makeIdentity,
  matchesFingerprints,
  publicKeyOf,
} from '../../../../src/media/dtls/certificate.js'

const NOW = Date.UTC(2026, 5, 15, 12, 30, 1)

describe('certificates of DTLS-SRTP', () => {
  it.each(['ecdsa', 'rsa'] as const)('are self-signed X.509 with a key of their own (%s)', (kind) => {
    const { certificate, privateKey } = makeIdentity({ kind, unixMs: NOW })
    const read = new X509Certificate(certificate)
    expect(read.verify(read.publicKey)).toBe(true)
    expect(read.checkPrivateKey(privateKey)).toBe(true)
    expect(read.checkIssued(read)).toBe(true)
    expect(read.subject).toBe('CN=ringproof')
    expect(read.validFrom).toBe('Jun 14 12:30:01 2026 GMT')
    expect(read.validTo).toBe('Jul 15 12:30:01 2026 GMT')
    expect(publicKeyOf(certificate)?.kind).toBe(kind)
    expect(makeIdentity({ unixMs: NOW }).certificate.equals(certificate)).toBe(false)
  })

  it('can be out of date', () => {
    expect(new X509Certificate(makeIdentity({ unixMs: NOW, expired: true }).certificate).validTo).toBe(
      'Jun 14 12:30:01 2026 GMT',
    )
  })

  it('have the fingerprints that others reckon', () => {
    const { certificate } = makeIdentity({ unixMs: NOW })
    const { fingerprint, fingerprint256, fingerprint512 } = new X509Certificate(certificate)
    expect(fingerprintOf(certificate)).toEqual({ hash: 'sha-256', value: fingerprint256 })
    expect(fingerprintOf(certificate, 'sha-1').value).toBe(fingerprint)
    expect(fingerprintOf(certificate, 'sha-512').value).toBe(fingerprint512)
    expect(() => fingerprintOf(certificate, 'md5')).toThrow(RangeError)
  })

  it('match one fingerprint of the strongest hash function that was used', () => {
    const [own, other] = [makeIdentity({ unixMs: NOW }).certificate, makeIdentity({ unixMs: NOW }).certificate]
    expect(matchesFingerprints(own, [fingerprintOf(other), fingerprintOf(own)])).toBe(true)
    // RFC 8122 §5.1: the weaker one that would match does not count beside a stronger one that does not.
    expect(matchesFingerprints(own, [fingerprintOf(other), fingerprintOf(own, 'sha-1')])).toBe(false)
    expect(matchesFingerprints(own, [{ hash: 'md5', value: '00' }])).toBe(false)
    expect(matchesFingerprints(own, [])).toBe(false)
  })
})
