/** A story as a file of TypeScript: head comment, rules, devices, and the lines in their blocks. */
import type { Draft, DraftRule, Line } from './draft.js'
import { blockOf, type Structure, structureOf } from './flow.js'
import { commentLines, namesIn, quoted, shown, withoutMarks } from './quoting.js'

export interface WrittenScenario {
  readonly id: string
  readonly title: string
  readonly file: string
  readonly area: string
  readonly own: string
  readonly other: string | undefined
  /** Options of the file's device, code. */
  readonly deviceOptions: readonly string[]
  readonly harm: string
  readonly advice: string
  readonly neverChecked: readonly string[]
  /** Rows of the injection file, as code; absent: there is none. */
  readonly rows: readonly string[] | undefined
}

const TOOLS = ['expect', 'within', 'waits', 'note', 'now', 'clock', 'random', 'variant']
const IMPORTED = ['addingToDescription', 'connected', 'textOf']
const WAITS_MS = 8_000

export function write(draft: Draft, scenario: WrittenScenario): string {
  const structure = structureOf(draft.lines)
  for (const line of structure.lost) {
    draft.note(
      'The jump from here is not taken over: what the story needs later lies within what it would pass over.',
      line,
    )
  }
  const used = usedIn(structure.lines)
  const body = bodyOf(structure, used)
  const rules = rulesIn(structure.lines, draft.rules)
  const devices = [scenario.own, scenario.other].flatMap((name) => name ?? [])
  const stage = [...devices, ...TOOLS].filter((name) => used.has(name))
  const imports = [
    ...IMPORTED.filter((name) => used.has(name)),
    'owed',
    'scenario',
    ...(rules.length > 1 ? ['whereReached'] : []),
  ]
  const definition = [
    `  id: ${scenario.rows === undefined ? quoted(scenario.id) : `\`${scenario.id}-\${index + 1}\``},`,
    `  title: ${quoted(scenario.title)},`,
    `  area: ${quoted(scenario.area)},`,
    "  purposes: ['SIPP'],",
    '  rules: {',
    ...rules.flatMap((rule, index) => ruleLines(rule, index > 0, scenario.file)),
    '  },',
    '  devices: {',
    ...devices.map(
      (name) =>
        `    ${name}: ${name === scenario.own && scenario.deviceOptions.length > 0 ? `{ ${scenario.deviceOptions.join(', ')} }` : '{}'},`,
    ),
    '  },',
    `  seconds: ${Math.ceil((draft.lasts + 15_000) / 1000)},`,
    `  harm: ${quoted(scenario.harm)},`,
    `  advice: ${quoted(scenario.advice)},`,
    `  async run({ ${stage.join(', ')} }) {`,
    ...body.map((line) => (line === '' ? '' : `    ${line}`)),
    '  },',
  ]
  return [
    ...headOf(scenario, draft),
    `import { ${imports.sort().join(', ')} } from 'ringproof'`,
    '',
    ...(used.has('WAITS_MS')
      ? [
          '/** The longest wait for a message, ms. SIPp waits for ever. */',
          `const WAITS_MS = ${String(WAITS_MS).replace('000', '_000')}`,
          '',
        ]
      : []),
    ...(scenario.rows === undefined
      ? ['export default scenario({', ...definition, '})']
      : [
          '/** A call each, as in the injection file. */',
          'const ROWS: readonly (readonly string[])[] = [',
          ...scenario.rows.map((row) => `  ${row},`),
          ']',
          '',
          `export default ROWS.map((${used.has('row') ? 'row' : '_row'}, index) =>`,
          '  scenario({',
          ...definition.map((line) => (line === '' ? '' : `  ${line}`)),
          '  }),',
          ')',
        ]),
    '',
  ].join('\n')
}

function headOf({ file, neverChecked }: WrittenScenario, { notes }: Draft): string[] {
  const list = (items: readonly string[]): string[] => items.flatMap((item) => commentLines(`- ${item}`))
  return [
    ...commentLines(`From ${shown(file, 100)}, a scenario of SIPp, by: ringproof import sipp`),
    '//',
    ...commentLines('What the old file never checked:'),
    ...list(neverChecked),
    '//',
    ...commentLines('How it was taken over:'),
    ...list([...notes].sort((a, b) => a.line - b.line).map(noteText)),
    '',
  ]
}

export const noteText = ({ line, text }: { readonly line: number; readonly text: string }): string =>
  line === 0 ? text : `line ${line}: ${text}`

function ruleLines({ name, line, paraphrase, gravity, cause }: DraftRule, isOptional: boolean, file: string): string[] {
  const breaking = [`gravity: ${quoted(gravity)}`, ...(cause === undefined ? [] : [`cause: ${quoted(cause)}`])]
  const rule = [
    'owed(',
    `  ${quoted(`${shown(file, 60)} line ${line}`)},`,
    `  ${quoted(paraphrase)},`,
    `  { ${breaking.join(', ')} },`,
    ')',
  ]
  const [first = '', ...rest] = isOptional ? ['whereReached(', ...rule.map((one) => `  ${one}`), ')'] : rule
  const all = [`${name}: ${first}`, ...rest].map((one) => `    ${one}`)
  return [...all.slice(0, -1), `${all.at(-1) ?? ''},`]
}

/** Rules that a line of the story looks at, in the order of the story. */
const rulesIn = (lines: readonly Line[], rules: readonly DraftRule[]): DraftRule[] =>
  lines.flatMap((line) =>
    line.kind === 'code' && line.rule !== undefined ? rules.filter(({ name }) => name === line.rule) : [],
  )

/** Names that something uses: what is left out for want of use uses nothing either. */
function usedIn(lines: readonly Line[]): Set<string> {
  let used = new Set<string>()
  for (;;) {
    const next = new Set(lines.flatMap((line) => (isLeftOut(line, used, used.size === 0) ? [] : namesIn(codeOf(line)))))
    if (used.size > 0 && next.size === used.size) return used
    if (next.size === 0) return next
    used = next
  }
}

const codeOf = (line: Line): string =>
  line.kind === 'code' ? line.code : line.kind === 'jump' ? (line.condition ?? '') : ''
const isLeftOut = (line: Line, used: ReadonlySet<string>, isFirst = false): boolean =>
  !isFirst && line.kind === 'code' && line.pure === true && line.declares !== undefined && !used.has(line.declares)

function bodyOf(structure: Structure, used: ReadonlySet<string>): string[] {
  const { lines, blocks } = structure
  const out: string[] = []
  let depth = 0
  const put = (text: string) => {
    for (const line of text.split('\n')) out.push(`${'  '.repeat(depth)}${line}`)
  }
  const lastCode = lines.findLastIndex(({ kind }) => kind === 'code' || kind === 'jump')
  for (const [index, line] of lines.entries()) {
    for (const block of blocks.filter(({ from }) => from === index)) {
      put(`${block.name}: {`)
      depth += 1
    }
    if (line.kind === 'label') {
      depth -= 1
      put('}')
    } else if (line.kind === 'comment') {
      for (const comment of commentLines(line.text)) put(comment)
    } else if (line.kind === 'jump') {
      const leave = `break ${blockOf(structure, line.to)}`
      put(withoutMarks(line.condition === undefined ? leave : `if (${line.condition}) ${leave}`))
    } else if (!isLeftOut(line, used)) {
      put(withoutMarks(statementOf(line, used, index === lastCode)))
    }
  }
  return out
}

function statementOf(line: Extract<Line, { kind: 'code' }>, used: ReadonlySet<string>, isLast: boolean): string {
  const { code, declares, rule } = line
  if (rule !== undefined) return isLast ? code : `if (!${code}) return`
  return declares !== undefined && used.has(declares) ? `const ${declares} = ${code}` : code
}
