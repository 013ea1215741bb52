import { describe, expect, it } from 'vitest'
import { parseMessage } from '../../../src/message/parse.js'

const HEAD =
  'Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\nMax-Forwards: 70\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:b@c>;tag=2\r\nCall-ID: x\r\n'
const parse = (start: string, method = 'OPTIONS', end = '\r\n') =>
  parseMessage(Buffer.from(`${start}${end}${HEAD}CSeq: 1 ${method}\r\n\r\n`, 'latin1'), { mode: 'strict' })

/** `START => KIND, PARTS | CODE, SECTION, EXPECTED, ACTUAL, STATUS | …`; `·` stands for a space at an end. */
const TABLE = `
OPTIONS sip:b@c SIP/2.0 => request, OPTIONS, sip:b@c
A-b.!%*_+\`'~9 sip:b@c SIP/2.0 => request, A-b.!%*_+\`'~9, sip:b@c
OPTIONS sip:b@c sip/2.0 => request, OPTIONS, sip:b@c | version-case, RFC 3261 §7.1, SIP/2.0, sip/2.0, -
OPTIONS sip:b@c SIP/3.0 => request, OPTIONS, sip:b@c | version-unsupported, RFC 3261 §21.5.6, SIP/2.0, SIP/3.0, 505
OPTIONS sip:b@c SIP/2.00 => request, OPTIONS, sip:b@c | version-unsupported, RFC 3261 §21.5.6, SIP/2.0, SIP/2.00, 505
OPTIONS  sip:b@c SIP/2.0 => request, OPTIONS, sip:b@c | request-line-spacing, RFC 3261 §7.1, single spaces, and none at the end, OPTIONS  sip:b@c SIP/2.0, 400
OPTIONS sip:b@c  SIP/2.0 => request, OPTIONS, sip:b@c | request-line-spacing, RFC 3261 §7.1, single spaces, and none at the end, OPTIONS sip:b@c  SIP/2.0, 400
OPTIONS sip:b@c SIP/2.0· => request, OPTIONS, sip:b@c | request-line-spacing, RFC 3261 §7.1, single spaces, and none at the end, OPTIONS sip:b@c SIP/2.0·, 400
OPTIONS sip:b c SIP/2.0 => request, OPTIONS, sip:b c | request-uri-space, RFC 3261 §7.1, a Request-URI without white space, sip:b c, 400
A@B sip:b@c SIP/2.0 => request, A@B, sip:b@c | method-malformed, RFC 3261 §7.1, a token, A@B, 400
A@B  sip:b@c SIP/2.0 => request, A@B, sip:b@c | method-malformed, RFC 3261 §7.1, a token, A@B, 400 | request-line-spacing, RFC 3261 §7.1, single spaces, and none at the end, A@B  sip:b@c SIP/2.0, 400
OPTIONS sip:b@c => none | request-line-malformed, RFC 3261 §7.1, method, Request-URI and SIP/2.0, OPTIONS sip:b@c, 400
OPTIONS SIP/2.0 => none | request-line-malformed, RFC 3261 §7.1, method, Request-URI and SIP/2.0, OPTIONS SIP/2.0, 400
·OPTIONS sip:b@c SIP/2.0 => none | request-line-malformed, RFC 3261 §7.1, method, Request-URI and SIP/2.0, ·OPTIONS sip:b@c SIP/2.0, 400
GET / HTTP/1.1 => none | request-line-malformed, RFC 3261 §7.1, method, Request-URI and SIP/2.0, GET / HTTP/1.1, 400
OPTIONS sip:${'b'.repeat(80)} => none | request-line-malformed, RFC 3261 §7.1, method, Request-URI and SIP/2.0, OPTIONS sip:${'b'.repeat(48)}, 400
SIP/2.0 200 OK => response, 200, OK
SIP/2.0 100· => response, 100,·
SIP/2.0 699 a  b· => response, 699, a  b·
SIP/2.0 200 => response, 200,· | status-line-spacing, RFC 3261 §7.2, single spaces around the status code, SIP/2.0 200, -
SIP/2.0  200 OK => response, 200, OK | status-line-spacing, RFC 3261 §7.2, single spaces around the status code, SIP/2.0  200 OK, -
sip/2.0 200 OK => response, 200, OK | version-case, RFC 3261 §7.1, SIP/2.0, sip/2.0, -
SIP/1.0 200 OK => response, 200, OK | version-unsupported, RFC 3261 §21.5.6, SIP/2.0, SIP/1.0, 505
SIP/2.01 200 OK => response, 200, OK | version-unsupported, RFC 3261 §21.5.6, SIP/2.0, SIP/2.01, 505
SIP/2.0 99 OK => response, 99, OK | status-code-invalid, RFC 3261 §7.2, a status code from 100 to 699, 99, 400
SIP/2.0 099 OK => response, 99, OK | status-code-invalid, RFC 3261 §7.2, a status code from 100 to 699, 099, 400
SIP/2.0 700 OK => response, 700, OK | status-code-invalid, RFC 3261 §7.2, a status code from 100 to 699, 700, 400
SIP/2.0 0200 OK => response, 200, OK | status-code-invalid, RFC 3261 §7.2, a status code from 100 to 699, 0200, 400
SIP/2.0 => none | status-line-malformed, RFC 3261 §7.2, version, status code and reason phrase, SIP/2.0, 400
SIP/2.0 2x0 OK => none | status-line-malformed, RFC 3261 §7.2, version, status code and reason phrase, SIP/2.0 2x0 OK, 400
SIP/2.0 2:0 OK => none | status-line-malformed, RFC 3261 §7.2, version, status code and reason phrase, SIP/2.0 2:0 OK, 400
SIP/2.0 2/0 OK => none | status-line-malformed, RFC 3261 §7.2, version, status code and reason phrase, SIP/2.0 2/0 OK, 400
`
const rows = TABLE.trim().split('\n')

describe('start lines', () => {
  it('are read, and what is wrong with them is named', () => {
    const said = rows.map((row) => {
      const [start = ''] = row.split(' => ')
      const line = start.replaceAll('·', ' ')
      const { message, violations } = parse(line, line.split(' ').find((word) => word !== '') ?? '')
      const kind =
        message === undefined
          ? 'none'
          : message.kind === 'request'
            ? `request, ${message.method}, ${message.uri}`
            : `response, ${message.status}, ${message.reason}`
      const own = violations.filter((v) => !v.code.startsWith('cseq-'))
      const parts = own.map((v) => [v.code, v.rule, v.expected, v.actual, v.status ?? '-'].join(', '))
      for (const { offset } of own) expect(offset).toBe(0)
      return `${start} => ${[kind, ...parts].join(' | ')}`
    })
    const ends = (text: string) => text.replaceAll('·', ' ')
    expect(said.map(ends)).toEqual(
      rows.map((row) =>
        ends(row)
          .replace(/, {2}$/, ', ')
          .replace(/, {2}\|/, ',  |'),
      ),
    )
  })

  it('end with CRLF or LF alone', () => {
    for (const [start, method] of [
      ['OPTIONS sip:b@c SIP/2.0', 'OPTIONS'],
      ['SIP/2.0 200 OK', 'OPTIONS'],
    ] as const) {
      const { message, violations } = parse(start, method, '\n')
      expect(violations.map((v) => v.code)).toEqual(['line-end-malformed'])
      expect(message?.kind === 'request' ? message.uri : message?.reason).toMatch(/^(?:sip:b@c|OK)$/)
    }
  })

  it('are decoded from UTF-8', () => {
    const utf8 = (text: string) => Buffer.from(text, 'utf8').toString('latin1')
    const response = parse(utf8('SIP/2.0 200 Schön')).message
    expect(response?.kind === 'response' && response.reason).toBe('Schön')
    for (const gap of [' ', '  ']) {
      const request = parse(utf8(`OPTIONS${gap}sip:ü@c SIP/2.0`)).message
      expect(request?.kind === 'request' && request.uri).toBe('sip:ü@c')
    }
  })

  it('of a request have a sound Request-URI (RFC 3261 §19.1.1)', () => {
    const of = (uri: string) =>
      parse(`OPTIONS ${uri} SIP/2.0`).violations.map((v) => [v.code, v.rule, v.actual, v.status])
    expect(of('sip:b@c:5060;transport=tcp;ttl=1;maddr=h;lr')).toEqual([])
    expect(of('sip:b@c;method=X?y=z')).toEqual([
      ['request-uri-component-forbidden', 'RFC 3261 §19.1.1', 'method, headers', 400],
    ])
    expect(of('<sip:b@c>')).toEqual([
      ['request-uri-malformed', 'RFC 3261 §7.1', 'a scheme was expected in "<sip:b@c>"', 400],
    ])
  })
})

describe('what must be there beside (RFC 3261 §8.1.1.8, §12.1.1, §10.2.2)', () => {
  const said = (start: string, method: string, contact: string) =>
    parseMessage(Buffer.from(`${start}\r\n${HEAD}CSeq: 1 ${method}\r\n${contact}\r\n`), {
      mode: 'strict',
    }).violations.map((v) => [v.code, v.rule, v.expected, v.actual, v.offset, v.status])
  const two = 'Contact: <sip:a>, <sip:b>\r\n'
  const star = 'Contact: *\r\n'
  const zero = `${star}Expires: 0\r\n`
  const place = (start: string, method: string) => `${start}\r\n${HEAD}CSeq: 1 ${method}\r\n`.length
  it.each<[string, string, string, string | undefined]>([
    ['INVITE sip:b SIP/2.0', 'INVITE', '', 'contact-missing, RFC 3261 §8.1.1.8, one Contact, none'],
    ['INVITE sip:b SIP/2.0', 'INVITE', two, 'contact-repeated, RFC 3261 §8.1.1.8, one Contact, 2'],
    ['INVITE sip:b SIP/2.0', 'INVITE', 'm: <sip:a>\r\n', undefined],
    ['SIP/2.0 200 OK', 'INVITE', '', 'contact-missing, RFC 3261 §12.1.1, one Contact, none'],
    ['SIP/2.0 299 OK', 'INVITE', two, 'contact-repeated, RFC 3261 §12.1.1, one Contact, 2'],
    ['SIP/2.0 199 OK', 'INVITE', '', undefined],
    ['SIP/2.0 300 OK', 'INVITE', two, undefined],
    ['SIP/2.0 200 OK', 'REGISTER', two, undefined],
    ['OPTIONS sip:b SIP/2.0', 'OPTIONS', two, undefined],
    ['REGISTER sip:b SIP/2.0', 'REGISTER', zero, undefined],
    ['REGISTER sip:b SIP/2.0', 'REGISTER', `${star}Expires: 1\r\n`, 'contact-wildcard-misplaced'],
    ['REGISTER sip:b SIP/2.0', 'REGISTER', star, 'contact-wildcard-misplaced'],
    ['OPTIONS sip:b SIP/2.0', 'OPTIONS', zero, 'contact-wildcard-misplaced'],
    ['SIP/2.0 200 OK', 'REGISTER', zero, 'contact-wildcard-misplaced'],
  ])('%s, %s, %j: %s', (start, method, contact, expected) => {
    const wildcard = ', RFC 3261 §10.2.2, a URI, or REGISTER with Expires: 0, *'
    const found = said(start, method, contact).map(([code, rule, wanted, actual]) =>
      [code, rule, wanted, actual].join(', '),
    )
    const full = expected === 'contact-wildcard-misplaced' ? `${expected}${wildcard}` : expected
    expect(found).toEqual(full === undefined ? [] : [full])
    for (const [code, , , , offset, status] of said(start, method, contact)) {
      expect(offset).toBe(code === 'contact-missing' ? 0 : place(start, method))
      expect(status).toBe(code === 'contact-wildcard-misplaced' ? 400 : undefined)
    }
  })

  it('that a method names which is no token is not compared', () => {
    expect(said('OPTIONS sip:b SIP/2.0', 'A@B', '').map(([code]) => code)).toEqual(['cseq-malformed'])
    expect(said('SIP/2.0 200 OK', 'ABC', '')).toEqual([])
  })

  it('To has a tag in responses but 100', () => {
    const untagged = (start: string) =>
      parseMessage(Buffer.from(`${start}\r\n${HEAD.replace(';tag=2', '')}CSeq: 1 A\r\n\r\n`), {
        mode: 'strict',
      }).violations.map((v) => [v.code, v.rule, v.expected, v.actual, v.offset])
    const at = 'SIP/2.0 101 A\r\n'.length + HEAD.indexOf('To:')
    expect(untagged('SIP/2.0 101 A')).toEqual([['to-tag-missing', 'RFC 3261 §8.2.6.2', 'a tag', 'none', at]])
    expect(untagged('SIP/2.0 100 A')).toEqual([])
    expect(untagged('A sip:b SIP/2.0')).toEqual([])
  })

  it('Max-Forwards is in requests alone', () => {
    const without = (start: string) =>
      parseMessage(Buffer.from(`${start}\r\n${HEAD.replace('Max-Forwards: 70\r\n', '')}CSeq: 1 A\r\n\r\n`), {
        mode: 'strict',
      }).violations.map((v) => [v.code, v.rule, v.expected, v.actual, v.offset])
    expect(without('A sip:b SIP/2.0')).toEqual([
      ['max-forwards-missing', 'RFC 3261 §8.1.1.6', 'Max-Forwards', 'none', 0],
    ])
    expect(without('SIP/2.0 200 A')).toEqual([])
  })
})
