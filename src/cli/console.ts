/** What a command prints: results on stdout; progress, one line that is kept up to date, and errors on stderr. */
import { isatty } from 'node:tty'
import { styleText } from 'node:util'

export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan'

/** A line, some parts of it styled. Styles show on terminals only. */
export type Line = string | readonly (string | { readonly style: Style; readonly text: string })[]

/** Where text goes. */
export interface Sink {
  write(text: string): unknown
  /** Whether it is a terminal: a line can be overwritten. */
  readonly terminal: boolean
  readonly colour: boolean
  /** Width of the terminal, characters. */
  readonly columns: number
}

export interface ConsoleOptions {
  /** Default: stdout. */
  readonly out?: Sink
  /** Default: stderr. */
  readonly err?: Sink
  readonly env?: Readonly<Record<string, string | undefined>>
}

const CLEAR_LINE = '\r\u001b[2K'

export class Console {
  readonly #out: Sink
  readonly #err: Sink
  #status = ''
  /** Progress is not shown. */
  quiet = false
  /** Stdout is for the result as JSON alone; what a person would read goes to stderr. */
  json = false

  constructor({ out, err, env = process.env }: ConsoleOptions = {}) {
    this.#out = out ?? processSink(process.stdout, 1, env)
    this.#err = err ?? processSink(process.stderr, 2, env)
  }

  /** Whether `status` shows. */
  get terminal(): boolean {
    return this.#err.terminal
  }

  /** A result, as it is, on stdout. */
  out(text: string): void {
    this.#cleared(() => this.#out.write(text))
  }

  /** What came of a run: on stdout, but for `json`. */
  report(line: Line): void {
    if (!this.json) this.#cleared(() => this.#out.write(`${rendered(line, this.#out.colour)}\n`))
    else this.tell(line)
  }

  /** Progress, on stderr. */
  tell(line: Line): void {
    if (!this.quiet) this.complain(line)
  }

  /** An error, or what the user has to know in any case; on stderr. */
  complain(line: Line): void {
    this.#cleared(() => this.#err.write(`${rendered(line, this.#err.colour)}\n`))
  }

  /** The line that is kept up to date, below all others; empty: none. Does nothing where a line cannot be overwritten. */
  status(text: string): void {
    if (!this.#err.terminal || this.quiet) return
    const line = oneLine(text, Math.max(20, this.#err.columns - 1))
    if (line === this.#status) return
    this.#err.write(`${CLEAR_LINE}${line}`)
    this.#status = line
  }

  /** Takes the status line out of the way and puts it back. */
  #cleared(write: () => void): void {
    const status = this.#status
    if (status !== '') this.#err.write(CLEAR_LINE)
    write()
    if (status !== '') this.#err.write(status)
  }
}

/** Text for one line: what a target sent may be part of it, and must not steer the terminal. */
export function oneLine(text: string, most = 240): string {
  const line = text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
  return line.length > most ? `${line.slice(0, most - 1)}…` : line
}

/** The same for text of several lines. */
export function withoutControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]+/gu, (run) => (/^[\n\t]+$/.test(run) ? run : ' '))
}

function rendered(line: Line, colour: boolean): string {
  const parts = typeof line === 'string' ? [line] : line
  return parts
    .map((part) => {
      if (typeof part === 'string') return withoutControls(part)
      const text = withoutControls(part.text)
      return colour ? styleText(part.style, text, { validateStream: false }) : text
    })
    .join('')
}

function processSink(stream: NodeJS.WriteStream, fd: number, env: NonNullable<ConsoleOptions['env']>): Sink {
  const tty = isatty(fd)
  return {
    write: (text) => stream.write(text),
    // CI systems that give jobs a terminal keep what is written to it as a log.
    terminal: tty && env.CI === undefined && env.TERM !== 'dumb',
    // https://no-color.org: present and not empty, whatever its value.
    colour: tty && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb',
    get columns() {
      // 0 where a program made the terminal and set no size.
      return stream.columns || 100
    },
  }
}
