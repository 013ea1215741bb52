/** Connectivity checks of ICE: Binding requests with short-term credentials. RFC 8445 §7, RFC 8489 §9.1, §14.5. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Endpoint } from '../transport/network.js'
import { BINDING, encodeStun, parseStun, type StunMessage, withFingerprint } from './stun-message.js'

const HEADER_BYTES = 20
const [USERNAME, MESSAGE_INTEGRITY, PRIORITY, USE_CANDIDATE] = [0x0006, 0x0008, 0x0024, 0x0025]
const ICE_CONTROLLING = 0x802a
/** Comprehension-required attributes that checks have. */
const KNOWN = new Set([PRIORITY, USE_CANDIDATE])

/** What an agent tells its peer in SDP. */
export interface CheckCredentials {
  readonly ufrag: string
  readonly password: string
}

export interface CheckRequest {
  /** 12 bytes. */
  readonly transactionId: Buffer
  /** Of who asks, and of who is asked. */
  readonly own: CheckCredentials
  readonly theirs: CheckCredentials
  readonly priority: number
  /** 8 bytes. */
  readonly tieBreaker: Buffer
  readonly nominates: boolean
}

/** A check of the controlling agent. */
export function encodeCheck(o: CheckRequest): Buffer {
  const priority = Buffer.alloc(4)
  priority.writeUInt32BE(o.priority)
  return sealed(
    { class: 'request', method: BINDING, transactionId: o.transactionId },
    [
      // RFC 8445 §7.2.2
      [USERNAME, Buffer.from(`${o.theirs.ufrag}:${o.own.ufrag}`)],
      [PRIORITY, priority],
      [ICE_CONTROLLING, o.tieBreaker],
      ...(o.nominates ? ([[USE_CANDIDATE, Buffer.alloc(0)]] as const) : []),
    ],
    o.theirs.password,
  )
}

export interface CheckAnswered {
  /** Undefined: nothing is sent. */
  readonly answer: Buffer | undefined
  /** Its credentials are right. */
  readonly isAuthentic: boolean
  /** The path is to be used from now on. */
  readonly nominates: boolean
}

/** What an agent makes of a check. RFC 8445 §7.3, RFC 8489 §9.1.3. */
export function answerCheck(
  data: Buffer,
  from: Endpoint,
  own: CheckCredentials,
  o: { readonly checksCredentials?: boolean; readonly signsAnswers?: boolean } = {},
): CheckAnswered {
  const ignored = { answer: undefined, isAuthentic: false, nominates: false }
  const request = parseStun(data)
  // RFC 8445 §7.3: the fingerprint mechanism is used, so what lacks it is no check.
  if (request?.class !== 'request' || request.method !== BINDING || request.fingerprint !== true) return ignored
  const { method, transactionId } = request
  const refused = (code: number, reason: string, unknownAttributes?: readonly number[]) => ({
    ...ignored,
    answer: encodeStun({
      class: 'error',
      method,
      transactionId,
      errorCode: { code, reason },
      fingerprint: true,
      ...(unknownAttributes === undefined ? {} : { unknownAttributes }),
    }),
  })
  // RFC 8489 §14.5: nothing counts that comes after it, but for the fingerprint.
  const signed = data.subarray(0, positionOf(data, MESSAGE_INTEGRITY) ?? 0)
  const username = attributeOf(signed, USERNAME)?.toString()
  if (username === undefined) return refused(400, 'Bad Request')
  const isAuthentic = username.startsWith(`${own.ufrag}:`) && integrityOf(data, own.password) === 'right'
  if (!isAuthentic && o.checksCredentials !== false) return refused(401, 'Unauthenticated')
  const unknown = request.notUnderstood?.filter((type) => !KNOWN.has(type)) ?? []
  if (unknown.length > 0) return refused(420, 'Unknown Attribute', unknown)
  const success: StunMessage = { class: 'success', method, transactionId, xorMappedAddress: from }
  return {
    answer:
      o.signsAnswers === false ? encodeStun({ ...success, fingerprint: true }) : sealed(success, [], own.password),
    isAuthentic,
    nominates: attributeOf(signed, USE_CANDIDATE) !== undefined,
  }
}

/** Whether a message is authenticated by this password. */
export function integrityOf(data: Buffer, password: string): 'right' | 'wrong' | 'missing' {
  const at = positionOf(data, MESSAGE_INTEGRITY)
  if (at === undefined) return 'missing'
  const value = data.subarray(at + 4, at + 24)
  const expected = hmac(data.subarray(0, at), password)
  return value.length === expected.length && timingSafeEqual(value, expected) ? 'right' : 'wrong'
}

function sealed(
  message: StunMessage,
  attributes: readonly (readonly [type: number, value: Buffer])[],
  password: string,
): Buffer {
  const head = encodeStun(message)
  const more = attributes.flatMap(([type, value]) => {
    const prefix = Buffer.alloc(4)
    prefix.writeUInt16BE(type, 0)
    prefix.writeUInt16BE(value.length, 2)
    return [prefix, value, Buffer.alloc(-value.length & 3)]
  })
  const text = Buffer.concat([head, ...more])
  const prefix = Buffer.from([MESSAGE_INTEGRITY >> 8, MESSAGE_INTEGRITY & 0xff, 0, 20])
  return withFingerprint(Buffer.concat([text, prefix, hmac(text, password)]))
}

/** RFC 8489 §14.5: over a header that counts up to the end of the attribute. @param text all before the attribute */
function hmac(text: Buffer, password: string): Buffer {
  const copy = Buffer.from(text)
  copy.writeUInt16BE(text.length - HEADER_BYTES + 24, 2)
  return createHmac('sha1', password).update(copy).digest()
}

function positionOf(data: Buffer, type: number): number | undefined {
  for (let at = HEADER_BYTES; at + 4 <= data.length; ) {
    if (data.readUInt16BE(at) === type) return at
    const length = data.readUInt16BE(at + 2)
    at += 4 + length + (-length & 3)
  }
  return undefined
}

function attributeOf(data: Buffer, type: number): Buffer | undefined {
  const at = positionOf(data, type)
  return at === undefined ? undefined : data.subarray(at + 4, at + 4 + data.readUInt16BE(at + 2))
}
