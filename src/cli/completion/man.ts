/** The manual page, made of the help: man(7), for `man -l` and a folder of $MANPATH. */
import type { Command } from 'commander'

/** @param release version of ringproof, and the day that the page is of: `2026-12-01` */
export function manPage(program: Command, release: { readonly version: string; readonly day: string }): string {
  const help = program.createHelp()
  const commands = help.visibleCommands(program).filter((command) => command.name() !== 'help')
  const lines = [
    `.TH RINGPROOF 1 ${release.day} "ringproof ${release.version}" "User Commands"`,
    '.SH NAME',
    'ringproof \\- conformance and load tests for hosted telephony',
    '.SH SYNOPSIS',
    '.B ringproof',
    '.I command',
    '[options]',
    '.SH DESCRIPTION',
    ...paragraphs(program.description()),
    '.SH COMMANDS',
    ...commands.flatMap((command) => [
      `.SS "${roff(`${command.name()} ${command.usage()}`.trim())}"`,
      ...paragraphs(command.description()),
      ...help
        .visibleArguments(command)
        .flatMap((argument) => [
          '.TP',
          `.I ${roff(argument.name())}`,
          ...paragraphs(help.argumentDescription(argument)),
        ]),
      ...help
        .visibleOptions(command)
        .flatMap((option) => ['.TP', `.B ${roff(option.flags)}`, ...paragraphs(help.optionDescription(option))]),
    ]),
    '.SH EXIT STATUS',
    ...EXIT_CODES.flatMap(([code, meaning]) => ['.TP', `.B ${code}`, ...paragraphs(meaning)]),
    '.SH SEE ALSO',
    'The pages in the folder',
    '.I docs',
    'of the package.',
  ]
  return `${lines.join('\n')}\n`
}

const EXIT_CODES: readonly (readonly [string, string])[] = [
  ['0', 'everything held, warnings included'],
  ['1', 'a check, a basic function or a threshold failed'],
  ['2', 'wrong usage, or a mistake in a file'],
  ['3', 'the target could not be reached, or went away'],
  ['4', 'nothing was decided, or a load or a comparison is not valid'],
  ['5', 'something that was asked for was not run'],
  ['6', 'a defect of ringproof or of a scenario'],
  ['130, 143', 'interrupted'],
]

/** As text of its own: nothing in it is a request or an escape. */
const roff = (line: string): string =>
  line.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('"', '\\(dq').replace(/^[.']/, '\\&$&')

/** Long lines are broken after sentences and clauses, as the source of a manual page is. */
const paragraphs = (of: string): string[] =>
  of
    .split(/\n|(?<=[.;:,]) /)
    .map((line) => roff(line.trim()))
    .filter((line) => line !== '')
