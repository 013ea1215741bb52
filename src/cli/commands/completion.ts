/** The commands `completion` and `man`: what shells and readers of manual pages install. */
import { Argument, Command } from 'commander'
import { unixNow } from '../../clock/wall-clock.js'
import { version } from '../../worlds/package-folder.js'
import type { CliContext } from '../context.js'

const SHELLS = ['bash', 'zsh', 'fish']

export function completionCommand(context: CliContext): Command {
  return new Command('completion')
    .summary('print the completion of commands and options for your shell')
    .description(
      'Prints a script that completes commands, options and their values when you press Tab: ids of scenarios, faults and\nprofiles among them, as this release has them.',
    )
    .addArgument(new Argument('<shell>', 'the shell that you use').choices(SHELLS))
    .addHelpText(
      'after',
      `
Examples:
  source <(ringproof completion bash)                                        in this shell
  ringproof completion bash > ~/.local/share/bash-completion/completions/ringproof
  ringproof completion zsh > /usr/local/share/zsh/site-functions/_ringproof
  ringproof completion fish > ~/.config/fish/completions/ringproof.fish`,
    )
    .action(async (shell: string, _flags: unknown, command: Command) => {
      const { completionScript, SHELLS: known } = await import('../completion/scripts.js')
      const chosen = known.find((one) => one === shell)
      if (command.parent === null || chosen === undefined) return
      const { loadVocabulary } = await import('../completion/vocabulary.js')
      context.out(completionScript(command.parent, chosen, await loadVocabulary()))
    })
}

export function manCommand(context: CliContext): Command {
  return new Command('man')
    .summary('print the manual page')
    .description('Prints the manual page, which has the help of all commands.')
    .addHelpText(
      'after',
      `
Examples:
  ringproof man | man -l -                                          read it
  ringproof man > /usr/local/share/man/man1/ringproof.1             install it`,
    )
    .action(async (_flags: unknown, command: Command) => {
      const { manPage } = await import('../completion/man.js')
      const day = new Date(unixNow()).toISOString().slice(0, 10)
      if (command.parent !== null) context.out(manPage(command.parent, { version: version(), day }))
    })
}
