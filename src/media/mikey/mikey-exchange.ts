/**
 * The pre-shared key method of MIKEY for one audio stream (RFC 3830 §3.1; in SDP: RFC 4567 §4.1, §7), from both sides, and its null
 * mode, in which keys are neither encrypted nor authenticated (§4.2.3, §4.2.4). RFC 4567 §7.1 gives a stream two crypto sessions:
 * 1 is what the initiator sends, 2 what the responder sends.
 */
import type { Random } from '../../clock/random.js'
import type { CryptoAttribute, SuiteName } from '../../sdp/crypto-attribute.js'
import { suiteOf } from '../srtp-keys.js'
import { MikeyError } from './mikey-error.js'
import {
  type Bundle,
  cryptKeys,
  type KeyData,
  mikeyMac,
  parseKeyData,
  sameMac,
  serializeKeyData,
  streamKey,
} from './mikey-keys.js'
import {
  DataType,
  Encryption,
  Mac,
  type MikeyMessage,
  type MikeyPayload,
  parseMikey,
  payloadOf,
  payloadsOf,
  serializeMikey,
} from './mikey-message.js'
import { suiteOfPolicy, usualPolicy } from './mikey-policy.js'
import type { ReplayCache } from './replay-cache.js'

const INITIATOR = 1
const RESPONDER = 2
/** RFC 4567 §7: general extension "SDP IDs". */
const SDP_IDS = 1
const URI = 1
/** How far clocks may be apart (RFC 3830 §5.4: minutes to hours, as the responder likes). */
const SKEW_MS = 60 * 60_000
/** How far the time of a place is from UTC at most. */
const ZONES_MS = 14 * 60 * 60_000
/** RFC 3830 §6.6 */
const TIME = { utc: 0, ofSomePlace: 1, counter: 2 } as const
const NTP_SECONDS = 2_208_988_800

/** A message that was made here, and what it agrees on where it is accepted. */
export interface MikeyOffer {
  readonly bytes: Buffer
  /** What this side encrypts with. */
  readonly send: CryptoAttribute
  readonly receive: CryptoAttribute
  /**
   * Looks at the message that came back.
   * @returns the number of an error message (RFC 3830 §6.12); undefined where the offer was accepted
   * @throws MikeyError where it is no answer to this offer, or not from somebody who knows the pre-shared key
   */
  check(answer: Buffer): number | undefined
}

/** @param o.preSharedKey undefined: null mode @param o.ssrc of what is sent @param o.identities URIs of both sides */
export function offerMikey(o: {
  readonly random: Random
  readonly unixMs: number
  readonly ssrc: number
  readonly preSharedKey?: Buffer | undefined
  readonly identities: readonly [initiator: string, responder: string]
}): MikeyOffer {
  const { random, preSharedKey } = o
  const bundle: Bundle = { csbId: random.uint32(), rand: random.bytes(16) }
  const key: KeyData = { type: 'TGK', key: random.bytes(16), salt: random.bytes(14) }
  const timestamp: MikeyPayload = { kind: 'T', type: TIME.utc, value: ntpOf(o.unixMs) }
  const clear = serializeKeyData(key)
  const isNull = preSharedKey === undefined
  const message: MikeyMessage = {
    dataType: DataType.preShared,
    wantsVerification: true,
    csbId: bundle.csbId,
    sessions: [o.ssrc, 0].map((ssrc) => ({ policy: 0, ssrc, rolloverCounter: 0 })),
    payloads: [
      timestamp,
      { kind: 'RAND', value: bundle.rand },
      ...o.identities.map((uri): MikeyPayload => ({ kind: 'ID', type: URI, value: Buffer.from(uri) })),
      { kind: 'SP', number: 0, protocol: 0, parameters: usualPolicy() },
      { kind: 'extension', type: SDP_IDS, data: Buffer.from('mikey') },
      {
        kind: 'KEMAC',
        encryption: isNull ? Encryption.none : Encryption.aesCm128,
        data: isNull ? clear : cryptKeys(preSharedKey, bundle, timestamp.value, clear),
        mac: { algorithm: isNull ? Mac.none : Mac.hmacSha1, value: Buffer.alloc(0) },
      },
    ],
  }
  const covered = serializeMikey(message)
  const bytes = isNull ? covered : Buffer.concat([covered, mikeyMac(preSharedKey, bundle, covered)])
  const suite: SuiteName = 'AES_CM_128_HMAC_SHA1_80'
  return {
    bytes,
    send: attributeOf(suite, key, INITIATOR, bundle),
    receive: attributeOf(suite, key, RESPONDER, bundle),
    check: (answer) => checkAnswer(answer, { bytes, message, bundle, preSharedKey }),
  }
}

function checkAnswer(
  answer: Buffer,
  sent: {
    readonly bytes: Buffer
    readonly message: MikeyMessage
    readonly bundle: Bundle
    readonly preSharedKey: Buffer | undefined
  },
): number | undefined {
  if (answer.equals(sent.bytes)) throw new MikeyError('mismatch', "the offer's own message", 'RFC 3830 §3.1')
  const { dataType, csbId, sessions, ...read } = parseMikey(answer)
  if (csbId !== sent.message.csbId) throw new MikeyError('mismatch', 'another crypto session bundle', 'RFC 3830 §6.1')
  const error = payloadOf({ dataType, csbId, sessions, ...read }, 'ERR')
  if (dataType === DataType.error || error !== undefined) return error?.error ?? 12
  if (dataType !== DataType.verification)
    throw new MikeyError('mismatch', `a message of type ${dataType}`, 'RFC 3830 §3.1')
  // What the initiator said of its own stream stands; a responder that repeats no streams has not changed them.
  const ours = sessions[INITIATOR - 1]
  if (ours !== undefined && ours.ssrc !== sent.message.sessions[0]?.ssrc)
    throw new MikeyError('mismatch', 'another stream as the first one', 'RFC 3830 §6.1.1')
  const message = { dataType, csbId, sessions, ...read }
  const timestamp = payloadOf(sent.message, 'T')?.value
  if (timestamp === undefined || payloadOf(message, 'T')?.value.equals(timestamp) !== true)
    throw new MikeyError('mismatch', 'another timestamp', 'RFC 3830 §5.2')
  const verification = payloadOf(message, 'V')
  if (verification === undefined)
    throw new MikeyError('mismatch', 'no verification, which was asked for', 'RFC 3830 §3.1')
  if (sent.preSharedKey === undefined) return undefined
  const { algorithm, value } = verification.mac
  const covered = Buffer.concat([answer.subarray(0, answer.length - value.length), ...boundTo(sent.message)])
  if (algorithm !== Mac.hmacSha1 || !sameMac(value, mikeyMac(sent.preSharedKey, sent.bundle, covered)))
    throw new MikeyError('authentication', 'a wrong verification MAC', 'RFC 3830 §5.2')
  return undefined
}

/** RFC 3830 §5.2: Identity_i || Identity_r || Timestamp follow the message in what a verification covers. */
function boundTo(offer: MikeyMessage): Buffer[] {
  return [...payloadsOf(offer, 'ID').map(({ value }) => value), payloadOf(offer, 'T')?.value ?? Buffer.alloc(0)]
}

/** What somebody else's message agrees on, where it is accepted. */
export interface AcceptedMikey {
  readonly send: CryptoAttribute
  readonly receive: CryptoAttribute
  /** The message to answer with (RFC 3830 §3.1); undefined where none was asked for. @param ssrc of what this side sends */
  answer(ssrc: number): Buffer | undefined
}

/**
 * Takes a message of the pre-shared key method.
 * @param o.allowsNull keys that are not encrypted are taken: whoever else reads the message reads them
 * @param o.seen what was taken before, by whomever the message may be meant for
 * @param o.protocols the list of key management protocols in SDP, with semicolons (RFC 4567 §4.1.4)
 * @throws MikeyError where it must be rejected
 */
export function acceptMikey(
  bytes: Buffer,
  o: {
    readonly preSharedKey?: Buffer | undefined
    readonly allowsNull: boolean
    readonly unixMs: number
    readonly protocols: string
    readonly seen: ReplayCache
  },
): AcceptedMikey {
  const message = parseMikey(bytes)
  const { csbId, sessions } = message
  if (message.dataType !== DataType.preShared)
    throw new MikeyError('unsupported', `a message of type ${message.dataType}`, 'RFC 3830 §6.1')
  const timestamp = payloadOf(message, 'T')
  const rand = payloadOf(message, 'RAND')
  const kemac = payloadOf(message, 'KEMAC')
  if (timestamp === undefined || rand === undefined || kemac === undefined)
    throw new MikeyError('malformed', 'no T, RAND or KEMAC', 'RFC 3830 §3.1')
  const taken = momentOf(timestamp, o.unixMs)
  if (o.seen.knows(bytes, taken.sentMs)) throw new MikeyError('replayed', 'a message of before', 'RFC 3830 §5.4')
  const bundle: Bundle = { csbId, rand: rand.value }
  const isClear = kemac.encryption === Encryption.none
  if (isClear && !o.allowsNull) throw new MikeyError('unsupported', 'keys that are not encrypted', 'RFC 3830 §4.2.3')
  const isMacked = kemac.mac.algorithm === Mac.hmacSha1
  const secret = o.preSharedKey
  if (isMacked) {
    const covered = bytes.subarray(0, bytes.length - kemac.mac.value.length)
    if (secret === undefined || !sameMac(kemac.mac.value, mikeyMac(secret, bundle, covered)))
      throw new MikeyError('authentication', 'a MAC of another pre-shared key', 'RFC 3830 §5.3')
    o.seen.add(bytes, taken, o.unixMs)
  }
  // §4.2.4: only with the NULL encryption there may be no MAC.
  if (!isClear && (kemac.encryption !== Encryption.aesCm128 || !isMacked || secret === undefined))
    throw new MikeyError('unsupported', `encryption ${kemac.encryption}`, 'RFC 3830 §6.2')
  const lists = payloadsOf(message, 'extension').filter(({ type }) => type === SDP_IDS)
  if (lists.some(({ data }) => data.toString('latin1') !== o.protocols))
    throw new MikeyError('mismatch', 'another list of protocols than that of SDP', 'RFC 4567 §7')
  const first = sessions[INITIATOR - 1]
  if (first === undefined || sessions.length < RESPONDER)
    throw new MikeyError('unsupported', `${sessions.length} streams where audio has two`, 'RFC 4567 §7.1')
  const policies = payloadsOf(message, 'SP')
  const policy = policies.find(({ number }) => number === first.policy)
  if (policy !== undefined && policy.protocol !== 0)
    throw new MikeyError('unsupported', `a policy for protocol ${policy.protocol}`, 'RFC 3830 §6.10')
  const suite = suiteOfPolicy(policy?.parameters ?? new Map())
  const data = isClear || secret === undefined ? kemac.data : cryptKeys(secret, bundle, timestamp.value, kemac.data)
  const key = parseKeyData(data)
  return {
    send: attributeOf(suite, key, RESPONDER, bundle),
    receive: attributeOf(suite, key, INITIATOR, bundle),
    answer(ssrc) {
      if (!message.wantsVerification) return undefined
      const covered = serializeMikey({
        dataType: DataType.verification,
        wantsVerification: false,
        csbId,
        // §6.1.1: the responder fills in its own stream.
        sessions: sessions.map((one, at) => (at === RESPONDER - 1 && one.ssrc === 0 ? { ...one, ssrc } : one)),
        payloads: [
          timestamp,
          ...payloadsOf(message, 'ID').slice(1, 2),
          { kind: 'V', mac: { algorithm: kemac.mac.algorithm, value: Buffer.alloc(0) } },
        ],
      })
      if (!isMacked || secret === undefined) return covered
      return Buffer.concat([covered, mikeyMac(secret, bundle, Buffer.concat([covered, ...boundTo(message)]))])
    },
  }
}

function attributeOf(suite: SuiteName, key: KeyData, session: number, bundle: Bundle): CryptoAttribute {
  const { mki } = key
  return {
    tag: '1',
    suite,
    keys: [
      {
        keySalt: streamKey(key, session, bundle, suiteOf(suite)),
        ...(mki === undefined || mki.length === 0
          ? {}
          : { mki: { value: BigInt(`0x${mki.toString('hex')}`), length: mki.length } }),
      },
    ],
    parameters: {},
  }
}

/**
 * When a message was sent, and until when it may arrive, ms since 1970.
 * @throws MikeyError where that is not now: of a counter nobody can tell, who does not remember all messages ever (RFC 3830 §5.4)
 */
function momentOf({ type, value }: { type: number; value: Buffer }, nowMs: number) {
  if (type === TIME.counter) throw new MikeyError('unsupported', 'a counter in place of the time', 'RFC 3830 §6.6')
  const skewMs = type === TIME.utc ? SKEW_MS : SKEW_MS + ZONES_MS
  const sentMs = unixMsOf(value, nowMs)
  if (Math.abs(sentMs - nowMs) > skewMs)
    throw new MikeyError('outdated', 'a timestamp of another time', 'RFC 3830 §5.3')
  return { sentMs, untilMs: sentMs + skewMs }
}

/** Seconds since 1900 and their fraction (RFC 3830 §4.2.8). */
function ntpOf(unixMs: number): Buffer {
  const seconds = Math.floor(unixMs / 1000)
  const value = Buffer.alloc(8)
  value.writeUInt32BE((seconds + NTP_SECONDS) % 2 ** 32)
  value.writeUInt32BE(Math.floor(((unixMs - seconds * 1000) / 1000) * 2 ** 32), 4)
  return value
}

/** In the era that is next to `nowMs`: the counter goes round every 136 years (RFC 3830 §4.2.8). */
function unixMsOf(ntp: Buffer, nowMs: number): number {
  const seconds = ntp.readUInt32BE() - NTP_SECONDS
  const rounds = Math.round((nowMs / 1000 - seconds) / 2 ** 32)
  return (seconds + rounds * 2 ** 32) * 1000 + (ntp.readUInt32BE(4) / 2 ** 32) * 1000
}
