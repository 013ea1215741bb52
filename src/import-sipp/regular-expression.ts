/** Regular expressions of SIPp (POSIX 1003.2, extended) as those of JavaScript. */

const CLASSES: Readonly<Record<string, string>> = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  blank: String.raw` \t`,
  cntrl: String.raw`\x00-\x1f\x7f`,
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: String.raw`!-\/:-@\[-\`{-~`,
  space: String.raw`\s`,
  upper: 'A-Z',
  xdigit: 'A-Fa-f0-9',
}
/** Longer ones are not taken over. */
const LONGEST = 2_000

/** The source of the same expression in JavaScript; undefined where there is none, or none that is sure to be the same. */
export function fromPosix(expression: string): string | undefined {
  // `{,3}` counts from 0 in the C library, and is a text in JavaScript.
  if (expression.length > LONGEST || expression.includes('{,')) return undefined
  const parts: string[] = []
  let at = 0
  while (at < expression.length) {
    const one = expression.charAt(at)
    if (one === '[') {
      const list = bracketList(expression, at)
      if (list === undefined) return undefined
      parts.push(list.source)
      at = list.end
    } else if (one === '\\') {
      const escape = expression.slice(at, at + 2)
      // Letters that the C library reads otherwise than JavaScript does: in SIPp `\d` is a d.
      if (/^\\(?:[^\W\dwWsSbB_]|[<>`']|)$/.test(escape)) return undefined
      parts.push(escape)
      at += 2
    } else if (one === '(' && expression[at + 1] === '?') {
      // POSIX knows no such groups: what it does with them is up to the library.
      return undefined
    } else {
      // SIPp compiles without REG_NEWLINE: its dot takes line ends too.
      parts.push(one === '.' ? String.raw`[\s\S]` : one)
      at += 1
    }
  }
  const source = parts.join('')
  return compiles(source) ? source : undefined
}

/** `[…]` that begins at `at`: in it a backslash is a backslash, and `]` comes first or ends it. */
function bracketList(expression: string, at: number): { readonly source: string; readonly end: number } | undefined {
  let next = at + 1
  let inner = ''
  if (expression[next] === '^') {
    inner += '^'
    next += 1
  }
  const begins = next
  while (next < expression.length) {
    const one = expression.charAt(next)
    if (one === ']' && next > begins) return { source: `[${inner}]`, end: next + 1 }
    const named = /^\[:(\w+):\]/.exec(expression.slice(next, next + 16))
    if (named) {
      const characters = CLASSES[named[1] ?? '']
      if (characters === undefined) return undefined
      inner += characters
      next += named[0].length
    } else if (/^\[[.=]/.test(expression.slice(next, next + 2))) {
      return undefined
    } else {
      inner += /[\\\][^]/.test(one) && !(one === '^' && next > begins) ? `\\${one}` : one
      next += 1
    }
  }
  return undefined
}

function compiles(source: string): boolean {
  try {
    return new RegExp(source) instanceof RegExp
  } catch {
    return false
  }
}
