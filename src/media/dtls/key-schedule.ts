/** What TLS 1.2 derives from the secrets of a handshake (RFC 5246 §5, §6.3, §7.4.9, §8.1; RFC 7627; RFC 5705). Pure. */
import { createHash, createHmac } from 'node:crypto'

/** Of all suites that are spoken here. */
const HASH = 'sha256'
const MASTER_SECRET_BYTES = 48
const VERIFY_DATA_BYTES = 12

/** P_SHA256(secret, label + seed), cut to `octets` (RFC 5246 §5). */
export function prf(secret: Uint8Array, label: string, seed: Uint8Array, octets: number): Buffer {
  const whole = Buffer.concat([Buffer.from(label, 'latin1'), seed])
  const hmac = (data: Uint8Array) => createHmac(HASH, secret).update(data).digest()
  const parts: Buffer[] = []
  for (let a = hmac(whole), had = 0; had < octets; a = hmac(a)) {
    const part = hmac(Buffer.concat([a, whole]))
    parts.push(part)
    had += part.length
  }
  return Buffer.concat(parts).subarray(0, octets)
}

/** The randoms of both hellos. */
export interface Randoms {
  readonly client: Buffer
  readonly server: Buffer
}

/** RFC 5246 §8.1. */
export function masterSecret(premaster: Uint8Array, { client, server }: Randoms): Buffer {
  return prf(premaster, 'master secret', Buffer.concat([client, server]), MASTER_SECRET_BYTES)
}

/** RFC 7627 §4. @param messages of the handshake up to ClientKeyExchange, itself included */
export function extendedMasterSecret(premaster: Uint8Array, messages: readonly Buffer[]): Buffer {
  return prf(premaster, 'extended master secret', hashOf(messages), MASTER_SECRET_BYTES)
}

/** RFC 5246 §6.3: server random first. */
export function keyBlock(master: Uint8Array, { client, server }: Randoms, octets: number): Buffer {
  return prf(master, 'key expansion', Buffer.concat([server, client]), octets)
}

/** verify_data of Finished (RFC 5246 §7.4.9). @param messages of the handshake before it */
export function verifyData(master: Uint8Array, sender: 'client' | 'server', messages: readonly Buffer[]): Buffer {
  return prf(master, `${sender} finished`, hashOf(messages), VERIFY_DATA_BYTES)
}

/** Keying material for something else, without a context (RFC 5705 §4). */
export function exportKeyingMaterial(master: Uint8Array, label: string, randoms: Randoms, octets: number): Buffer {
  return prf(master, label, Buffer.concat([randoms.client, randoms.server]), octets)
}

function hashOf(messages: readonly Buffer[]): Buffer {
  const hash = createHash(HASH)
  for (const message of messages) hash.update(message)
  return hash.digest()
}
