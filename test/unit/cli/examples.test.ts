/** Every command in help texts, README and docs names what there is. */
import { readdirSync, readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { faultsOf } from '../../../src/cli/commands/run.js'
import { idsOf, loadCatalogue } from '../../../src/cli/explain/catalogue.js'
import { bySymptom } from '../../../src/cli/explain/explain.js'
import { programFor } from '../../../src/cli/program.js'
import { isProfileFile } from '../../../src/load/own-profile.js'
import { loadProfiles } from '../../../src/load/profiles.js'
import { matches } from '../../../src/runner/plan.js'
import { contextFor } from './sinks.js'

const catalogue = await loadCatalogue()
const root = new URL('../../../', import.meta.url).pathname
const program = () => programFor(contextFor().context)

const COMMANDS = new Set(['help', ...program().commands.map((command) => command.name())])

interface Example {
  readonly from: string
  readonly text: string
}

function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({
    writeOut: (part) => {
      text += part
    },
  })
  command.outputHelp()
  return text
}

/** Commands, one a line, behind a prompt or variables. */
function commandsIn(from: string, text: string): Example[] {
  return [...text.matchAll(/(?:^|[`\s])(?:npx )?ringproof ((?:[a-z]+)(?: [^`\n]*)?)/gm)].flatMap(([, rest = '']) => {
    // What stands behind two spaces, or in brackets, is about it.
    const command = rest.replace(/ {2,}.*$/, '').replace(/\s+[#>|].*$|\)$/, '')
    return COMMANDS.has(command.split(' ')[0] ?? '') ? [{ from, text: command.trim() }] : []
  })
}

const markdown = ['README.md', ...readdirSync(`${root}docs`).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
)
const examples = [
  ...program().commands.flatMap((command) => commandsIn(`help of ${command.name()}`, helpOf(command))),
  ...commandsIn('help', helpOf(program())),
  ...markdown.flatMap((name) => {
    const text = readFileSync(`${root}${name}`, 'utf8')
    // In blocks of code and in backticks: prose may say "ringproof run" without meaning a command line.
    const code = [...text.matchAll(/^```[^\n]*\n([^]*?)^```|`([^`\n]+)`/gm)].map(
      ([, block, span]) => block ?? span ?? '',
    )
    return commandsIn(name, code.join('\n'))
  }),
]

/** Words as a shell would split them. */
function wordsOf(text: string): string[] {
  return [...text.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  )
}

/** What stands for something of the reader's. */
const isPlaceholder = (word: string) => /^[A-Z][A-Z_]*$|^<.*>$|…|\.\.\./.test(word)

describe('examples', () => {
  test('there are some in every help, and in the README', () => {
    const sources = new Set(examples.map(({ from }) => from))
    for (const command of program().commands) expect(sources, command.name()).toContain(`help of ${command.name()}`)
    expect(sources).toContain('README.md')
  })

  test.each(examples)('$from: ringproof $text', ({ text }) => {
    const [name = '', ...words] = wordsOf(text.replace(/\s*[|>&].*$/, ''))
    const command = program().commands.find((one) => one.name() === name)
    if (name === 'help') {
      const [about = ''] = words
      if (!isPlaceholder(about)) expect(program().commands.map((one) => one.name())).toContain(about)
      return
    }
    if (command === undefined) throw new Error(`there is no command ${name}`)
    const { operands, unknown } = command.parseOptions(words.filter((word) => !word.startsWith('[')))
    expect(unknown.filter((word) => !isPlaceholder(word))).toEqual([])
    const given: { only?: string[]; fault?: string[]; profile?: string; scenarios?: string[] } = command.opts()
    const { only = [], fault = [], profile, scenarios } = given
    // Of the reader's own scenarios nothing is known.
    for (const pattern of scenarios === undefined ? only.filter((one) => !isPlaceholder(one)) : []) {
      expect(
        catalogue.scenarios.some(({ definition }) => matches(pattern, definition)),
        pattern,
      ).toBe(true)
    }
    for (const one of fault.filter((word) => !isPlaceholder(word))) expect(faultsOf([one])).toEqual([one])
    if (profile !== undefined && !isPlaceholder(profile) && !isProfileFile(profile))
      expect(loadProfiles().map((known) => known.name)).toContain(profile)
    if (name === 'explain') {
      const asked = operands.filter((word) => !isPlaceholder(word)).join(' ')
      const isKnown = idsOf(catalogue).some((id) => id.toUpperCase() === asked.toUpperCase())
      // One word that is written like an id has to be one.
      if (/^\S+[-/]\S+$/.test(asked) || asked === '') expect(isKnown || asked === '', asked).toBe(true)
      else expect(isKnown || bySymptom(asked, catalogue).length > 0, asked).toBe(true)
    }
  })
})
