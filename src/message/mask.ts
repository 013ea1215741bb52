/**
 * What must not be readable in evidence:
 * - the digest of credentials and of their confirmation (from it and the nonces a password can be guessed),
 * - Basic credentials,
 * - SDES master keys (RFC 4568 §6.1), MIKEY messages (RFC 4567), keys of `k=` lines (RFC 8866 §5.12).
 * Works on any piece of a message, since a segment of a stream may begin anywhere.
 */
const SECRETS = [
  /\b((?:response|rspauth)[ \t]*=[ \t\r\n]*"?)([^"\r\n,]+)/gi,
  /(\bauthorization[ \t]*:[ \t\r\n]*basic[ \t\r\n]+)([^\s,]+)/gi,
  /(\binline:[ \t]*)([^|\s;]+)/gi,
  /(\bkey-mgmt:[ \t]*mikey[ \t]+)([^\s;"]+)/gi,
  /((?:^|\n)k=(?:clear|base64|uri):)([^\r\n]+)/gi,
]

/** Lines with SDES keys, and in them whatever is as long as a key, wherever it stands: such lines come damaged, too. */
const KEY_LINE = /\ba=crypto:[^\r\n]*/gi
const AS_LONG_AS_A_KEY = /[A-Za-z0-9+/]{24,}={0,2}/g

/**
 * Replaces secrets by asterisks, character for character, so that Content-Length and packet lengths stay right.
 * Bytes come back in a buffer of their own if anything had to be masked, else as they are.
 */
export function maskSecrets(data: string): string
export function maskSecrets(data: Uint8Array): Buffer
export function maskSecrets(data: string | Uint8Array): string | Buffer {
  if (typeof data === 'string') return mask(data)
  const bytes = Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const text = bytes.toString('latin1')
  const masked = mask(text)
  return masked === text ? bytes : Buffer.from(masked, 'latin1')
}

function mask(text: string): string {
  let masked = text
  for (const secret of SECRETS)
    masked = masked.replace(secret, (_all, before: string, value: string) => before + '*'.repeat(value.length))

  return masked.replace(KEY_LINE, (line) => line.replace(AS_LONG_AS_A_KEY, (key) => '*'.repeat(key.length)))
}
