/** docs/writing-a-scenario.md names all that a story may say: authors outside have no sources to look into. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { NEEDS } from '../../../src/scenario/vocabulary.js'

const page = readFileSync('docs/writing-a-scenario.md', 'utf8')
const code = [...page.matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text).join('\n')

/** Names of the fields and methods of an interface. */
function membersOf(path: string, name: string): string[] {
  const text = readFileSync(path, 'utf8')
  const body = new RegExp(`export interface ${name}\\b[^{]*\\{\\n([^]*?)\\n\\}`).exec(text)?.[1] ?? ''
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)[?(:<]/gm)].map(([, member = '']) => member)
}

const CALL = [
  'automatic',
  'direction',
  'exchange',
  'id',
  'localTag',
  'peer',
  'timer',
  'replaces',
  'responses',
  'successes',
  'acks',
  'onOffer',
  'onRequest',
]

test.each<[string, readonly string[]]>([
  ['the words of needs', NEEDS],
  ['what run is given', membersOf('src/scenario/stage.ts', 'StageTools')],
  ['what expect has', membersOf('src/scenario/expect.ts', 'Matchers')],
  [
    'what a call can',
    ['Call', 'OutgoingCall', 'IncomingCall']
      .flatMap((name) => membersOf('src/agent/call.ts', name))
      // For stories that look closer than most: editors show them.
      .filter((name) => !CALL.includes(name)),
  ],
  ['fields of a scenario', membersOf('src/scenario/scenario.ts', 'ScenarioDefinition')],
])('%s', (_, words) => {
  expect(words.length).toBeGreaterThan(8)
  expect(words.filter((word) => !new RegExp(`(?<![\\w-])${word}(?![\\w-])`).test(code))).toEqual([])
})
