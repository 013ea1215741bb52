/**
 * The regular expressions of `limits.mayDial`, matched in bounded time: no pattern in a target file can hold up a run.
 *
 * A pattern works on all positions of the text that are reached so far, at once, so that nothing is ever tried again
 * from the same place. What needs a memory of the way taken (look-around, back-references) is refused when the file is read.
 */

/** Longer texts match nothing: no number or user name is as long. */
const LONGEST_TEXT = 256
/** Steps of a pattern with its counted repetitions written out. */
const MOST_STEPS = 2_000
/** Repetitions within repetitions. */
const DEEPEST = 4

/** From the positions that are reached to those that are reached after it. */
type Step = (text: string, from: ReadonlySet<number>) => Set<number>

interface Part {
  readonly step: Step
  readonly size: number
  /** Repetitions within each other. */
  readonly depth: number
}

export interface DialPattern {
  /** Whether it matches somewhere in the text, as `RegExp.test` does. */
  test(text: string): boolean
}

/** Compiles a pattern. @throws SyntaxError that says what is wrong with it */
export function compileDialPattern(source: string): DialPattern {
  // Says where a pattern is malformed, so that what follows reads well-formed ones only.
  const checked = new RegExp(source, 'u')
  const { step, size } = new PatternReader(checked.source === '(?:)' ? '' : source).whole()
  if (size > MOST_STEPS) throw new SyntaxError(`its repetitions add up to more than ${MOST_STEPS} steps`)
  return {
    test(text) {
      if (text.length > LONGEST_TEXT) return false
      return step(text, new Set(Array.from({ length: text.length + 1 }, (_, at) => at))).size > 0
    },
  }
}

class PatternReader {
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  whole(): Part {
    return this.#alternatives()
  }

  #alternatives(): Part {
    const branches = [this.#sequence()]
    while (this.#take(/\|/y) !== undefined) branches.push(this.#sequence())
    const [only] = branches
    if (branches.length === 1 && only !== undefined) return only
    return {
      step: (text, from) => new Set(branches.flatMap((branch) => [...branch.step(text, from)])),
      size: branches.reduce((sum, { size }) => sum + size, 1),
      depth: Math.max(...branches.map(({ depth }) => depth)),
    }
  }

  #sequence(): Part {
    const parts: Part[] = []
    while (this.#at < this.#source.length && !/[|)]/.test(this.#source[this.#at] ?? '')) parts.push(this.#repeated())
    return {
      step: (text, from) => parts.reduce((reached, part) => part.step(text, reached), new Set(from)),
      size: parts.reduce((sum, { size }) => sum + size, 1),
      depth: Math.max(0, ...parts.map(({ depth }) => depth)),
    }
  }

  #repeated(): Part {
    const part = this.#atom()
    const counted = this.#take(/(?:[*+?]|\{\d+(?:,\d*)?\})\??/y)
    if (counted === undefined) return part
    const [least, most] = boundsOf(counted)
    const depth = part.depth + 1
    if (depth > DEEPEST) throw new SyntaxError(`more than ${DEEPEST} repetitions stand within each other`)
    const size = part.size * Math.max(1, most === Infinity ? least + 1 : most)
    if (size > MOST_STEPS) throw new SyntaxError(`its repetitions add up to more than ${MOST_STEPS} steps`)
    return { step: repeat(part.step, least, most), size, depth }
  }

  #atom(): Part {
    if (this.#take(/\^/y) !== undefined) return leaf((_text, at) => (at === 0 ? at : undefined))
    if (this.#take(/\$/y) !== undefined) return leaf((text, at) => (at === text.length ? at : undefined))
    if (this.#take(/\((?:\?:|(?!\?)|\?<[A-Za-z_$][\w$]*>)/y) !== undefined) {
      const inner = this.#alternatives()
      this.#at += 1
      return inner
    }
    if (this.#take(/\(\?/y) !== undefined) throw new SyntaxError('look-around and flags cannot be used here')
    if (this.#take(/\\[1-9kbB]/y) !== undefined) throw new SyntaxError('back-references and \\b cannot be used here')
    const set = this.#take(
      /\[(?:\\.|[^\]\\])*\]|\\u\{[0-9a-fA-F]+\}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\c[A-Za-z]|\\[pP]\{[^}]*\}|\\.|[^\\]/uy,
    )
    if (set === undefined) throw new SyntaxError('it ends too early')
    const one = new RegExp(`^${set}$`, 'u')
    return leaf((text, at) => {
      const code = text.codePointAt(at)
      if (code === undefined) return undefined
      const char = String.fromCodePoint(code)
      return one.test(char) ? at + char.length : undefined
    })
  }

  #take(what: RegExp): string | undefined {
    what.lastIndex = this.#at
    const found = what.exec(this.#source)?.[0]
    this.#at += found?.length ?? 0
    return found
  }
}

function boundsOf(counted: string): [least: number, most: number] {
  if (counted.startsWith('*')) return [0, Infinity]
  if (counted.startsWith('+')) return [1, Infinity]
  if (counted.startsWith('?')) return [0, 1]
  const [least = '', most = least] = counted.replace(/[{}?]/g, '').split(',')
  return [Number(least), most === '' ? Infinity : Number(most)]
}

function repeat(step: Step, least: number, most: number): Step {
  return (text, from) => {
    let reached: Set<number> = new Set(from)
    for (let round = 0; round < least; round++) reached = step(text, reached)
    const all = new Set(reached)
    for (let round = least; round < most && reached.size > 0; round++) {
      // Only places that are new lead anywhere new.
      reached = new Set([...step(text, reached)].filter((at) => !all.has(at)))
      for (const at of reached) all.add(at)
    }
    return all
  }
}

function leaf(move: (text: string, at: number) => number | undefined): Part {
  return {
    step(text, from) {
      const reached = new Set<number>()
      for (const at of from) {
        const next = move(text, at)
        if (next !== undefined) reached.add(next)
      }
      return reached
    },
    size: 1,
    depth: 0,
  }
}
