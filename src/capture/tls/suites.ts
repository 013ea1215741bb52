/** The cipher suites of TLS that captures are decrypted with, by their number in IANA's registry. */

export interface Suite {
  /** `cbc`: a MAC beside it (RFC 5246 §6.2.3.2); `gcm` and `ccm`: RFC 5288, RFC 6655; `chacha`: RFC 7905. */
  readonly mode: 'gcm' | 'ccm' | 'chacha' | 'cbc'
  /** As OpenSSL names it. */
  readonly cipher: string
  readonly keyBytes: number
  readonly tagBytes: number
  /** Of the key derivation. */
  readonly hash: 'sha256' | 'sha384'
  readonly mac?: 'sha1' | 'sha256' | 'sha384'
}

type Base = Pick<Suite, 'mode' | 'cipher' | 'keyBytes' | 'tagBytes'>

const aes = (bits: 128 | 256, mode: 'gcm' | 'ccm' | 'cbc', tagBytes = 16): Base => ({
  mode,
  cipher: `aes-${bits}-${mode}`,
  keyBytes: bits / 8,
  tagBytes,
})
const chacha: Base = { mode: 'chacha', cipher: 'chacha20-poly1305', keyBytes: 32, tagBytes: 16 }
const des3: Base = { mode: 'cbc', cipher: 'des-ede3-cbc', keyBytes: 24, tagBytes: 0 }

/** How the keys were agreed on does not matter here: suites that differ in nothing else stand together. */
const GROUPS: readonly (readonly [Base, Suite['hash'], Suite['mac'] | undefined, readonly number[]])[] = [
  [
    aes(128, 'gcm'),
    'sha256',
    undefined,
    [0x1301, 0x009c, 0x009e, 0x00a0, 0x00a2, 0x00a4, 0x00a8, 0x00aa, 0xc02b, 0xc02d, 0xc02f, 0xc031],
  ],
  [
    aes(256, 'gcm'),
    'sha384',
    undefined,
    [0x1302, 0x009d, 0x009f, 0x00a1, 0x00a3, 0x00a5, 0x00a9, 0x00ab, 0xc02c, 0xc02e, 0xc030, 0xc032],
  ],
  [chacha, 'sha256', undefined, [0x1303, 0xcca8, 0xcca9, 0xccaa, 0xccab, 0xccac, 0xccad]],
  [aes(128, 'ccm'), 'sha256', undefined, [0x1304, 0xc09c, 0xc09e, 0xc0a4, 0xc0a6, 0xc0ac]],
  [aes(256, 'ccm'), 'sha256', undefined, [0xc09d, 0xc09f, 0xc0a5, 0xc0a7, 0xc0ad]],
  [aes(128, 'ccm', 8), 'sha256', undefined, [0x1305, 0xc0a0, 0xc0a2, 0xc0a8, 0xc0ae]],
  [aes(256, 'ccm', 8), 'sha256', undefined, [0xc0a1, 0xc0a3, 0xc0a9, 0xc0af]],
  [aes(128, 'cbc'), 'sha256', 'sha1', [0x002f, 0x0030, 0x0031, 0x0032, 0x0033, 0xc004, 0xc009, 0xc00e, 0xc013]],
  [aes(256, 'cbc'), 'sha256', 'sha1', [0x0035, 0x0036, 0x0037, 0x0038, 0x0039, 0xc005, 0xc00a, 0xc00f, 0xc014]],
  [aes(128, 'cbc'), 'sha256', 'sha256', [0x003c, 0x003e, 0x003f, 0x0040, 0x0067, 0xc023, 0xc025, 0xc027, 0xc029]],
  [aes(256, 'cbc'), 'sha256', 'sha256', [0x003d, 0x0068, 0x0069, 0x006a, 0x006b]],
  [aes(256, 'cbc'), 'sha384', 'sha384', [0xc024, 0xc026, 0xc028, 0xc02a]],
  [des3, 'sha256', 'sha1', [0x000a, 0x000d, 0x0010, 0x0013, 0x0016, 0xc003, 0xc008, 0xc00d, 0xc012]],
]

const SUITES = new Map<number, Suite>(
  GROUPS.flatMap(([base, hash, mac, numbers]) =>
    numbers.map((number): [number, Suite] => [number, { ...base, hash, ...(mac ? { mac } : {}) }]),
  ),
)

export const suiteOf = (number: number): Suite | undefined => SUITES.get(number)
