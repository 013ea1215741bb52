/** The session level of a description, and each media description: views of their lines, which change the one line they name. */
import { type CryptoLine, parseCrypto } from './crypto-attribute.js'
import { type Direction, isDirection } from './direction.js'
import { type KeyManagement, keyManagementOf } from './key-management.js'
import type { SdpLine } from './line.js'
import {
  type Connection,
  parseConnection,
  parsePort,
  parseRtpMap,
  type RtcpAddress,
  type RtpMap,
  STATIC_TYPES,
} from './values.js'

/** Of lines, by their letters (RFC 8866 §9). */
export const SESSION_ORDER = 'vosiuepcbtrzka'
const MEDIA_ORDER = 'micbka'

/** Lines of the session level or of one media description. */
export class SdpSection {
  protected readonly content: SdpLine[]
  readonly #order: string
  readonly #changed: () => void

  constructor(content: SdpLine[], order: string, changed: () => void) {
    this.content = content
    this.#order = order
    this.#changed = changed
  }

  /** Value of the first line of a type, e.g. 's'. */
  line(type: string): string | undefined {
    for (const line of this.content) if (line.type === type) return text(line.value)
    return undefined
  }

  lines(type: string): string[] {
    return this.content.filter((line) => line.type === type).map((line) => text(line.value))
  }

  /** Replaces the first line of this type (further ones go), or adds it at its place in the order of RFC 8866 §5. */
  setLine(type: string, value: string): void {
    this.#replace((line) => line.type === type, type, value)
  }

  removeLines(type: string): void {
    this.#remove((line) => line.type === type)
  }

  /** Value of the first attribute of that name: '' for a flag, undefined if absent. */
  attribute(name: string): string | undefined {
    for (const line of this.content) {
      const value = attributeValue(line, name)
      if (value !== undefined) return text(value)
    }
    return undefined
  }

  attributes(name: string): string[] {
    const found: string[] = []
    for (const line of this.content) {
      const value = attributeValue(line, name)
      if (value !== undefined) found.push(text(value))
    }
    return found
  }

  /** All attributes of that name become this one, in place of the first; `true` makes a flag. */
  setAttribute(name: string, value: string | true): void {
    this.#replace((line) => attributeValue(line, name) !== undefined, 'a', value === true ? name : `${name}:${value}`)
  }

  addAttribute(name: string, value: string | true): void {
    this.#insert('a', value === true ? name : `${name}:${value}`)
  }

  removeAttribute(name: string): void {
    this.#remove((line) => attributeValue(line, name) !== undefined)
  }

  /** Its own c= line only. */
  get ownConnection(): Connection | undefined {
    const value = this.line('c')
    return value === undefined ? undefined : parseConnection(value)
  }

  set ownConnection(connection: Connection | undefined) {
    if (connection === undefined) this.removeLines('c')
    else this.setLine('c', `${connection.netType} ${connection.addrType} ${connection.address}`)
  }

  /** Its own direction attribute only; the first if there are several. */
  get ownDirection(): Direction | undefined {
    for (const line of this.content) {
      const value = line.type === 'a' ? line.value.trimEnd() : ''
      if (isDirection(value)) return value
    }
    return undefined
  }

  set ownDirection(direction: Direction | undefined) {
    if (direction === undefined) this.#remove(isDirectionLine)
    else this.#replace(isDirectionLine, 'a', direction)
  }

  #replace(matches: (line: SdpLine) => boolean, type: string, value: string): void {
    const at = this.content.findIndex(matches)
    const old = this.content[at]
    if (old === undefined) {
      this.#insert(type, value)
      return
    }
    for (let i = this.content.length - 1; i > at; i--) {
      const line = this.content[i]
      if (line !== undefined && matches(line)) this.content.splice(i, 1)
    }
    this.content[at] = { type, value: octets(value), end: old.end === '' ? '\r\n' : old.end, offset: old.offset }
    this.#changed()
  }

  #remove(matches: (line: SdpLine) => boolean): void {
    let kept = 0
    for (const line of this.content) if (!matches(line)) this.content[kept++] = line
    if (kept === this.content.length) return
    this.content.length = kept
    this.#changed()
  }

  #insert(type: string, value: string): void {
    const rank = this.#order.indexOf(type)
    let at = this.content.length
    // Behind the last line that must stand before it or beside it; unknown lines stay where they are.
    while (at > 0) {
      const before = this.content[at - 1]
      const beforeRank = before === undefined || before.type === '' ? -1 : this.#order.indexOf(before.type)
      if (beforeRank >= 0 && (rank < 0 || beforeRank <= rank)) break
      at--
    }
    const previous = this.content[at - 1]
    if (previous !== undefined && previous.end === '') this.content[at - 1] = { ...previous, end: '\r\n' }
    this.content.splice(at, 0, { type, value: octets(value), end: '\r\n', offset: previous?.offset ?? 0 })
    this.#changed()
  }
}

/** One m= line and what belongs to it (RFC 8866 §5.14). */
export class MediaDescription extends SdpSection {
  readonly #session: SdpSection
  #fields: { source: string; list: string[] } | undefined

  constructor(content: SdpLine[], session: SdpSection, changed: () => void) {
    super(content, MEDIA_ORDER, changed)
    this.#session = session
  }

  /** 'audio', 'video', … */
  get media(): string {
    return this.#field(0)
  }

  /** 0 for a stream that is not used, and for what is no port at all (see the violations). */
  get port(): number {
    return parsePort(this.#field(1).split('/')[0]) ?? 0
  }

  set port(port: number) {
    this.#setField(1, String(port))
  }

  /** 'RTP/AVP', 'RTP/SAVP', … */
  get protocol(): string {
    return this.#field(2)
  }

  set protocol(protocol: string) {
    this.#setField(2, protocol)
  }

  /** Payload types as a rule, in order of preference. */
  get formats(): readonly string[] {
    return this.#list().slice(3)
  }

  set formats(formats: readonly string[]) {
    const [media = 'audio', port = '0', protocol = 'RTP/AVP'] = this.#list()
    this.setLine('m', [media, port, protocol, ...formats].join(' '))
  }

  /** Its own c= line, else the session's (RFC 8866 §5.7). */
  get connection(): Connection | undefined {
    return this.ownConnection ?? this.#session.ownConnection
  }

  /** Its own direction, else the session's, else sendrecv (RFC 8866 §6.7). */
  get direction(): Direction {
    return this.ownDirection ?? this.#session.ownDirection ?? 'sendrecv'
  }

  set direction(direction: Direction) {
    this.ownDirection = direction
  }

  /** Of every RTP format, in the order of the m= line; without a=rtpmap the static assignment of RFC 3551 §6. */
  get rtpMaps(): RtpMap[] {
    const mapped = new Map<number, RtpMap>()
    for (const value of this.attributes('rtpmap')) {
      const map = parseRtpMap(value)
      if (map !== undefined && !mapped.has(map.payloadType)) mapped.set(map.payloadType, map)
    }
    const maps: RtpMap[] = []
    for (const format of this.formats) {
      if (!/^\d{1,3}$/.test(format)) continue
      const map = mapped.get(Number(format)) ?? STATIC_TYPES.get(Number(format))
      if (map !== undefined) maps.push(map)
    }
    return maps
  }

  /** Parameters of a format (RFC 8866 §6.15). */
  fmtp(format: number | string): string | undefined {
    const prefix = `${format} `
    return this.attributes('fmtp')
      .find((value) => value.startsWith(prefix))
      ?.slice(prefix.length)
  }

  /** Milliseconds (RFC 8866 §6.4). */
  get ptime(): number | undefined {
    const value = this.attribute('ptime')
    if (value === undefined || !/^\d{1,6}(\.\d{1,6})?$/.test(value)) return undefined
    return Number(value) > 0 ? Number(value) : undefined
  }

  /** Milliseconds (RFC 8866 §6.5). */
  get maxPtime(): number | undefined {
    const value = this.attribute('maxptime')
    return value !== undefined && /^[1-9]\d{0,5}$/.test(value) ? Number(value) : undefined
  }

  get rtcp(): RtcpAddress | undefined {
    const value = this.attribute('rtcp')
    if (value === undefined) return undefined
    const space = value.indexOf(' ')
    const port = parsePort(space < 0 ? value : value.slice(0, space))
    if (port === undefined) return undefined
    const connection = space < 0 ? undefined : parseConnection(value.slice(space + 1))
    return connection === undefined ? { port } : { port, connection }
  }

  /** RFC 5761 §5.1.1. */
  get rtcpMux(): boolean {
    return this.attribute('rtcp-mux') !== undefined
  }

  /** Every a=crypto line, valid or not, in order of preference. */
  get crypto(): CryptoLine[] {
    return this.attributes('crypto').map((value) => parseCrypto(value))
  }

  get keyManagement(): KeyManagement {
    return keyManagementOf(this, this.#session)
  }

  #list(): string[] {
    const source = this.content[0]?.value ?? ''
    if (this.#fields === undefined || this.#fields.source !== source)
      this.#fields = { source, list: source.split(' ').filter((field) => field !== '') }

    return this.#fields.list
  }

  #field(at: number): string {
    return this.#list()[at] ?? ''
  }

  #setField(at: number, value: string): void {
    const list = this.#list().slice()
    list[at] = value
    this.setLine('m', list.join(' '))
  }
}

function isDirectionLine(line: SdpLine): boolean {
  return line.type === 'a' && isDirection(line.value.trimEnd())
}

function attributeValue(line: SdpLine, name: string): string | undefined {
  if (line.type !== 'a' || !line.value.startsWith(name)) return undefined
  if (line.value.length === name.length) return ''
  return line.value.charCodeAt(name.length) === 0x3a ? line.value.slice(name.length + 1) : undefined
}

// Lines are held as one character per octet, so that bytes in no known character set survive.
function octets(value: string): string {
  return isAscii(value) ? value : Buffer.from(value, 'utf8').toString('latin1')
}

function text(value: string): string {
  return isAscii(value) ? value : Buffer.from(value, 'latin1').toString('utf8')
}

function isAscii(value: string): boolean {
  for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) > 0x7f) return false
  return true
}
