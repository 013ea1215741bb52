/** What is wrong with a target, as it is told. Apart from what reads and checks targets, which takes long to load. */

/** The way to a field: names of fields and indexes of lists. */
export type Path = readonly PropertyKey[]

/** Writes a path as people write it: `accounts[0].user`. */
export function pathText(path: Path): string {
  return path.reduce<string>((sum, step) => {
    if (typeof step === 'number') return `${sum}[${step}]`
    return sum === '' ? String(step) : `${sum}.${String(step)}`
  }, '')
}

/** One thing that is wrong in a target file. Line and column count from 1. */
export interface TargetProblem {
  readonly line: number
  readonly column: number
  /** The field, as `accounts[0].user`; empty for the file as a whole. */
  readonly path: string
  /** What was expected, what was found, what to do. Never holds a value from the environment. */
  readonly message: string
}

/** A target file that cannot be used, with everything that is wrong in it. The message is ready to be printed. */
export class TargetFileError extends Error {
  override readonly name = 'TargetFileError'
  readonly file: string
  readonly problems: readonly TargetProblem[]

  constructor(file: string, problems: readonly TargetProblem[]) {
    super(problems.map((problem) => problemLine(file, problem)).join('\n'))
    this.file = file
    this.problems = problems
  }
}

function problemLine(file: string, problem: TargetProblem): string {
  const place = problem.line > 0 ? `${file}:${problem.line}:${problem.column}` : file
  // Parts of the file may be among it, which may be no text at all: they must not steer the terminal.
  const message = problem.message.replace(/[\p{Cc}\p{Cf}]/gu, '·')
  return problem.path === '' ? `${place}: ${message}` : `${place}: ${problem.path}: ${message}`
}
