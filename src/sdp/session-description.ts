/**
 * Session descriptions (RFC 8866) that keep every line as it came. A description is a list of lines; the views read
 * them, the setters change the one line that they name, and everything else goes out byte by byte as it came in.
 */
import { checkGrammar } from './grammar.js'
import { readLines, type SdpLine } from './line.js'
import { MediaDescription, SdpSection, SESSION_ORDER } from './section.js'
import { fieldsOf, type Origin } from './values.js'
import type { SdpViolation } from './violation.js'

/** A whole description. */
export class SessionDescription {
  readonly #sessionLines: SdpLine[]
  readonly #mediaLines: SdpLine[][] = []
  readonly #media: MediaDescription[] = []
  readonly session: SdpSection
  #violations: readonly SdpViolation[] | undefined
  #bytes: Buffer | undefined
  readonly #changed = () => {
    this.#violations = undefined
    this.#bytes = undefined
  }

  private constructor(lines: readonly SdpLine[], bytes: Buffer | undefined) {
    this.#bytes = bytes
    this.#sessionLines = []
    this.session = new SdpSection(this.#sessionLines, SESSION_ORDER, this.#changed)
    let current = this.#sessionLines
    for (const line of lines) {
      if (line.type === 'm') current = this.#open()
      current.push(line)
    }
  }

  /** Never throws, whatever the bytes; what is wrong with them is in `violations`. Strings are taken as UTF-8. */
  static parse(bytes: Uint8Array | string): SessionDescription {
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : Buffer.from(bytes)
    return new SessionDescription(readLines(buffer.toString('latin1')), buffer)
  }

  /** From lines without their ends, e.g. `['v=0', 'o=- 1 1 IN IP4 192.0.2.1', …]`. */
  static fromLines(lines: readonly string[]): SessionDescription {
    return SessionDescription.parse(lines.map((line) => `${line}\r\n`).join(''))
  }

  get media(): readonly MediaDescription[] {
    return this.#media
  }

  /** Every departure from the grammar, and from what the sections say about a single description. */
  get violations(): readonly SdpViolation[] {
    this.#violations ??= checkGrammar(this.#sessionLines, this.#mediaLines)
    return this.#violations
  }

  /** Undefined if absent or not six fields. */
  get origin(): Origin | undefined {
    const [username, sessionId, version, netType, addrType, address, ...rest] = fieldsOf(this.session.line('o') ?? '')
    if (!username || !sessionId || !version || !netType || !addrType || !address || rest.length > 0) return undefined
    return { username, sessionId, version, netType, addrType, address }
  }

  set origin(o: Origin) {
    this.session.setLine('o', `${o.username} ${o.sessionId} ${o.version} ${o.netType} ${o.addrType} ${o.address}`)
  }

  clone(): SessionDescription {
    return new SessionDescription([...this.#sessionLines, ...this.#mediaLines.flat()], this.#bytes)
  }

  /** The octets as they came where nothing was changed. */
  toBytes(): Buffer {
    this.#bytes ??= Buffer.from([...this.#sessionLines, ...this.#mediaLines.flat()].map(lineText).join(''), 'latin1')
    return Buffer.from(this.#bytes)
  }

  toString(): string {
    return this.toBytes().toString('utf8')
  }

  #open(): SdpLine[] {
    const content: SdpLine[] = []
    this.#mediaLines.push(content)
    this.#media.push(new MediaDescription(content, this.session, this.#changed))
    return content
  }
}

function lineText(line: SdpLine): string {
  return line.type === '' ? line.value + line.end : `${line.type}=${line.value}${line.end}`
}
