/** Whatever stands in an old file, it stays text: in literals and comments of the new one, and never becomes code. */
import * as fc from 'fast-check'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { importSipp } from '../../../src/import-sipp/import-sipp.js'
import { fromPosix } from '../../../src/import-sipp/regular-expression.js'
import { quoted, templateOf } from '../../../src/import-sipp/quoting.js'

interface Read {
  /** Kinds of tokens, and the text of those that are no literals. */
  readonly skeleton: string
  readonly literals: readonly string[]
  readonly mistakes: number
}

function read(text: string): Read {
  const result = ts.transpileModule(text, {
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
  })
  const file = ts.createSourceFile('x.ts', text, ts.ScriptTarget.ES2023, true)
  const words: string[] = []
  const literals: string[] = []
  const visit = (node: ts.Node): void => {
    const isText =
      ts.isStringLiteral(node) ||
      ts.isNoSubstitutionTemplateLiteral(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddleOrTemplateTail(node)
    if (isText) literals.push(node.text)
    words.push(ts.isIdentifier(node) || ts.isNumericLiteral(node) ? node.text : ts.SyntaxKind[node.kind])
    ts.forEachChild(node, visit)
  }
  visit(file)
  return { skeleton: words.join(' '), literals, mistakes: result.diagnostics?.length ?? 0 }
}

/** What somebody would write who wants to break out. */
const NASTY = [
  "'",
  '"',
  '`',
  '\\',
  '${process.exit()}',
  '*/',
  '//',
  '\n',
  '\r',
  '\u2028',
  '\u2029',
  '\u0000',
  '\u0001expect\u0002',
  '}',
  ')',
  ';',
  '<script>',
  '</script>',
  '\ud800',
  '\u202e',
  '__proto__',
  'x',
  ' ',
  '{',
  '$',
  ']]',
  '-->',
]
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 4 })), {
    minLength: 1,
    maxLength: 12,
  })
  .map((parts) => parts.join(''))

/** As XML writes it; controls cannot stand in XML at all. */
const inXml = (text: string): string =>
  text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`).replace(/[\r\n\t]/g, (one) => `&#${one.charCodeAt(0)};`)

const withTexts = ({
  name,
  log,
  header,
  reason,
  expression,
  label,
  body,
  variable,
}: Record<
  'name' | 'log' | 'header' | 'reason' | 'expression' | 'label' | 'body' | 'variable',
  string
>) => `<?xml version="1.0"?>
<scenario name="${inXml(name)}">
  <send>
    INVITE sip:[service]@[remote_ip] SIP/2.0
    X-Note: ${inXml(header)}
    Content-Type: application/sdp

    v=0
    m=audio 9 RTP/AVP 0
    a=x-note:${inXml(body)}
  </send>
  <recv response="200" next="${inXml(label)}" test="1"><action>
    <ereg regexp="${inXml(expression)}" search_in="hdr" header="${inXml(header)}" check_it="true" assign_to="${inXml(variable)}"/>
    <log message="${inXml(log)}"/>
  </action></recv>
  <nop><action><exec command="${inXml(log)}"/><unknown x="${inXml(log)}"/></action></nop>
  <send>
    MESSAGE sip:[service]@[remote_ip] SIP/2.0
    Content-Type: text/plain

    ${inXml(body)}
  </send>
  <recv response="200"/>
  <send>
    BYE [next_url] SIP/2.0
    X-Reason: ${inXml(reason)}
  </send>
  <recv response="200"/>
</scenario>`

const texts = {
  name: 'name',
  log: 'log',
  header: 'header',
  reason: 'reason',
  expression: 'abc',
  label: 'none',
  body: 'body',
  variable: 'v',
}
const plain = read(importSipp(withTexts(texts), { file: 'x.xml' }).text)

describe('generated TypeScript', () => {
  it.each(['name', 'log', 'reason', 'body', 'variable'] as const)('has the same code whatever %s says', (which) => {
    fc.assert(
      fc.property(hostile, (text) => {
        // Keywords have values of their own, and an empty field is none.
        fc.pre(
          !text.includes('[') &&
            text.trim() !== '' &&
            !(which === 'body' && /[\r\n]/.test(text)) &&
            !(which === 'reason' && /[\r\n]/.test(text)),
        )
        let made: string
        try {
          made = importSipp(withTexts({ ...texts, [which]: text }), { file: 'x.xml' }).text
        } catch {
          return
        }
        const { skeleton, mistakes } = read(made)
        expect(mistakes).toBe(0)
        expect(skeleton).toBe(plain.skeleton)
      }),
      { numRuns: 25 },
    )
  })

  it('parses, and calls nothing, whatever all of them say', () => {
    const all = fc.record({
      name: hostile,
      log: hostile,
      header: hostile,
      reason: hostile,
      expression: hostile,
      label: hostile,
      body: hostile,
      variable: hostile,
    })
    fc.assert(
      fc.property(all, hostile, hostile, (some, service, cell) => {
        let made: string
        try {
          made = importSipp(withTexts(some), { file: `${some.name}.xml`, service, rows: [[cell, service]] }).text
        } catch {
          return
        }
        const { skeleton, mistakes } = read(made)
        expect(mistakes).toBe(0)
        expect(skeleton.split(' ')).not.toContain('process')
      }),
      { numRuns: 40 },
    )
  })

  it('has log lines and header fields as they were', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        // What XML cannot hold never arrives; a carriage return is a line end to it.
        fc.pre(
          !text.includes('[') &&
            !/[\u0000-\u001f\u007f\ud800-\udfff\ufffe\uffff]/.test(text) &&
            text.trim() === text &&
            text !== '',
        )
        const { literals } = read(importSipp(withTexts({ ...texts, log: text, reason: text }), { file: 'x.xml' }).text)
        expect(literals.filter((literal) => literal === text).length).toBeGreaterThanOrEqual(2)
      }),
      { numRuns: 25 },
    )
  })

  it('quotes every string so that it reads back', () => {
    fc.assert(
      fc.property(hostile, hostile, (one, other) => {
        expect(read(`const a = ${quoted(one)}`)).toMatchObject({ mistakes: 0, literals: [one] })
        expect(read(`const a = ${templateOf([{ text: one }, { code: 'b' }, { text: other }])}`)).toMatchObject({
          mistakes: 0,
          literals: [one, other],
        })
      }),
    )
  })
})

describe('regular expressions of POSIX', () => {
  it.for([
    ['[[:alnum:]]+', '[A-Za-z0-9]+'],
    ['[^]a]b', String.raw`[^\]a]b`],
    ['[]^x]', String.raw`[\]^x]`],
    [String.raw`[\.]`, String.raw`[\\.]`],
    ['a.b', String.raw`a[\s\S]b`],
    [String.raw`sip:\+?[0-9]{3,}`, String.raw`sip:\+?[0-9]{3,}`],
  ] as const)('%s is %s', ([posix, js]) => {
    expect(fromPosix(posix)).toBe(js)
  })
  it.for([String.raw`\d+`, '[[.a.]]', '(?i)a', '[abc', '*a', 'a{,3}', '[[:nonsense:]]', 'x'.repeat(3_000)] as const)(
    '%s is not taken over',
    (posix) => {
      expect(fromPosix(posix)).toBeUndefined()
    },
  )
})
