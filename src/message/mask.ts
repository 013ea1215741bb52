/** Replaces secrets by asterisks, byte for byte, so that lengths stay right: digest responses and SDES keys. */
export function maskSecrets(data: string): string
export function maskSecrets(data: Uint8Array): Buffer
export function maskSecrets(_data: string | Uint8Array): string | Buffer {
  throw new Error('not yet')
}
