/** Completion for fish 3 and later. */
import type { Vocabulary, WordCommand, WordOption, Words } from './tree.js'

export function fish(commands: readonly WordCommand[], vocabulary: Vocabulary): string {
  const lists = Object.entries(vocabulary).map(([name, words]) => `set -g __ringproof_${name} ${words.join(' ')}`)
  const valued = commands.flatMap(({ name, options }) =>
    options.flatMap(({ long, short, value }) =>
      value === undefined
        ? []
        : [short, long].flatMap((flag) => (flag === undefined ? [] : [quoted(`${name} ${flag}`)])),
    ),
  )
  const lines = commands.flatMap((command) => {
    const { name, summary, options } = command
    return [
      `complete -c ringproof -n '__ringproof_at ""' -f -a ${name} -d ${quoted(summary)}`,
      ...command.arguments.map((argument, place) => {
        const where = `__ringproof_at ${name} ${argument.variadic ? '' : place}`.trimEnd()
        return `complete -c ringproof -n '${where}' ${offered(argument)}`
      }),
      ...options.map((option) => `complete -c ringproof -n '__ringproof_at ${name}' ${optionOf(option)}`),
    ]
  })
  return `# ringproof completion fish > ~/.config/fish/completions/ringproof.fish
${lists.join('\n')}
set -g __ringproof_valued ${valued.join(' ')}
# Whether the cursor stands behind this command, and this many arguments of it.
function __ringproof_at -a command place
  set -l words (commandline -opc)
  set -l found ''
  set -l option ''
  set -l arguments 0
  for word in $words[2..-1]
    if test -n "$option"
      set option ''
    else if string match -q -- '-*' $word
      contains -- "$found $word" $__ringproof_valued; and set option $word
    else if test -z "$found"
      set found $word
    else
      set arguments (math $arguments + 1)
    end
  end
  test "$found" = "$command"; and begin
    test -z "$place"; or test "$arguments" = "$place"
  end
end
complete -c ringproof -f
${lines.join('\n')}
`
}

function optionOf({ long, short, description, value }: WordOption): string {
  const flags = [`-l ${long.slice(2)}`, ...(short === undefined ? [] : [`-s ${short.slice(1)}`])]
  return [...flags, ...(value === undefined ? [] : ['-r', offered(value)]), `-d ${quoted(description)}`].join(' ')
}

const PATHS = {
  file: '-F',
  folder: "-f -a '(__fish_complete_directories)'",
  yaml: '-f -a \'(__fish_complete_suffix .yaml | string match -e -r "/|[.]ya?ml")\'',
} as const

function offered({ given, known, path }: Words): string {
  if (path !== undefined) return PATHS[path]
  if (known !== undefined) return `-f -a '$__ringproof_${known}'`
  return given.length > 0 ? `-f -a '${given.join(' ')}'` : '-f'
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
