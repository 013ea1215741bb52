/** ClientHello, ServerHello and HelloVerifyRequest with the extensions that DTLS-SRTP needs (RFC 6347 §4.2.1, §4.3.2; RFC 5246 §7.4.1). */
import { DtlsFault } from './alert.js'
import { OctetReader, uint16, vector16, vector8 } from './octets.js'
import { DTLS_1_0, DTLS_1_2 } from './records.js'
import { parseUseSrtp, useSrtp } from './srtp-profiles.js'

export const RANDOM_BYTES = 32

const Extension = {
  supportedGroups: 10,
  pointFormats: 11,
  signatureAlgorithms: 13,
  useSrtp: 14,
  extendedMasterSecret: 23,
  renegotiationInfo: 0xff01,
} as const
/** RFC 5746 §3.3: the same as an empty renegotiation_info. */
const RENEGOTIATION_SCSV = 0x00ff

export interface ClientHello {
  readonly version: number
  readonly random: Buffer
  readonly cookie: Buffer
  readonly cipherSuites: readonly number[]
  readonly groups: readonly number[] | undefined
  readonly signatureSchemes: readonly number[] | undefined
  /** Protection profiles; undefined without the extension. */
  readonly srtpProfiles: readonly number[] | undefined
  readonly extendedMasterSecret: boolean
  readonly secureRenegotiation: boolean
}

export interface ServerHello {
  readonly version: number
  readonly random: Buffer
  readonly cipherSuite: number
  readonly srtpProfile: number | undefined
  readonly extendedMasterSecret: boolean
  readonly secureRenegotiation: boolean
  /** Types of all extensions that it has. */
  readonly extensions: readonly number[]
}

export function serializeClientHello(hello: ClientHello): Buffer {
  const { groups = [], signatureSchemes = [], srtpProfiles = [] } = hello
  const list = (numbers: readonly number[]) => vector16(Buffer.concat(numbers.map(uint16)))
  return Buffer.concat([
    uint16(hello.version),
    hello.random,
    // No session to resume.
    vector8(Buffer.alloc(0)),
    vector8(hello.cookie),
    list([...hello.cipherSuites, ...(hello.secureRenegotiation ? [RENEGOTIATION_SCSV] : [])]),
    // RFC 5246 §7.4.1.2: no compression.
    vector8(Buffer.from([0])),
    extensions([
      [Extension.supportedGroups, list(groups)],
      [Extension.pointFormats, vector8(Buffer.from([0]))],
      [Extension.signatureAlgorithms, list(signatureSchemes)],
      [Extension.useSrtp, useSrtp(srtpProfiles)],
      ...(hello.extendedMasterSecret ? [[Extension.extendedMasterSecret, Buffer.alloc(0)] as const] : []),
    ]),
  ])
}

/** @throws DtlsFault where it is malformed */
export function parseClientHello(body: Buffer): ClientHello {
  const reader = new OctetReader(body)
  const version = reader.number(2)
  const random = reader.take(RANDOM_BYTES)
  reader.vector(1)
  const cookie = reader.vector(1)
  const cipherSuites = reader.numbers(2)
  if (!reader.vector(1).includes(0)) throw new DtlsFault('illegal_parameter', 'a ClientHello without null compression')
  const found = readExtensions(reader)
  const numbers = (type: number) => {
    const extension = found.get(type)
    return extension === undefined ? undefined : new OctetReader(extension).numbers(2)
  }
  const srtp = found.get(Extension.useSrtp)
  return {
    version,
    random,
    cookie,
    cipherSuites,
    groups: numbers(Extension.supportedGroups),
    signatureSchemes: numbers(Extension.signatureAlgorithms),
    srtpProfiles: srtp === undefined ? undefined : parseUseSrtp(srtp).profiles,
    extendedMasterSecret: found.has(Extension.extendedMasterSecret),
    secureRenegotiation: found.has(Extension.renegotiationInfo) || cipherSuites.includes(RENEGOTIATION_SCSV),
  }
}

export function serializeServerHello(hello: Omit<ServerHello, 'extensions'>, pointFormats: boolean): Buffer {
  return Buffer.concat([
    uint16(hello.version),
    hello.random,
    vector8(Buffer.alloc(0)),
    uint16(hello.cipherSuite),
    Buffer.from([0]),
    extensions([
      ...(hello.secureRenegotiation ? [[Extension.renegotiationInfo, Buffer.from([0])] as const] : []),
      ...(pointFormats ? [[Extension.pointFormats, vector8(Buffer.from([0]))] as const] : []),
      ...(hello.srtpProfile === undefined ? [] : [[Extension.useSrtp, useSrtp([hello.srtpProfile])] as const]),
      ...(hello.extendedMasterSecret ? [[Extension.extendedMasterSecret, Buffer.alloc(0)] as const] : []),
    ]),
  ])
}

/** @throws DtlsFault where it is malformed */
export function parseServerHello(body: Buffer): ServerHello {
  const reader = new OctetReader(body)
  const version = reader.number(2)
  const random = reader.take(RANDOM_BYTES)
  reader.vector(1)
  const cipherSuite = reader.number(2)
  if (reader.number(1) !== 0) throw new DtlsFault('illegal_parameter', 'a ServerHello with compression')
  const found = readExtensions(reader)
  const srtp = found.get(Extension.useSrtp)
  const chosen = srtp === undefined ? undefined : parseUseSrtp(srtp)
  // RFC 5764 §4.1.1: one profile of those that were offered, and no other MKI.
  if (chosen !== undefined && (chosen.profiles.length !== 1 || chosen.mki.length > 0))
    throw new DtlsFault('illegal_parameter', `${chosen.profiles.length} SRTP profiles in a ServerHello, or an MKI`)
  return {
    version,
    random,
    cipherSuite,
    srtpProfile: chosen?.profiles[0],
    extendedMasterSecret: found.has(Extension.extendedMasterSecret),
    secureRenegotiation: found.has(Extension.renegotiationInfo),
    extensions: [...found.keys()],
  }
}

/** What a ClientHello of ours asks for: what a ServerHello may answer (RFC 5246 §7.4.1.4). */
export const OFFERED_EXTENSIONS: ReadonlySet<number> = new Set(Object.values(Extension))

/** RFC 6347 §4.2.1: the cookie that the next ClientHello carries. */
export function serializeHelloVerifyRequest(cookie: Buffer): Buffer {
  return Buffer.concat([uint16(DTLS_1_0), vector8(cookie)])
}

export function parseHelloVerifyRequest(body: Buffer): Buffer {
  const reader = new OctetReader(body)
  reader.number(2)
  const cookie = reader.vector(1)
  reader.end()
  return cookie
}

/** DTLS 1.2 and later ones, which count downwards (RFC 6347 §4.1). */
export const speaksDtls12 = (version: number): boolean => version >>> 8 === 0xfe && version <= DTLS_1_2

function extensions(all: readonly (readonly [number, Buffer])[]): Buffer {
  return vector16(Buffer.concat(all.map(([type, body]) => Buffer.concat([uint16(type), vector16(body)]))))
}

/** RFC 5246 §7.4.1.4: none may come twice; there need not be any. */
function readExtensions(reader: OctetReader): Map<number, Buffer> {
  const found = new Map<number, Buffer>()
  if (reader.left === 0) return found
  const list = new OctetReader(reader.vector(2))
  reader.end()
  while (list.left > 0) {
    const type = list.number(2)
    if (found.has(type)) throw new DtlsFault('decode_error', `extension ${type} comes twice`)
    found.set(type, list.vector(2))
  }
  return found
}
