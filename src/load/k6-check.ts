/** Has k6 read a script before anything is started: what it cannot run is a mistake in the script, and no load. */
import { spawn } from 'node:child_process'
import { K6Log } from './k6-log.js'
import { environmentOf, type K6Order } from './k6-run.js'

/** k6 begins to read a script at once; one that takes longer is left to the load. */
const PATIENCE_MS = 30_000

/**
 * What k6 has against a script and its options (`k6 inspect`): in a sentence, with file and line where k6 knows them. Undefined where it
 * would run it.
 */
export async function troubleWithScript(
  order: Omit<K6Order, 'agentUrl' | 'token' | 'folder'> & { readonly signal?: AbortSignal },
): Promise<string | undefined> {
  const { script } = order
  const log = new K6Log()
  const child = spawn(
    order.program.path,
    [
      'inspect',
      '--execution-requirements',
      '--include-system-env-vars',
      '--no-color',
      '--log-output=stderr',
      '--log-format=json',
      ...variablesAmong(order.args ?? []),
      'file' in script ? script.file : '-',
    ],
    {
      stdio: ['pipe', 'ignore', 'pipe'],
      ...('file' in script ? {} : { cwd: script.folder }),
      env: environmentOf(order),
      timeout: PATIENCE_MS,
      ...(order.signal === undefined ? {} : { signal: order.signal }),
    },
  )
  child.stdin.on('error', () => undefined)
  child.stdin.end('text' in script ? script.text : '')
  child.stderr.setEncoding('utf8').on('data', (text: string) => log.add(text))
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null))
    child.once('close', resolve)
  })
  log.end()
  // What cannot be asked is found out by running it.
  if (code === 0 || code === null || log.reason === undefined) return undefined
  return log.reason
}

/** Of k6's arguments those that set variables of the script: `inspect` knows few of the others. */
function variablesAmong(args: readonly string[]): string[] {
  return args.flatMap((argument, index) => {
    if (/^(?:-e|--env)$/.test(argument)) return [argument, ...args.slice(index + 1, index + 2)]
    return /^(?:-e.|--env=)/.test(argument) ? [argument] : []
  })
}
