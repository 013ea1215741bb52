import { describe, expect, it } from 'vitest'
import { SessionDescription } from '../../../src/sdp/session-description.js'

const ORIGIN = 'o=- 1 1 IN IP4 192.0.2.1'
const HEAD = ['v=0', ORIGIN, 's=-', 'c=IN IP4 192.0.2.1', 't=0 0']
const AUDIO = 'm=audio 4000 RTP/AVP 8'
const KEY = 'WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz'
const violations = (sdp: string) => {
  const found = SessionDescription.parse(sdp).violations
  // Whatever is wrong: a code, a section, and what should be there.
  for (const { code, rule, expected } of found) {
    expect(code).toMatch(/^[a-z][a-z0-9-]+$/)
    expect(rule).toMatch(/^RFC \d{4} §\d+(\.\d+)*$/)
    expect(expected).not.toBe('')
  }
  return found
}
const text = (lines: readonly string[]) => lines.map((line) => `${line}\r\n`).join('')
const named = (lines: readonly string[]) => violations(text(lines)).map(({ code, actual }) => `${code}: ${actual}`)
/** In the session part, behind t=. */
const inSession = (line: string) => named([...HEAD, line, AUDIO])
const inMedia = (line: string) => named([...HEAD, AUDIO, line])
const asMedia = (line: string, ...more: string[]) => named([...HEAD, line, ...more])
const asHead = (at: number, ...lines: string[]) => named([...HEAD.slice(0, at), ...lines, ...HEAD.slice(at + 1), AUDIO])

describe('what the session part must have (RFC 8866 §5)', () => {
  it.each([
    [0, ['v=1'], ['version-unknown: 1']],
    [0, [], [`version-missing: ${ORIGIN}`, `origin-place: ${ORIGIN}`, 'session-name-place: s=-']],
    [1, [], ['origin-missing: nothing', 'session-name-place: s=-']],
    [
      1,
      ['s=-', ORIGIN],
      [`origin-place: ${ORIGIN}`, 'session-name-place: s=-', `line-order: ${ORIGIN}`, 'line-repeated: s=-'],
    ],
    [2, [], ['session-name-missing: nothing']],
    [2, ['i=x', 's=-'], ['session-name-place: s=-', 'line-order: s=-']],
    [4, [], ['time-missing: nothing']],
    [3, [], ['connection-missing: m=audio 4000 RTP/AVP 8']],
  ] as const)('line %i as %j: %j', (at, lines, expected) => {
    expect(asHead(at, ...lines)).toEqual(expected)
  })

  it('is satisfied by a c= line in every media description (§5.7)', () => {
    const head = HEAD.filter((line) => !line.startsWith('c='))
    expect(named([...head, AUDIO, 'c=IN IP4 192.0.2.1', AUDIO, 'c=IN IP4 192.0.2.2'])).toEqual([])
    expect(named([...head, AUDIO, 'c=IN IP4 192.0.2.1', 'm=audio 2 RTP/AVP 8'])).toEqual([
      'connection-missing: m=audio 2 RTP/AVP 8',
    ])
  })

  it('says where', () => {
    expect(violations(text([...HEAD, 'y=1', AUDIO]))[0]).toEqual({
      code: 'type-unknown',
      rule: 'RFC 8866 §5',
      offset: text(HEAD).length,
      expected: 'one of v o s i u e p c b t r z k a',
      actual: 'y=1',
    })
    expect(violations(text(HEAD.slice(1)))[0]?.offset).toBe(0)
  })
})

describe('the form of lines (RFC 8866 §5, §9)', () => {
  it.each([
    ['a line feed alone', text(HEAD).replace('s=-\r\n', 's=-\n'), ['line-end: LF']],
    ['no end', text([...HEAD, AUDIO]).slice(0, -2), ['line-end: end of text']],
    ['no letter', text([...HEAD, 'garbage', AUDIO]), ['line-form: garbage']],
    ['a word before the =', text([...HEAD, 'at=1', AUDIO]), ['line-form: at=1']],
    ['an empty value', text(HEAD).replace('s=-', 's='), ['value-empty: s=']],
    ['an empty line', text([...HEAD, '', AUDIO]), ['line-form']],
    ['NUL', text(HEAD).replace('s=-', 's=a\0b'), ['octet-forbidden: s=a\0b']],
    ['a carriage return inside', text(HEAD).replace('s=-', 's=a\rb'), ['octet-forbidden: s=a\rb']],
  ])('%s', (_, sdp, expected) => {
    const found = violations(sdp)
    expect(found.map(({ code, actual }) => (actual === '' ? code : `${code}: ${actual}`))).toEqual(expected)
  })
})

describe('the order of lines (RFC 8866 §5)', () => {
  it('is kept by all of them at their places', () => {
    const session = ['v=0', ORIGIN, 's=-', 'i=x', 'u=http://x', 'e=x@y', 'e=z@y', 'p=+1', 'p=+2', 'c=IN IP4 192.0.2.1']
    const times = ['b=AS:1', 'b=CT:2', 't=0 0', 'r=1 2 3', 't=0 0', 'r=4 5 6', 'z=0 0', 't=0 0', 'a=x', 'a=y']
    const media = [AUDIO, 'i=x', 'c=IN IP4 192.0.2.1', 'b=AS:1', 'b=CT:2', 'a=x', 'a=y']
    expect(named([...session, ...times, ...media, ...media])).toEqual([])
  })

  it.each(['i=x', 'u=http://x', 'c=IN IP4 192.0.2.1'])('%s stands once in the session part', (line) => {
    const lines = ['v=0', ORIGIN, 's=-', line, line, 't=0 0']
    expect(named(lines)).toEqual([`line-repeated: ${line}`])
  })

  it.each([
    ['i=x', ['line-order: i=x']],
    ['e=x', ['line-order: e=x']],
    ['b=AS:1', ['line-order: b=AS:1']],
    ['v=0', ['line-order: v=0', 'line-repeated: v=0']],
    ['k=prompt', ['key-line: k=******']],
  ])('%s behind t= is out of place', (line, expected) => {
    expect(inSession(line)).toEqual(expected)
  })

  it('r= and z= have the place of t= in the session part only', () => {
    expect(named([...HEAD, 'a=x', 'r=1 2 3', AUDIO])).toEqual(['line-order: r=1 2 3'])
    expect(named([...HEAD, 'a=x', 'z=0 0', AUDIO])).toEqual(['line-order: z=0 0'])
    expect(inMedia('r=1 2 3')).toEqual(['type-unknown: r=1 2 3'])
    expect(inMedia('t=0 0')).toEqual(['type-unknown: t=0 0'])
  })

  it.each([
    [['a=x', 'i=y'], ['line-order: i=y']],
    [['b=AS:1', 'c=IN IP4 192.0.2.1'], ['line-order: c=IN IP4 192.0.2.1']],
    [['i=x', 'i=y'], ['line-repeated: i=y']],
    // One per address of a layered stream.
    [['c=IN IP4 192.0.2.1', 'c=IN IP4 192.0.2.2'], []],
    [
      ['k=prompt', 'k=prompt'],
      ['line-repeated: k=******', 'key-line: k=******', 'key-line: k=******'],
    ],
  ])('%j in a media description: %j', (lines, expected) => {
    expect(named([...HEAD, AUDIO, ...lines])).toEqual(expected)
  })
})

describe('values (RFC 8866 §5)', () => {
  it.each([
    [1, 'o=- 1 1 IN IP4 pc.example.net'],
    [1, 'o=- 1 1 IN IP6 2001:db8::1'],
    [1, 'o=- 1 1 ATM NSAP 47.0005'],
    [1, 'o=joe 20518 99999999999999999999999999 IN IP4 198.51.100.1'],
    [3, 'c=IN IP4 233.252.0.1/127'],
    [3, 'c=IN IP6 ff15::101/3'],
    [4, 't=3724394400 3724398418'],
    [4, 't=3724394400 0'],
  ])('line %i may be %s', (at, line) => {
    expect(asHead(at, line)).toEqual([])
  })

  it.each([
    [1, 'o=- 1 1 IN IP4', 'origin-fields: o=- 1 1 IN IP4'],
    [1, 'o=- 1 1 IN IP4 192.0.2.1 x', 'origin-fields: o=- 1 1 IN IP4 192.0.2.1 x'],
    [1, 'o=- 1 1  IN IP4', 'origin-fields: o=- 1 1  IN IP4'],
    [1, 'o=- x1 1 IN IP4 192.0.2.1', 'origin-session-id: x1'],
    [1, 'o=- 1x 1 IN IP4 192.0.2.1', 'origin-session-id: 1x'],
    [1, 'o=- 1 v1 IN IP4 192.0.2.1', 'origin-version: v1'],
    [1, 'o=- 1 1v IN IP4 192.0.2.1', 'origin-version: 1v'],
    [1, 'o=- 1 1 IN IP5 192.0.2.1', 'origin-address: IP5'],
    [1, 'o=- 1 1 IN IP4 192.0.2.256', 'origin-address: IP4 192.0.2.256'],
    [3, 'c=IN IP4', 'connection-fields: c=IN IP4'],
    [3, 'c=IN IP4 192.0.2.1 ', 'connection-fields: c=IN IP4 192.0.2.1 '],
    [3, 'c=IN IP6 192.0.2.1', 'connection-address: IP6 192.0.2.1'],
    [3, 'c=IN IP6 fe80::1%eth0', 'connection-address: IP6 fe80::1%eth0'],
    [3, 'c=IN IP4 pc_1.example.net', 'connection-address: IP4 pc_1.example.net'],
    [4, 't=0', 'time: t=0'],
    [4, 't=123456789 0', 'time: t=123456789 0'],
    [4, 't=0 123456789', 'time: t=0 123456789'],
    [4, 't=00 0', 'time: t=00 0'],
    [4, 't=0 00', 'time: t=0 00'],
    [4, 't=0 0 ', 'time: t=0 0 '],
  ])('line %i may not be %j: %s', (at, line, expected) => {
    expect(asHead(at, line)).toEqual([expected])
  })

  it.each([
    ['b=AS:64', []],
    ['b=X-YZ:128', []],
    ['b=AS:', ['bandwidth: b=AS:']],
    ['b=AS:6x', ['bandwidth: b=AS:6x']],
    ['b=A S:6', ['bandwidth: b=A S:6']],
    ['b=:6', ['bandwidth: b=:6']],
    ['a=recvonly', []],
    ['a=sp ace', ['attribute-name: sp ace']],
    ['a=:x', ['attribute-name']],
    ['a=é', ['attribute-name: Ã©']],
    ['a=x:', ['attribute-value: a=x:']],
    ['a=rtcp:4001', []],
    ['a=rtcp:4001 IN IP4 192.0.2.1', []],
    ['a=rtcp', ['rtcp: a=rtcp']],
    ['a=rtcp:x4001', ['rtcp: a=rtcp:x4001']],
    ['a=rtcp:400123', ['rtcp: a=rtcp:400123']],
    ['a=rtcp:4001 IN IP4', ['rtcp: a=rtcp:4001 IN IP4']],
    ['a=ptime:20', []],
    ['a=ptime:100', []],
    ['a=ptime:2.5', []],
    ['a=ptime:0.125', []],
    ['a=ptime:12.05', []],
    ['a=ptime:0', ['ptime: a=ptime:0']],
    ['a=ptime:020', ['ptime: a=ptime:020']],
    ['a=ptime:20 ', ['ptime: a=ptime:20 ']],
    ['a=ptime:2.0', ['ptime: a=ptime:2.0']],
    ['a=ptime:x', ['ptime: a=ptime:x']],
    ['a=crypto:0 AES_CM_128_HMAC_SHA1_80 inline:' + KEY, []],
  ])('%j in a media description: %j', (line, expected) => {
    const found = violations(text([...HEAD, AUDIO, line]))
    expect(found.map(({ code, actual }) => (actual === '' ? code : `${code}: ${actual}`))).toEqual(expected)
  })

  it('a direction stands once at a level (§6.7)', () => {
    for (const second of ['sendrecv', 'sendonly', 'recvonly', 'inactive']) {
      expect(named([...HEAD, AUDIO, 'a=sendrecv', `a=${second}`])).toEqual([`direction-repeated: ${second}`])
      expect(named([...HEAD, 'a=sendrecv', AUDIO, `a=${second}`])).toEqual([])
    }
  })

  it('a=rtcp and a=crypto belong to media descriptions (RFC 3605 §2.1, RFC 4568 §4)', () => {
    expect(inSession('a=rtcp:4001')).toEqual(['rtcp-level: a=rtcp:4001'])
    expect(inSession(`a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}`)).toEqual(['crypto-level: a=crypto'])
    expect(inMedia(`a=crypto:01 AES_CM_128_HMAC_SHA1_80 inline:${KEY}`)).toEqual(['crypto-tag: 01'])
  })
})

describe('media descriptions (RFC 8866 §5.14, §6.6)', () => {
  it.each([
    ['m=audio 0 RTP/AVP 8', []],
    ['m=audio 65535 RTP/SAVP 0', []],
    ['m=audio 4000/2 RTP/AVP 8', []],
    ['m=audio 4000/20 RTP/AVPF 8', []],
    ['m=image 4000 udptl t38', []],
    ['m=audio 4000 TCP/RTP/AVPX opus', []],
    ['m=', ['media-fields: m=']],
    ['m=audio 4000 RTP/AVP', ['media-fields: m=audio 4000 RTP/AVP']],
    ['m=audio  4000 RTP/AVP 8', ['media-fields: m=audio  4000 RTP/AVP 8']],
    ['m=aud[io 4000 RTP/AVP 8', ['media-type: aud[io']],
    ['m=audio 65536 RTP/AVP 8', ['media-port: 65536']],
    ['m=audio x4000 RTP/AVP 8', ['media-port: x4000']],
    ['m=audio 4000x RTP/AVP 8', ['media-port: 4000x']],
    ['m=audio 4000/0 RTP/AVP 8', ['media-port: 4000/0']],
    ['m=audio 4000 RTP/AVP 128', ['payload-type: 128']],
    ['m=audio 4000 RTP/AVP 8x', ['payload-type: 8x']],
    ['m=audio 4000 RTP/SAVPF x8', ['payload-type: x8']],
    ['m=audio 4000 RTP/AVP 8 0 8', ['payload-type-repeated: m=audio 4000 RTP/AVP 8 0 8']],
    ['m=audio 4000 RTP/AVP 95', []],
    ['m=audio 4000 RTP/AVP 96', ['rtpmap-missing: m=audio 4000 RTP/AVP 96']],
    ['m=audio 4000 RTP/AVP 127', ['rtpmap-missing: m=audio 4000 RTP/AVP 127']],
  ])('%j: %j', (line, expected) => {
    const found = violations(text([...HEAD, line])).filter(({ code }) => code !== 'value-empty')
    expect(found.map(({ code, actual }) => `${code}: ${actual}`)).toEqual(expected)
  })

  it('names the map that is missing', () => {
    const found = violations(text([...HEAD, 'm=audio 4000 RTP/AVP 96 127', 'a=rtpmap:96 x/8000']))
    expect(found.map(({ code, expected }) => `${code}: ${expected}`)).toEqual(['rtpmap-missing: a=rtpmap:127'])
  })

  it.each([
    ['96 L16/8000/2', []],
    ['96 L16/44100/10', []],
    ['127 x/1', []],
    ['0 PCMU/8000', []],
    ['128 x/8000', ['rtpmap: a=rtpmap:128 x/8000']],
    ['096 x/8000', ['rtpmap: a=rtpmap:096 x/8000']],
    ['96  x/8000', ['rtpmap: a=rtpmap:96  x/8000']],
    ['96 x/8000 ', ['rtpmap: a=rtpmap:96 x/8000 ']],
    ['96 x/8000/0', ['rtpmap: a=rtpmap:96 x/8000/0']],
    ['96 x/08', ['rtpmap: a=rtpmap:96 x/08']],
    ['96 x', ['rtpmap: a=rtpmap:96 x']],
    ['96 a b/8000', ['rtpmap: a=rtpmap:96 a b/8000']],
  ])('a=rtpmap:%s: %j', (map, expected) => {
    expect(asMedia(AUDIO, `a=rtpmap:${map}`)).toEqual(expected)
  })

  it('wants one map for a format, and reads no map from other lines', () => {
    expect(asMedia(AUDIO, 'a=rtpmap:8 PCMA/8000', 'a=rtpmap:8 PCMA/8000')).toEqual([
      'rtpmap-repeated: a=rtpmap:8 PCMA/8000',
    ])
    expect(asMedia('m=audio 1 RTP/AVP 96', 'i=rtpmap:96 x/1')).toEqual(['rtpmap-missing: m=audio 1 RTP/AVP 96'])
    expect(asMedia(AUDIO, 'i=ptime:0')).toEqual([])
  })
})

describe('what a violation says', () => {
  it('has stars in place of keys, as many as there were octets', () => {
    expect(inSession('k=clear:secret')).toEqual(['key-line: k=************'])
    expect(inMedia(`a=x:1 inline:${KEY}|2^20;inline:${KEY} y`)).toEqual([])
    const lines = [...HEAD, AUDIO, `x=1 INLINE:${KEY}|2^20;inline:AAAA y=inline:B k=C`]
    const stars = '*'.repeat(KEY.length)
    expect(named(lines)).toEqual([`type-unknown: x=1 INLINE:${stars}|2^20;inline:**** y=inline:* k=C`])
  })

  it('has stars for all that stands in a line of keys', () => {
    expect(named([...HEAD, AUDIO, `a=crypto:1 X ${KEY}\0`])).toContain(`octet-forbidden: a=crypto:${'*'.repeat(45)}`)
    expect(named([...HEAD, AUDIO, `a=crypto 1 X inline ${KEY}:`])).toContain(
      `attribute-name: a=crypto${'*'.repeat(53)}`,
    )
  })

  it('has 120 characters at most', () => {
    const actual = (length: number) => named([...HEAD, 'z'.repeat(length), AUDIO])[0]
    expect(actual(120)).toBe(`line-form: ${'z'.repeat(120)}`)
    expect(actual(121)).toBe(`line-form: ${'z'.repeat(117)}...`)
  })
})
