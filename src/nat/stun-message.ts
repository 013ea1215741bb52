/** The codec of STUN messages: RFC 8489 §5 and §14. */
import { crc32 } from 'node:zlib'
import { addressBytes, addressFromBytes, type Endpoint } from '../transport/network.js'

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// |0 0|  class, method            |  length without these 20 bytes|
// |                 magic cookie 0x2112a442                       |
// |                 transaction id (12 bytes)                     |
// |  attribute type               |  length                       | value, padded to 4 bytes, …

/** RFC 8489 §5. */
const MAGIC_COOKIE = 0x2112a442
const HEADER_BYTES = 20
/** RFC 8489 §14.7. */
const FINGERPRINT_XOR = 0x5354554e

const MAPPED_ADDRESS = 0x0001
const ERROR_CODE = 0x0009
const UNKNOWN_ATTRIBUTES = 0x000a
const XOR_MAPPED_ADDRESS = 0x0020
const SOFTWARE = 0x8022
const FINGERPRINT = 0x8028

/** Comprehension-required attributes of RFC 8489 §18.3 that may be there without meaning anything to a Binding. */
const CREDENTIALS = new Set([0x0006, 0x0008, 0x0014, 0x0015, 0x001c, 0x001d, 0x001e])

const CLASSES = ['request', 'indication', 'success', 'error'] as const

export interface StunMessage {
  readonly class: (typeof CLASSES)[number]
  /** 1 is Binding. */
  readonly method: number
  /** 12 bytes. */
  readonly transactionId: Buffer
  readonly mappedAddress?: Endpoint
  readonly xorMappedAddress?: Endpoint
  readonly errorCode?: { readonly code: number; readonly reason: string }
  readonly unknownAttributes?: readonly number[]
  readonly software?: string
  /** True: present and right, false: present and wrong. On encoding: whether to add one. */
  readonly fingerprint?: boolean
  /** Comprehension-required attributes (below 0x8000) that this codec does not know. Not encoded. */
  readonly notUnderstood?: readonly number[]
}

export const BINDING = 1

/** Is this packet STUN, and not SIP, RTP or a keep-alive? RFC 8489 §5: two zero bits, the cookie, whole words. */
export function looksLikeStun(data: Uint8Array): boolean {
  return (
    data.length >= HEADER_BYTES &&
    ((data[0] ?? 255) & 0xc0) === 0 &&
    data[4] === 0x21 &&
    data[5] === 0x12 &&
    data[6] === 0xa4 &&
    data[7] === 0x42 &&
    ((data[3] ?? 1) & 3) === 0
  )
}

/** Throws RangeError where the transaction id has not 12 bytes. */
export function encodeStun(message: StunMessage): Buffer {
  const { transactionId, method } = message
  if (transactionId.length !== 12) throw new RangeError('A STUN transaction id has 12 bytes')
  const parts: Buffer[] = []
  const add = (type: number, value: Buffer) => {
    const head = Buffer.alloc(4)
    head.writeUInt16BE(type, 0)
    // RFC 8489 §14: the length is that of the value before padding.
    head.writeUInt16BE(value.length, 2)
    parts.push(head, value, Buffer.alloc(-value.length & 3))
  }
  if (message.software !== undefined) add(SOFTWARE, Buffer.from(message.software))
  if (message.xorMappedAddress !== undefined)
    add(XOR_MAPPED_ADDRESS, encodeAddress(message.xorMappedAddress, transactionId))

  if (message.mappedAddress !== undefined) add(MAPPED_ADDRESS, encodeAddress(message.mappedAddress, undefined))
  if (message.errorCode !== undefined) {
    const { code, reason } = message.errorCode
    add(ERROR_CODE, Buffer.concat([Buffer.from([0, 0, Math.floor(code / 100), code % 100]), Buffer.from(reason)]))
  }
  if (message.unknownAttributes !== undefined) {
    const value = Buffer.alloc(2 * message.unknownAttributes.length)
    message.unknownAttributes.forEach((type, i) => value.writeUInt16BE(type, 2 * i))
    add(UNKNOWN_ATTRIBUTES, value)
  }
  const c = CLASSES.indexOf(message.class)
  const header = Buffer.alloc(HEADER_BYTES)
  // RFC 8489 §5: the class is spread over bits 4 and 8 of the type.
  const type = ((method & 0xf80) << 2) | ((method & 0x70) << 1) | (method & 0xf) | ((c & 2) << 7) | ((c & 1) << 4)
  header.writeUInt16BE(type, 0)
  header.writeUInt32BE(MAGIC_COOKIE, 4)
  transactionId.copy(header, 8)
  const out = Buffer.concat([header, ...parts])
  out.writeUInt16BE(out.length - HEADER_BYTES, 2)
  return message.fingerprint === true ? withFingerprint(out) : out
}

/** The message with FINGERPRINT. RFC 8489 §14.7: the last attribute, over a header that already counts it. */
export function withFingerprint(message: Buffer): Buffer {
  const out = Buffer.concat([message, Buffer.from([FINGERPRINT >> 8, FINGERPRINT & 0xff, 0, 4]), Buffer.alloc(4)])
  out.writeUInt16BE(out.length - HEADER_BYTES, 2)
  out.writeUInt32BE(fingerprintOf(out.subarray(0, -8)), out.length - 4)
  return out
}

/** Undefined: not a well-formed STUN message. */
export function parseStun(data: Buffer): StunMessage | undefined {
  if (!looksLikeStun(data) || data.readUInt16BE(2) !== data.length - HEADER_BYTES) return undefined
  const type = data.readUInt16BE(0)
  const method = ((type >> 2) & 0xf80) | ((type >> 1) & 0x70) | (type & 0xf)
  const messageClass = CLASSES[((type >> 7) & 2) | ((type >> 4) & 1)] ?? 'request'
  const transactionId = Buffer.from(data.subarray(8, HEADER_BYTES))
  const found: { -readonly [K in 'errorCode' | 'unknownAttributes' | 'software' | 'fingerprint']?: StunMessage[K] } = {}
  let mappedAddress: Endpoint | undefined
  let xorMappedAddress: Endpoint | undefined
  const notUnderstood: number[] = []
  for (let at = HEADER_BYTES; at < data.length; ) {
    if (at + 4 > data.length) return undefined
    const attribute = data.readUInt16BE(at)
    const length = data.readUInt16BE(at + 2)
    const value = data.subarray(at + 4, at + 4 + length)
    if (value.length < length) return undefined
    switch (attribute) {
      case MAPPED_ADDRESS:
        // RFC 8489 §14: of an attribute that comes twice, the first counts.
        mappedAddress ??= decodeAddress(value, undefined)
        break
      case XOR_MAPPED_ADDRESS:
        xorMappedAddress ??= decodeAddress(value, transactionId)
        break
      case ERROR_CODE:
        if (value.length < 4) return undefined
        found.errorCode ??= {
          code: ((value[2] ?? 0) & 7) * 100 + (value[3] ?? 0),
          reason: value.toString('utf8', 4),
        }
        break
      case UNKNOWN_ATTRIBUTES:
        found.unknownAttributes ??= Array.from({ length: value.length >> 1 }, (_, i) => value.readUInt16BE(2 * i))
        break
      case SOFTWARE:
        found.software ??= value.toString()
        break
      case FINGERPRINT:
        found.fingerprint = length === 4 && value.readUInt32BE(0) === fingerprintOf(data.subarray(0, at))
        break
      default:
        if (attribute < 0x8000 && !CREDENTIALS.has(attribute)) notUnderstood.push(attribute)
    }
    at += 4 + length + (-length & 3)
  }
  return {
    ...found,
    ...(mappedAddress === undefined ? {} : { mappedAddress }),
    ...(xorMappedAddress === undefined ? {} : { xorMappedAddress }),
    class: messageClass,
    method,
    transactionId,
    ...(notUnderstood.length > 0 ? { notUnderstood } : {}),
  }
}

/** What a STUN server answers to a message from `source`; undefined: nothing. RFC 8489 §6.3.1, §6.3.2. */
export function answerBinding(request: StunMessage, source: Endpoint, software?: string): StunMessage | undefined {
  if (request.class !== 'request' || request.fingerprint === false) return undefined
  const common = {
    method: request.method,
    transactionId: request.transactionId,
    ...(software === undefined ? {} : { software }),
    ...(request.fingerprint === true ? { fingerprint: true } : {}),
  }
  if (request.notUnderstood !== undefined) {
    const errorCode = { code: 420, reason: 'Unknown Attribute' }
    return { ...common, class: 'error', errorCode, unknownAttributes: request.notUnderstood }
  }
  if (request.method !== BINDING) return { ...common, class: 'error', errorCode: { code: 400, reason: 'Bad Request' } }

  return { ...common, class: 'success', xorMappedAddress: source }
}

function fingerprintOf(message: Buffer): number {
  return (crc32(message) ^ FINGERPRINT_XOR) >>> 0
}

// RFC 8489 §14.2: the port is masked with the cookie's first half, the address with the cookie and transaction id.
function mask(value: Buffer, transactionId: Buffer): void {
  const key = Buffer.alloc(16)
  key.writeUInt32BE(MAGIC_COOKIE)
  transactionId.copy(key, 4)
  value.writeUInt16BE(value.readUInt16BE(2) ^ (MAGIC_COOKIE >>> 16), 2)
  for (let i = 4; i < value.length; i++) value[i] = (value[i] ?? 0) ^ (key[i - 4] ?? 0)
}

function encodeAddress(endpoint: Endpoint, transactionId: Buffer | undefined): Buffer {
  const address = addressBytes(endpoint.address)
  const value = Buffer.concat([Buffer.from([0, address.length === 4 ? 1 : 2, 0, 0]), address])
  value.writeUInt16BE(endpoint.port, 2)
  if (transactionId !== undefined) mask(value, transactionId)
  return value
}

function decodeAddress(attribute: Buffer, transactionId: Buffer | undefined): Endpoint | undefined {
  const family = attribute[1]
  if (!((family === 1 && attribute.length === 8) || (family === 2 && attribute.length === 20))) return undefined
  const value = Buffer.from(attribute)
  if (transactionId !== undefined) mask(value, transactionId)
  return { address: addressFromBytes(value.subarray(4)), port: value.readUInt16BE(2) }
}
