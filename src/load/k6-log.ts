/** What k6 says while it runs, one JSON object to a line (`--log-format=json`): what a user has to see of it, and why it ended. */

interface Entry {
  readonly level?: string
  readonly msg: string
  /** `console` for what the script itself says, `stacktrace` for what it threw. */
  readonly source?: string
}

/** The same trouble is shown so often: k6 says it again with every iteration. */
const MOST_ALIKE = 3
/** So many different ones are shown: what has a number of its own in each is endless. */
const MOST_KINDS = 200
/** The last that it said is kept, characters. */
const KEPT = 8000
/** k6 says so of thresholds after the end, which the report does, too. */
const CROSSED = /^thresholds on metrics .* have been crossed$/
const ABORTED = /^thresholds on metrics (.*) were crossed; at least one has abortOnFail enabled/

export class K6Log {
  readonly #show: (line: string) => void
  readonly #shown = new Map<string, number>()
  #rest = ''
  #said = ''
  #reason: string | undefined
  #thrown: { count: number; first: string } | undefined
  #abortedBy: string | undefined

  /** @param show what the script writes to its console, and warnings and errors of k6 */
  constructor(show: (line: string) => void = () => undefined) {
    this.#show = show
  }

  /** The last lines, without what the script itself said. */
  get said(): string {
    return this.#said.trim()
  }

  /** The last error, as `words` has it. */
  get reason(): string | undefined {
    return this.#reason
  }

  /** Iterations that ended with an exception; undefined where none did. */
  get thrown(): { readonly count: number; readonly first: string } | undefined {
    return this.#thrown
  }

  /** Metrics whose threshold ended the test (`abortOnFail`). */
  get abortedBy(): string | undefined {
    return this.#abortedBy
  }

  /** More of k6's stderr. */
  add(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#line(line)
  }

  /** There is no more. */
  end(): void {
    if (this.#rest !== '') this.#line(this.#rest)
    this.#rest = ''
  }

  #line(line: string): void {
    const entry = entryOf(line)
    if (entry?.source === 'console') {
      this.#show(entry.msg)
      return
    }
    const text = entry?.msg ?? line
    this.#said = `${this.#said}${text}\n`.slice(-KEPT)
    if (entry === undefined || !/^(?:warning|error|fatal|panic)$/.test(entry.level ?? '')) return
    const told = words(text)
    const isError = entry.level !== 'warning'
    if (CROSSED.test(text)) return
    this.#abortedBy ??= ABORTED.exec(text)?.[1]
    if (isError) this.#reason = told
    if (isError && entry.source === 'stacktrace')
      this.#thrown = { count: (this.#thrown?.count ?? 0) + 1, first: this.#thrown?.first ?? told }
    const alike = (this.#shown.get(told) ?? 0) + 1
    if (alike === 1 && this.#shown.size === MOST_KINDS) return
    this.#shown.set(told, alike)
    if (alike <= MOST_ALIKE) this.#show(`k6: ${told}${alike === MOST_ALIKE ? ' (not shown again)' : ''}`)
  }
}

function entryOf(line: string): Entry | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const parsed: unknown = JSON.parse(line)
    const isEntry =
      typeof parsed === 'object' &&
      parsed !== null &&
      'msg' in parsed &&
      typeof parsed.msg === 'string' &&
      'time' in parsed
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- k6 writes strings
    return isEntry ? (parsed as Entry) : undefined
  } catch {
    return undefined
  }
}

/** Frames of k6 itself, of the library, and of what joins it and the script. */
const OURS = /\(native\)|\/k6\/lib\/|ringproof-profile\.js|file:\/\/\/-:/

/**
 * A message of k6 in one line: what is wrong, and where in the user's script. Its stack traces have a frame to a line, innermost first;
 * those in the script say more than those in what it imports.
 */
export function words(message: string): string {
  const lines = message.split('\n')
  const isFrame = (line: string) => /^\s*at /.test(line)
  const what = lines
    .filter((line) => !isFrame(line))
    .map((line) => line.trim().replace(/^- /, ''))
    .filter((line) => line !== '' && line !== 'There were problems with the specified script configuration:')
    .join('; ')
    .replace(/^(?:could not initialize '[^']*': )?(?:could not load JS test '[^']*': )?/, '')
    .replace(/^test aborted: (.*) at \S+ \(file:\/\/.*\)$/, '$1')
    .replace(/^(?:Go)?Error: /, '')
  const frame = lines.find((line) => isFrame(line) && !OURS.test(line))
  const where = frame === undefined ? undefined : /file:\/\/\/(.*?:\d+:\d+)/.exec(frame)?.[1]
  return where === undefined ? what : `${where}: ${what}`
}
