/** SIP as a telephone behind a router writes it, for routers that rewrite SIP to show what they do. */
import { PROBE_HEADER } from './reflector-message.js'

export interface SampleOptions {
  /** The telephone as it sees itself, `10.0.0.2:5060`. */
  readonly inside: string
  /** The telephone as the server sees it. */
  readonly outside: string
  readonly server: string
  /** 16 hexadecimal digits: a transaction id. */
  readonly id: string
  /** Bytes at the end that need not come back. */
  readonly padding: number
}

/** Names that no telephone has: nothing is called. */
const USER = 'ringproof-router-test'

export const register = (o: SampleOptions): Buffer =>
  message(o, `REGISTER sip:${hostOf(o.server)} SIP/2.0`, o.inside, [
    `To: <sip:${USER}@${hostOf(o.server)}>`,
    'CSeq: 1 REGISTER',
    `Contact: <sip:${USER}@${o.inside}>`,
    'Expires: 60',
  ])

export const invite = (o: SampleOptions): Buffer =>
  message(
    o,
    `INVITE sip:nobody@${hostOf(o.server)} SIP/2.0`,
    o.inside,
    [
      `To: <sip:nobody@${hostOf(o.server)}>`,
      'CSeq: 1 INVITE',
      `Contact: <sip:${USER}@${o.inside}>`,
      'Content-Type: application/sdp',
    ],
    description(hostOf(o.inside), 30_000),
  )

/** A call that comes in, as a provider sends it to where the telephone is seen. */
export const incomingInvite = (o: SampleOptions): Buffer =>
  message(
    o,
    `INVITE sip:${USER}@${o.outside} SIP/2.0`,
    o.server,
    [
      `To: <sip:${USER}@${hostOf(o.server)}>`,
      'CSeq: 1 INVITE',
      `Contact: <sip:nobody@${o.server}>`,
      'Content-Type: application/sdp',
    ],
    description(hostOf(o.server), 31_000),
  )

/** The answer to a REGISTER, which names the telephone as it is seen: what rewrites SIP makes the inside address of it. */
export const registered = (o: SampleOptions): Buffer =>
  message(o, 'SIP/2.0 200 OK', o.outside, [
    `To: <sip:${USER}@${hostOf(o.server)}>;tag=1`,
    'CSeq: 1 REGISTER',
    `Contact: <sip:${USER}@${o.outside}>;expires=60`,
  ])

function message(o: SampleOptions, start: string, sentBy: string, lines: readonly string[], body = ''): Buffer {
  const filler = o.padding > 0 && body !== '' ? `a=x-filler:${'-'.repeat(o.padding)}\r\n` : ''
  const whole = `${body}${filler}`
  const head = [
    start,
    `Via: SIP/2.0/UDP ${sentBy};branch=z9hG4bK${o.id};rport`,
    'Max-Forwards: 1',
    `From: <sip:${USER}@${hostOf(o.server)}>;tag=${o.id}`,
    `Call-ID: ${o.id}`,
    ...lines,
    `${PROBE_HEADER}: ${o.id}`,
    `Content-Length: ${Buffer.byteLength(whole)}`,
    // The last line, of which the end may not come back.
    ...(body === '' && o.padding > 0 ? [`X-Filler: ${'-'.repeat(o.padding)}`] : []),
    '',
    '',
  ].join('\r\n')
  return Buffer.from(`${head}${whole}`)
}

function description(address: string, port: number): string {
  const bare = address.replace(/^\[|\]$/g, '')
  const type = bare.includes(':') ? 'IP6' : 'IP4'
  return [
    'v=0',
    `o=- 1 1 IN ${type} ${bare}`,
    's=-',
    `c=IN ${type} ${bare}`,
    't=0 0',
    `m=audio ${port} RTP/AVP 8`,
    `a=rtcp:${port + 1} IN ${type} ${bare}`,
    '',
  ].join('\r\n')
}

/** Host of `host:port`, an IPv6 address in brackets. */
const hostOf = (place: string): string => place.replace(/:\d+$/, '')
