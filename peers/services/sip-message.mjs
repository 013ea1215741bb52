// SIP messages as text and as objects: `{ method, uri }` or `{ status, reason }`, `headers` in order, `body` as text. RFC 3261 §7.

/** RFC 3261 §7.3.3, RFC 3265, RFC 4028, RFC 3515, RFC 3892. */
const compact = {
  i: 'call-id',
  m: 'contact',
  e: 'content-encoding',
  l: 'content-length',
  c: 'content-type',
  f: 'from',
  s: 'subject',
  k: 'supported',
  t: 'to',
  v: 'via',
  o: 'event',
  u: 'allow-events',
  x: 'session-expires',
  r: 'refer-to',
  b: 'referred-by',
}
/** Fields whose values may stand in one line, separated by commas. */
const lists = new Set(['via', 'route', 'record-route', 'contact', 'require', 'supported', 'accept', 'allow'])

/** @returns the message, undefined where it is none */
export function parse(text) {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [start, ...lines] = text
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
  const headers = []
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon < 1) continue
    const written = line.slice(0, colon).trim().toLowerCase()
    const name = compact[written] ?? written
    const value = line.slice(colon + 1).trim()
    for (const one of lists.has(name) ? apart(value, ',') : [value]) headers.push([name, one])
  }
  const body = text.slice(end + 4)
  const response = /^SIP\/2\.0 (\d{3}) ?(.*)$/i.exec(start)
  if (response) return { status: Number(response[1]), reason: response[2], headers, body }
  const request = /^([^ ]+) ([^ ]+) SIP\/2\.0$/i.exec(start)
  return request ? { method: request[1], uri: request[2], headers, body } : undefined
}

export const write = ({ method, uri, status, reason, headers, body = '' }) =>
  [
    method ? `${method} ${uri} SIP/2.0` : `SIP/2.0 ${status} ${reason}`,
    ...headers.map(([name, value]) => `${shown(name)}: ${value}`),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n')

const oddNames = {
  'call-id': 'Call-ID',
  cseq: 'CSeq',
  'min-se': 'Min-SE',
  rseq: 'RSeq',
  'mime-version': 'MIME-Version',
}
const shown = (name) => oddNames[name] ?? name.replaceAll(/(?:^|-)[a-z]/g, (letters) => letters.toUpperCase())

/** The first value of a field, by its long name in lower case. */
export const header = (message, name) => message.headers.find(([one]) => one === name)?.[1]
export const allOf = (message, name) => message.headers.flatMap(([one, value]) => (one === name ? [value] : []))

/** `{ number, method }` of CSeq. */
export function cseq(message) {
  const [number, method] = (header(message, 'cseq') ?? '').split(/[ \t]+/)
  return { number: Number(number), method }
}

/** A parameter behind the address of From, To, Via or Contact. */
export function parameter(value, name) {
  const behind = value.slice(value.lastIndexOf('>') + 1)
  for (const one of apart(behind, ';').slice(1)) {
    const [key, ...rest] = one.split('=')
    if (key.trim().toLowerCase() === name) return rest.join('=').trim()
  }
  return undefined
}

/** The URI in a name-addr or addr-spec. */
export const addressOf = (value) => /<([^>]*)>/.exec(value)?.[1] ?? apart(value, ';')[0]

/** Cuts at separators that stand neither in quotes nor in angle brackets. */
function apart(text, separator) {
  const parts = ['']
  let [quoted, bracketed] = [false, false]
  for (const [at, letter] of Array.from(text).entries()) {
    if (letter === '"' && text[at - 1] !== '\\') quoted = !quoted
    if (!quoted && (letter === '<' || letter === '>')) bracketed = letter === '<'
    if (letter === separator && !quoted && !bracketed) parts.push('')
    else parts[parts.length - 1] += letter
  }
  return parts.map((part) => part.trim())
}
