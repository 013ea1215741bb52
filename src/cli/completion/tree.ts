/** What there is to complete, read off commander's own tree. */
import type { Argument, Command, Option } from 'commander'

/** Words that commander does not know, by the names that scripts give to their lists. */
export interface Vocabulary {
  readonly scenarios: readonly string[]
  readonly faults: readonly string[]
  readonly profiles: readonly string[]
  /** All that `explain` knows by an id. */
  readonly explained: readonly string[]
  readonly failing: readonly string[]
}

/** What a word may be; none of it where nobody can guess. */
export interface Words {
  readonly given: readonly string[]
  readonly known: keyof Vocabulary | undefined
  readonly path: 'file' | 'folder' | 'yaml' | undefined
}

export interface WordOption {
  readonly long: string
  readonly short: string | undefined
  readonly description: string
  /** Undefined where it takes none. */
  readonly value: Words | undefined
}

export interface WordArgument extends Words {
  readonly variadic: boolean
}

export interface WordCommand {
  readonly name: string
  readonly summary: string
  readonly options: readonly WordOption[]
  readonly arguments: readonly WordArgument[]
}

const KNOWN: Readonly<Record<string, keyof Vocabulary>> = {
  '--only': 'scenarios',
  '--fault': 'faults',
  '--profile': 'profiles',
  '--fail-on': 'failing',
  'bundle id': 'scenarios',
  'explain words': 'explained',
}

/** Commands as help shows them. */
export function commandsOf(program: Command): WordCommand[] {
  const help = program.createHelp()
  const commands = help.visibleCommands(program)
  const names = commands.map((command) => command.name())
  return commands.map((command) => ({
    name: command.name(),
    summary: command.summary() || firstSentence(command.description()),
    options: help.visibleOptions(command).map(wordOption),
    arguments: command.registeredArguments.map((argument) =>
      command.name() === 'help'
        ? { given: names, known: undefined, path: undefined, variadic: false }
        : wordArgument(command, argument),
    ),
  }))
}

function wordArgument(command: Command, argument: Argument): WordArgument {
  const { argChoices = [], variadic } = argument
  const name = argument.name()
  return { given: argChoices, known: KNOWN[`${command.name()} ${name}`], path: pathOf(name), variadic }
}

function wordOption(option: Option): WordOption {
  const { long, short, description, flags, argChoices = [], required, optional } = option
  const name = long ?? `--${option.name()}`
  const [, placeholder = ''] = /[<[]([^>\]]+)[>\]]/.exec(flags) ?? []
  return {
    long: name,
    short,
    description: firstSentence(description),
    value:
      required || optional
        ? {
            given: argChoices,
            known: KNOWN[name],
            path: name === '--target' ? targetPath(placeholder) : pathOf(placeholder),
          }
        : undefined,
  }
}

/** `--target` is a file of YAML, except where it is the name of a target. */
const targetPath = (placeholder: string): Words['path'] => (placeholder === 'file' ? 'yaml' : undefined)

/** @param name as help shows it */
function pathOf(name: string): Words['path'] {
  if (/^folders?$/.test(name)) return 'folder'
  return /^(?:file|base|new|runs?)$/.test(name) ? 'file' : undefined
}

/** Without what is in parentheses and after the first sentence: a list of words has no room for it. */
const firstSentence = (text: string): string =>
  text
    .replace(/\s*\([^)]*\)/g, '')
    .split(/[;\n]|\. /)[0]
    ?.trim() ?? ''
