import { describe, expect, it } from 'vitest'
import { ParseError } from '../../../src/message/message.js'
import {
  escapeUser,
  formatUri,
  isHostname,
  isIpv4,
  isIpv6,
  parseUri,
  uriDefect,
  uriEquals,
} from '../../../src/message/uri.js'

describe('URI equality, the table of RFC 3261 §19.1.4', () => {
  const EQUAL = [
    ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtLanTa.CoM;Transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;security=on'],
    ['sip:carol@chicago.com;newparam=5', 'sip:carol@chicago.com;security=on'],
    [
      'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
      'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
    ],
    [
      'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
      'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
    ],
  ] as const
  const DIFFERENT = [
    ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
    ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
    // The rules themselves, beyond the table.
    ['sip:alice@atlanta.com', 'sips:alice@atlanta.com'],
    ['sip:alice@atlanta.com', 'sip:atlanta.com'],
    ['sip:alice:secret@atlanta.com', 'sip:alice@atlanta.com'],
    ['sip:alice@atlanta.com;user=phone', 'sip:alice@atlanta.com'],
    ['sip:alice@atlanta.com;maddr=192.0.2.1', 'sip:alice@atlanta.com'],
    ['sip:alice@atlanta.com;ttl=1', 'sip:alice@atlanta.com'],
    ['sip:a%3Bb@atlanta.com', 'sip:a;b@atlanta.com'],
  ] as const
  it.each(EQUAL)('%s equals %s', (a, b) => {
    expect(uriEquals(a, b)).toBe(true)
    expect(uriEquals(b, a)).toBe(true)
  })
  it.each(DIFFERENT)('%s differs from %s', (a, b) => {
    expect(uriEquals(a, b)).toBe(false)
    expect(uriEquals(b, a)).toBe(false)
  })
  it('does not count visual separators of telephone numbers (RFC 3966 §4)', () => {
    expect(uriEquals('tel:+49(30)123-456', 'tel:+4930123456')).toBe(true)
    expect(uriEquals('tel:123;phone-context=a.example', 'tel:123')).toBe(false)
  })
})

describe('parseUri', () => {
  it('reads all components', () => {
    const uri = parseUri('sips:al%40ice:pw@Example.com:5071;transport=tls;lr?Subject=hi&X=')
    expect({ ...uri, params: [...uri.params], headers: [...uri.headers] }).toEqual({
      scheme: 'sips',
      user: 'al%40ice',
      userDecoded: 'al@ice',
      password: 'pw',
      host: 'Example.com',
      port: 5071,
      params: [
        ['transport', 'tls'],
        ['lr', undefined],
      ],
      headers: [
        ['subject', 'hi'],
        ['x', ''],
      ],
      opaque: undefined,
    })
  })

  it.each([
    'sip:alice@example.com',
    'sip:example.com:5060;lr',
    'sips:a:b@[2001:db8::1]:5061;transport=tcp?x=y&z=1',
    'tel:+4930123456;phone-context=example.com',
    'urn:service:sos',
    'sip:*21*0123%23@example.com',
  ])('writes %s as it was', (text) => expect(formatUri(parseUri(text))).toBe(text))

  it.each([
    '',
    'sip',
    'sip:',
    ':x',
    'sip:@host',
    'sip:a@',
    'sip:a@host:port',
    'sip:a@host:70000',
    'sip:a b@host',
    'sip:a@b@c',
    'sip:[::1',
    'sip:[zz]',
    '<sip:a@b>',
    'tel:',
    'tel:abc xyz',
  ])('throws ParseError for "%s"', (text) => expect(() => parseUri(text)).toThrow(ParseError))
})

describe('escapeUser', () => {
  it('escapes # and keeps * (feature codes of telephones)', () => expect(escapeUser('*21*030#')).toBe('*21*030%23'))
  it('escapes what would end the user part', () => expect(escapeUser('a@b:c%ü')).toBe('a%40b%3Ac%25%C3%BC'))
  it('comes back from parseUri', () => {
    const user = 'tricky @:"<>%41# ümlaut'
    expect(parseUri(`sip:${escapeUser(user)}@example.com`).userDecoded).toBe(user)
  })
})

describe('uriDefect', () => {
  it.each([
    'sip:alice@example.com',
    'sip:+49301@example.com;user=phone',
    'sip:[2001:db8::1]',
    'tel:+49-30-1',
    'sip:host.',
    'sip:a;b=c@example.com',
    'http://www.example.com/x?y=[1]',
  ])('finds nothing in %s', (text) => expect(uriDefect(text)).toBeUndefined())
  it.each([
    'sip:a#b@example.com',
    'sip:a%4@example.com',
    'sip:a@exa_mple.com',
    'sip:a@-x.com',
    'sip:a@1.2.3',
    'sip:a@b.com;x=1;X=2',
    'sip:a@b.com;x="y"',
    'sip:a@b.com;',
    'sip:a@b.com?x',
  ])('finds something in %s', (text) => expect(uriDefect(text)).toBeDefined())
})

describe('isIpv4', () => {
  it.each(['0.0.0.0', '192.0.2.1', '255.255.255.255', '001.2.3.4'])('takes %s', (t) => expect(isIpv4(t)).toBe(true))
  it.each([
    '',
    '.',
    '1.2.3',
    '1.2.3.',
    '.1.2.3',
    '1..2.3',
    '1.2.3.4.',
    '1.2.3.4.5',
    '256.1.1.1',
    '0001.2.3.4',
    '1.2.3.a',
    ' 1.2.3.4',
  ])('refuses "%s"', (t) => expect(isIpv4(t)).toBe(false))
})

describe('isHostname', () => {
  it.each(['a', 'example.com', 'example.com.', '1.example', 'a-b.c-d', 'x1', '1.2.3.a4'])('takes %s', (t) =>
    expect(isHostname(t)).toBe(true),
  )
  it.each([
    '',
    '.',
    '..',
    'a..b',
    '.a',
    '-a',
    'a-',
    'a.-b',
    'a-.b',
    'a_b',
    '1.2.3.4',
    'example.1com',
    'a b',
    'ä.de',
    'a..',
  ])('refuses "%s"', (t) => expect(isHostname(t)).toBe(false))
})

describe('isIpv6', () => {
  it.each(['::', '::1', '1::', '1:2:3:4:5:6:7:8', '::ffff:1.2.3.4', '1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:7::'])(
    'takes %s',
    (t) => expect(isIpv6(t)).toBe(true),
  )
  it.each([
    '',
    ':',
    ':::',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '12345::',
    '1:2:3:4:5:6:7:1.2.3.4',
    '::1.2.3',
    'g::',
    '1:2',
  ])('does not take %s', (t) => expect(isIpv6(t)).toBe(false))
})
