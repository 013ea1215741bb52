/** Completion in real shells, and the manual page by mandoc. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.js'
import { sinks } from '../unit/cli/sinks.js'

const folder = mkdtempSync(join(tmpdir(), 'ringproof-completion-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** What a command prints, in a file. */
async function printed(name: string, ...args: readonly string[]): Promise<string> {
  const { printed: said, options } = sinks()
  expect(await main(args, options), said.err).toBe(0)
  const file = join(folder, name)
  writeFileSync(file, said.out)
  return file
}

function output(program: string, ...args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(program, args, {
    cwd: folder,
    env: { HOME: folder, PATH: '/usr/bin:/bin', TERM: 'dumb' },
    timeout: 20_000,
  })
  return `${stdout.toString()}${stderr.toString()}`
}

const lacks = (path: string) => {
  if (!existsSync(path) && process.env['CI'])
    throw new Error(`${path} is missing: npm test installs it as root on Debian`)
  return !existsSync(path)
}

// What is in the folder where somebody presses Tab.
for (const name of ['my.yaml', 'my.txt', 'old.xml']) writeFileSync(join(folder, name), '')
mkdirSync(join(folder, 'ours'))

const LINES: readonly (readonly [string, readonly string[]])[] = [
  ['ringproof me', ['merge']],
  ['ringproof help me', ['merge']],
  ['ringproof run --clo', ['--clock']],
  ['ringproof run --clock ', ['virtual', 'wall']],
  ['ringproof completion f', ['fish']],
  // A word that is a command's, too; an argument before an option; a value before an option.
  ['ringproof doctor --target run --lo', ['--login']],
  ['ringproof run --quiet --target my.yaml --clock v', ['virtual']],
  ['ringproof run --only registrar/refresh-r', ['registrar/refresh-replaces']],
  ['ringproof monitor --only registrar/refresh-r', ['registrar/refresh-replaces']],
  ['ringproof run --fault expires-not-t', ['expires-not-told']],
  ['ringproof load --profile br', ['breakpoint']],
  ['ringproof merge a b --fail-on h', ['harm']],
  ['ringproof explain EXAM-KEYS-', ['EXAM-KEYS-IN-CLEAR']],
  ['ringproof bundle registrar/refresh-r', ['registrar/refresh-replaces']],
  ['ringproof run --target my', ['my.yaml']],
  ['ringproof run --known my.t', ['my.txt']],
  ['ringproof run --scenarios o', ['ours']],
  ['ringproof import s', ['sipp']],
  ['ringproof import sipp o', ['old.xml', 'ours']],
]
/** Folders have a slash in some shells. */
const wordsIn = (text: string): string[] =>
  text
    .trim()
    .split('\n')
    .map((one) => one.replace(/\t.*/, '').replace(/\/$/, ''))
    .toSorted()

/** What each line becomes, by the shell's answers with a line between them. */
const answers = (said: string) => {
  const all = said.split('---\n')
  return LINES.map(([line], index) => [line, wordsIn(all[index] ?? '')])
}

test.skipIf(lacks('/usr/bin/bash'))('bash', async () => {
  const script = await printed('bash', 'completion', 'bash')
  const asks = LINES.map(([line]) => {
    const typed = line.split(' ').map((word) => `'${word}'`)
    return `COMP_WORDS=(${typed.join(' ')}); COMP_CWORD=${typed.length - 1}; _ringproof; printf '%s\\n' "\${COMPREPLY[@]}"; echo ---`
  })
  const said = output('/usr/bin/bash', '--norc', '-c', [`source ${script}`, ...asks].join('\n'))
  expect(answers(said)).toEqual(LINES)
})

test.skipIf(lacks('/usr/bin/fish'))('fish, if it is installed (apt-get install fish)', async () => {
  const script = await printed('fish', 'completion', 'fish')
  const asks = LINES.map(([line]) => `complete -C '${line}'; echo ---`)
  const said = output('/usr/bin/fish', '-N', '-c', [`source ${script}`, ...asks].join('\n'))
  expect(answers(said)).toEqual(LINES)
})

test.skipIf(lacks('/usr/bin/zsh'))('zsh, if it is installed (apt-get install zsh)', async () => {
  const script = await printed('zsh', 'completion', 'zsh')
  // A terminal in which somebody presses Tab: the only word is put in, several are listed. Then the line is wiped out.
  const asks = LINES.flatMap(([line, words]) => {
    const before = line.split(' ').slice(0, -1).join(' ')
    const shown = words.length === 1 ? `*${before} ${words[0]}[ /]*` : `*${words.join('*')}*`
    return [
      `zpty -w -n shell $'\\x15${line}\\t'`,
      `zpty -r -m shell seen ${JSON.stringify(shown)} && print -r -- ${JSON.stringify(line)}`,
    ]
  })
  const ask = [
    'zmodload zsh/zpty',
    'zpty shell zsh -f -i',
    `zpty -w shell "PS1=; autoload -Uz compinit; compinit -u -d ${folder}/dump; source ${script}; print rea''dy"`,
    "zpty -r -m shell seen '*ready*'",
    ...asks,
    'zpty -d shell',
  ]
  const said = output('/usr/bin/zsh', '-f', '-c', ask.join('\n'))
  expect(said.split('\n').filter((line) => line !== '')).toEqual(LINES.map(([line]) => line))
})

describe.skipIf(lacks('/usr/bin/mandoc'))('the manual page, if mandoc is installed (apt-get install mandoc)', () => {
  test('is without a fault, and has every command', async () => {
    const page = await printed('ringproof.1', 'man')
    expect(output('/usr/bin/mandoc', '-Tlint', '-W', 'warning', page)).toBe('')
    const text = output('/usr/bin/mandoc', '-Tascii', '-Owidth=200', page).replace(/.\u0008/g, '')
    for (const part of ['run [options]', 'merge [options] <folders...>', '--shard <i/n>', 'EXIT STATUS'])
      expect(text).toContain(part)
  })
})
