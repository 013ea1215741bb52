import { describe, expect, it } from 'vitest'
import { formatVia, type SipMessage } from '../../../src/message/message.js'
import { parseMessage } from '../../../src/message/parse.js'
import { formatUri, parseUri, uriEquals } from '../../../src/message/uri.js'

// The grammar points of RFC 5118, with messages of our own.

function message(o: { uri?: string; via?: string[]; contact?: string; to?: string; method?: string }): Buffer {
  const method = o.method ?? 'OPTIONS'
  const lines = [
    `${method} ${o.uri ?? 'sip:[2001:db8::42]'} SIP/2.0`,
    ...(o.via ?? ['SIP/2.0/UDP [2001:db8::7:1];branch=z9hG4bK-v6']).map((v) => `Via: ${v}`),
    `To: <${o.to ?? 'sip:callee@example.org'}>`,
    'From: <sip:caller@example.org>;tag=6to4',
    'Call-ID: v6@[2001:db8::7]',
    'Max-Forwards: 70',
    ...(o.contact === undefined ? [] : [`Contact: ${o.contact}`]),
    `CSeq: 1 ${method}`,
    'Content-Length: 0',
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)
}

function read(bytes: Buffer): { message: SipMessage; codes: string[]; status: number | undefined } {
  const parsed = parseMessage(bytes, { mode: 'strict' })
  expect(parsed.message).toBeDefined()
  const status = parsed.violations.find((v) => v.status !== undefined)?.status
  return { message: parsed.message!, codes: parsed.violations.map((v) => v.code), status }
}

function requestUri(m: SipMessage): string {
  return m.kind === 'request' ? m.uri : ''
}

describe('RFC 5118', () => {
  it('§4.1: IPv6 references in Request-URI, Via and Contact are read', () => {
    const { message: m, codes } = read(message({ contact: '"Caller" <sip:caller@[2001:db8::7]>' }))
    expect(codes).toEqual([])
    expect(parseUri(requestUri(m))).toMatchObject({ host: '2001:db8::42', port: undefined, user: undefined })
    expect(m.via.host).toBe('2001:db8::7:1')
    expect(m.contacts()).toMatchObject([{ display: 'Caller', uri: 'sip:caller@[2001:db8::7]' }])
  })

  it('§4.2: an address without brackets in the Request-URI is refused with 400', () => {
    const { codes, status } = read(message({ uri: 'sip:2001:db8::42' }))
    expect(codes).toEqual(['request-uri-malformed'])
    expect(status).toBe(400)
  })

  it('§4.3: what looks like a port within the brackets is part of the address', () => {
    const { message: m, codes } = read(message({ uri: 'sip:[2001:db8::42:5070]' }))
    expect(codes).toEqual([])
    expect(parseUri(requestUri(m))).toMatchObject({ host: '2001:db8::42:5070', port: undefined })
  })

  it('§4.4: a port behind the brackets is a port', () => {
    const { message: m, codes } = read(message({ uri: 'sip:[2001:db8::42]:5070' }))
    expect(codes).toEqual([])
    expect(parseUri(requestUri(m))).toMatchObject({ host: '2001:db8::42', port: 5070 })
  })

  it('§4.5: received is read with brackets, which strict mode names, and without', () => {
    const delimited = read(
      message({ via: ['SIP/2.0/UDP [2001:db8::7:1];received=[2001:db8::7:ff];branch=z9hG4bK-v6'] }),
    )
    expect(delimited.message.via.received).toBe('2001:db8::7:ff')
    expect(delimited.codes).toEqual(['via-received-brackets'])
    expect(delimited.status).toBeUndefined()
    const bare = read(message({ via: ['SIP/2.0/UDP [2001:db8::7:1];received=2001:db8::7:ff;branch=z9hG4bK-v6'] }))
    expect(bare.message.via.received).toBe('2001:db8::7:ff')
    expect(bare.codes).toEqual([])
    // RFC 5118 §4.5: what is sent has no brackets in received, and does have them in sent-by.
    expect(formatVia(delimited.message.via)).toBe(
      'SIP/2.0/UDP [2001:db8::7:1];received=2001:db8::7:ff;branch=z9hG4bK-v6',
    )
  })

  it('§4.6: addresses in an SDP body stand without brackets and do not concern the parser', () => {
    const sdp =
      'v=0\r\no=- 1 1 IN IP6 2001:db8::7\r\ns=-\r\nc=IN IP6 2001:db8::7\r\nt=0 0\r\nm=audio 6000 RTP/AVP 8\r\n'
    const head = message({ method: 'INVITE', contact: '<sip:caller@[2001:db8::7]>' }).toString()
    const bytes = Buffer.from(
      head.replace('Content-Length: 0', `Content-Type: application/sdp\r\nContent-Length: ${sdp.length}`) + sdp,
    )
    const { message: m, codes } = read(bytes)
    expect(codes).toEqual([])
    expect(m.body.toString()).toBe(sdp)
  })

  it('§4.7: Via values of both families stand side by side', () => {
    const { message: m, codes } = read(
      message({
        via: [
          'SIP/2.0/UDP [2001:db8::7:1]:6050;branch=z9hG4bK-a',
          'SIP/2.0/UDP 192.0.2.33;branch=z9hG4bK-b, SIP/2.0/TCP [2001:db8::7:ff];received=192.0.2.200;branch=z9hG4bK-c',
        ],
      }),
    )
    expect(codes).toEqual([])
    expect(m.vias().map((v) => [v.host, v.port, v.received])).toEqual([
      ['2001:db8::7:1', 6050, undefined],
      ['192.0.2.33', undefined, undefined],
      ['2001:db8::7:ff', undefined, '192.0.2.200'],
    ])
  })

  it('§4.9: IPv4-mapped addresses are read', () => {
    const { message: m, codes } = read(
      message({
        via: ['SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bK-m'],
        contact: '<sip:ted@[::ffff:192.0.2.2]>',
      }),
    )
    expect(codes).toEqual([])
    expect(m.via).toMatchObject({ host: '::ffff:192.0.2.10', port: 19823 })
  })

  it('§4.10: three colons before an IPv4 address are tolerated, two are right', () => {
    for (const uri of ['sip:user@[2001:db8:::192.0.2.1]', 'sip:user@[2001:db8::192.0.2.1]']) {
      const { codes } = read(message({ uri, to: uri }))
      expect(codes).toEqual([])
    }
    expect(uriEquals('sip:user@[2001:db8:::192.0.2.1]', 'sip:user@[2001:db8::c000:201]')).toBe(true)
  })

  it('compares addresses, not spellings, and writes brackets again', () => {
    expect(uriEquals('sip:a@[2001:DB8:0:0::1]', 'sip:a@[2001:db8::1]')).toBe(true)
    expect(uriEquals('sip:a@[2001:db8::1]', 'sip:a@[2001:db8::2]')).toBe(false)
    expect(formatUri(parseUri('sip:a@[2001:db8::1]:5070;transport=tcp'))).toBe('sip:a@[2001:db8::1]:5070;transport=tcp')
  })
})
