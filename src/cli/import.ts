/** The command `import`: reads the old file, writes the new one, and tells what the old one never checked. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { type Imported, importSipp, type ImportOptions } from '../import-sipp/import-sipp.js'
import { readInjection } from '../import-sipp/injection.js'
import { SippFileError } from '../import-sipp/sipp-file-error.js'
import { noteText } from '../import-sipp/write.js'
import { DialPolicy, isForbiddenUri } from '../target/dial-policy.js'
import type { CliContext } from './context.js'
import { UsageError } from './errors.js'
import { namedTarget } from './target-option.js'

export interface ImportOrder {
  /** `-`: standard input. */
  readonly file: string
  readonly out?: string
  readonly service?: string
  readonly inf?: string
  /** ms */
  readonly pause?: number
  readonly target?: string
  readonly force?: boolean
}

/** @throws UsageError where a file cannot be read or imported, or is there already; TargetFileError */
export async function performImport(order: ImportOrder, context: CliContext): Promise<void> {
  const target = await namedTarget(order.target)
  const policy = target && new DialPolicy(target.document)
  const whyNotDialled = (number: string): string | undefined => {
    if (policy === undefined) return isForbiddenUri(`sip:${number}@target`) ? FORBIDDEN : undefined
    const decision = policy.decide(number)
    return decision.allowed ? undefined : decision.reason
  }
  const out = order.out ?? `${nameOf(order).replace(/\.xml$/i, '')}.ts`
  try {
    const { imported, left } = imports(order, out, whyNotDialled)
    write(out, imported.text, order.force === true)
    context.out(told(imported, out, left))
  } catch (error) {
    throw error instanceof SippFileError ? new UsageError(error.message) : error
  }
}

const FORBIDDEN = 'It is, or looks like, an emergency or premium number: no setting allows these.'

function imports(
  { file, inf, service, pause }: ImportOrder,
  out: string,
  whyNotDialled: ImportOptions['whyNotDialled'],
): { readonly imported: Imported; readonly left: number } {
  const injected = inf === undefined ? undefined : readInjection(textOf(inf), inf)
  const imported = importSipp(textOf(file), {
    // From a pipe it has the name of what is made of it.
    file: file === '-' ? `${basename(out).replace(/\.[cm]?ts$/, '')}.xml` : file,
    ...(service === undefined ? {} : { service }),
    ...(pause === undefined ? {} : { pauseMs: pause }),
    ...(whyNotDialled === undefined ? {} : { whyNotDialled }),
    ...(injected === undefined ? {} : { rows: injected.rows }),
  })
  return { imported, left: injected?.left ?? 0 }
}

const nameOf = ({ file }: ImportOrder): string => (file === '-' ? 'scenario' : basename(file))

function textOf(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function write(out: string, text: string, force: boolean): void {
  mkdirSync(dirname(out), { recursive: true })
  try {
    writeFileSync(out, text, { flag: force ? 'w' : 'wx' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    throw new UsageError(
      `${out} is there already, and is not overwritten: name another file with --out, or say --force.`,
    )
  }
}

function told({ id, neverChecked, notes, todos }: Imported, out: string, left: number): string {
  const list = (items: readonly string[]): string => items.map((item) => `  - ${item}\n`).join('')
  const todo =
    todos === 0
      ? ''
      : `\n${todos === 1 ? 'One place' : `${todos} places`} could not be taken over: look for TODO in the file.\n`
  const rows = left === 0 ? '' : `\n${left} rows of the injection file are left out: a conformance run is no load.\n`
  return `wrote ${out}: ${id}

What the old file never checked:
${list(neverChecked)}
How it was taken over:
${list(notes.map(noteText))}${todo}${rows}
Next:
  ringproof run --scenarios ${dirname(out)} --only ${id.replace(/[^/]*$/, '')}
`
}
