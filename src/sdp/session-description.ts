/** Session descriptions (RFC 8866). Signatures first; bodies follow. */
import type { CryptoLine } from './crypto-attribute.js'
import type { KeyManagement } from './key-management.js'
import type { SdpViolation } from './violation.js'

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'
export interface Origin {
  readonly username: string
  readonly sessionId: string
  readonly version: string
  readonly netType: string
  readonly addrType: string
  readonly address: string
}
export interface Connection {
  readonly netType: string
  readonly addrType: string
  /** Without the brackets that URIs have; a multicast suffix stays. */
  readonly address: string
}
export interface RtpMap {
  readonly payloadType: number
  readonly encoding: string
  readonly clockRate: number
  readonly channels: number
}
export interface RtcpAddress {
  readonly port: number
  readonly connection?: Connection
}
/** Lines of the session level or of one media description: kept as they came, changed in place. */
export class SdpSection {
  /** Value of the first line of a type, e.g. 's'. */
  line(type: string): string | undefined {
    throw new Error(`not yet ${type}`)
  }
  lines(type: string): string[] {
    throw new Error(`not yet ${type}`)
  }
  /** Replaces the first line of this type (further ones go), or adds it at its place in the order of RFC 8866 §5. */
  setLine(type: string, value: string): void {
    throw new Error(`not yet ${type} ${value}`)
  }
  removeLines(type: string): void {
    throw new Error(`not yet ${type}`)
  }
  /** Value of the first attribute of that name: '' for a flag, undefined if absent. */
  attribute(name: string): string | undefined {
    throw new Error(`not yet ${name}`)
  }
  attributes(name: string): string[] {
    throw new Error(`not yet ${name}`)
  }
  /** All attributes of that name become this one, in place of the first; `true` makes a flag. */
  setAttribute(name: string, value: string | true): void {
    throw new Error(`not yet ${name} ${value}`)
  }
  addAttribute(name: string, value: string | true): void {
    throw new Error(`not yet ${name} ${value}`)
  }
  removeAttribute(name: string): void {
    throw new Error(`not yet ${name}`)
  }
  /** Own c= line only. */
  get ownConnection(): Connection | undefined {
    throw new Error('not yet')
  }
  set ownConnection(c: Connection | undefined) {
    throw new Error(`not yet ${c?.address}`)
  }
}
export class MediaDescription extends SdpSection {
  /** 'audio', 'video', … */
  get media(): string {
    throw new Error('not yet')
  }
  get port(): number {
    throw new Error('not yet')
  }
  set port(port: number) {
    throw new Error(`not yet ${port}`)
  }
  /** 'RTP/AVP', 'RTP/SAVP', … */
  get protocol(): string {
    throw new Error('not yet')
  }
  set protocol(p: string) {
    throw new Error(`not yet ${p}`)
  }
  get formats(): string[] {
    throw new Error('not yet')
  }
  set formats(f: readonly string[]) {
    throw new Error(`not yet ${f.length}`)
  }
  /** Own c= line, else the session's. */
  get connection(): Connection | undefined {
    throw new Error('not yet')
  }
  /** Own direction, else the session's, else sendrecv (RFC 8866 §6.7). */
  get direction(): Direction {
    throw new Error('not yet')
  }
  set direction(d: Direction) {
    throw new Error(`not yet ${d}`)
  }
  /** Of every RTP format, in the m= line's order; static types without a=rtpmap by RFC 3551. */
  get rtpMaps(): RtpMap[] {
    throw new Error('not yet')
  }
  fmtp(payloadType: number | string): string | undefined {
    throw new Error(`not yet ${payloadType}`)
  }
  get ptime(): number | undefined {
    throw new Error('not yet')
  }
  get rtcp(): RtcpAddress | undefined {
    throw new Error('not yet')
  }
  get rtcpMux(): boolean {
    throw new Error('not yet')
  }
  get crypto(): CryptoLine[] {
    throw new Error('not yet')
  }
  get keyManagement(): KeyManagement {
    throw new Error('not yet')
  }
}
export class SessionDescription {
  /** Never throws, whatever the bytes; see `violations`. */
  static parse(bytes: Uint8Array | string): SessionDescription {
    throw new Error(`not yet ${bytes.length}`)
  }
  get session(): SdpSection {
    throw new Error('not yet')
  }
  get media(): readonly MediaDescription[] {
    throw new Error('not yet')
  }
  /** Every departure from the grammar and from what it says about single descriptions. */
  get violations(): readonly SdpViolation[] {
    throw new Error('not yet')
  }
  get origin(): Origin | undefined {
    throw new Error('not yet')
  }
  set origin(o: Origin) {
    throw new Error(`not yet ${o.address}`)
  }
  /** Appends a media description of these lines ('m=…' first). */
  addMedia(lines: readonly string[]): MediaDescription {
    throw new Error(`not yet ${lines.length}`)
  }
  clone(): SessionDescription {
    throw new Error('not yet')
  }
  /** Octets as they came where nothing was changed. */
  toBytes(): Buffer {
    throw new Error('not yet')
  }
  toString(): string {
    throw new Error('not yet')
  }
}
export function formatConnection(address: string): Connection {
  throw new Error(`not yet ${address}`)
}
