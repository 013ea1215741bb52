import { describe, expect, it } from 'vitest'
import { createRequest, createResponse, reasonPhrase } from '../../../src/message/build.js'
import { Headers, SipRequest, SipResponse } from '../../../src/message/message.js'
import { parseMessage } from '../../../src/message/parse.js'

const minimal = { method: 'OPTIONS', uri: 'sip:b', from: '<sip:a>;tag=1', to: '<sip:b>', callId: 'c', cseq: 7 } as const

describe('a request is built (RFC 3261 §8.1.1)', () => {
  it('of what must be there', () => {
    expect(createRequest(minimal).toString()).toBe(
      'OPTIONS sip:b SIP/2.0\r\nMax-Forwards: 70\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>\r\nCall-ID: c\r\nCSeq: 7 OPTIONS\r\nContent-Length: 0\r\n\r\n',
    )
  })

  it('of everything', () => {
    const request = createRequest({
      ...minimal,
      cseq: { number: 8, method: 'ACK' },
      via: 'SIP/2.0/UDP h;branch=b',
      contact: { uri: 'sip:a@h', display: 'A' },
      maxForwards: 3,
      headers: [
        ['X', '1'],
        ['X', '2\r\nY: 3'],
      ],
      body: Buffer.from('ä'),
      contentType: 'text/plain',
    })
    expect(request.toString()).toBe(
      'OPTIONS sip:b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=b\r\nMax-Forwards: 3\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>\r\nCall-ID: c\r\nCSeq: 8 ACK\r\nContact: A <sip:a@h>\r\nX: 1\r\nX: 2 Y: 3\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nä',
    )
    expect(createRequest({ ...minimal, maxForwards: null }).headers.has('max-forwards')).toBe(false)
    expect(createRequest({ ...minimal, maxForwards: 0 }).maxForwards).toBe(0)
    expect(createRequest({ ...minimal, body: '' }).contentLength).toBe(0)
    expect(createRequest({ ...minimal, via: { transport: 'TCP', host: '::1' } }).headers.get('via')).toBe(
      'SIP/2.0/TCP [::1]',
    )
    expect(createResponse(createRequest(minimal), 200).headers.get('to')).toBe('<sip:b>')
  })
})

describe('a response is built (RFC 3261 §8.2.6)', () => {
  const request = (method: string, to = '<sip:b>') =>
    createRequest({
      ...minimal,
      method,
      to,
      via: 'SIP/2.0/UDP h;branch=b',
      headers: [
        ['Record-Route', '<sip:p>'],
        ['Timestamp', '5'],
        ['Subject', 's'],
      ],
    })
  const names = (response: SipResponse) => response.headers.entries().map(([name]) => name)

  it('with what the request has', () => {
    const response = createResponse(request('OPTIONS'), 200, undefined, { toTag: 't' })
    expect(response.toString()).toBe(
      'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=b\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>;tag=t\r\nCall-ID: c\r\nCSeq: 7 OPTIONS\r\nContent-Length: 0\r\n\r\n',
    )
    expect(
      createResponse(request('OPTIONS'), 200, 'Fine', {
        headers: [['X', '1']],
        body: 'b',
        contentType: 'a/b',
      }).toString(),
    ).toMatch(/^SIP\/2\.0 200 Fine\r\n[^]*\r\nX: 1\r\nContent-Type: a\/b\r\nContent-Length: 1\r\n\r\nb$/)
  })

  it('Timestamp goes into a 100 alone, and that gets no tag', () => {
    const trying = createResponse(request('INVITE'), 100, undefined, { toTag: 't' })
    expect(names(trying)).toEqual(['Via', 'From', 'To', 'Call-ID', 'CSeq', 'Timestamp', 'Content-Length'])
    expect(trying.to.tag).toBeUndefined()
    expect(names(createResponse(request('INVITE'), 101))).not.toContain('Timestamp')
  })

  it.each<[string, number, boolean]>([
    ['INVITE', 101, true],
    ['INVITE', 180, true],
    ['INVITE', 200, true],
    ['INVITE', 299, true],
    ['INVITE', 100, false],
    ['INVITE', 300, false],
    ['INVITE', 486, false],
    ['SUBSCRIBE', 200, true],
    ['REFER', 202, true],
    ['NOTIFY', 200, true],
    ['OPTIONS', 200, false],
    ['REGISTER', 200, false],
    ['BYE', 200, false],
  ])('Record-Route into a dialog: %s, %i: %s', (method, status, copied) => {
    expect(names(createResponse(request(method), status)).includes('Record-Route')).toBe(copied)
  })

  it.each([
    ['<sip:b>', '<sip:b>;tag=t'],
    ['<sip:b;tag=u>', '<sip:b;tag=u>;tag=t'],
    ['<sip:b>; TAG = x', '<sip:b>; TAG = x'],
    ['sip:b', 'sip:b;tag=t'],
    ['sip:b;tag=x', 'sip:b;tag=x'],
    ['<sip:b>;mytag=1', '<sip:b>;mytag=1;tag=t'],
  ])('To %s becomes %s', (to, expected) => {
    expect(createResponse(request('BYE', to), 481, undefined, { toTag: 't' }).headers.get('to')).toBe(expected)
  })
})

it('reason phrases are those of the RFCs', () => {
  // RFC 3261 §21 and the extensions, as IANA lists them.
  const phrases =
    '100 Trying|180 Ringing|181 Call Is Being Forwarded|182 Queued|183 Session Progress|199 Early Dialog Terminated|200 OK|202 Accepted|' +
    '204 No Notification|300 Multiple Choices|301 Moved Permanently|302 Moved Temporarily|305 Use Proxy|380 Alternative Service|' +
    '400 Bad Request|401 Unauthorized|402 Payment Required|403 Forbidden|404 Not Found|405 Method Not Allowed|406 Not Acceptable|' +
    '407 Proxy Authentication Required|408 Request Timeout|410 Gone|412 Conditional Request Failed|413 Request Entity Too Large|' +
    '414 Request-URI Too Long|415 Unsupported Media Type|416 Unsupported URI Scheme|417 Unknown Resource-Priority|420 Bad Extension|' +
    '421 Extension Required|422 Session Interval Too Small|423 Interval Too Brief|424 Bad Location Information|428 Use Identity Header|' +
    '429 Provide Referrer Identity|430 Flow Failed|433 Anonymity Disallowed|436 Bad Identity-Info|437 Unsupported Certificate|' +
    '438 Invalid Identity Header|439 First Hop Lacks Outbound Support|440 Max-Breadth Exceeded|469 Bad Info Package|470 Consent Needed|' +
    '480 Temporarily Unavailable|481 Call/Transaction Does Not Exist|482 Loop Detected|483 Too Many Hops|484 Address Incomplete|' +
    '485 Ambiguous|486 Busy Here|487 Request Terminated|488 Not Acceptable Here|489 Bad Event|491 Request Pending|493 Undecipherable|' +
    '494 Security Agreement Required|500 Server Internal Error|501 Not Implemented|502 Bad Gateway|503 Service Unavailable|504 Server Time-out|' +
    '505 Version Not Supported|513 Message Too Large|555 Push Notification Service Not Supported|580 Precondition Failure|600 Busy Everywhere|' +
    '603 Decline|604 Does Not Exist Anywhere|606 Not Acceptable|607 Unwanted|608 Rejected'
  for (const phrase of phrases.split('|'))
    expect(`${phrase.slice(0, 3)} ${reasonPhrase(Number(phrase.slice(0, 3)))}`).toBe(phrase)
  expect(reasonPhrase(299)).toBe('Unknown')
})

describe('a message that is changed', () => {
  const text = 'INVITE sip:ü SIP/2.0\r\nv :  SIP/2.0/UDP h\r\nSubject: a\r\n\tb\r\nX-ä: ö\r\nl: 3\r\n\r\nabcrest'
  const parse = (source = text) => {
    const { message } = parseMessage(Buffer.from(source), { mode: 'fast' })
    if (message === undefined) throw new Error('no message')
    return message
  }
  it('is written as it came but for what was changed', () => {
    const whole = text.slice(0, -4)
    expect(parse().toString()).toBe(whole)
    expect(parse().clone().toString()).toBe(whole)
    const longer = parse()
    longer.headers.add('X-Two', 'ß')
    expect(longer.toString()).toBe(whole.replace('l: 3\r\n', 'l: 3\r\nX-Two: ß\r\n'))
    const other = parse()
    other.body = Buffer.from('ä')
    expect(other.toString()).toBe(`${whole.slice(0, -3).replace('l: 3', 'Content-Length: 2')}ä`)
    expect(other.clone().toString()).toBe(other.toString())
    expect(other.clone().body.toString()).toBe('ä')
    const elsewhere = parse()
    if (elsewhere.kind !== 'request') throw new Error('a request was expected')
    elsewhere.method = 'ACK'
    expect(elsewhere.toString()).toBe(whole.replace('INVITE', 'ACK'))
    expect(elsewhere.clone().toString()).toBe(whole.replace('INVITE', 'ACK'))
    elsewhere.method = 'INVITE'
    elsewhere.uri = 'sip:ö'
    expect(elsewhere.clone().toString()).toBe(whole.replace('sip:ü', 'sip:ö'))
  })

  it('a response too', () => {
    const source = 'SIP/2.0 200 Schön\r\nl:0\r\n\r\n'
    const response = parse(source)
    if (response.kind !== 'response') throw new Error('a response was expected')
    expect(response.clone().toString()).toBe(source)
    const copy = response.clone()
    copy.status = 202
    expect(copy.toString()).toBe(source.replace('200', '202'))
    expect(copy.clone().toString()).toBe(copy.toString())
    const renamed = response.clone()
    renamed.reason = 'Gut'
    expect(renamed.clone().toString()).toBe(source.replace('Schön', 'Gut'))
    expect(response.toString()).toBe(source)
  })

  it('a clone goes its own way, and so does what it was made of', () => {
    const first = parse()
    const copy = first.clone()
    first.headers.set('Subject', 'first')
    copy.headers.remove('subject')
    expect([first.headers.get('subject'), copy.headers.get('subject')]).toEqual(['first', undefined])
    expect(first.body.toString()).toBe('abc')
    expect(copy.body.toString()).toBe('abc')
  })

  it('can be made of nothing', () => {
    expect(new SipRequest('A', 'sip:b').toString()).toBe('A sip:b SIP/2.0\r\n\r\n')
    expect(new SipResponse(200, 'OK', new Headers(), Buffer.from('x')).toString()).toBe('SIP/2.0 200 OK\r\n\r\nx')
    expect(new SipRequest('A', 'sip:b').body.length).toBe(0)
  })

  it.each([
    ['via', 'via-missing', 'RFC 3261 §8.1.1.7', 'Via'],
    ['from', 'from-missing', 'RFC 3261 §8.1.1.3', 'From'],
    ['to', 'to-missing', 'RFC 3261 §8.1.1.2', 'To'],
    ['callId', 'call-id-missing', 'RFC 3261 §8.1.1.4', 'Call-ID'],
    ['cseq', 'cseq-missing', 'RFC 3261 §8.1.1.5', 'CSeq'],
  ] as const)('asked for a %s that is not there, it says so', (getter, code, rule, name) => {
    expect(() => new SipRequest('A', 'sip:b')[getter]).toThrow(
      expect.objectContaining({ code, rule, message: `there is no ${name} header field` }),
    )
  })

  it.each([
    ['maxForwards', 'Max-Forwards', 'max-forwards-malformed', 'RFC 3261 §20.22'],
    ['expires', 'Expires', 'expires-malformed', 'RFC 3261 §20.19'],
    ['contentLength', 'Content-Length', 'content-length-malformed', 'RFC 3261 §20.14'],
  ] as const)('%s is a number', (getter, name, code, rule) => {
    const received = (value: string) => parse(`A sip:b SIP/2.0\r\n${name}:${value}\r\n\r\n`)
    expect(received(' 012 ')[getter]).toBe(12)
    expect(received('\r\n 7')[getter]).toBe(7)
    for (const value of ['', 'x', '1:', '1/', '-1', '1 2'])
      expect(() => received(value)[getter], value).toThrow(expect.objectContaining({ code, rule }))
    expect(new SipRequest('A', 'sip:b', new Headers([[name, '9']]))[getter]).toBe(9)
    expect(() => new SipRequest('A', 'sip:b', new Headers([[name, 'x']]))[getter]).toThrow('digits expected')
    expect(new SipRequest('A', 'sip:b')[getter]).toBeUndefined()
  })

  it('remembers what was read until a field changes', () => {
    const message = parse(
      'A sip:b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=1\r\nFrom: <sip:a>\r\nTo: <sip:b>\r\nCSeq: 1 A\r\n\r\n',
    )
    const read = () => [message.via, message.from, message.to, message.cseq]
    const before = read()
    for (const [i, value] of read().entries()) expect(value).toBe(before[i])
    message.headers.set('Via', 'SIP/2.0/UDP other')
    message.headers.set('From', '<sip:x>')
    message.headers.set('To', '<sip:y>')
    message.headers.set('CSeq', '2 B')
    expect([message.via.host, message.from.uri, message.to.uri, message.cseq]).toEqual([
      'other',
      'sip:x',
      'sip:y',
      { number: 2, method: 'B' },
    ])
  })

  it('reads lists of addresses over several fields', () => {
    const message = parse(
      'A sip:b SIP/2.0\r\nRoute: <sip:1>, <sip:2>\r\nRoute: <sip:3>\r\nRecord-Route: <sip:4>,<sip:5>\r\nm: *\r\n\r\n',
    )
    expect(message.routes().map((r) => r.uri)).toEqual(['sip:1', 'sip:2', 'sip:3'])
    expect(message.recordRoutes().map((r) => r.uri)).toEqual(['sip:4', 'sip:5'])
    expect(message.contacts()).toBe('*')
    message.headers.add('Contact', '<sip:c>')
    expect(() => message.contacts()).not.toThrow()
    expect(message.contacts()).not.toBe('*')
  })

  it.each([
    [' Text / Plain ;charset=utf-8', 'text/plain'],
    ['a/B', 'a/b'],
    [';x', ''],
  ])('the media type of "%s" is "%s"', (value, type) =>
    expect(parse(`A sip:b SIP/2.0\r\nc:${value}\r\n\r\n`).contentType).toBe(type),
  )

  it('reads the topmost Via among several, folded, listed or not ASCII', () => {
    const via = (lines: string) => parse(`A sip:b SIP/2.0\r\n${lines}\r\n\r\n`).via
    expect(via('Via: SIP/2.0/UDP h1;branch=1,SIP/2.0/UDP h2').host).toBe('h1')
    expect(via('Via: SIP/2.0/UDP h1;x="a,b";branch=1').branch).toBe('1')
    expect(via('Via: SIP/2.0/UDP\r\n h1\r\n ;branch=1\r\nVia: SIP/2.0/UDP h2').branch).toBe('1')
    expect(via('Via: SIP/2.0/UDP h1;x="ü"\r\nX: a, b').params.get('x')).toBe('ü')
    expect(via('Via: SIP/2.0/UDP h1;branch=1\r\nX: a, b').branch).toBe('1')
  })

  it('reads From as it is written: folded, in UTF-8', () => {
    const from = (value: string) => parse(`A sip:b SIP/2.0\r\nFrom: ${value}\r\nCSeq: 1\r\n A\r\n\r\n`)
    expect(from('"A\r\n B" <sip:a>;\r\n tag=1').from).toMatchObject({ display: 'A B', tag: '1' })
    expect(from('"ü" <sip:a>;tag=1').from.display).toBe('ü')
    expect(from('<sip:a>').cseq).toEqual({ number: 1, method: 'A' })
    expect(from('"ü" <sip:a>').cseq).toEqual({ number: 1, method: 'A' })
  })
})
