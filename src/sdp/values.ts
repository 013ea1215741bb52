/** Values of single lines of a session description (RFC 8866 §5, §6), read and checked. */

/** o= (RFC 8866 §5.2). */
export interface Origin {
  readonly username: string
  readonly sessionId: string
  /** Decimal, of any length. */
  readonly version: string
  readonly netType: string
  readonly addrType: string
  readonly address: string
}

/** c= (RFC 8866 §5.7). */
export interface Connection {
  readonly netType: string
  readonly addrType: string
  /** Without the brackets that URIs have; the suffix of a multicast address stays. */
  readonly address: string
}

/** a=rtpmap (RFC 8866 §6.6), or a static assignment of RFC 3551 §6. */
export interface RtpMap {
  readonly payloadType: number
  readonly encoding: string
  readonly clockRate: number
  readonly channels: number
}

/** a=rtcp (RFC 3605 §2.1). */
export interface RtcpAddress {
  readonly port: number
  readonly connection?: Connection
}

// RFC 3551 §6, tables 4 and 5, as far as telephony meets them.
export const STATIC_TYPES: ReadonlyMap<number, RtpMap> = new Map(
  (
    [
      [0, 'PCMU', 8000],
      [3, 'GSM', 8000],
      [4, 'G723', 8000],
      [5, 'DVI4', 8000],
      [6, 'DVI4', 16000],
      [7, 'LPC', 8000],
      [8, 'PCMA', 8000],
      [9, 'G722', 8000],
      [12, 'QCELP', 8000],
      [13, 'CN', 8000],
      [15, 'G728', 8000],
      [18, 'G729', 8000],
      [26, 'JPEG', 90000],
      [31, 'H261', 90000],
      [32, 'MPV', 90000],
      [34, 'H263', 90000],
    ] as const
  ).map(([payloadType, encoding, clockRate]) => [payloadType, { payloadType, encoding, clockRate, channels: 1 }]),
)

/** c= for an address literal: IN IP4 or IN IP6. */
export function connectionFor(address: string): Connection {
  return { netType: 'IN', addrType: address.includes(':') ? 'IP6' : 'IP4', address }
}

/** Reads `IN IP4 192.0.2.1`; undefined if it is not three fields. Spaces too many are a violation, and are read over. */
export function parseConnection(value: string): Connection | undefined {
  const [netType, addrType, address, ...rest] = fieldsOf(value)
  if (!netType || !addrType || !address || rest.length > 0) return undefined
  return { netType, addrType, address }
}

/** A port 0 to 65535, undefined for anything else. */
export function parsePort(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,5}$/.test(text)) return undefined
  const port = Number(text)
  return port <= 65535 ? port : undefined
}

/** Reads `101 telephone-event/8000`; undefined if it is not one. */
export function parseRtpMap(value: string): RtpMap | undefined {
  const match = /^(\d{1,3}) +([^\s/]+)\/(\d{1,9})(?:\/(\d{1,4}))?\s*$/.exec(value)
  if (match === null) return undefined
  const [, payloadType, encoding = '', clockRate, channels] = match
  if (Number(payloadType) > 127 || Number(clockRate) === 0) return undefined
  return {
    payloadType: Number(payloadType),
    encoding,
    clockRate: Number(clockRate),
    channels: channels === undefined ? 1 : Number(channels),
  }
}

/** Fields between spaces. */
export function fieldsOf(value: string): string[] {
  return value.split(' ').filter((field) => field !== '')
}
