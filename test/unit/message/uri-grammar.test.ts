import { describe, expect, it } from 'vitest'
import { ParseError } from '../../../src/message/message.js'
import {
  escapeUser,
  formatUri,
  isIpv6,
  parseUri,
  type SipUri,
  unescape,
  uriDefect,
  uriEquals,
} from '../../../src/message/uri.js'

/** Code, text and place of what is thrown. */
function thrownBy(text: string): unknown[] | undefined {
  try {
    parseUri(text)
    return undefined
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    return [error.code, error.rule, error.message, error.offset]
  }
}

describe('a URI that cannot be read', () => {
  it.each<[string, string, number]>([
    ['', 'a scheme was expected in ""', 0],
    ['sip', 'a scheme was expected in "sip"', 0],
    [':a', 'a scheme was expected in ":a"', 0],
    ['1a:b', 'a scheme was expected in "1a:b"', 0],
    ['s_p:b', 'a scheme was expected in "s_p:b"', 0],
    ['xsip :b', 'a scheme was expected in "xsip :b"', 0],
    ['sip:a b@c', 'a character that must be escaped, at " b@c"', 5],
    ['sip:a"b', 'a character that must be escaped, at ""b"', 5],
    ['http:<a', 'a character that must be escaped, at "<a"', 5],
    ['sip:a>', 'a character that must be escaped, at ">"', 5],
    ['sip:a\u007f', 'a character that must be escaped, at "\u007f"', 5],
    ['sip:@a', 'the user part is empty', 4],
    ['sip::pw@a', 'the user part is empty', 4],
    ['sip:', 'a host was expected at ""', 4],
    ['sip:a@', 'a host was expected at ""', 6],
    ['sip:a@b@c', 'a host was expected at "b@c"', 6],
    ['sip:a!b', 'a host was expected at "a!b"', 4],
    ['sip:[::1', 'an IPv6 address was expected at "[::1"', 4],
    ['sip:a@[x]', 'an IPv6 address was expected at "[x]"', 6],
    ['sip:[::1]x', 'nothing was expected at "x"', 9],
    ['sip:a:', 'a port was expected at ""', 6],
    ['sip:a:x', 'a port was expected at "x"', 6],
    ['sip:a:65536', 'a port was expected at "65536"', 6],
    ['sip:a:0000000080', 'a port was expected at "0000000080"', 6],
    ['tel:', 'a telephone number was expected at ""', 4],
    ['tel:+', 'a telephone number was expected at "+"', 4],
    ['tel:1+2', 'a telephone number was expected at "1+2"', 4],
    ['tel:x;y', 'a telephone number was expected at "x;y"', 4],
  ])('%j: %s', (text, message, offset) =>
    expect(thrownBy(text)).toEqual(['uri-malformed', 'RFC 3261 §19.1.1', message, offset]),
  )
})

describe('a URI that can', () => {
  const read = ({ scheme, user, userDecoded, password, host, port, params, headers, opaque }: SipUri) =>
    ({ scheme, user, userDecoded, password, host, port, params: [...params], headers: [...headers], opaque }) as const
  const nothing = {
    user: undefined,
    userDecoded: undefined,
    password: undefined,
    port: undefined,
    params: [],
    headers: [],
    opaque: undefined,
  }
  it.each<[string, object]>([
    ['SIP:a', { scheme: 'sip', host: 'a' }],
    ['sips:a_b.c:0', { scheme: 'sips', host: 'a_b.c', port: 0 }],
    ['sip:a:65535', { scheme: 'sip', host: 'a', port: 65535 }],
    ['sip:a:000000080', { scheme: 'sip', host: 'a', port: 80 }],
    ['sip:u:@a', { scheme: 'sip', host: 'a', user: 'u', userDecoded: 'u', password: '' }],
    ['sip:u:p:q@a', { scheme: 'sip', host: 'a', user: 'u', userDecoded: 'u', password: 'p:q' }],
    ['sip:%C3%bC@[::1]:1', { scheme: 'sip', host: '::1', port: 1, user: '%C3%bC', userDecoded: 'ü' }],
    [
      'sip:a;B=C;;b=d;e;f=',
      {
        scheme: 'sip',
        host: 'a',
        params: [
          ['b', 'C'],
          ['e', undefined],
          ['f', ''],
        ],
      },
    ],
    [
      'sip:a;%4Cr=1;x=%41',
      {
        scheme: 'sip',
        host: 'a',
        params: [
          ['lr', '1'],
          ['x', '%41'],
        ],
      },
    ],
    [
      'sip:a?B=c&d=&b=e',
      {
        scheme: 'sip',
        host: 'a',
        headers: [
          ['b', 'c'],
          ['d', ''],
        ],
      },
    ],
    ['sip:a;b?c', { scheme: 'sip', host: 'a', params: [['b', undefined]], headers: [['c', undefined]] }],
    ['sip:a:1;b=c?d=e;f?g', { scheme: 'sip', host: 'a', port: 1, params: [['b', 'c']], headers: [['d', 'e;f?g']] }],
    ['sip:a:1?d=e', { scheme: 'sip', host: 'a', port: 1, headers: [['d', 'e']] }],
    [
      'tel:+1(2)3-4.5*#aF;X=y;z',
      {
        scheme: 'tel',
        host: '',
        user: '+1(2)3-4.5*#aF',
        userDecoded: '+1(2)3-4.5*#aF',
        params: [
          ['x', 'y'],
          ['z', undefined],
        ],
      },
    ],
    ['x+y-z.1:any@thing;?', { scheme: 'x+y-z.1', host: '', opaque: 'any@thing;?' }],
    ['http:', { scheme: 'http', host: '', opaque: '' }],
  ])('%s', (text, parts) => expect(read(parseUri(text))).toEqual({ ...nothing, ...parts }))

  it('is written', () => {
    const empty = new Map<string, string | undefined>()
    expect(formatUri({ scheme: 'sip', host: 'h' })).toBe('sip:h')
    expect(formatUri({ scheme: 'sip' })).toBe('sip:')
    expect(formatUri({ scheme: 'sip', host: '::1', port: 0, user: 'u', password: '' })).toBe('sip:u:@[::1]:0')
    expect(formatUri({ scheme: 'sip', host: 'h', password: 'p', params: empty, headers: empty })).toBe('sip:h')
    expect(
      formatUri({
        scheme: 'sip',
        host: 'h',
        params: new Map([
          ['a', '1'],
          ['b', undefined],
        ]),
        headers: new Map([
          ['c', ''],
          ['d', 'e'],
        ]),
      }),
    ).toBe('sip:h;a=1;b?c=&d=e')
    expect(formatUri({ scheme: 'tel', user: '+1', params: new Map([['a', 'b']]) })).toBe('tel:+1;a=b')
    expect(formatUri({ scheme: 'tel' })).toBe('tel:')
    expect(formatUri({ scheme: 'urn', opaque: 'x:y', host: 'h' })).toBe('urn:x:y')
  })
})

describe('escapes', () => {
  it('are decoded once, as UTF-8', () => {
    expect(['a', '%41', '%2541', '%C3%A4%E9%9B%BB', '%', '%4', '%zz', 'a%20b'].map(unescape)).toEqual([
      'a',
      'A',
      '%41',
      'ä電',
      '%',
      '%4',
      '%zz',
      'a b',
    ])
  })
  it('are made of what may not stand in a user part', () => {
    expect(["aZ0-_.!~*'()&=+$,;?/", 'a b', '%41', '\n', '#', 'ä', ''].map(escapeUser)).toEqual([
      "aZ0-_.!~*'()&=+$,;?/",
      'a%20b',
      '%2541',
      '%0A',
      '%23',
      '%C3%A4',
      '',
    ])
  })
})

describe('what the grammar has against a URI', () => {
  it.each<[string, string | undefined]>([
    ['sip:a', undefined],
    ['sip:a@b;lr;x=%41[]:/?y=z&%41=%42', undefined],
    ["sip:a;-_.!~*'()=[]/:&+$?x[]/?:+$=y", undefined],
    ['sip:u:@a', undefined],
    ['sip:u:&=+$,@a', undefined],
    ['sip:a;transport=x-y', undefined],
    ['sip:a@b;c=d@e', 'parameter "c=d@e"'],
    ['tel:+1;x="y"', undefined],
    ['urn:service:sos', undefined],
    ['x:', 'nothing follows the scheme'],
    ['x:a^b', 'the character "^" must be escaped'],
    ['x:a|b', 'the character "|" must be escaped'],
    ['sip:a%4g@b', '"%4g@b" is no escape'],
    ['sip:a%@b', '"%@b" is no escape'],
    ['sip:b;x=%', '"%" is no escape'],
    ['sip:a#b@c', 'user part "a#b"'],
    ['sip:a[b]@c', 'user part "a[b]"'],
    ['sip:a:b;c@d', 'password'],
    ['sip:a:b:c@d', 'password'],
    ['sip:a_b', 'host "a_b"'],
    ['sip:u@-a', 'host "-a"'],
    ['sip:1.2.3', 'host "1.2.3"'],
    ['sip:a;', 'parameter ""'],
    ['sip:a;;b', 'parameter ""'],
    ['sip:a;=b', 'parameter "=b"'],
    ['sip:a;b=', 'parameter "b="'],
    ['sip:a;b=c=d', 'parameter "b=c=d"'],
    ['sip:a;b,c', 'parameter "b,c"'],
    ['sip:a;b=c;B=d', 'parameter "b" twice'],
    ['sip:a?', 'header ""'],
    ['sip:a?b', 'header "b"'],
    ['sip:a?=b', 'header "=b"'],
    ['sip:a?b=c&', 'header ""'],
    ['sip:a?b=', undefined],
    ['sip:a?b=c=d', 'header "b=c=d"'],
    ['sip:a?b,=c', 'header "b,=c"'],
    ['sip:a;x?b=c;d', 'header "b=c;d"'],
    ['sip:a;transport=t:p', 'transport "t:p"'],
    ['nothing', 'a scheme was expected in "nothing"'],
  ])('%s: %s', (text, defect) => {
    expect(uriDefect(text)).toBe(defect)
  })
})

describe('equivalence (RFC 3261 §19.1.4)', () => {
  it.each<[string, string, boolean]>([
    ['sip:a@b', 'sip:a@b', true],
    ['SIP:a@b', 'sip:a@B', true],
    ['sip:a@b', 'sip:A@b', false],
    ['sip:a@b', 'sips:a@b', false],
    ['sip:%61@b', 'sip:a@b', true],
    ['sip:a%2Fb@c', 'sip:a%2fb@c', true],
    ['sip:a%2Fb@c', 'sip:a/b@c', false],
    ['sip:a%25@c', 'sip:a%2525@c', false],
    ['sip:a:p@b', 'sip:a:%70@b', true],
    ['sip:a:p@b', 'sip:a:q@b', false],
    ['sip:a:p@b', 'sip:a@b', false],
    ['sip:b:5060', 'sip:b', false],
    ['sip:b:5060', 'sip:b:5061', false],
    ...['user', 'ttl', 'method', 'maddr', 'transport'].map((name): [string, string, boolean] => [
      `sip:b;${name}=1`,
      'sip:b',
      false,
    ]),
    ...['user', 'ttl', 'method', 'maddr', 'transport'].map((name): [string, string, boolean] => [
      `sip:b;${name}=A`,
      `sip:b;${name}=a`,
      true,
    ]),
    ['sip:b;x=1', 'sip:b', true],
    ['sip:b;x=1', 'sip:b;x=2', false],
    ['sip:b;x', 'sip:b;x=1', false],
    ['sip:b;x=1;y=2', 'sip:b;y=2;x=1', true],
    ['sip:b?x=1', 'sip:b', false],
    ['sip:b?x=1', 'sip:b?x=2', false],
    ['sip:b?x=1', 'sip:b?y=1', false],
    ['sip:b?x=1&y=2', 'sip:b?y=2&X=1', true],
    ['sip:b?x=A', 'sip:b?x=a', true],
    ['sip:[::1]', 'sip:[0:0::1]', true],
    ['sip:[::1]', 'sip:[::2]', false],
    ['sip:[::1]', 'sip:a', false],
    ['tel:+1-2', 'tel:+12', true],
    ['tel:+1.(2)', 'tel:+12', true],
    ['tel:1A', 'tel:1a', true],
    ['tel:1', 'tel:2', false],
    ['tel:1;x=A', 'tel:1;x=a', true],
    ['tel:1;x=1;y=2', 'tel:1;y=2;x=1', true],
    ['tel:1;x=1', 'tel:1;x=2', false],
    ['tel:1;x=1', 'tel:1;y=1', false],
    ['tel:1;x=1', 'tel:1', false],
    ['urn:a', 'urn:a', true],
    ['urn:a', 'urn:A', false],
    ['urn:a', 'urx:a', false],
    ['URN:a', 'urn:a', true],
  ])('%s, %s: %s', (a, b, equal) => {
    expect(uriEquals(a, b)).toBe(equal)
    expect(uriEquals(b, a)).toBe(equal)
    expect(uriEquals(parseUri(a), b)).toBe(equal)
  })
})

describe('IPv6 addresses (RFC 3261 §25.1, RFC 4291 §2.2)', () => {
  it.each([
    '::',
    '::1',
    '1::',
    '1:2:3:4:5:6:7:8',
    '1::8',
    'A:b::C',
    '::1.2.3.4',
    '1::1.2.3.4',
    '1:2:3:4:5:6:1.2.3.4',
    '1:2:3:4:5::1.2.3.4',
    '::ffff:255.255.255.255',
    '1:::1.2.3.4',
    '1:2:3:4:5:6:7::',
    '0000:0000:0000:0000:0000:0000:0000:0000',
  ])('%s is one', (text) => expect(isIpv6(text)).toBe(true))
  it.each([
    '',
    ':',
    '1',
    '1:',
    ':1',
    '1:2',
    ':::',
    '1:::2',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '::1:2:3:4:5:6:7:8',
    '12345::',
    'g::',
    '1::1.2.3',
    '1::1.2.3.256',
    '1.2.3.4',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '1:2:3:4:5:6:7:1.2.3.4',
    '1:2:3:4:5:1.2.3.4',
    '1:2:3:4:5:6::1.2.3.4',
    '[::1]',
    '::1%1',
    ' ::1',
    '::1 ',
  ])('%j is none', (text) => expect(isIpv6(text)).toBe(false))
})
