import { describe, expect, it } from 'vitest'
import { parseMessage, type ParseResult } from '../../../src/message/parse.js'

const START = 'OPTIONS sip:b SIP/2.0\r\n'
const FIELDS =
  'Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\nMax-Forwards: 70\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:b@c>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n'
const datagram = (text: string, mode: 'strict' | 'fast' = 'fast') => parseMessage(Buffer.from(text, 'latin1'), { mode })
const stream = (text: string, mode: 'strict' | 'fast' = 'fast') =>
  parseMessage(Buffer.from(text, 'latin1'), { mode, framing: 'stream' })
const said = ({ violations }: ParseResult) =>
  violations.map((v) => [v.code, v.rule, v.offset, v.expected, v.actual, v.status])

describe('where a body ends (RFC 3261 §18.3)', () => {
  const head = (length: string) => `${START}${FIELDS}${length}`
  it.each([
    ['', 'abc', 'abc', []],
    ['Content-Length: 3\r\n', 'abc', 'abc', []],
    ['l:2\r\n', 'abc', 'ab', []],
    ['Content-Length: 0\r\n', 'abc', '', []],
    ['Content-Length: 003\r\nContent-Length: 3\r\n', 'abc', 'abc', []],
    ['Content-Length: 4\r\n', 'abc', 'abc', ['body-truncated']],
    ['Content-Length: 2147483648\r\n', 'abc', 'abc', ['content-length-malformed']],
    ['Content-Length: 2147483647\r\n', 'abc', 'abc', ['body-truncated']],
    ['Content-Length: x\r\n', 'abc', 'abc', ['content-length-malformed']],
    ['Content-Length:\r\n', 'abc', 'abc', ['content-length-malformed']],
    ['Content-Length: 1\r\nContent-Length: 3\r\n', 'abc', 'abc', ['content-length-conflict']],
    ['Content-Length: 1\r\nl: x\r\n', 'abc', 'abc', ['content-length-conflict']],
    ['Content-Length: 1\r\nl: 2\r\nl: 3\r\n', 'abc', 'abc', ['content-length-conflict']],
  ])('datagram, %j and %j: %j', (length, rest, body, codes) => {
    const parsed = datagram(`${head(length)}\r\n${rest}`)
    expect(parsed.message?.body.toString()).toBe(body)
    expect(parsed.violations.map((v) => v.code)).toEqual(codes)
    expect(parsed.consumed).toBe(head(length).length + 2 + rest.length)
  })

  it.each([
    ['Content-Length: 3\r\n', 'abcd', 'abc', 3, []],
    ['Content-Length: 0\r\n', 'abc', '', 0, []],
    ['', 'abc', '', 0, ['content-length-missing']],
    ['Content-Length: x\r\n', 'abc', '', 0, ['content-length-malformed']],
    ['Content-Length: 1\r\nl: 2\r\n', 'abc', '', 0, ['content-length-conflict']],
  ])('stream, %j and %j: %j', (length, rest, body, taken, codes) => {
    const parsed = stream(`${head(length)}\r\n${rest}`)
    expect(parsed.message?.body.toString()).toBe(body)
    expect(parsed.violations.map((v) => v.code)).toEqual(codes)
    expect(parsed.consumed).toBe(head(length).length + 2 + taken)
  })

  it('what is wrong is named with its place, words and status', () => {
    const whole = (length: string) => `${head(length)}\r\nabc`
    const at = head('').length
    expect(said(datagram(whole('Content-Length: 5\r\n')))).toEqual([
      ['body-truncated', 'RFC 3261 §18.3', at + 19 + 2 + 3, '5 bytes of body', '3 bytes', 400],
    ])
    expect(said(datagram(whole('Content-Length: a b c d e f g h i j k l m n\r\n')))).toEqual([
      ['content-length-malformed', 'RFC 3261 §20.14', at, 'a number of bytes', 'a b c d e f g h i j k l ', 400],
    ])
    expect(said(datagram(whole('l: 1\r\nl: 2\r\n')))).toEqual([
      ['content-length-conflict', 'RFC 3261 §20.14', at + 6, 'one Content-Length', 'several different ones', 400],
    ])
    expect(said(stream(whole('')))).toEqual([
      ['content-length-missing', 'RFC 3261 §18.3', at + 2, 'Content-Length, as on every stream', 'none', 400],
    ])
    expect(said(datagram(whole('Content-Length: 1\r\nContent-Type: a/b\r\n'), 'strict'))).toEqual([
      ['body-excess', 'RFC 3261 §18.3', at + 19 + 19 + 2 + 1, 'the end of the datagram', '2 more bytes', undefined],
    ])
    expect(said(datagram(whole(''), 'strict'))).toEqual([
      ['content-type-missing', 'RFC 3261 §7.4.1', 0, 'Content-Type', 'a body of 3 bytes without', undefined],
    ])
  })
})

describe('the head of a message', () => {
  it('begins after empty lines (RFC 3261 §7.5)', () => {
    for (const before of ['\r\n', '\n', '\r\n\r\n', '\n\r\n']) {
      const parsed = datagram(`${before}${START}${FIELDS}\r\n`)
      expect(parsed.violations).toEqual([])
      expect(parsed.message?.callId).toBe('x')
    }
    expect(datagram('\r\n\r').consumed).toBe(3)
    expect(stream('\r\n\r').consumed).toBe(2)
    expect(datagram('\r\r\n').violations.map((v) => v.code)).not.toEqual([])
    expect(stream('')).toEqual({ message: undefined, violations: [], consumed: 0 })
  })

  it('lines without a name are kept, named, and no field', () => {
    const text = `${START}no colon here, and more of it than one would like to read\r\n: x\r\nA B: c\r\n${FIELDS}\r\n`
    const parsed = datagram(text)
    const rest = ['RFC 3261 §7.3.1', START.length, 'a header field name and a colon'] as const
    expect(said(parsed)).toEqual([
      ['header-line-malformed', ...rest, 'no colon here, and more of it than one w', 400],
      ['header-line-malformed', rest[0], text.indexOf(': x'), rest[2], ': x', 400],
      ['header-line-malformed', rest[0], text.indexOf('A B'), rest[2], 'A B: c', 400],
    ])
    expect(parsed.message?.toString()).toBe(text)
    expect(parsed.message?.headers.has('A B')).toBe(false)
    expect(parsed.message?.headers.size).toBe(9)
  })

  it('names stand before white space and a colon, values may go on', () => {
    const { message, violations } = datagram(`${START}X \t : a\r\n b\r\n\tc\r\nY:\r\nZ:z\r\n${FIELDS}\r\n`)
    expect(violations).toEqual([])
    expect(message?.headers.entries().slice(0, 3)).toEqual([
      ['X', 'a b c'],
      ['Y', ''],
      ['Z', 'z'],
    ])
    // White space at the start of the first line continues nothing.
    expect(datagram(`${START} a: b\r\n${FIELDS}\r\n`).violations.map((v) => v.code)).toEqual(['header-line-malformed'])
  })

  it('of one line, or without its end', () => {
    expect(said(datagram(START.trim()))).toContainEqual([
      'header-end-missing',
      'RFC 3261 §7',
      START.length - 2,
      'an empty line after the header fields',
      'the end of the datagram',
      undefined,
    ])
    expect(stream(START)).toEqual({ message: undefined, violations: [], consumed: 0 })
    expect(datagram(`${START}${FIELDS}X: y`).message?.headers.get('x')).toBe('y')
    expect(datagram(`${START}${FIELDS}\n`).violations).toEqual([])
  })

  it('lacks nothing that every message has', () => {
    expect(said(datagram(`${START}\r\n`))).toEqual(
      [
        ['via', 'RFC 3261 §8.1.1.7', 'Via'],
        ['from', 'RFC 3261 §8.1.1.3', 'From'],
        ['to', 'RFC 3261 §8.1.1.2', 'To'],
        ['call-id', 'RFC 3261 §8.1.1.4', 'Call-ID'],
        ['cseq', 'RFC 3261 §8.1.1.5', 'CSeq'],
      ].map(([key, rule, name]) => [`${key}-missing`, rule, 0, `a ${name} header field`, 'none', 400]),
    )
    // Names of the same length are no such fields.
    const others = FIELDS.replace('Via', 'Abc')
      .replace('From', 'Abcd')
      .replace('To', 'Ab')
      .replace('Call-ID', 'Abc-Def')
      .replace('CSeq', 'Efgh')
    expect(datagram(`${START}${others}\r\n`).violations).toHaveLength(5)
    expect(datagram(`\r\n${START}\r\n`).violations[0]?.offset).toBe(2)
  })

  it('is looked at again where bytes or strictness differ', () => {
    const flawed = `${START}${FIELDS}Expires: x\r\n\r\n`
    const good = `${START}${FIELDS}\r\n`
    for (let round = 0; round < 2; round++) {
      expect(datagram(good, 'strict').violations).toEqual([])
      expect(datagram(flawed, 'strict').violations).toHaveLength(1)
      expect(datagram(flawed).violations).toEqual([])
      // What is right in a datagram is not for a stream.
      expect(stream(good, 'strict').violations.map((v) => v.code)).toEqual(['content-length-missing'])
    }
  })
})

describe('bytes', () => {
  const strict = (subject: string) => said(datagram(`${START}${FIELDS}Subject: ${subject}\r\n\r\n`, 'strict'))
  const at = START.length + FIELDS.length + 9
  it.each([
    ['a\rb', [['line-end-malformed', 'RFC 3261 §7', at + 1, 'CRLF', 'CR', undefined]]],
    ['a\nZ: b', [['line-end-malformed', 'RFC 3261 §7', at + 1, 'CRLF', 'LF', undefined]]],
    ['a\nZ: b\nQ: c\rd', [['line-end-malformed', 'RFC 3261 §7', at + 1, 'CRLF', 'LF', undefined]]],
    ['a\u0000\u0001', [['control-character', 'RFC 3261 §25.1', at + 1, 'text', 'byte 0', undefined]]],
    ['\u007f', [['control-character', 'RFC 3261 §25.1', at, 'text', 'byte 127', undefined]]],
    ['\u001f', [['control-character', 'RFC 3261 §25.1', at, 'text', 'byte 31', undefined]]],
    ['\t~ "\\\u0001"', []],
    ['"\\\\\u0001"', [['control-character', 'RFC 3261 §25.1', at + 3, 'text', 'byte 1', undefined]]],
    ['\u00e4', [['utf8-malformed', 'RFC 3261 §7', at, 'UTF-8', 'byte 228', undefined]]],
    ['\u00c3\u00a4\u00ff', [['utf8-malformed', 'RFC 3261 §7', at + 2, 'UTF-8', 'byte 255', undefined]]],
    ['\u00c3\u00a4', []],
    // U+FFFD itself is UTF-8.
    ['\u00ef\u00bf\u00bd', []],
  ])('%j', (subject, expected) => expect(strict(subject)).toEqual(expected))

  it('of a body are not looked at', () => {
    expect(datagram(`${START}${FIELDS}c: a/b\r\n\r\n\u0000\r\n\u00ff`, 'strict').violations).toEqual([])
  })
})

describe('repeated fields (RFC 3261 §7.3.1)', () => {
  it.each([
    ['From: <sip:x@y>;tag=2', 'one From', '<sip:x@y>;tag=2', 400],
    ['Max-Forwards: 70', 'one Max-Forwards', '70', 400],
    ['Subject: a\r\nSubject: abcdefghijklmnopqrstuvwxyz', 'one Subject', 'abcdefghijklmnopqrstuvwx', undefined],
  ])('%s', (lines, expected, actual, status) => {
    const text = `${START}${FIELDS}${lines}\r\n\r\n`
    expect(said(datagram(text, 'strict'))).toEqual([
      ['header-repeated', 'RFC 3261 §7.3.1', text.lastIndexOf(`${expected.slice(4)}:`), expected, actual, status],
    ])
  })
  it('may be lists, challenges or unknown', () => {
    const lines = 'Allow: A\r\nAllow: B\r\nZ: 1\r\nZ: 2\r\nWWW-Authenticate: A b=c\r\nWWW-Authenticate: A b=c\r\n'
    expect(datagram(`${START}${FIELDS}${lines}\r\n`, 'strict').violations).toEqual([])
  })
})
