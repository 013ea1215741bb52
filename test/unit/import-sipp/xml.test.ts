import { describe, expect, it } from 'vitest'
import { parseXml } from '../../../src/import-sipp/xml.js'

const read = (text: string) => parseXml(text, 'old.xml')

describe('XML that is not well-formed', () => {
  it.for([
    ['<scenario>\n  <send>\n</scenario>', /^old\.xml:3:\d+: not well-formed XML: Unexpected close tag/],
    [
      '<scenario>\n  <recv response=200/>\n</scenario>',
      /^old\.xml:2:\d+: not well-formed XML: Unquoted attribute value/,
    ],
    ['<scenario>\n<send>a & b</send></scenario>', /^old\.xml:2:\d+: not well-formed XML: /],
    ['<scenario><send>', /not well-formed XML: Unclosed root tag/],
    ['', /no XML element is in it/],
    ['hello', /not well-formed XML/],
  ] as const)('%j is told with its place', ([text, message]) => {
    expect(() => read(text)).toThrow(message)
  })
})

describe('hostile XML', () => {
  it('has its entities refused, and none is expanded', () => {
    const bomb = '<!DOCTYPE s [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><scenario>&b;</scenario>'
    expect(() => read(bomb)).toThrow(/the document type defines things of its own/)
    expect(() => read('<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><scenario>&x;</scenario>')).toThrow(
      /document type/,
    )
    expect(() => read('<scenario>&unknown;</scenario>')).toThrow(/not well-formed/)
  })
  it('is bounded in depth, in elements and in size', () => {
    expect(() => read('<a>'.repeat(100_000))).toThrow(/elements lie more than 16 deep/)
    expect(() => read(`<scenario>${'<a/>'.repeat(20_000)}</scenario>`)).toThrow(/more than 5000 elements/)
    expect(() => read(`<scenario>${' '.repeat(2_000_001)}</scenario>`)).toThrow(/larger than 2 MB/)
  })
})

it('keeps the document type that files of SIPp have, CDATA, and the line of each element', () => {
  const root = read(
    '<?xml version="1.0"?>\n<!DOCTYPE scenario SYSTEM "sipp.dtd">\n<!-- x -->\n<scenario>\n\n<send a="1"\n b="2"><![CDATA[ <&> ]]></send></scenario>',
  )
  expect(root.children.map(({ name, line, text }) => [name, line, text])).toEqual([['send', 6, ' <&> ']])
})
