import { describe, expect, it } from 'vitest'
import { formatNameAddr, formatVia, Headers, parseNameAddr, parseVia } from '../../../src/message/message.js'
import { parseMessage } from '../../../src/message/parse.js'

const START = 'OPTIONS sip:b SIP/2.0\r\n'

describe('Headers', () => {
  it('keeps order and spelling, and finds compact names', () => {
    const h = new Headers([
      ['v', 'a'],
      ['X-One', '1'],
      ['VIA', 'b, c'],
    ])
    expect(h.get('Via')).toBe('a')
    expect(h.all('via')).toEqual(['a', 'b, c'])
    expect(h.values('V')).toEqual(['a', 'b', 'c'])
    h.add('Via', 'd')
    h.prepend('Via', 'z')
    h.prepend('X-Top', 't')
    expect(h.entries().map(([n, v]) => `${n}=${v}`)).toEqual([
      'X-Top=t',
      'Via=z',
      'v=a',
      'X-One=1',
      'VIA=b, c',
      'Via=d',
    ])
    expect(h.removeFirstValue('via')).toBe('z')
    h.remove('x-top')
    expect(h.removeFirstValue('via')).toBe('a')
    expect(h.removeFirstValue('via')).toBe('b')
    expect(h.entries()).toEqual([
      ['X-One', '1'],
      ['VIA', 'c'],
      ['Via', 'd'],
    ])
    h.set('v', 'only')
    expect(h.entries()).toEqual([
      ['X-One', '1'],
      ['v', 'only'],
    ])
    expect(h.removeFirstValue('route')).toBeUndefined()
  })

  it('a clone goes its own way', () => {
    const h = new Headers([['A', '1']])
    const copy = h.clone()
    copy.set('A', '2')
    h.add('B', '3')
    expect(h.entries()).toEqual([
      ['A', '1'],
      ['B', '3'],
    ])
    expect(copy.entries()).toEqual([['A', '2']])
  })

  it('does not let a value break out of its line', () => {
    const h = new Headers([['Subject', 'x\r\nEvil: 1']])
    expect(h.get('subject')).toBe('x Evil: 1')
    h.set('Subject', 'y\nEvil: 2')
    expect(h.wire()).toBe('Subject: y Evil: 2\r\n')
  })
})

describe('values', () => {
  it.each([
    'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport',
    'SIP/2.0/TLS [2001:db8::1];received=2001:db8::2;rport=99',
  ])('Via %s', (value) => expect(formatVia(parseVia(value))).toBe(value))

  it.each(['"A \\"B\\" \\\\" <sip:a@b>;tag=1', 'Bob J <sip:a@b;lr>', '<sip:a@b>;expires=3;x', '<sip:a@b>;p="q;r"'])(
    'address %s',
    (value) => expect(formatNameAddr(parseNameAddr(value))).toBe(value),
  )

  it('letters beyond Latin are no delimiters, whatever their low bytes are', () => {
    // U+013B, U+013E and U+0122 end in the bytes of `;`, `>` and `"`.
    const { display, uri, params } = parseNameAddr('"\u0122\u013b" <sip:a@b>;p=\u013b\u013e;tag=\u0122')
    expect([display, uri, [...params]]).toEqual([
      '\u0122\u013b',
      'sip:a@b',
      [
        ['p', '\u013b\u013e'],
        ['tag', '\u0122'],
      ],
    ])
  })

  it('a value does not see what stood behind a longer one before', () => {
    parseVia('SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKlong')
    expect(parseVia('SIP/2.0/UDP 192.0.2.1').port).toBeUndefined()
    expect(() => parseVia('SIP/2.0')).toThrow('sent-protocol expected')
    expect(() => parseVia('SIP/2.0/UDP')).toThrow('sent-by expected')
  })

  it('put together', () => {
    expect(formatVia({ transport: 'UDP', host: '::1', port: 5060, branch: 'z9hG4bK1', rport: true })).toBe(
      'SIP/2.0/UDP [::1]:5060;rport;branch=z9hG4bK1',
    )
    expect(formatNameAddr({ display: 'Müller, A.', uri: 'sip:a@b', tag: '1' })).toBe('"Müller, A." <sip:a@b>;tag=1')
    expect(formatNameAddr({ display: '', uri: 'sip:a@b' })).toBe('<sip:a@b>')
  })
})

describe('the list of header fields', () => {
  const list = () =>
    new Headers([
      ['A', '1'],
      ['B', '2, 3'],
      ['a', '4'],
      ['C', '5'],
      ['Via', 'x, "y,z"'],
    ])
  const lines = (headers: Headers) => headers.entries().map(([name, value]) => `${name}=${value}`)
  it.each<[string, (h: Headers) => void, string[]]>([
    ['set replaces all', (h) => h.set('a', 'n'), ['a=n', 'B=2, 3', 'C=5', 'Via=x, "y,z"']],
    ['set appends', (h) => h.set('N', 'n'), ['A=1', 'B=2, 3', 'a=4', 'C=5', 'Via=x, "y,z"', 'N=n']],
    [
      'add comes after the last of its name',
      (h) => h.add('A', 'n'),
      ['A=1', 'B=2, 3', 'a=4', 'A=n', 'C=5', 'Via=x, "y,z"'],
    ],
    ['add at the end', (h) => h.add('V', 'n'), ['A=1', 'B=2, 3', 'a=4', 'C=5', 'Via=x, "y,z"', 'V=n']],
    [
      'prepend comes before the first',
      (h) => h.prepend('C', 'n'),
      ['A=1', 'B=2, 3', 'a=4', 'C=n', 'C=5', 'Via=x, "y,z"'],
    ],
    ['prepend at the top', (h) => h.prepend('N', 'n'), ['N=n', 'A=1', 'B=2, 3', 'a=4', 'C=5', 'Via=x, "y,z"']],
    ['remove', (h) => h.remove('A'), ['B=2, 3', 'C=5', 'Via=x, "y,z"']],
    ['remove what is not there', (h) => h.remove('N'), ['A=1', 'B=2, 3', 'a=4', 'C=5', 'Via=x, "y,z"']],
  ])('%s', (_what, change, after) => {
    const headers = list()
    const copy = headers.clone()
    change(headers)
    expect(lines(headers)).toEqual(after)
    expect(headers.size).toBe(after.length)
    expect(lines(copy)).toEqual(lines(list()))
    const changed = lines(headers).join() !== lines(list()).join()
    expect(headers.revision > 0).toBe(changed)
    expect(headers.wire()).toBe(after.map((line) => `${line.replace('=', ': ')}\r\n`).join(''))
  })

  it('takes the first value of a list, or the whole of what is none', () => {
    const headers = list()
    expect(headers.removeFirstValue('via')).toBe('x')
    expect(headers.get('via')).toBe('"y,z"')
    expect(headers.removeFirstValue('via')).toBe('"y,z"')
    expect(headers.has('via')).toBe(false)
    expect(headers.removeFirstValue('b')).toBe('2, 3')
    expect(headers.removeFirstValue('a')).toBe('1')
    expect(headers.removeFirstValue('a')).toBe('4')
    expect(headers.removeFirstValue('a')).toBeUndefined()
    expect(lines(headers)).toEqual(['C=5'])
  })

  it('values are split where the grammar has lists', () => {
    expect(list().values('B')).toEqual(['2, 3'])
    expect(list().values('v')).toEqual(['x', '"y,z"'])
    expect(list().values('a')).toEqual(['1', '4'])
    expect(list().all('via')).toEqual(['x, "y,z"'])
    expect([list().get('n'), list().has('n'), list().has('c')]).toEqual([undefined, false, true])
  })

  it('line breaks in a value become spaces', () => {
    const headers = new Headers([['A', 'a\r\n b\rc\nd  \n\n e']])
    headers.add('B', 'x\n')
    expect(lines(headers)).toEqual(['A=a b c d e', 'B=x '])
  })

  it('names and values are as they came, and are written as bytes', () => {
    const { message } = parseMessage(Buffer.from(`${START}X-Odd  :  ä\r\n  ö \r\n\r\n`), { mode: 'fast' })
    const [field] = message!.headers.list()
    expect([field!.name, field!.value, field!.offset, field!.folded]).toEqual(['X-Odd', 'ä ö', START.length, true])
    expect(field!.wire).toBe('X-Odd  :  \u00c3\u00a4\r\n  \u00c3\u00b6 \r\n')
    const made = new Headers([['X', 'ä']]).list()[0]!
    expect([made.wire, made.offset, made.number]).toEqual(['X: \u00c3\u00a4\r\n', -1, Number.NaN])
  })
})
