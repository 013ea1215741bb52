/** Completion of the command line, as each shell wants it. Nothing is started when somebody presses Tab. */
import type { Command } from 'commander'
import { commandsOf, type WordCommand, type WordOption } from './tree.js'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

export function completionScript(program: Command, shell: Shell): string {
  const commands = commandsOf(program)
  return { bash, zsh, fish }[shell](commands)
}

const names = (commands: readonly WordCommand[]): string[] => commands.map(({ name }) => name)
const flagsOf = ({ options }: WordCommand): string[] =>
  options.flatMap(({ long, short }) => (short === undefined ? [long] : [short, long]))

function bash(commands: readonly WordCommand[]): string {
  const values = commands.flatMap((command) =>
    command.options.flatMap((option) => {
      const { value } = option
      if (value === undefined) return []
      const patterns = flagsOf({ ...command, options: [option] }).map((flag) => `'${command.name} ${flag}'`)
      return [`    ${patterns.join(' | ')}) ${bashValue(value)} ;;`]
    }),
  )
  return `# ringproof completion bash > ~/.local/share/bash-completion/completions/ringproof
_ringproof() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command='' words='' word
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
    case $word in ${names(commands).join(' | ')}) command=$word; break ;; esac
  done
  case "$command $prev" in
${values.join('\n')}
  esac
  case $command in
    '') words='${[...names(commands), '--help', '--version'].join(' ')}' ;;
${commands.map((one) => `    ${one.name}) words='${[...one.words, ...flagsOf(one)].join(' ')}' ;;`).join('\n')}
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
  if [ -n "$command" ] && [ "\${cur:0:1}" != - ] && [ "\${#COMPREPLY[@]}" -eq 0 ]; then compopt -o default 2> /dev/null; fi
}
complete -F _ringproof ringproof
`
}

function bashValue(value: NonNullable<WordOption['value']>): string {
  if (value === 'path') return 'compopt -o default 2> /dev/null; return'
  if (value === 'other') return 'return'
  return `mapfile -t COMPREPLY < <(compgen -W '${value.join(' ')}' -- "$cur"); return`
}

function zsh(commands: readonly WordCommand[]): string {
  const cases = commands.map((command) => {
    const specs = command.options.flatMap((option) =>
      flagsOf({ ...command, options: [option] }).map((flag) =>
        quoted(`*${flag}[${inBrackets(option)}]${zshValue(option)}`),
      ),
    )
    const rest = quoted(command.words.length > 0 ? `*:word:(${command.words.join(' ')})` : '*:file:_files')
    return `    ${command.name})\n      _arguments ${[...specs, rest].join(' \\\n        ')} ;;`
  })
  return `#compdef ringproof
# ringproof completion zsh > a folder of your $fpath, as _ringproof
_ringproof() {
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary.replaceAll(':', '\\:')}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = _ringproof ]; then _ringproof "$@"; else compdef _ringproof ringproof; fi
`
}

const inBrackets = ({ description }: WordOption): string => description.replace(/[[\]\\:]/g, '\\$&')

function zshValue({ value }: WordOption): string {
  if (value === undefined) return ''
  if (value === 'path') return ':path:_files'
  return value === 'other' ? ':value: ' : `:value:(${value.join(' ')})`
}

function fish(commands: readonly WordCommand[]): string {
  const lines = commands.flatMap((command) => {
    const { name, summary, options, words } = command
    const seen = `complete -c ringproof -n '__fish_seen_subcommand_from ${name}'`
    return [
      `complete -c ringproof -n __fish_use_subcommand -f -a ${name} -d ${fishQuoted(summary)}`,
      ...(words.length === 0 ? [] : [`${seen} -f -a '${words.join(' ')}'`]),
      ...options.map(({ long, short, description, value }) => {
        const flags = [`-l ${long.slice(2)}`, ...(short === undefined ? [] : [`-s ${short.slice(1)}`])]
        return `${seen} ${flags.join(' ')}${fishValue(value)} -d ${fishQuoted(description)}`
      }),
    ]
  })
  return `# ringproof completion fish > ~/.config/fish/completions/ringproof.fish\n${lines.join('\n')}\n`
}

function fishValue(value: WordOption['value']): string {
  if (value === undefined) return ''
  if (value === 'path') return ' -r -F'
  return value === 'other' ? ' -x' : ` -x -a '${value.join(' ')}'`
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`
const fishQuoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
