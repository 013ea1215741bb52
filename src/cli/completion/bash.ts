/** Completion for bash 4 and later. */
import type { Vocabulary, WordArgument, WordCommand, WordOption, Words } from './tree.js'

export function bash(commands: readonly WordCommand[], vocabulary: Vocabulary): string {
  const lists = Object.entries(vocabulary).map(([name, words]) => `_ringproof_${name}='${words.join(' ')}'`)
  const valued = commands.flatMap((command) =>
    command.options.flatMap((option) =>
      option.value === undefined ? [] : [{ patterns: patternsOf(command, option), value: option.value }],
    ),
  )
  const values = valued.map(({ patterns, value }) => `      ${patterns}) ${offered(value)} ;;`)
  const places = commands.flatMap((command) =>
    command.arguments.map((argument, place) => `    ${placeOf(command, argument, place)}) ${offered(argument)} ;;`),
  )
  const flags = commands.map((one) => `      ${one.name}) _ringproof_words '${flagsOf(one).join(' ')}' ;;`)
  return `# ringproof completion bash > ~/.local/share/bash-completion/completions/ringproof
${lists.join('\n')}
_ringproof_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }
_ringproof_paths() {
  compopt -o filenames 2> /dev/null
  case $1 in
    folder) mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
    yaml) mapfile -t COMPREPLY < <(compgen -d -- "$cur"; compgen -f -X '!*.yaml' -- "$cur"; compgen -f -X '!*.yml' -- "$cur") ;;
    *) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
  esac
}
_ringproof() {
  local cur=\${COMP_WORDS[COMP_CWORD]} command='' option='' place=0 word
  COMPREPLY=()
  # What stands before the cursor: the command, an option that wants a value, and how many arguments there are.
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
    if [ "$word" = = ]; then continue; fi
    if [ -n "$option" ]; then option=''; continue; fi
    case $word in
      -*) case "$command $word" in ${valued.map(({ patterns }) => patterns).join(' | ')}) option=$word ;; esac ;;
      *) if [ -z "$command" ]; then command=$word; else place=$((place + 1)); fi ;;
    esac
  done
  if [ "$cur" = = ]; then cur=''; fi
  if [ -n "$option" ]; then
    case "$command $option" in
${values.join('\n')}
    esac
    return
  fi
  if [ -z "$command" ]; then
    _ringproof_words '${[...commands.map(({ name }) => name), '--help', '--version'].join(' ')}'
    return
  fi
  if [ "\${cur:0:1}" = - ]; then
    case $command in
${flags.join('\n')}
    esac
    return
  fi
  case "$command $place" in
${places.join('\n')}
  esac
}
complete -F _ringproof ringproof
`
}

const flagsOf = ({ options }: WordCommand): string[] =>
  options.flatMap(({ long, short }) => (short === undefined ? [long] : [short, long]))
const patternsOf = ({ name }: WordCommand, option: WordOption): string =>
  [option.short, option.long].flatMap((flag) => (flag === undefined ? [] : [`'${name} ${flag}'`])).join(' | ')
const placeOf = ({ name }: WordCommand, { variadic }: WordArgument, place: number): string =>
  variadic ? `'${name} '*` : `'${name} ${place}'`

function offered({ given, known, path }: Words): string {
  if (path !== undefined) return `_ringproof_paths ${path}`
  if (known !== undefined) return `_ringproof_words "$_ringproof_${known}"`
  return given.length > 0 ? `_ringproof_words '${given.join(' ')}'` : ':'
}
