/** Completion of the command line, as each shell wants it. Nothing is started when somebody presses Tab. */
import type { Command } from 'commander'
import { bash } from './bash.js'
import { fish } from './fish.js'
import { commandsOf, type Vocabulary } from './tree.js'
import { zsh } from './zsh.js'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

export const completionScript = (program: Command, shell: Shell, vocabulary: Vocabulary): string =>
  ({ bash, zsh, fish })[shell](commandsOf(program), vocabulary)
