/** Reads target files: YAML, the environment, files that they name. */
import { X509Certificate } from 'node:crypto'
import { closeSync, constants, existsSync, openSync, readFileSync, readSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { announcementsIn } from './announcements-folder.js'
import { type TargetDocument, targetJsonSchema, targetSchema } from './target-schema.js'
import { type Report, describeIssue } from './schema-issue.js'
import { type Path, pathText, TargetFileError, type TargetProblem } from './target-problem.js'
import { reportUndialable } from './undialable.js'
import { YamlText } from './yaml-text.js'

export {
  type RecordedAnnouncement,
  type TargetAccount,
  type TargetDocument,
  type TargetInput,
  targetJsonSchema,
} from './target-schema.js'

export { targetOf } from './target-of.js'
export { TargetFileError } from './target-problem.js'

/**
 * Reads a target file, replaces `${NAME}` from the environment, checks it and fills in defaults. Files that it names
 * (`ca`, `launch`, `passwordFile`, `knownDeviations`) are taken relative to it and come back as absolute paths; passwords from files are
 * read.
 * @throws TargetFileError with position, field and advice for each problem
 */
export function loadTarget(path: string, env: Record<string, string | undefined> = process.env): TargetDocument {
  let text: string
  try {
    text = readText(path)
  } catch (error) {
    const why = existsSync(path) ? reasonOf(error) : 'no such file'
    throw new TargetFileError(path, [
      { line: 0, column: 0, path: '', message: `${why}; give the path of a target file (YAML)` },
    ])
  }
  return parseTarget(text, { file: path, env })
}

/** Hundreds of thousands of accounts fit in; a device or a film that was named by mistake does not. */
const LONGEST_BYTES = 16 * 1024 * 1024
/** After the first few, what cannot be read is told by its consequences. */
const MOST_SYNTAX_ERRORS = 3
/** A mistake that stands in each of 20,000 accounts is understood by then. */
const MOST_PROBLEMS = 20

function readText(path: string): string {
  // A pipe that nobody writes into must not hold this process: it could not even be interrupted.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const chunks: Buffer[] = []
    for (let size = 0; size <= LONGEST_BYTES; ) {
      const chunk = Buffer.alloc(65_536)
      const count = readOrWait(file, chunk)
      if (count === 0) return Buffer.concat(chunks).toString('utf8')
      chunks.push(chunk.subarray(0, count))
      size += count
    }
  } finally {
    closeSync(file)
  }
  throw new Error(`it is larger than ${LONGEST_BYTES / 1024 / 1024} MB`)
}

/** A pipe's writer (`<(envsubst …)`) is waited for so long, milliseconds. */
const PIPE_MS = 800
const PAUSE_MS = 20

/** @returns bytes read; 0 at the end. @throws Error where a pipe stays empty */
function readOrWait(file: number, into: Buffer): number {
  for (let waited = 0; ; waited += PAUSE_MS) {
    try {
      return readSync(file, into)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error
    }
    if (waited >= PIPE_MS) throw new Error(`nothing was written into this pipe within ${PIPE_MS} ms`)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
  }
}

/** What the system said, without the words that only programmers need. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replace(/^[A-Z]+: /, '').replace(/, (?:open|read).*$/, '')
}

/** As `loadTarget`, from a text; `file` is the name for messages and the place that relative paths start from. */
export function parseTarget(
  text: string,
  options: { file: string; env: Record<string, string | undefined> },
): TargetDocument {
  const { file, env } = options
  const yaml = new YamlText(text)
  const problems: TargetProblem[] = yaml.errors.slice(0, MOST_SYNTAX_ERRORS).map(({ line, column, message }) => ({
    line,
    column,
    path: '',
    message: `not readable as YAML: ${message}`,
  }))
  if (problems.length > 0) throw new TargetFileError(file, problems)
  const report = (path: Path, message: string, key?: string) =>
    problems.push({ ...yaml.position(path, key), path: pathText(path), message })

  const value = substitute(yaml.value, [], env, report)
  if (problems.length > 0) throw new TargetFileError(file, problems)
  const result = targetSchema.safeParse(value)
  if (!result.success) {
    const schema = targetJsonSchema()
    for (const issue of result.error.issues.slice(0, MOST_PROBLEMS))
      describeIssue(issue, { yaml, report, schema, isSecret })
    problems.splice(MOST_PROBLEMS)
    throw new TargetFileError(file, problems)
  }
  const target = withFiles(result.data, dirname(resolve(file)), report)
  reportUndialable(target, entriesOf(value), report)
  if (problems.length > 0) throw new TargetFileError(file, problems)
  return target
}

/** Entries under `accounts`, some of which may stand for many. */
const entriesOf = (value: unknown): number =>
  typeof value === 'object' && value !== null && 'accounts' in value && Array.isArray(value.accounts)
    ? value.accounts.length
    : 0

/** The PEM text of the private authority behind a target's certificate, from its file or from the target itself. */
export function authorityOf(target: Pick<TargetDocument, 'endpoints'>): string | undefined {
  const ca = target.endpoints.tls?.ca
  return ca === undefined || isPem(ca) ? ca : readFileSync(ca, 'utf8')
}

function isPem(text: string): boolean {
  return text.startsWith('-----BEGIN')
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== ''
  } catch {
    return false
  }
}

const variable = /\$(\$\{)|\$\{([^}]*)\}?/g

/** Replaces `${NAME}` in every text; `$${` stands for a plain `${`. */
function substitute(value: unknown, path: Path, env: Record<string, string | undefined>, report: Report): unknown {
  if (typeof value === 'string') {
    return value.replace(variable, (whole: string, escaped: string | undefined, name: string) => {
      if (escaped !== undefined) return '${'
      if (!whole.endsWith('}') || !/^[A-Za-z_]\w*$/.test(name)) {
        // What stands in the braces may be half of a password.
        const shown = isSecret(path) ? '${…}' : whole.slice(0, 80)
        report(path, `'${shown}' is not an environment variable; write \${NAME}, or $\${ for a literal \${`)
        return ''
      }
      const found = env[name]
      if (found === undefined || found === '') {
        const state = found === undefined ? 'not set' : 'empty'
        const shown = isSecret(path) && whole !== value ? 'named here' : name
        report(path, `the environment variable ${shown} is ${state}; set it, or remove this field`)
      }
      return found ?? ''
    })
  }
  if (Array.isArray(value)) return value.map((item, index) => substitute(item, [...path, index], env, report))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, substitute(item, [...path, key], env, report)]),
    )
  }
  return value
}

function withFiles(target: TargetDocument, directory: string, report: Report): TargetDocument {
  const fileAt = (path: Path, name: string) => {
    const full = resolve(directory, name)
    if (!existsSync(full)) report(path, `there is no file ${full}; give its path relative to the target file`)
    return full
  }
  const contents = (path: Path, name: string) => {
    try {
      return readText(name)
    } catch (error) {
      if (existsSync(name)) report(path, `${name} cannot be read: ${reasonOf(error)}; give another file`)
      return undefined
    }
  }
  const { tls } = target.endpoints
  const isLaunched = target.launch !== undefined && target.launch !== 'embedded'
  if (tls?.ca !== undefined && !isPem(tls.ca)) {
    // A script that starts the target may make the authority, too: then its file is not there yet.
    const path: Path = ['endpoints', 'tls', 'ca']
    tls.ca = isLaunched ? resolve(directory, tls.ca) : fileAt(path, tls.ca)
    const pem = isLaunched ? undefined : contents(path, tls.ca)
    if (pem !== undefined && !isCertificate(pem)) report(path, `${tls.ca} contains no certificate; expected a PEM file`)
  } else if (tls?.ca !== undefined && !isCertificate(tls.ca)) {
    report(['endpoints', 'tls', 'ca'], 'this PEM text contains no readable certificate')
  }
  if (target.knownDeviations !== undefined) target.knownDeviations = fileAt(['knownDeviations'], target.knownDeviations)
  if (typeof target.announcements === 'string') {
    try {
      target.announcements = announcementsIn(resolve(directory, target.announcements))
    } catch (error) {
      report(['announcements'], reasonOf(error))
    }
  }
  if (target.launch !== undefined && isLaunched) target.launch = fileAt(['launch'], target.launch)
  for (const [index, account] of target.accounts.entries()) {
    if (account.passwordFile === undefined) continue
    const path: Path = ['accounts', index, 'passwordFile']
    account.passwordFile = fileAt(path, account.passwordFile)
    const password = contents(path, account.passwordFile)
    if (password !== undefined) {
      account.password = password.split(/\r?\n/, 1)[0] ?? ''
      if (account.password === '') report(path, 'the first line of this file is empty; expected the password there')
    }
  }
  return target
}

/** A password or key, or the group or list around it. */
function isSecret(path: Path): boolean {
  return path.at(-1) === 'password' || path.at(-1) === 'mikeyKey' || (path[0] === 'accounts' && path.length <= 2)
}
