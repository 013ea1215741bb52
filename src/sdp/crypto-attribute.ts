/** SDP security descriptions: the a=crypto attribute (RFC 4568 §4, §6, §9; suites of RFC 6188 and RFC 7714 too). Pure text work. */

export type SuiteName =
  | 'AES_CM_128_HMAC_SHA1_80'
  | 'AES_CM_128_HMAC_SHA1_32'
  | 'AES_256_CM_HMAC_SHA1_80'
  | 'AES_256_CM_HMAC_SHA1_32'
  | 'AEAD_AES_128_GCM'
  | 'AEAD_AES_256_GCM'

export interface CryptoKey {
  /** Master key and master salt, concatenated. */
  readonly keySalt: Buffer
  /** In packets; absent: the suite's default. */
  readonly lifetime?: bigint
  /** Master key identifier and its length in octets. */
  readonly mki?: { readonly value: bigint; readonly length: number }
}

/** RFC 4568 §6.3. */
export interface SessionParameters {
  /** n of the key derivation rate 2^n. */
  readonly kdr?: number
  readonly unencryptedSrtp?: boolean
  readonly unencryptedSrtcp?: boolean
  readonly unauthenticatedSrtp?: boolean
  readonly fecOrder?: 'FEC_SRTP' | 'SRTP_FEC'
  readonly fecKeys?: readonly CryptoKey[]
  /** Window size hint, packets. */
  readonly wsh?: number
  /** Unknown ones that may be ignored, with their leading dash. */
  readonly optional?: readonly string[]
}

export interface CryptoAttribute {
  readonly tag: string
  /** Upper case; a SuiteName where it is one that this stack speaks. */
  readonly suite: string
  readonly keys: readonly CryptoKey[]
  readonly parameters: SessionParameters
}

/** Why a line is invalid. Never tells the key. */
export interface CryptoFault {
  /** Stable, e.g. 'crypto-key-length'. */
  readonly code: string
  readonly rule: string
  readonly expected: string
  readonly actual: string
}

export interface CryptoLine {
  /** The attribute's value as it stands. Holds the key. */
  readonly text: string
  /** Both undefined where nothing of that form stands there: it may be the key. */
  readonly tag: string | undefined
  readonly suite: string | undefined
  /** Undefined when the line is invalid: it is then as if it were not there (RFC 4568 §5.1.2). */
  readonly attribute: CryptoAttribute | undefined
  readonly faults: readonly CryptoFault[]
}

// Octets of master key and salt: RFC 4568 §6.2, RFC 6188 §4, RFC 7714 §12.
const KEY_OCTETS: ReadonlyMap<string, number> = new Map([
  ['AES_CM_128_HMAC_SHA1_80', 30],
  ['AES_CM_128_HMAC_SHA1_32', 30],
  ['F8_128_HMAC_SHA1_80', 30],
  ['AES_192_CM_HMAC_SHA1_80', 38],
  ['AES_192_CM_HMAC_SHA1_32', 38],
  ['AES_256_CM_HMAC_SHA1_80', 46],
  ['AES_256_CM_HMAC_SHA1_32', 46],
  ['AEAD_AES_128_GCM', 28],
  ['AEAD_AES_256_GCM', 44],
])
const OWN_SUITES: ReadonlySet<string> = new Set<SuiteName>([
  'AES_CM_128_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_32',
  'AES_256_CM_HMAC_SHA1_80',
  'AES_256_CM_HMAC_SHA1_32',
  'AEAD_AES_128_GCM',
  'AEAD_AES_256_GCM',
])
/** Names of suites are made of short words; a key is a long one. */
const SUITE_LIKE = /^[A-Z0-9]{1,8}(?:_[A-Z0-9]{1,8})*$/
/** RFC 4568 §6.3. */
const PARAMETERS: ReadonlySet<string> = new Set([
  'KDR',
  'UNENCRYPTED_SRTP',
  'UNENCRYPTED_SRTCP',
  'UNAUTHENTICATED_SRTP',
  'FEC_ORDER',
  'FEC_KEY',
  'WSH',
])
const MAX_LIFETIME = 1n << 48n // RFC 4568 §6.2

/** Octets of key and salt of a suite, undefined if it is not known. */
export function keyOctets(suite: string): number | undefined {
  return KEY_OCTETS.get(suite)
}

/** True for a suite that this stack can use. */
export function isSuiteName(suite: string): suite is SuiteName {
  return OWN_SUITES.has(suite)
}

/** Reads what stands behind `a=crypto:`. Never throws. */
export function parseCrypto(value: string): CryptoLine {
  const faults: CryptoFault[] = []
  const fault = (code: string, rule: string, expected: string, actual: string) => {
    faults.push({ code: `crypto-${code}`, rule, expected, actual })
  }
  const [tag, suiteText, keyText, ...rest] = value.split(/[ \t]+/)
  const suite = suiteText?.toUpperCase()
  const done = (attribute?: CryptoAttribute): CryptoLine => ({
    text: value,
    tag: tag !== undefined && /^\d{1,10}$/.test(tag) ? tag : undefined,
    suite: suite !== undefined && (KEY_OCTETS.has(suite) || SUITE_LIKE.test(suite)) ? suite : undefined,
    attribute: faults.length > 0 ? undefined : attribute,
    faults,
  })
  if (tag === undefined || suite === undefined || keyText === undefined) {
    fault('fields', 'RFC 4568 §9.1', 'tag, suite, key parameters', `${value.split(/[ \t]+/).length} fields`)
    return done()
  }
  // RFC 4568 §4.1: no leading zeroes; §9.1: at most nine digits.
  if (!/^(0|[1-9]\d{0,8})$/.test(tag)) fault('tag', 'RFC 4568 §4.1', 'one to nine digits, no leading zero', shown(tag))
  if (!/^[A-Z0-9_]+$/.test(suite)) fault('suite', 'RFC 4568 §9.1', 'letters, digits and _', shown(suite))
  const keys = readKeys(keyText, suite, fault)
  const parameters = readParameters(
    rest.filter((parameter) => parameter !== ''),
    suite,
    fault,
  )
  return done({ tag, suite, keys, parameters })
}

/** The value to write behind `a=crypto:`. */
export function formatCrypto(attribute: CryptoAttribute): string {
  const p = attribute.parameters
  const words = [attribute.tag, attribute.suite, formatKeys(attribute.keys)]
  if (p.kdr !== undefined) words.push(`KDR=${p.kdr}`)
  if (p.unencryptedSrtp) words.push('UNENCRYPTED_SRTP')
  if (p.unencryptedSrtcp) words.push('UNENCRYPTED_SRTCP')
  if (p.unauthenticatedSrtp) words.push('UNAUTHENTICATED_SRTP')
  if (p.fecOrder !== undefined) words.push(`FEC_ORDER=${p.fecOrder}`)
  if (p.fecKeys !== undefined) words.push(`FEC_KEY=${formatKeys(p.fecKeys)}`)
  if (p.wsh !== undefined) words.push(`WSH=${p.wsh}`)
  words.push(...(p.optional ?? []))
  return words.join(' ')
}

function formatKeys(keys: readonly CryptoKey[]): string {
  return keys
    .map((key) => {
      let text = `inline:${key.keySalt.toString('base64')}`
      if (key.lifetime !== undefined) text += `|${formatLifetime(key.lifetime)}`
      if (key.mki !== undefined) text += `|${key.mki.value}:${key.mki.length}`
      return text
    })
    .join(';')
}

function formatLifetime(packets: bigint): string {
  const power = packets.toString(2).length - 1
  return packets === 1n << BigInt(power) && power > 0 ? `2^${power}` : packets.toString()
}

/**
 * What faults tell of a word: the key may stand anywhere in a damaged line, so numbers are told (lifetimes and MKIs are some, and
 * no key is), and asterisks for the rest.
 */
function shown(word: string): string {
  if (word === '') return 'nothing'
  return /^[\d^:]{1,15}$/.test(word) ? word : '*'.repeat(Math.min(word.length, 60))
}

type Fault = (code: string, rule: string, expected: string, actual: string) => void

function readKeys(text: string, suite: string, fault: Fault): CryptoKey[] {
  const keys: CryptoKey[] = []
  for (const parameter of text.split(';')) {
    const colon = parameter.indexOf(':')
    const method = colon < 0 ? '' : parameter.slice(0, colon)
    // RFC 4568 §4: case does not matter, but for the key itself.
    if (method.toLowerCase() !== 'inline') {
      fault('key-method', 'RFC 4568 §6.1', 'inline:', colon < 0 ? 'no method' : 'another method')
      continue
    }
    const key = readKey(parameter.slice(colon + 1), suite, fault)
    if (key !== undefined) keys.push(key)
  }
  if (keys.length > 1) {
    // RFC 4568 §6.1: several keys all have an MKI, of one length.
    if (keys.some((key) => key.mki === undefined))
      fault('mki-missing', 'RFC 4568 §6.1', 'an MKI for each of several keys', 'a key without')
    else if (new Set(keys.map((key) => key.mki?.length)).size > 1)
      fault('mki-length', 'RFC 4568 §6.1', 'one MKI length for all keys', 'different lengths')
    else if (new Set(keys.map((key) => key.mki?.value)).size < keys.length)
      fault('mki-repeated', 'RFC 4568 §4.3', 'a key is told by its MKI', 'two keys with one MKI')

    // RFC 4568 §6.1: each key is unique.
    if (new Set(keys.map((key) => key.keySalt.toString('hex'))).size < keys.length)
      fault('key-repeated', 'RFC 4568 §6.1', 'different keys', 'the same key twice')
  }
  return keys
}

function readKey(info: string, suite: string, fault: Fault): CryptoKey | undefined {
  const [base64 = '', ...fields] = info.split('|')
  const clean = base64.replace(/={0,2}$/, '')
  if (clean === '' || !/^[A-Za-z0-9+/]+$/.test(clean) || clean.length % 4 === 1) {
    fault('key-base64', 'RFC 4568 §9.2', 'base64', 'something else')
    return undefined
  }
  const keySalt = Buffer.from(clean, 'base64')
  const octets = KEY_OCTETS.get(suite)
  // RFC 4568 §6.1: the suite determines the length.
  if (octets !== undefined && keySalt.length !== octets) {
    fault('key-length', 'RFC 4568 §6.1', `${octets} octets`, `${keySalt.length} octets`)
    return undefined
  }
  let lifetime: bigint | undefined
  let mki: CryptoKey['mki']
  const [first, second, third] = fields
  const mkiText = first?.includes(':') ? first : second
  if (third !== undefined || (first?.includes(':') && second !== undefined)) {
    fault('key-fields', 'RFC 4568 §9.2', 'key, lifetime, MKI', `${fields.length + 1} fields`)
    return undefined
  }
  if (first !== undefined && !first.includes(':')) {
    lifetime = readLifetime(first, fault)
    if (lifetime === undefined) return undefined
  }
  if (mkiText !== undefined) {
    mki = readMki(mkiText, fault)
    if (mki === undefined) return undefined
  }
  return { keySalt, ...(lifetime === undefined ? {} : { lifetime }), ...(mki === undefined ? {} : { mki }) }
}

function readLifetime(text: string, fault: Fault): bigint | undefined {
  // RFC 4568 §6.1: positive, no leading zeroes, decimal or a power of two, not above the suite's maximum.
  const power = /^2\^([1-9]\d{0,2}|0)$/.exec(text)?.[1]
  const packets = power !== undefined ? 1n << BigInt(power) : /^[1-9]\d{0,30}$/.test(text) ? BigInt(text) : undefined
  if (packets === undefined) {
    fault('lifetime', 'RFC 4568 §6.1', 'a positive number or 2^n', shown(text))
  } else if (packets > MAX_LIFETIME) {
    fault('lifetime', 'RFC 4568 §6.1', 'at most 2^48 packets', shown(text))
    return undefined
  }
  return packets
}

function readMki(text: string, fault: Fault): CryptoKey['mki'] {
  // RFC 4568 §6.1: "value:length", no leading zeroes, 1 to 128 octets.
  const match = /^([1-9]\d{0,400}):([1-9]\d{0,2})$/.exec(text)
  const value = match?.[1] === undefined ? undefined : BigInt(match[1])
  const length = Number(match?.[2])
  if (value === undefined || length > 128) {
    fault('mki', 'RFC 4568 §6.1', 'value:length, 1 to 128 octets', shown(text))
    return undefined
  }
  if (value >= 1n << BigInt(8 * length)) {
    fault('mki', 'RFC 4568 §6.1', `a value that fits ${length} octets`, shown(text))
    return undefined
  }
  return { value, length }
}

function readParameters(words: readonly string[], suite: string, fault: Fault): SessionParameters {
  const parameters: { -readonly [K in keyof SessionParameters]: SessionParameters[K] } = {}
  const optional: string[] = []
  const seen = new Set<string>()
  for (const word of words) {
    const equals = word.indexOf('=')
    const name = (equals < 0 ? word : word.slice(0, equals)).toUpperCase()
    const value = equals < 0 ? undefined : word.slice(equals + 1)
    const told = value === undefined ? name : `${name}=${shown(value)}`
    const known = PARAMETERS.has(name) ? name : shown(word)
    if (seen.has(name)) fault('parameter-repeated', 'RFC 4568 §6.3', 'each session parameter once', known)
    seen.add(name)
    switch (name) {
      case 'KDR':
        if (value !== undefined && /^([1-9]|1\d|2[0-4])$/.test(value)) parameters.kdr = Number(value)
        else fault('kdr', 'RFC 4568 §6.3.1', 'KDR=1 to KDR=24', told)
        break
      case 'UNENCRYPTED_SRTP':
        parameters.unencryptedSrtp = true
        if (value !== undefined) fault('parameter', 'RFC 4568 §9.2', 'no value', told)
        break
      case 'UNENCRYPTED_SRTCP':
        parameters.unencryptedSrtcp = true
        if (value !== undefined) fault('parameter', 'RFC 4568 §9.2', 'no value', told)
        break
      case 'UNAUTHENTICATED_SRTP':
        parameters.unauthenticatedSrtp = true
        if (value !== undefined) fault('parameter', 'RFC 4568 §9.2', 'no value', told)
        break
      case 'FEC_ORDER': {
        const order = value?.toUpperCase()
        if (order === 'FEC_SRTP' || order === 'SRTP_FEC') parameters.fecOrder = order
        else fault('fec-order', 'RFC 4568 §6.3.4', 'FEC_SRTP or SRTP_FEC', told)
        break
      }
      case 'FEC_KEY':
        if (value === undefined) fault('fec-key', 'RFC 4568 §6.3.5', 'key parameters', 'none')
        else parameters.fecKeys = readKeys(value, suite, fault)
        break
      case 'WSH':
        // RFC 4568 §6.3.6, §9.2: at least two digits' worth, 64 or more.
        if (value !== undefined && /^[1-9]\d{1,8}$/.test(value) && Number(value) >= 64) parameters.wsh = Number(value)
        else fault('wsh', 'RFC 4568 §6.3.6', 'WSH=64 or more', told)
        break
      default:
        // RFC 4568 §6.3.7: unknown ones are mandatory, unless a dash says that they may be ignored.
        if (word.startsWith('-') && !word.startsWith('--') && word.length > 1) optional.push(word)
        else fault('parameter', 'RFC 4568 §6.3.7', 'a session parameter that is known', shown(word))
    }
  }
  // RFC 7714 §8.2: always encrypted, always authenticated.
  if (suite.startsWith('AEAD_') && (parameters.unencryptedSrtp || parameters.unauthenticatedSrtp))
    fault('parameter', 'RFC 7714 §8.2', 'encryption and authentication', 'a suite without one of them')
  if (optional.length > 0) parameters.optional = optional
  return parameters
}
