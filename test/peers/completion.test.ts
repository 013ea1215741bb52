/** Completion in real shells, and the manual page by mandoc. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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

const LINES: readonly (readonly [string, readonly string[]])[] = [
  ['ringproof me', ['merge']],
  ['ringproof run --clo', ['--clock']],
  ['ringproof run --clock ', ['virtual', 'wall']],
  ['ringproof completion f', ['fish']],
]

describe.skipIf(lacks('/usr/bin/bash'))('bash', () => {
  test.each(LINES)('%s', async (line, words) => {
    const script = await printed('bash', 'completion', 'bash')
    const typed = line.split(' ').map((word) => `'${word}'`)
    const ask = `COMP_WORDS=(${typed.join(' ')}); COMP_CWORD=${typed.length - 1}; _ringproof; printf '%s\\n' "\${COMPREPLY[@]}"`
    const said = output('/usr/bin/bash', '--norc', '-c', `source ${script}; ${ask}`)
    expect(said.trim().split('\n').toSorted()).toEqual(words)
  })
})

describe.skipIf(lacks('/usr/bin/fish'))('fish, if it is installed (apt-get install fish)', () => {
  test.each(LINES)('%s', async (line, words) => {
    const script = await printed('fish', 'completion', 'fish')
    const said = output('/usr/bin/fish', '-N', '-c', `source ${script}; complete -C '${line}'`)
    const found = said
      .trim()
      .split('\n')
      .map((one) => one.replace(/\t.*/, ''))
    expect(found.toSorted()).toEqual(words)
  })
})

describe.skipIf(lacks('/usr/bin/zsh'))('zsh, if it is installed (apt-get install zsh)', () => {
  test.each(LINES)('%s', async (line, words) => {
    const script = await printed('zsh', 'completion', 'zsh')
    // A terminal in which somebody presses Tab: the only word is put in, several are listed.
    const shown =
      words.length === 1 ? `*${line.split(' ').slice(0, -1).join(' ')} ${words[0]} *` : `*${words.join('*')}*`
    const ask = [
      'zmodload zsh/zpty',
      'zpty shell zsh -f -i',
      `zpty -w shell "PS1=; autoload -Uz compinit; compinit -u -d ${folder}/dump; source ${script}; print rea''dy"`,
      "zpty -r -m shell seen '*ready*'",
      `zpty -w -n shell $'${line}\\t'`,
      `zpty -r -m shell seen ${JSON.stringify(shown)} && print -r -- found`,
      'zpty -d shell',
    ]
    expect(output('/usr/bin/zsh', '-f', '-c', ask.join('\n'))).toContain('found')
  })
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
