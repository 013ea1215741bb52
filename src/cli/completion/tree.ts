/** What there is to complete, read off commander's own tree. */
import type { Command, Option } from 'commander'

export interface WordOption {
  readonly long: string
  readonly short: string | undefined
  readonly description: string
  /** Of its value: given words, a path, or something that nobody can guess; undefined where it takes none. */
  readonly value: readonly string[] | 'path' | 'other' | undefined
}

export interface WordCommand {
  readonly name: string
  readonly summary: string
  readonly options: readonly WordOption[]
  /** Words that its arguments may be; empty where they are paths, or anything. */
  readonly words: readonly string[]
}

/** Commands as help shows them. */
export function commandsOf(program: Command): WordCommand[] {
  const help = program.createHelp()
  return help.visibleCommands(program).map((command) => ({
    name: command.name(),
    summary: command.summary() || firstSentence(command.description()),
    options: help.visibleOptions(command).map(wordOption),
    words: command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
  }))
}

function wordOption(option: Option): WordOption {
  const { long, short, description, flags, argChoices, required, optional } = option
  const [, placeholder = ''] = /[<[]([^>\]]+)[>\]]/.exec(flags) ?? []
  const takesPath = /file|folder|path|dir/.test(placeholder)
  return {
    long: long ?? `--${option.name()}`,
    short,
    description: firstSentence(description),
    value: required || optional ? (argChoices ?? (takesPath ? 'path' : 'other')) : undefined,
  }
}

/** Without what is in parentheses and after the first sentence: a list of words has no room for it. */
const firstSentence = (text: string): string =>
  text
    .replace(/\s*\([^)]*\)/g, '')
    .split(/[;\n]|\. /)[0]
    ?.trim() ?? ''
