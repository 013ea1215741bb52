import { describe, expect, it } from 'vitest'
import { createRequest, createResponse, reasonPhrase } from '../../../src/message/build.js'
import type { SipMessage } from '../../../src/message/message.js'
import { parseMessage } from '../../../src/message/parse.js'

const BASE: [string, string][] = [
  ['Via', 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKabc;rport'],
  ['Max-Forwards', '70'],
  ['From', '"Alice" <sip:alice@example.com>;tag=a1'],
  ['To', '<sip:bob@example.com>'],
  ['Call-ID', 'call@192.0.2.1'],
  ['CSeq', '1 OPTIONS'],
  ['Content-Length', '0'],
]

/** An OPTIONS with some header fields changed (undefined: left out) or added. */
function text(
  changes: Record<string, string | undefined> = {},
  start = 'OPTIONS sip:bob@example.com SIP/2.0',
  body = '',
): string {
  const fields = BASE.filter(([name]) => !(name in changes) || changes[name] !== undefined)
  const lines = fields.map(([name, value]) => `${name}: ${changes[name] ?? value}`)
  for (const [name, value] of Object.entries(changes))
    if (value !== undefined && !BASE.some(([known]) => known === name)) lines.push(`${name}: ${value}`)

  return `${[start, ...lines].join('\r\n')}\r\n\r\n${body}`
}

const strict = (source: string | Buffer) =>
  parseMessage(typeof source === 'string' ? Buffer.from(source) : source, { mode: 'strict' })
const codes = (source: string) => strict(source).violations.map((v) => v.code)
const read = (source: string): SipMessage => strict(source).message!

describe('framing on a stream (RFC 3261 §18.3)', () => {
  const stream = (bytes: Buffer) => parseMessage(bytes, { mode: 'strict', framing: 'stream' })
  const body = 'hello'
  const message = Buffer.from(text({ 'Content-Length': '5', 'Content-Type': 'text/plain' }, undefined, body))

  it('takes one message after another', () => {
    const two = Buffer.concat([message, message])
    const first = stream(two)
    expect(first.consumed).toBe(message.length)
    expect(first.violations).toEqual([])
    expect(first.message?.body.toString()).toBe(body)
    expect(stream(two.subarray(first.consumed)).consumed).toBe(message.length)
  })

  it('waits for the rest, and says how much it needs', () => {
    for (let n = 0; n < message.length; n++) {
      const part = stream(message.subarray(0, n))
      expect(part).toMatchObject({ message: undefined, violations: [], consumed: 0 })
      expect(part.needed).toBe(n >= message.length - body.length ? message.length : undefined)
    }
  })

  it('skips empty lines before a message (§7.5)', () => {
    const padded = Buffer.concat([Buffer.from('\r\n\r\n'), message])
    const parsed = stream(padded)
    expect(parsed.consumed).toBe(padded.length)
    expect(parsed.message?.toBytes().equals(message)).toBe(true)
    expect(stream(Buffer.from('\r\n\r\n'))).toMatchObject({ message: undefined, consumed: 4 })
    expect(stream(Buffer.from('\r\n\r'))).toMatchObject({ message: undefined, consumed: 2 })
  })

  it('needs a Content-Length', () => {
    const parsed = stream(Buffer.from(text({ 'Content-Length': undefined }, undefined, 'x')))
    expect(parsed.violations.map((v) => [v.code, v.rule])).toEqual([['content-length-missing', 'RFC 3261 §18.3']])
    expect(parsed.message?.body.length).toBe(0)
  })

  it('takes a message whose head is longer than the first look', () => {
    const long = Buffer.from(text({ Subject: 'x'.repeat(50_000) }))
    const parsed = stream(Buffer.concat([long, message]))
    expect(parsed.consumed).toBe(long.length)
    expect(parsed.message?.headers.get('subject')).toHaveLength(50_000)
  })
})

describe('framing of a datagram (RFC 3261 §18.3)', () => {
  it('without Content-Length the body goes to the end', () => {
    expect(
      read(text({ 'Content-Length': undefined, 'Content-Type': 'text/plain' }, undefined, 'all of it')).body.toString(),
    ).toBe('all of it')
  })
  it('a datagram of line ends is no message', () => {
    expect(parseMessage(Buffer.from('\r\n\r\n'), { mode: 'fast' })).toMatchObject({
      message: undefined,
      violations: [],
      consumed: 4,
    })
  })
  it('an empty line that is missing is named', () => {
    const cut = text().slice(0, -2)
    expect(codes(cut)).toEqual(['header-end-missing'])
    const m = read(cut.slice(0, -2))
    m.headers.set('X', '1')
    expect(m.toBytes().toString().endsWith('Content-Length: 0\r\nX: 1\r\n\r\n')).toBe(true)
  })
})

describe('strict mode', () => {
  it('has nothing against a good message', () => expect(strict(text()).violations).toEqual([]))

  it('what is right in one header field is not taken for right in another', () => {
    const uri = '<sip:bob@example.com:5060>'
    expect(codes(text({ Contact: uri }))).toEqual([])
    expect(codes(text({ To: uri }))).toEqual(['uri-component-forbidden'])
    expect(codes(text({ To: uri, 'Call-ID': 'another@192.0.2.1' }))).toEqual(['uri-component-forbidden'])
  })

  it.each<[string, Record<string, string | undefined>]>([
    ['via-missing', { Via: undefined }],
    ['from-missing', { From: undefined }],
    ['to-missing', { To: undefined }],
    ['call-id-missing', { 'Call-ID': undefined }],
    ['cseq-missing', { CSeq: undefined }],
    ['max-forwards-missing', { 'Max-Forwards': undefined }],
    ['from-tag-missing', { From: '<sip:alice@example.com>' }],
    ['via-branch-missing', { Via: 'SIP/2.0/UDP h' }],
    ['via-branch-cookie', { Via: 'SIP/2.0/UDP h;branch=1' }],
    ['via-malformed', { Via: 'SIP/2.0/UDP' }],
    ['via-malformed', { Via: 'SIP/2.0/UDP h:99999;branch=z9hG4bK1' }],
    ['via-malformed', { Via: 'SIP/2.0/UDP h;branch=z9hG4bK1;ttl=256' }],
    ['via-malformed', { Via: 'HTTP/1.1/UDP h;branch=z9hG4bK1' }],
    ['via-rport-malformed', { Via: 'SIP/2.0/UDP h;branch=z9hG4bK1;rport=x' }],
    ['parameter-repeated', { From: '<sip:a@b>;tag=1;TAG=2' }],
    ['parameter-malformed', { From: '<sip:a@b>;tag="1"x' }],
    ['from-malformed', { From: '<sip:a@b>;tag=a@b' }],
    ['call-id-malformed', { 'Call-ID': 'a b' }],
    ['call-id-malformed', { 'Call-ID': 'a@b@c' }],
    ['cseq-range', { CSeq: '2147483648 OPTIONS' }],
    ['cseq-method-mismatch', { CSeq: '1 INVITE' }],
    ['max-forwards-malformed', { 'Max-Forwards': '256' }],
    ['max-forwards-malformed', { 'Max-Forwards': 'many' }],
    ['expires-malformed', { Expires: '4294967296' }],
    ['contact-q-malformed', { Contact: '<sip:a@b>;q=1.5' }],
    ['contact-expires-malformed', { Contact: '<sip:a@b>;expires=-1' }],
    ['contact-malformed', { Contact: '*, <sip:a@b>' }],
    ['contact-wildcard-misplaced', { Contact: '*' }],
    ['address-needs-brackets', { Contact: 'sip:a@b?x=y' }],
    ['contact-malformed', { Contact: '<sip:a#b@c>' }],
    ['route-malformed', { Route: 'sip:a@b' }],
    ['route-malformed', { Route: '<sip:a@b>,,<sip:c@d>' }],
    ['uri-component-forbidden', { To: '<sip:bob@example.com:5060>' }],
    ['date-malformed', { Date: 'Sat, 13 Nov 2010 23:29:00 CET' }],
    ['require-malformed', { Require: '' }],
    ['allow-malformed', { Allow: 'INVITE, A CK' }],
    ['user-agent-malformed', { 'User-Agent': 'Phone (unclosed' }],
    ['content-type-malformed', { 'Content-Type': 'application' }],
    ['retry-after-malformed', { 'Retry-After': 'soon' }],
    ['warning-malformed', { Warning: '1 x "y"' }],
    ['timestamp-malformed', { Timestamp: 'now' }],
    ['authorization-malformed', { Authorization: 'Digest username="a"' }],
    [
      'authorization-malformed',
      {
        Authorization:
          'Digest username="a", realm="r", nonce="n", uri=sip:x, response="0123456789abcdef0123456789abcdef"',
      },
    ],
    ['basic-forbidden', { Authorization: 'Basic realm="x"' }],
    ['challenge-qop-missing', { 'WWW-Authenticate': 'Digest realm="r", nonce="n"' }],
    ['www-authenticate-malformed', { 'WWW-Authenticate': 'Digest realm="r"' }],
    ['session-expires-malformed', { 'Session-Expires': 'x;refresher=uac' }],
    ['rack-malformed', { RAck: '1 2' }],
    ['event-malformed', { Event: 'a b' }],
    ['control-character', { Subject: 'bell\u0007' }],
  ])('%s: %j', (code, changes) => expect(codes(text(changes))).toEqual([code]))

  it.each<Record<string, string | undefined>>([
    { 'User-Agent': 'Phone/1.0 (a (nested \\) comment)) Lib/2' },
    { Warning: '370 devnull "Choose a bigger pipe", 399 h:5060 "x \\" y"' },
    { Date: 'Sat, 13 Nov 2010 23:29:00 GMT' },
    { Accept: '' },
    { Accept: 'application/sdp;level=1, text/*;q=0.5, */*' },
    { Contact: 'sip:a@b;expires=3, "A, B" <sip:c@d;x=y?h=v>;q=0.7;+sip.instance="<urn:uuid:1>"' },
    {
      Authorization:
        'Digest username="a", realm="r", nonce="n", uri="sip:x", response="0123456789abcdef0123456789abcdef", algorithm=MD5, qop=auth, nc=00000001, cnonce="c"',
    },
    { 'WWW-Authenticate': 'Digest realm="r", nonce="n", qop="auth,auth-int", algorithm=SHA-256, stale=FALSE' },
    { 'Retry-After': '18000 (in a meeting);duration=3600' },
    { Timestamp: '54.1 0.2' },
    { 'Session-Expires': '1800;refresher=uas' },
    { Subject: '' },
    { 'X-Unknown': ';;,,;;' },
    { Via: 'SIP / 2.0 / UDP first.example.com : 4000;ttl=16;maddr=224.2.0.1 ;branch=z9hG4bKa7c6a8dlze.1' },
    { Event: 'presence.winfo;id=3' },
    { 'Content-Disposition': 'session;handling=optional' },
  ])('has nothing against %j', (changes) => expect(codes(text(changes))).toEqual([]))

  it('names the bytes of line ends and text', () => {
    expect(codes(text().replace('\r\nCSeq', '\nCSeq'))).toEqual(['line-end-malformed'])
    expect(codes(text({ Subject: 'a\rb' }))).toEqual(['line-end-malformed'])
    const utf8 = Buffer.from(text({ Subject: 'ä' }), 'latin1')
    const { violations, message } = strict(utf8)
    expect(violations.map((v) => [v.code, v.offset])).toEqual([['utf8-malformed', utf8.indexOf(0xe4)]])
    expect(message?.toBytes().equals(utf8)).toBe(true)
    expect(codes(text({ Subject: 'ä' }))).toEqual([])
  })

  it('names what is wrong with the start line', () => {
    expect(codes(text({}, 'OPTIONS sip:b@c sip/2.0'))).toEqual(['version-case'])
    expect(codes(text({}, 'OPTIONS sip:b@c SIP/3.0'))).toEqual(['version-unsupported'])
    expect(codes(text({ CSeq: '1 A@B' }, 'A@B sip:b@c SIP/2.0'))).toContain('method-malformed')
    expect(codes(text({}, 'OPTIONS sip:b@c;method=INVITE SIP/2.0'))).toEqual(['request-uri-component-forbidden'])
    for (const start of [
      'OPTIONS sip:b@c',
      'OPTIONS',
      'GET / HTTP/1.1',
      'SIP/2.0',
      'SIP/2.0 x OK',
      ' ',
      'SIP/2.0 SIP/2.0',
    ]) {
      const { message, violations } = strict(text({}, start))
      expect(message).toBeUndefined()
      expect(violations[0]?.code).toMatch(/^(request|status)-line-malformed$/)
    }
  })

  it('says where', () => {
    const source = text({ Expires: 'x' })
    const { violations } = strict(source)
    expect(violations[0]).toEqual({
      code: 'expires-malformed',
      rule: 'RFC 3261 §20.19',
      offset: source.indexOf('Expires'),
      expected: 'Expires: digits',
      actual: 'x',
    })
    expect(strict(`\r\n${source}`).violations[0]?.offset).toBe(source.indexOf('Expires') + 2)
  })

  it('wants a Contact in an INVITE and its 2xx, a To tag in responses', () => {
    const invite = 'INVITE sip:b@c SIP/2.0'
    expect(codes(text({ CSeq: '1 INVITE' }, invite))).toEqual(['contact-missing'])
    expect(codes(text({ CSeq: '1 INVITE', Contact: '<sip:a@b>, <sip:c@d>' }, invite))).toEqual(['contact-repeated'])
    expect(codes(text({ CSeq: '1 INVITE', To: '<sip:b@c>;tag=1' }, 'SIP/2.0 200 OK'))).toEqual(['contact-missing'])
    expect(codes(text({ CSeq: '1 INVITE' }, 'SIP/2.0 180 Ringing'))).toEqual(['to-tag-missing'])
    expect(codes(text({ CSeq: '1 INVITE' }, 'SIP/2.0 100 Trying'))).toEqual([])
  })

  it('lets a REGISTER remove all bindings', () => {
    const register = { CSeq: '1 REGISTER', Contact: '*' }
    expect(codes(text({ ...register, Expires: '0' }, 'REGISTER sip:c SIP/2.0'))).toEqual([])
    expect(codes(text(register, 'REGISTER sip:c SIP/2.0'))).toEqual(['contact-wildcard-misplaced'])
  })
})

describe('typed getters', () => {
  it('are remembered until the header fields change', () => {
    const m = read(text())
    expect(m.via).toBe(m.via)
    const { from } = m
    m.headers.set('From', '<sip:carol@example.com>;tag=2')
    expect(m.from).not.toBe(from)
    expect(m.from.tag).toBe('2')
  })

  it('read compact and folded forms', () => {
    const m = read(
      'OPTIONS sip:b@c SIP/2.0\r\nv:SIP/2.0/TLS h:1\r\n ;branch=z9hG4bKx,SIP/2.0/UDP [::1]\r\nf: "A,\r\n B" <sip:a@b>;\r\n\ttag=1\r\nt:sip:b@c;x=y\r\ni: x\r\nCSeq:\t7\r\n  OPTIONS\r\nl : 0\r\n\r\n',
    )
    expect(m.vias().map((v) => [v.transport, v.host, v.port])).toEqual([
      ['TLS', 'h', 1],
      ['UDP', '::1', undefined],
    ])
    expect(m.via.branch).toBe('z9hG4bKx')
    expect(m.from).toMatchObject({ display: 'A, B', tag: '1' })
    expect(m.to).toMatchObject({ uri: 'sip:b@c' })
    expect(m.cseq).toEqual({ number: 7, method: 'OPTIONS' })
    expect(m.contentLength).toBe(0)
  })

  it('tell what is not there', () => {
    const m = read(text({ 'Max-Forwards': undefined }))
    expect([m.maxForwards, m.expires, m.contacts(), m.routes(), m.contentType]).toEqual([
      undefined,
      undefined,
      [],
      [],
      undefined,
    ])
  })
})

describe('build', () => {
  const request = createRequest({
    method: 'INVITE',
    uri: 'sip:bob@example.com',
    via: { transport: 'UDP', host: '192.0.2.1', port: 5060, branch: 'z9hG4bK1', rport: true },
    from: { display: 'Alice', uri: 'sip:alice@example.com', tag: 'a' },
    to: { uri: 'sip:bob@example.com' },
    callId: 'c@h',
    cseq: 1,
    contact: '<sip:alice@192.0.2.1>',
    headers: [
      ['Record-Route', '<sip:p1;lr>'],
      ['Record-Route', '<sip:p2;lr>'],
      ['Timestamp', '5.1'],
    ],
    body: 'v=0\r\nü',
    contentType: 'application/sdp',
  })

  it('a request that strict mode has nothing against', () => {
    const { message, violations } = strict(request.toBytes())
    expect(violations).toEqual([])
    expect(message?.contentLength).toBe(7)
    expect(message?.toString()).toBe(request.toString())
  })

  it('responses by RFC 3261 §8.2.6', () => {
    const ringing = createResponse(request, 180, undefined, { toTag: 'b', contact: '<sip:bob@h>' })
    expect(strict(ringing.toBytes()).violations).toEqual([])
    expect(ringing.reason).toBe('Ringing')
    expect(ringing.to.tag).toBe('b')
    expect(ringing.headers.all('record-route')).toEqual(['<sip:p1;lr>', '<sip:p2;lr>'])
    expect(ringing.headers.has('timestamp')).toBe(false)
    const trying = createResponse(request, 100, undefined, { toTag: 'b' })
    expect(trying.headers.get('timestamp')).toBe('5.1')
    expect(trying.to.tag).toBeUndefined()
    expect(createResponse(request, 486, 'Out to lunch').headers.has('record-route')).toBe(false)
  })

  it('a To tag stays, and one in the URI is none', () => {
    const tagged = request.clone()
    tagged.headers.set('To', '<sip:bob@example.com>;Tag=x')
    expect(createResponse(tagged, 200, undefined, { toTag: 'b' }).to.tag).toBe('x')
    tagged.headers.set('To', '<sip:bob@example.com;tag=uri>')
    expect(createResponse(tagged, 200, undefined, { toTag: 'b' }).to.tag).toBe('b')
  })

  it('a changed body brings Content-Length along', () => {
    const copy = request.clone()
    copy.body = Buffer.from('four')
    expect(copy.contentLength).toBe(4)
    expect(request.contentLength).toBe(7)
    expect(copy.toString().endsWith('\r\n\r\nfour')).toBe(true)
    const parsed = read(request.toString())
    parsed.body = Buffer.alloc(0)
    expect(parsed.toString().endsWith('Content-Length: 0\r\n\r\n')).toBe(true)
  })

  it('reason phrases', () => expect([200, 487, 299].map(reasonPhrase)).toEqual(['OK', 'Request Terminated', 'Unknown']))
})

it('a response that strict mode found flawless is not parsed again, other bytes, requests and streams are', () => {
  const lines = ['Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1', 'From: <sip:a@b.c>;tag=1', 'To: <sip:d@b.c>;tag=2']
  const rest = [...lines, 'Call-ID: x', 'CSeq: 1 OPTIONS', 'Max-Forwards: 70', 'Content-Length: 0', '', ''].join('\r\n')
  const response = Buffer.from(`SIP/2.0 200 OK\r\n${rest.replace('Max-Forwards: 70\r\n', '')}`)
  const request = Buffer.from(`OPTIONS sip:d@b.c SIP/2.0\r\n${rest}`)
  const strict = parseMessage(response, { mode: 'strict' })
  expect(strict.violations).toEqual([])
  expect(parseMessage(response, { mode: 'fast' }).message).toBe(strict.message)
  expect(parseMessage(Buffer.from(response), { mode: 'fast' }).message).not.toBe(strict.message)
  expect(parseMessage(response, { mode: 'strict', framing: 'stream' }).message).toBeDefined()
  expect(parseMessage(response, { mode: 'fast' }).message).not.toBe(strict.message)
  const first = parseMessage(request, { mode: 'strict' })
  expect(first.violations).toEqual([])
  expect(parseMessage(request, { mode: 'fast' }).message).not.toBe(first.message)
})
