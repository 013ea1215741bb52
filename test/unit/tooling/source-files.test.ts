import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const MOST_LINES = 400
const REASON = /\bLonger than 400 lines: \S+ \S+/

/** What is wrong with the text of a source file; empty where nothing is. */
function faultsOf(text: string): string[] {
  const header = /^\/\*\*(.*?)\*\//s
    .exec(text)?.[1]
    ?.replace(/\s\*\s/g, ' ')
    .trim()
  const lines = text.split('\n').length - 1
  return [
    header === undefined || header.length < 10 ? 'does not open with a header comment that says what it is for' : '',
    lines > MOST_LINES && !REASON.test(header ?? '') ? `has ${lines} lines, and its header does not say why` : '',
  ].filter((fault) => fault !== '')
}

test('each file of src/ says what it is for, and is short or says why it is not', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  expect(files.length).toBeGreaterThan(300)
  const faults = files.flatMap((name) =>
    faultsOf(readFileSync(join('src', name), 'utf8')).map((fault) => `src/${name} ${fault}`),
  )
  expect(faults).toEqual([])
})

describe('what counts as a fault of a file', () => {
  const lines = (count: number) => 'const a = 1\n'.repeat(count)
  const header = '/** What this file is for. */\n'
  const reason = '/**\n * What this file is for.\n * Longer than 400 lines: it is one table.\n */\n'

  test.each<[string, string, number]>([
    ['none in a header and few lines', header + lines(399), 0],
    ['no comment', lines(3), 1],
    ['a comment of another kind', `// What this file is for.\n${lines(3)}`, 1],
    ['an empty comment', `/** */\n${lines(3)}`, 1],
    ['a comment behind the imports', `import 'a'\n${header}`, 1],
    ['one line too many', header + lines(400), 1],
    ['none in many lines with a reason', reason + lines(500), 0],
    ['a reason that stands elsewhere', header + reason + lines(500), 1],
  ])('%s', (_, text, count) => {
    expect(faultsOf(text)).toHaveLength(count)
  })
})
