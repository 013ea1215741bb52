/** The text of a `<send>`: a SIP message with keywords in it. */

export interface SipText {
  /** Empty in a response. */
  readonly method: string
  /** Undefined in a request. */
  readonly status: number | undefined
  /** Request-URI, or reason phrase. */
  readonly rest: string
  /** Header fields in order; what is no field, such as a line that is a keyword alone, has no name. */
  readonly fields: readonly { readonly name: string; readonly value: string }[]
  readonly body: string
}

const REQUEST = /^([A-Za-z]\w*)\s+(.*?)\s+SIP\/2\.0$/s
const RESPONSE = /^SIP\/2\.0\s+(\d{3})\s*(.*)$/s
const FIELD = /^([!#$%&'*+.^_`|~\w-]+)\s*:\s*(.*)$/s
const COMPACT: Readonly<Record<string, string>> = {
  a: 'Accept-Contact',
  b: 'Referred-By',
  c: 'Content-Type',
  d: 'Request-Disposition',
  e: 'Content-Encoding',
  f: 'From',
  i: 'Call-ID',
  j: 'Reject-Contact',
  k: 'Supported',
  l: 'Content-Length',
  m: 'Contact',
  o: 'Event',
  r: 'Refer-To',
  s: 'Subject',
  t: 'To',
  u: 'Allow-Events',
  v: 'Via',
  x: 'Session-Expires',
}

/** Undefined: its first line is neither that of a request nor that of a response. */
export function parseSipText(text: string): SipText | undefined {
  const lines = text
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .map((line) => line.trim())
  while (lines[0] === '') lines.shift()
  const first = lines.shift() ?? ''
  const request = REQUEST.exec(first)
  const response = RESPONSE.exec(first)
  if (request === null && response === null) return undefined
  const blank = lines.indexOf('')
  const head = blank < 0 ? lines : lines.slice(0, blank)
  const body =
    blank < 0
      ? ''
      : lines
          .slice(blank + 1)
          .join('\n')
          .trim()
  const fields = head.map((line) => {
    const [, name, value] = FIELD.exec(line) ?? []
    return name === undefined
      ? { name: '', value: line }
      : { name: COMPACT[name.toLowerCase()] ?? name, value: value ?? '' }
  })
  return {
    method: request?.[1]?.toUpperCase() ?? '',
    status: response === null ? undefined : Number(response[1]),
    rest: request?.[2] ?? response?.[2] ?? '',
    fields,
    body,
  }
}

/** Value of the first field of that name. */
export const fieldOf = ({ fields }: SipText, wanted: string): string | undefined =>
  fields.find(({ name }) => name.toLowerCase() === wanted.toLowerCase())?.value
