/** One line of a session description, one character per octet. */
export interface SdpLine {
  /** The letter before '='; '' for what is no such line. */
  readonly type: string
  /** What stands behind '='; the whole line where the type is ''. */
  readonly value: string
  /** CRLF, LF, or '' for a last line without end. */
  readonly end: string
  /** Of its first octet. */
  readonly offset: number
}

/** Splits a description given as one character per octet. Lone line feeds end a line too (RFC 8866 §5). */
export function readLines(text: string): SdpLine[] {
  const lines: SdpLine[] = []
  let at = 0
  while (at < text.length) {
    const feed = text.indexOf('\n', at)
    const next = feed < 0 ? text.length : feed + 1
    const crlf = feed > at && text.charCodeAt(feed - 1) === 0x0d
    const stop = feed < 0 ? next : crlf ? feed - 1 : feed
    const typed = stop - at >= 2 && text.charCodeAt(at + 1) === 0x3d
    lines.push({
      type: typed ? text.charAt(at) : '',
      value: text.slice(typed ? at + 2 : at, stop),
      end: feed < 0 ? '' : crlf ? '\r\n' : '\n',
      offset: at,
    })
    at = next
  }
  return lines
}
