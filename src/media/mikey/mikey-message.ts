/**
 * MIKEY messages as bytes (RFC 3830 §6): the common header, and the payloads that the pre-shared key method, its answers and error
 * messages have. Reads each octet once, and throws MikeyError for whatever does not fit.
 */
import { Reader, sized8, sized16 } from './mikey-octets.js'
import { MikeyError } from './mikey-error.js'

/** RFC 3830 §6.1, data types. */
export const DataType = { preShared: 0, verification: 1, error: 6 } as const

/** RFC 3830 §6.2: of keys in KEMAC. */
export const Encryption = { none: 0, aesCm128: 1 } as const

/** RFC 3830 §6.2: of a whole message, in KEMAC and V. */
export const Mac = { none: 0, hmacSha1: 1 } as const

/** One stream of SRTP (RFC 3830 §6.1.1); its number is its place in the list, from 1. */
export interface CryptoSession {
  readonly policy: number
  /** 0: whoever sends it fills it in. */
  readonly ssrc: number
  readonly rolloverCounter: number
}

export type MikeyPayload =
  /** §6.2 */
  | { readonly kind: 'KEMAC'; readonly encryption: number; readonly data: Buffer; readonly mac: MacField }
  /** §6.6: type of clock (0 NTP-UTC, 1 NTP, 2 counter) and its value, 8 octets, or 4 of a counter. */
  | { readonly kind: 'T'; readonly type: number; readonly value: Buffer }
  /** §6.7: 0 a network access identifier, 1 a URI. */
  | { readonly kind: 'ID'; readonly type: number; readonly value: Buffer }
  /** §6.9 */
  | { readonly kind: 'V'; readonly mac: MacField }
  /** §6.10: protocol 0 is SRTP. */
  | {
      readonly kind: 'SP'
      readonly number: number
      readonly protocol: number
      readonly parameters: ReadonlyMap<number, Buffer>
    }
  /** §6.11 */
  | { readonly kind: 'RAND'; readonly value: Buffer }
  /** §6.12 */
  | { readonly kind: 'ERR'; readonly error: number }
  /** §6.15: 0 vendor, 1 list of key management protocols in SDP (RFC 4567 §7). */
  | { readonly kind: 'extension'; readonly type: number; readonly data: Buffer }

export interface MacField {
  readonly algorithm: number
  readonly value: Buffer
}

export interface MikeyMessage {
  readonly dataType: number
  /** The V flag: a verification message is asked for. */
  readonly wantsVerification: boolean
  /** Crypto session bundle, 32 bits. */
  readonly csbId: number
  readonly sessions: readonly CryptoSession[]
  readonly payloads: readonly MikeyPayload[]
}

type PayloadOf<Kind extends MikeyPayload['kind']> = Extract<MikeyPayload, { kind: Kind }>

/** RFC 3830 §6.1, next payload. */
const NUMBERS: Readonly<Record<MikeyPayload['kind'], number>> = {
  KEMAC: 1,
  T: 5,
  ID: 6,
  V: 9,
  SP: 10,
  RAND: 11,
  ERR: 12,
  extension: 21,
}
const LAST = 0
const VERSION = 1
const HMAC_SHA1_OCTETS = 20

/** The first payload of a kind. */
export function payloadOf<Kind extends MikeyPayload['kind']>(
  message: MikeyMessage,
  kind: Kind,
): PayloadOf<Kind> | undefined {
  return message.payloads.find((one): one is PayloadOf<Kind> => one.kind === kind)
}

/** All payloads of a kind. */
export function payloadsOf<Kind extends MikeyPayload['kind']>(message: MikeyMessage, kind: Kind): PayloadOf<Kind>[] {
  return message.payloads.filter((one): one is PayloadOf<Kind> => one.kind === kind)
}

/** @throws MikeyError where it is no message, or has what is not spoken here */
export function parseMikey(bytes: Buffer): MikeyMessage {
  const from = new Reader(bytes)
  const version = from.uint8()
  if (version !== VERSION) throw new MikeyError('unsupported', `version ${version}`, 'RFC 3830 §6.1')
  const dataType = from.uint8()
  let next = from.uint8()
  const flags = from.uint8()
  if ((flags & 0x7f) !== 0) throw new MikeyError('unsupported', `PRF ${flags & 0x7f}`, 'RFC 3830 §6.1')
  const csbId = from.uint32()
  const count = from.uint8()
  const mapType = from.uint8()
  if (mapType !== 0) throw new MikeyError('unsupported', `CS ID map ${mapType}`, 'RFC 3830 §6.1')
  const sessions: CryptoSession[] = []
  for (let i = 0; i < count; i++)
    sessions.push({ policy: from.uint8(), ssrc: from.uint32(), rolloverCounter: from.uint32() })
  const payloads: MikeyPayload[] = []
  while (next !== LAST) {
    const kind = next
    next = from.uint8()
    payloads.push(readPayload(kind, from))
    // §5.2: what a MAC covers ends with it.
    if ((kind === NUMBERS.KEMAC || kind === NUMBERS.V) && next !== LAST)
      throw new MikeyError('malformed', 'a payload behind the one with the MAC', 'RFC 3830 §6.2')
  }
  if (from.left > 0) throw new MikeyError('malformed', `${from.left} octets behind the last payload`, 'RFC 3830 §5.3')
  return { dataType, wantsVerification: (flags & 0x80) !== 0, csbId, sessions, payloads }
}

function readPayload(kind: number, from: Reader): MikeyPayload {
  switch (kind) {
    case NUMBERS.KEMAC:
      return { kind: 'KEMAC', encryption: from.uint8(), data: from.take(from.uint16()), mac: readMac(from) }
    case NUMBERS.T: {
      const type = from.uint8()
      if (type > 2) throw new MikeyError('unsupported', `timestamp of type ${type}`, 'RFC 3830 §6.6')
      return { kind: 'T', type, value: from.take(type === 2 ? 4 : 8) }
    }
    case NUMBERS.ID:
      return { kind: 'ID', type: from.uint8(), value: from.take(from.uint16()) }
    case NUMBERS.V:
      return { kind: 'V', mac: readMac(from) }
    case NUMBERS.SP:
      return { kind: 'SP', number: from.uint8(), protocol: from.uint8(), parameters: readParameters(from) }
    case NUMBERS.RAND:
      return { kind: 'RAND', value: from.take(from.uint8()) }
    case NUMBERS.ERR: {
      const error = from.uint8()
      from.take(2)
      return { kind: 'ERR', error }
    }
    case NUMBERS.extension:
      return { kind: 'extension', type: from.uint8(), data: from.take(from.uint16()) }
    default:
      throw new MikeyError('unsupported', `a payload of type ${kind}`, 'RFC 3830 §6.1')
  }
}

function readMac(from: Reader): MacField {
  const algorithm = from.uint8()
  if (algorithm > Mac.hmacSha1) throw new MikeyError('unsupported', `MAC ${algorithm}`, 'RFC 3830 §6.2')
  return { algorithm, value: from.take(algorithm === Mac.none ? 0 : HMAC_SHA1_OCTETS) }
}

function readParameters(from: Reader): Map<number, Buffer> {
  const within = new Reader(from.take(from.uint16()))
  const parameters = new Map<number, Buffer>()
  while (within.left > 0) parameters.set(within.uint8(), within.take(within.uint8()))
  return parameters
}

/** The bytes of a message. A MAC without a value is left out: what it covers is all that is there then. */
export function serializeMikey(message: MikeyMessage): Buffer {
  const { dataType, wantsVerification, csbId, sessions, payloads } = message
  const numbers = [...payloads.map(({ kind }) => NUMBERS[kind]), LAST]
  const header = Buffer.alloc(10 + 9 * sessions.length)
  header.set([VERSION, dataType, numbers[0] ?? LAST, wantsVerification ? 0x80 : 0])
  header.writeUInt32BE(csbId, 4)
  header.writeUInt8(sessions.length, 8)
  for (const [index, { policy, ssrc, rolloverCounter }] of sessions.entries()) {
    header.writeUInt8(policy, 10 + 9 * index)
    header.writeUInt32BE(ssrc, 11 + 9 * index)
    header.writeUInt32BE(rolloverCounter, 15 + 9 * index)
  }
  return Buffer.concat([
    header,
    ...payloads.flatMap((payload, index) => [Buffer.from([numbers[index + 1] ?? LAST]), bodyOf(payload)]),
  ])
}

function bodyOf(payload: MikeyPayload): Buffer {
  switch (payload.kind) {
    case 'KEMAC':
      return Buffer.concat([Buffer.from([payload.encryption]), sized16(payload.data), macBytes(payload.mac)])
    case 'T':
      return Buffer.concat([Buffer.from([payload.type]), payload.value])
    case 'ID':
      return Buffer.concat([Buffer.from([payload.type]), sized16(payload.value)])
    case 'V':
      return macBytes(payload.mac)
    case 'SP': {
      const parameters = [...payload.parameters].flatMap(([type, value]) => [Buffer.from([type]), sized8(value)])
      return Buffer.concat([Buffer.from([payload.number, payload.protocol]), sized16(Buffer.concat(parameters))])
    }
    case 'RAND':
      return sized8(payload.value)
    case 'ERR':
      return Buffer.from([payload.error, 0, 0])
    case 'extension':
      break
  }
  return Buffer.concat([Buffer.from([payload.type]), sized16(payload.data)])
}

const macBytes = ({ algorithm, value }: MacField) => Buffer.concat([Buffer.from([algorithm]), value])
