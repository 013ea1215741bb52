/** What a router's SIP ALG does to messages that pass it: right, or in the ways that break them. */
import { type Endpoint, formatEndpoint } from '../transport/network.js'
import type { SipAlgKind } from './nat-kind.js'

/** The port by which such routers know SIP. */
export const ALG_PORT = 5060

const START = /^(?:[A-Z]{3,12} sips?:[^\r\n]* SIP\/2\.0|SIP\/2\.0 \d{3}[^\r\n]*)\r\n/
/** Lines of the head that carry addresses of the device. */
const OUT_LINES = /^(?:via|v|contact|m|record-route)[ \t]*:/i

/** A message on its way out: where it names the inside endpoint, it names the outside one. What is no SIP stays as it is. */
export function rewriteOutbound(data: Buffer, kind: SipAlgKind, inside: Endpoint, outside: Endpoint): Buffer {
  return rewrite(data, kind, { from: inside, to: outside, line: (line) => OUT_LINES.test(line) })
}

/** The same on its way in, in all of its head. */
export function rewriteInbound(data: Buffer, kind: SipAlgKind, inside: Endpoint, outside: Endpoint): Buffer {
  if (kind === 'one-way') return data
  return rewrite(data, kind, { from: outside, to: inside, line: (line) => !/^content-length|^l[ \t]*:/i.test(line) })
}

interface Swap {
  readonly from: Endpoint
  readonly to: Endpoint
  /** Which lines of the head are looked at. */
  readonly line: (line: string) => boolean
}

function rewrite(data: Buffer, kind: SipAlgKind, { from, to, line }: Swap): Buffer {
  // Bytes as characters: what is not understood passes unchanged.
  const text = data.toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  if (end < 0 || !START.test(text)) return data
  const swapped = (part: string) =>
    part
      .replaceAll(formatEndpoint(from), formatEndpoint(to))
      .replace(new RegExp(`(?<![\\d.])${from.address.replaceAll('.', '\\.')}(?![\\d.:])`, 'g'), to.address)
  const body = text.slice(end + 4)
  const newBody = body
    .split('\r\n')
    .map((each) => (/^[oc]=/.test(each) ? swapped(each) : each))
    .join('\r\n')
  const length = kind === 'wrong-length' ? undefined : String(newBody.length)
  const head = text
    .slice(0, end)
    .split('\r\n')
    .map((each) => (line(each) ? swapped(each) : each))
    .map((each) =>
      length === undefined ? each : each.replace(/^((?:content-length|l)[ \t]*:[ \t]*)\d+/i, `$1${length}`),
    )
    .join('\r\n')
  return Buffer.from(`${head}\r\n\r\n${newBody}`, 'latin1')
}
