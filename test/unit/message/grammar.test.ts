import { describe, expect, it } from 'vitest'
import * as grammar from '../../../src/message/grammar.js'
import { headerKey, isListHeader, isSingleHeader, slotAt, slotKey } from '../../../src/message/header-names.js'

const ascii = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code))
const members = (bit: number) => ascii.filter((char) => grammar.allOf(bit, char)).join('')
const sorted = (chars: string) => chars.split('').sort().join('')
const ALPHANUM = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const UNRESERVED = `${ALPHANUM}-_.!~*'()`

describe('character classes (RFC 3261 §25.1)', () => {
  it.each([
    ['token', grammar.TOKEN, `${ALPHANUM}-.!%*_+\`'~`],
    ['DIGIT', grammar.DIGIT, '0123456789'],
    ['HEXDIG', grammar.HEX, '0123456789ABCDEFabcdef'],
    ['host', grammar.HOST, `${ALPHANUM}-.`],
    ['user', grammar.URI_USER, `${UNRESERVED}%&=+$,;?/`],
    ['password', grammar.URI_PASSWORD, `${UNRESERVED}%&=+$,`],
    ['paramchar', grammar.URI_PARAM, `${UNRESERVED}%[]/:&+$`],
    ['hvalue', grammar.URI_HEADER, `${UNRESERVED}%[]/?:+$`],
  ])('%s', (_name, bit, chars) => expect(members(bit)).toBe(sorted(chars)))

  it('nothing is no token, nor is anything beyond Latin', () => {
    expect(['', 'ab', 'a b', 'a\u0141', '\u0141'].map(grammar.isToken)).toEqual([false, true, false, false, false])
    expect(['', '09', '0a', '٣'].map(grammar.isDigits)).toEqual([false, true, false, false])
    expect(grammar.allOf(grammar.DIGIT, 'a12b', 1, 3)).toBe(true)
    expect(grammar.allOf(grammar.DIGIT, 'a12b', 1, 4)).toBe(false)
    expect(grammar.allOf(grammar.DIGIT, '12', 1, 1)).toBe(false)
  })

  it('white space is SP, HTAB, CR and LF', () => {
    expect(ascii.filter((char) => grammar.isLws(char.charCodeAt(0)))).toEqual(['\t', '\n', '\r', ' '])
  })
})

describe('white space and quotes', () => {
  const bytes = Buffer.from(' \t\r\na "b\\"c" \n')
  const text = bytes.toString()
  it('is skipped forwards and backwards, within bounds', () => {
    const forwards = [
      [0, undefined, 4],
      [0, 2, 2],
      [4, undefined, 4],
    ] as const
    for (const [pos, end, after] of forwards) {
      expect(grammar.skipLws(text, pos, end)).toBe(after)
      expect(grammar.skipLwsIn(bytes, pos, end ?? bytes.length)).toBe(after)
    }
    for (const [end, start, before] of [
      [text.length, 0, 12],
      [4, 0, 0],
      [4, 2, 2],
      [5, 0, 5],
      [0, 0, 0],
    ] as const) {
      expect(grammar.skipLwsBack(text, end, start)).toBe(before)
      expect(grammar.skipLwsBackIn(bytes, end, start)).toBe(before)
    }
    expect(grammar.skipLwsBack(text, text.length)).toBe(12)
  })

  it.each([
    ['"a"b', 0, undefined, 3],
    ['x"a"', 1, undefined, 4],
    ['""', 0, undefined, 2],
    ['"a\\"b"', 0, undefined, 6],
    ['"a\\\\"b"', 0, undefined, 5],
    ['"a', 0, undefined, -1],
    ['"a\\"', 0, undefined, -1],
    ['"', 0, undefined, -1],
    ['"ab"', 0, 3, -1],
  ])('the string in %s ends where it is closed', (quoted, pos, end, after) => {
    expect(grammar.endOfQuoted(quoted, pos, end)).toBe(after)
    expect(grammar.endOfQuotedIn(Buffer.from(quoted), pos, end ?? quoted.length)).toBe(after)
  })

  it('quoting and its reverse', () => {
    for (const plain of ['', 'a', 'a"b', 'a\\b', '\\"', 'ü'])
      expect(grammar.unescapeQuoted(grammar.quote(plain).slice(1, -1))).toBe(plain)
    expect(grammar.quote('a"b\\c')).toBe('"a\\"b\\\\c"')
    expect(grammar.quote('a\r\nb\rc\n\nd')).toBe('"a b c d"')
    expect(grammar.unescapeQuoted('a\\\nb\\\\\\x')).toBe('a\nb\\x')
  })
})

describe('lists', () => {
  it.each<[string, string[], string[]?]>([
    ['', []],
    ['a', ['a']],
    [' a ', [' a ']],
    ['a,b', ['a', 'b']],
    [' a ,\tb\r\n , c', ['a', 'b', 'c']],
    ['a,,b', ['a', 'b'], ['a', '', 'b']],
    [',', [], ['', '']],
    ['a,', ['a'], ['a', '']],
    ['"a,b",c', ['"a,b"', 'c']],
    ['"a\\",b",c', ['"a\\",b"', 'c']],
    ['<a,b>,c', ['<a,b>', 'c']],
    ['<a",b>,c"', ['<a",b>', 'c"']],
    ['<a,<b>,c', ['<a,<b>', 'c']],
    ['"<",a>,b', ['"<"', 'a>', 'b']],
    ['a>,b', ['a>', 'b']],
    ['"a,b', ['"a', 'b']],
    ['<a,b', ['<a', 'b']],
    ['"a,"b,c"', ['"a,"b', 'c"']],
    ['<a,"b,c', ['<a', '"b', 'c']],
    ['"x,"y",z', ['"x,"y"', 'z']],
  ])('%j', (text, items, withEmpty = items) => {
    expect(grammar.splitList(text)).toEqual(items)
    expect(grammar.splitList(text, true)).toEqual(withEmpty)
  })

  it('an item that starts within an item ends where that ends', () => {
    expect(grammar.endOfListItem('a, b,c', 2)).toBe(4)
    expect(grammar.endOfListItem('a', 0)).toBe(1)
  })
})

describe('texts by their codes', () => {
  it('of any length, with what is not ASCII standing for itself only', () => {
    const long = 'a'.repeat(5000)
    expect(grammar.codedOf(long).bytes.toString('latin1', 0, 5000)).toBe(long)
    const { bytes, base, text } = grammar.codedOf('a\u007f\u0080\u013b')
    expect([...bytes.subarray(base, base + 4)]).toEqual([97, 127, 255, 255])
    expect(text).toBe('a\u007f\u0080\u013b')
  })

  it('words are found by length and codes', () => {
    const table = grammar.wordTable('UDP', 'TCP', 'SCTP')
    const find = (text: string, from: number, to: number) => grammar.wordAt(table, Buffer.from(text), from, to)
    expect(find('UDP', 0, 3)).toBe('UDP')
    expect(find('xTCPx', 1, 4)).toBe('TCP')
    expect(find('SCTP', 0, 4)).toBe('SCTP')
    expect([find('udp', 0, 3), find('UDPS', 0, 4), find('UDP', 0, 2), find('UDPUDP', 0, 6)]).toEqual(
      Array.from({ length: 4 }),
    )
    expect(grammar.codesStandAt(Buffer.from('ab'), Buffer.from('xab'), 1)).toBe(true)
    expect(grammar.codesStandAt(Buffer.from('ab'), Buffer.from('xab'), 2)).toBe(false)
  })

  it('excerpts are of 24 characters at most', () => {
    const text = 'abcdefghijklmnopqrstuvwxyz0123'
    expect(grammar.excerpt(text, 0)).toBe('abcdefghijklmnopqrstuvwx')
    expect(grammar.excerpt(text, 3)).toBe('defghijklmnopqrstuvwxyz0')
    expect(grammar.excerpt(text, 28)).toBe('23')
    expect(grammar.excerpt(text, 1, 3)).toBe('bc')
  })
})

describe('names of header fields', () => {
  it.each(
    Object.entries({
      a: 'accept-contact',
      u: 'allow-events',
      i: 'call-id',
      m: 'contact',
      e: 'content-encoding',
      l: 'content-length',
      c: 'content-type',
      o: 'event',
      f: 'from',
      y: 'identity',
      r: 'refer-to',
      b: 'referred-by',
      j: 'reject-contact',
      d: 'request-disposition',
      x: 'session-expires',
      s: 'subject',
      k: 'supported',
      t: 'to',
      v: 'via',
    }),
  )('%s is short for %s', (compact, name) => {
    for (const spelling of [compact, compact.toUpperCase(), name, name.toUpperCase(), ` ${name}`.toUpperCase().trim()])
      expect(headerKey(spelling)).toBe(name)
  })

  it('in any other spelling, and unknown ones', () => {
    expect(['cAlL-iD', 'X-Some', 'x-some', 'z', 'constructor'].map(headerKey)).toEqual([
      'call-id',
      'x-some',
      'x-some',
      'z',
      'constructor',
    ])
  })

  it('are found in bytes as they are spelt by their RFCs', () => {
    for (const name of [
      'Via',
      'v',
      'Call-ID',
      'CSeq',
      'MIME-Version',
      'WWW-Authenticate',
      'P-Asserted-Identity',
      'Min-SE',
    ]) {
      const bytes = Buffer.from(`x${name}: y`)
      expect(slotKey(slotAt(bytes, 1, 1 + name.length))).toBe(headerKey(name))
    }
    for (const name of ['X-Via', 'Vi', 'VIAS', 'q']) expect(slotAt(Buffer.from(name), 0, name.length)).toBe(-1)
  })

  it('lists (RFC 3261 §7.3.1), and what may stand in a message once only', () => {
    const once =
      'call-id content-disposition content-length content-type cseq date event expires from max-forwards mime-version min-expires ' +
      'min-se organization priority rack refer-to referred-by replaces reply-to retry-after rseq server session-expires ' +
      'sip-etag sip-if-match subject subscription-state timestamp to user-agent authentication-info join target-dialog ' +
      'info-package flow-timer max-breadth p-charging-vector privacy answer-mode p-called-party-id p-answer-state ' +
      'p-charging-function-addresses geolocation-routing proxy-authentication-info'
    const lists =
      'accept accept-contact accept-encoding accept-language accept-resource-priority alert-info allow allow-events ' +
      'call-info contact content-encoding content-language diversion error-info feature-caps geolocation history-info ' +
      'in-reply-to p-access-network-info p-asserted-identity p-associated-uri p-early-media p-preferred-identity ' +
      'p-visited-network-id path proxy-require reason record-route recv-info reject-contact request-disposition require ' +
      'resource-priority route security-client security-server security-verify service-route supported unsupported ' +
      'user-to-user via warning'
    const neither =
      'www-authenticate proxy-authenticate authorization proxy-authorization identity remote-party-id x-unknown'
    const kinds = (names: string) => names.split(' ').map((name) => [name, isListHeader(name), isSingleHeader(name)])
    expect(kinds(once)).toEqual(once.split(' ').map((name) => [name, false, true]))
    expect(kinds(lists)).toEqual(lists.split(' ').map((name) => [name, true, false]))
    expect(kinds(neither)).toEqual(neither.split(' ').map((name) => [name, false, false]))
  })
})
