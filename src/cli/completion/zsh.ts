/** Completion for zsh. */
import type { Vocabulary, WordCommand, WordOption, Words } from './tree.js'

export function zsh(commands: readonly WordCommand[], vocabulary: Vocabulary): string {
  const lists = Object.entries(vocabulary).map(
    ([name, words]) => `_ringproof_${name}() { local -a known; known=(${words.join(' ')}); compadd -a known; }`,
  )
  const cases = commands.map((command) => {
    const options = command.options.flatMap((option) =>
      [option.short, option.long].flatMap((flag) => (flag === undefined ? [] : [quoted(specOf(flag, option))])),
    )
    const places = command.arguments.map((argument, place) =>
      quoted(`${argument.variadic ? '*' : place + 1}:word:${offered(argument)}`),
    )
    return `    ${command.name})\n      _arguments ${[...options, ...places].join(' \\\n        ')} ;;`
  })
  return `#compdef ringproof
# ringproof completion zsh > a folder of your $fpath, as _ringproof
${lists.join('\n')}
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

const specOf = (flag: string, { description, value }: WordOption): string =>
  `*${flag}[${description.replace(/[[\]\\:]/g, '\\$&')}]${value === undefined ? '' : `:value:${offered(value)}`}`

/** The action of `_arguments`. */
function offered({ given, known, path }: Words): string {
  if (path !== undefined) return { file: '_files', folder: '_files -/', yaml: '_files -g "*.(yaml|yml)"' }[path]
  if (known !== undefined) return `_ringproof_${known}`
  return given.length > 0 ? `(${given.join(' ')})` : ' '
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`
