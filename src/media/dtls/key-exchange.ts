/** Ephemeral Diffie-Hellman (RFC 8422): X25519 and P-256. */
import { createECDH, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto'
import { DtlsFault } from './alert.js'

/** NamedGroup (RFC 8422 §5.1.1), in order of preference. */
export const GROUPS: readonly number[] = [0x001d, 0x0017]
const X25519 = 0x001d
const P256 = 0x0017

/** A key of this handshake alone. */
export interface EphemeralKey {
  readonly group: number
  /** As it goes over the wire: a point, uncompressed, or 32 octets. */
  readonly publicKey: Buffer
  /** @throws DtlsFault `illegal_parameter` where the peer's is no point of the curve */
  sharedSecret(theirs: Buffer): Buffer
}

/** @throws DtlsFault `handshake_failure` for a group that is not spoken here */
export function makeEphemeralKey(group: number): EphemeralKey {
  if (group === X25519) return x25519()
  if (group === P256) return p256()
  throw new DtlsFault('handshake_failure', `group ${group} is not spoken here`)
}

function p256(): EphemeralKey {
  const ecdh = createECDH('prime256v1')
  const publicKey = ecdh.generateKeys()
  return {
    group: P256,
    publicKey,
    sharedSecret(theirs) {
      // RFC 8422 §5.4.1: uncompressed points only.
      if (theirs.length !== 65 || theirs[0] !== 4) throw notAPoint('P-256')
      try {
        return ecdh.computeSecret(theirs)
      } catch {
        throw notAPoint('P-256')
      }
    },
  }
}

function x25519(): EphemeralKey {
  const { privateKey, publicKey } = generateKeyPairSync('x25519')
  const { x = '' } = publicKey.export({ format: 'jwk' })
  return {
    group: X25519,
    publicKey: Buffer.from(x, 'base64url'),
    sharedSecret(theirs) {
      if (theirs.length !== 32) throw notAPoint('X25519')
      try {
        const key = { kty: 'OKP', crv: 'X25519', x: theirs.toString('base64url') }
        const secret = diffieHellman({ privateKey, publicKey: createPublicKey({ key, format: 'jwk' }) })
        // RFC 8422 §5.11: an all-zero secret is refused.
        if (secret.every((octet) => octet === 0)) throw notAPoint('X25519')
        return secret
      } catch {
        throw notAPoint('X25519')
      }
    },
  }
}

const notAPoint = (curve: string) => new DtlsFault('illegal_parameter', `the peer's key is no point of ${curve}`)
