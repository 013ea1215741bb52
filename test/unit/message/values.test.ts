import { describe, expect, it } from 'vitest'
import { parseAuthValues } from '../../../src/message/auth-params.js'
import { codedOf } from '../../../src/message/grammar.js'
import {
  bracketed,
  formatNameAddr,
  formatVia,
  parseCSeq,
  parseNameAddr,
  parseNumber,
  parseVia,
  readNameAddr,
} from '../../../src/message/header-values.js'
import { ParseError } from '../../../src/message/message.js'
import { formatParams, readParams } from '../../../src/message/params.js'

/** What is thrown: code, section, text and place. */
function thrownBy(read: () => unknown): [string, string, string, number] | undefined {
  try {
    read()
    return undefined
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    expect(error.name).toBe('ParseError')
    return [error.code, error.rule, error.message, error.offset]
  }
}

const params = (text: string) => [...readParams(codedOf(text), 0, text.length)]

describe('parameters', () => {
  it.each<[string, [string, string | undefined][]]>([
    ['', []],
    [' ', []],
    [';', []],
    [';;a', [['a', undefined]]],
    [
      ' ; A = b ; C ',
      [
        ['a', 'b'],
        ['c', undefined],
      ],
    ],
    [';a=', [['a', '']]],
    [
      ';a="x;\\"y" ;b',
      [
        ['a', 'x;"y'],
        ['b', undefined],
      ],
    ],
    [';a=1;A=2;a', [['a', '1']]],
    [';a;a=2', [['a', undefined]]],
    [';tag=x=y', [['tag', 'x=y']]],
    [';\r\n a\r\n =\r\n b', [['a', 'b']]],
  ])('%j', (text, list) => expect(params(text)).toEqual(list))

  it.each<[string, string, string, number]>([
    ['a', 'parameter-malformed', '\';\' expected at "a"', 0],
    [';a b', 'parameter-malformed', '\';\' expected at "b"', 3],
    [';a="b"c', 'parameter-malformed', '\';\' expected at "c"', 6],
    [';a;=b', 'parameter-malformed', 'parameter without a name', 3],
    [';a="b', 'quoted-string-open', 'quote not closed at ""b"', 3],
  ])('%j cannot be read', (text, code, message, offset) =>
    expect(thrownBy(() => params(text))).toEqual([code, 'RFC 3261 §25.1', message, offset]),
  )

  it.each([1, 11, 12, 13, 40])('%i of them are a map, the first of repeated ones counting', (count) => {
    const names = Array.from({ length: count }, (_, i) => `p${i}`)
    const text = [...names.map((name) => `;${name}=${name}x`), ...names.map((name) => `;${name}=again`), ';last'].join(
      '',
    )
    const read = readParams(codedOf(text), 0, text.length)
    const wanted = new Map<string, string | undefined>([
      ...names.map((name) => [name, `${name}x`] as const),
      ['last', undefined],
    ])
    expect(read.size).toBe(count + 1)
    expect([...read.keys()]).toEqual([...wanted.keys()])
    expect([...read.values()]).toEqual([...wanted.values()])
    expect([...read.entries()]).toEqual([...wanted.entries()])
    expect([...read]).toEqual([...wanted])
    const visited: unknown[] = []
    read.forEach((value, name, all) => visited.push([name, value, all === read]))
    expect(visited).toEqual([...wanted].map(([name, value]) => [name, value, true]))
    expect([
      read.get('p0'),
      read.has('p0'),
      read.get('last'),
      read.has('last'),
      read.get('none'),
      read.has('none'),
    ]).toEqual(['p0x', true, undefined, true, undefined, false])
    // A value is no name.
    expect([read.has('p0x'), read.get('p0x')]).toEqual([false, undefined])
  })

  it('are read from where they start to where they stop', () => {
    const { bytes, base, text } = codedOf('x;a=b;c=d')
    expect([...readParams({ bytes, base, text }, 1, 5)]).toEqual([['a', 'b']])
    expect([...readParams({ bytes, base, text }, 1, 7)]).toEqual([
      ['a', 'b'],
      ['c', undefined],
    ])
  })

  it('are written, in quotes where they need them', () => {
    const values = ['b', '[::1]:5060', '', 'c d', 'e"f', 'ü', '\u007f', ';', undefined]
    expect(values.map((value) => formatParams(new Map([['a', value]])))).toEqual([
      ';a=b',
      ';a=[::1]:5060',
      ';a=""',
      ';a="c d"',
      ';a="e\\"f"',
      ';a="ü"',
      ';a="\u007f"',
      ';a=";"',
      ';a',
    ])
    expect(
      formatParams(
        new Map([
          ['a', '1'],
          ['b', undefined],
        ]),
      ),
    ).toBe(';a=1;b')
  })
})

describe('Via', () => {
  it.each<[string, unknown[]]>([
    ['SIP/2.0/UDP h', ['SIP/2.0', 'UDP', 'h', undefined, undefined, undefined, undefined]],
    ['SIP/2.0/udp h:1', ['SIP/2.0', 'UDP', 'h', 1, undefined, undefined, undefined]],
    ['SIP/2.0/x-y h : 65535 ;branch=b', ['SIP/2.0', 'X-Y', 'h', 65535, 'b', undefined, undefined]],
    [' SIP / 2.0 / TLS\r\n [::1];rport', ['SIP/2.0', 'TLS', '::1', undefined, undefined, undefined, true]],
    ['HTTP/1.1/TCP h;received=[::2];rport=7', ['HTTP/1.1', 'TCP', 'h', undefined, undefined, '::2', 7]],
    ['SIP/2.0/UDP [::1]:0;rport=x;received=1.2.3.4', ['SIP/2.0', 'UDP', '::1', 0, undefined, '1.2.3.4', true]],
  ])('%s', (text, wanted) => {
    const { protocol, transport, host, port, branch, received, rport } = parseVia(text)
    expect([protocol, transport, host, port, branch, received, rport]).toEqual(wanted)
  })

  it.each<[string, string, number]>([
    ['', 'sent-protocol expected at ""', 0],
    [' SIP/2.0', 'sent-protocol expected at "SIP/2.0"', 1],
    ['SIP/2.0/ h', 'transport and sent-by expected at "h"', 9],
    ['SIP/2.0/UDP', 'transport and sent-by expected at "UDP"', 8],
    ['SIP/2.0/UDP ;a', 'transport and sent-by expected at "UDP ;a"', 8],
    ['SIP/2.0/UDP [::1', 'transport and sent-by expected at "UDP [::1"', 8],
    ['SIP/2.0/UDP []', 'transport and sent-by expected at "UDP []"', 8],
    ['SIP/2.0/UDP h:', 'port expected at ""', 14],
    ['SIP/2.0/UDP h:x', 'port expected at "x"', 14],
    ['SIP/2.0/UDP h:/', 'port expected at "/"', 14],
    ['SIP/2.0/UDP h::', 'port expected at ":"', 14],
    ['SIP/2.0/UDP h:65536', 'port expected at "65536"', 14],
    ['SIP/2.0/UDP h:99999999999999999999', 'port expected at "99999999999999999999"', 14],
  ])('%j cannot be read', (text, message, offset) =>
    expect(thrownBy(() => parseVia(text))).toEqual(['via-malformed', 'RFC 3261 §20.42', message, offset]),
  )

  it('is written, with what is told beside the parameters in place of theirs', () => {
    const base = { transport: 'UDP', host: 'h' }
    const all = new Map([
      ['branch', 'a'],
      ['x', undefined],
      ['received', 'r'],
      ['rport', '1'],
    ])
    expect(formatVia(base)).toBe('SIP/2.0/UDP h')
    expect(formatVia({ ...base, protocol: 'SIP/3.0', port: 5060, host: '::1' })).toBe('SIP/3.0/UDP [::1]:5060')
    expect(formatVia({ ...base, host: '[::1]', params: all })).toBe('SIP/2.0/UDP [::1];branch=a;x;received=r;rport=1')
    expect(formatVia({ ...base, params: all, branch: 'b' })).toBe('SIP/2.0/UDP h;branch=b;x;received=r;rport=1')
    expect(formatVia({ ...base, params: all, received: '::2' })).toBe('SIP/2.0/UDP h;branch=a;x;received=::2;rport=1')
    expect(formatVia({ ...base, params: all, rport: true })).toBe('SIP/2.0/UDP h;branch=a;x;received=r;rport')
    expect(formatVia({ ...base, rport: 9, received: 'r' })).toBe('SIP/2.0/UDP h;rport=9;received=r')
    expect(all.get('branch')).toBe('a')
    expect(['h', '::1', '[::1]'].map(bracketed)).toEqual(['h', '[::1]', '[::1]'])
  })
})

describe('addresses', () => {
  it.each<[string, unknown[]]>([
    ['sip:a@b', [undefined, 'sip:a@b', undefined, []]],
    [' sip:a@b ;tag=1;x', [undefined, 'sip:a@b', '1', ['tag', 'x']]],
    ['<sip:a@b;x=y>', [undefined, 'sip:a@b;x=y', undefined, []]],
    ['< sip:a@b > ;tag=1', [undefined, 'sip:a@b', '1', ['tag']]],
    ['Al B  <sip:a>', ['Al B', 'sip:a', undefined, []]],
    ['"A \\"B\\"" <sip:a>;tag=x', ['A "B"', 'sip:a', 'x', ['tag']]],
    ['""<sip:a>', ['', 'sip:a', undefined, []]],
    ['"A;B" <sip:a>', ['A;B', 'sip:a', undefined, []]],
    ['sip:a;x="<y>"', [undefined, 'sip:a', undefined, ['x']]],
  ])('%s', (text, wanted) => {
    const { display, uri, tag, params: list } = parseNameAddr(text)
    expect([display, uri, tag, [...list.keys()]]).toEqual(wanted)
  })

  it.each<[string, string, string, number]>([
    [' "A', 'quoted-string-open', 'quote not closed in ""A"', 1],
    ['"A" sip:a', 'address-malformed', '\'<\' expected after the display name at "sip:a"', 4],
    ['"A"', 'address-malformed', '\'<\' expected after the display name at ""', 3],
    ['A <sip:a', 'address-malformed', '\'>\' missing after "<sip:a"', 2],
    ['<>', 'address-malformed', 'no URI in "<>"', 0],
    ['A < >', 'address-malformed', 'no URI in "A < >"', 0],
    ['', 'address-malformed', 'no URI in ""', 0],
    [' ;tag=1', 'address-malformed', 'no URI in ";tag=1"', 1],
    ['<sip:a>x', 'parameter-malformed', '\';\' expected at "x"', 7],
  ])('%j cannot be read', (text, code, message, offset) =>
    expect(thrownBy(() => parseNameAddr(text))).toEqual([code, 'RFC 3261 §25.1', message, offset]),
  )

  it('are read in the middle of a text', () => {
    const coded = codedOf('To: "A" <sip:a>;tag=1\r\nX: >"')
    const { display, uri, tag } = readNameAddr(coded, 4, 21)
    expect([display, uri, tag]).toEqual(['A', 'sip:a', '1'])
    expect(thrownBy(() => readNameAddr(codedOf('<sip:a\r\nX: >'), 0, 6))?.[0]).toBe('address-malformed')
  })

  it('are written', () => {
    const list = new Map([
      ['x', '1'],
      ['tag', 'old'],
    ])
    expect(formatNameAddr({ uri: 'sip:a' })).toBe('<sip:a>')
    expect(formatNameAddr({ uri: 'sip:a', display: 'A B' })).toBe('A B <sip:a>')
    expect(formatNameAddr({ uri: 'sip:a', display: 'A  B' })).toBe('"A  B" <sip:a>')
    expect(formatNameAddr({ uri: 'sip:a', display: 'A, B', tag: 't' })).toBe('"A, B" <sip:a>;tag=t')
    expect(formatNameAddr({ uri: 'sip:a', params: list })).toBe('<sip:a>;x=1;tag=old')
    expect(formatNameAddr({ uri: 'sip:a', params: list, tag: 'new' })).toBe('<sip:a>;x=1;tag=new')
    expect(formatNameAddr({ uri: 'sip:a', params: new Map([['x', '1']]), tag: 'new' })).toBe('<sip:a>;x=1;tag=new')
    expect(list.get('tag')).toBe('old')
  })
})

describe('CSeq and numbers', () => {
  it.each<[string, number, string]>([
    ['0 ACK', 0, 'ACK'],
    [' 4294967295 \r\n\tX-Y ', 4294967295, 'X-Y'],
    ['0012 A B', 12, 'A B'],
    ...'ACK BYE INFO PRACK REFER INVITE CANCEL UPDATE NOTIFY OPTIONS MESSAGE PUBLISH REGISTER SUBSCRIBE'
      .split(' ')
      .map((method): [string, number, string] => [`9 ${method}`, 9, method]),
  ])('%j', (text, number, method) => expect(parseCSeq(text)).toEqual({ number, method }))

  it.each(['', '1', '1 ', 'x ACK', '1ACK', '-1 ACK', ':1 ACK', '/ ACK', ': ACK', 'ACK'])('%j cannot be read', (text) =>
    expect(thrownBy(() => parseCSeq(text))).toEqual([
      'cseq-malformed',
      'RFC 3261 §20.16',
      `number and method expected, not "${text.trim()}"`,
      0,
    ]),
  )

  it('has 32 bits', () => {
    expect(thrownBy(() => parseCSeq(' 4294967296123456789012345 ACK'))).toEqual([
      'cseq-range',
      'RFC 3261 §8.1.1.5',
      'number of 32 bits expected, not 42949672961234567890',
      0,
    ])
  })

  it('a count is of digits', () => {
    expect(parseNumber('0070', 'x-malformed', 'RFC 1 §2')).toBe(70)
    expect(thrownBy(() => parseNumber('7x', 'x-malformed', 'RFC 1 §2'))).toEqual([
      'x-malformed',
      'RFC 1 §2',
      'digits expected, not "7x"',
      0,
    ])
  })
})

describe('what authentication header fields carry', () => {
  const read = (text: string, scheme?: string) =>
    parseAuthValues(text, scheme).map((one) => [one.scheme, [...one.params], [...one.quoted]])
  it.each<[string, unknown[]]>([
    [
      'Digest a=b, c="d, e"',
      [
        [
          'Digest',
          [
            ['a', 'b'],
            ['c', 'd, e'],
          ],
          ['c'],
        ],
      ],
    ],
    [
      'Digest A = b ,\t,B\r\n =\r\n"x\\"y"',
      [
        [
          'Digest',
          [
            ['a', 'b'],
            ['b', 'x"y'],
          ],
          ['b'],
        ],
      ],
    ],
    [
      'Digest a=b Basic c=d',
      [
        ['Digest', [['a', 'b']], []],
        ['Basic', [['c', 'd']], []],
      ],
    ],
    [
      'Digest a=b, Basic',
      [
        ['Digest', [['a', 'b']], []],
        ['Basic', [], []],
      ],
    ],
    ['Digest a=b, a="c"', [['Digest', [['a', 'b']], []]]],
    ['Digest a="b" , a=c', [['Digest', [['a', 'b']], ['a']]]],
    ['a=b, Digest c=d', [['Digest', [['c', 'd']], []]]],
    ['Digest a="b', [['Digest', [['a', 'b']], ['a']]]],
    [
      'Digest a=b=c, d=',
      [
        [
          'Digest',
          [
            ['a', 'b=c'],
            ['d', ''],
          ],
          [],
        ],
      ],
    ],
    [
      'Digest a=,b=c',
      [
        [
          'Digest',
          [
            ['a', ''],
            ['b', 'c'],
          ],
          [],
        ],
      ],
    ],
    ['Digest =x, a=b', []],
    [' ,', []],
  ])('%j', (text, wanted) => {
    expect(read(text)).toEqual(wanted)
  })

  it('Authentication-Info has no scheme', () => {
    expect(read('nextnonce="n", qop=auth', '')).toEqual([
      [
        '',
        [
          ['nextnonce', 'n'],
          ['qop', 'auth'],
        ],
        ['nextnonce'],
      ],
    ])
    expect(read('', '')).toEqual([['', [], []]])
  })
})
