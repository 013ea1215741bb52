/** The command `init`: asks the domain, and writes what is not there yet. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { surveyLines } from '../survey/lines.js'
import { parseTarget, type TargetInput } from '../target/target-file.js'
import type { CliContext } from './context.js'
import { UnreachableError, UsageError } from './errors.js'
import { filesOf, type MadeFile, TARGET_PATH, type Wishes } from './init/files.js'
import { look, type Seen } from './init/look.js'

export interface InitOrder extends Wishes {
  /** Folder of the project. */
  readonly out: string
  /** The domain is not asked. */
  readonly offline: boolean
  /** Accounts of the environment log in, and call. */
  readonly login: boolean
}

/** @throws UsageError where there is a target file already; UnreachableError where nothing answers: then nothing is written */
export async function performInit(order: InitOrder, context: CliContext): Promise<void> {
  const { out, domain } = order
  if (existsSync(join(out, TARGET_PATH))) {
    throw new UsageError(
      `${join(out, TARGET_PATH)} is there already, and is not overwritten: move it, or name another folder with --out.`,
    )
  }
  const seen = order.offline ? undefined : await asked(order, context)
  if (seen?.unreachable !== undefined) {
    throw new UnreachableError(
      `${seen.unreachable} Nothing was written. Check the domain ${domain}, name another name server (--dns), or write the files without asking it: --offline.`,
    )
  }
  const files = filesOf(order, seen)
  for (const file of files) write(file, order, context)
  context.out(nextSteps(order, files))
}

async function asked(order: InitOrder, context: CliContext): Promise<Seen> {
  const { domain, name, dns, echo, login, accounts } = order
  context.tell(`Asking DNS and the servers of ${domain} …`)
  const seen = await look({
    domain,
    name,
    dns,
    echo,
    accounts: login ? accountsOf(accounts, context) : undefined,
    signal: context.interruption.signal,
  })
  const { announced } = seen
  if (announced.length === 0) context.tell(`DNS has no NAPTR or SRV records for ${domain}.`)
  for (const { transport, host, port } of announced) context.tell(`DNS: ${transport} ${host} port ${port}`)
  for (const line of surveyLines(seen.survey)) context.tell(line)
  return seen
}

/** @throws UsageError */
function accountsOf(count: number, { env }: CliContext): TargetInput['accounts'] {
  return Array.from({ length: count }, (_, index) => {
    const [user = '', password = ''] = ['USER', 'PASSWORD'].map((what) => env[`RINGPROOF_${what}_${index + 1}`])
    if (user === '' || password === '') {
      throw new UsageError(
        `--login needs RINGPROOF_USER_${index + 1} and RINGPROOF_PASSWORD_${index + 1} in the environment, or fewer --accounts.`,
      )
    }
    return { user, password }
  })
}

function write({ path, text }: MadeFile, { out, accounts }: InitOrder, context: CliContext): void {
  const full = join(out, path)
  // What is made here is read by all other commands: a mistake in it is one of ringproof's, and is not to be found by them.
  if (path === TARGET_PATH) parseTarget(text, { file: full, env: placeholders(accounts) })
  mkdirSync(dirname(full), { recursive: true })
  try {
    writeFileSync(full, text, { flag: 'wx' })
    context.out(`wrote ${full}\n`)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    context.out(`kept  ${full}, which is there already\n`)
  }
}

const placeholders = (accounts: number): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: accounts }, (_, index) => index + 1).flatMap((number) => [
      [`RINGPROOF_USER_${number}`, `user-${number}`],
      [`RINGPROOF_PASSWORD_${number}`, 'none'],
    ]),
  )

function nextSteps({ out, accounts, ci }: InitOrder, files: readonly MadeFile[]): string {
  const target = join(out, TARGET_PATH)
  const job = files.at(-1)?.path ?? ''
  const secrets = Array.from({ length: accounts }, (_, index) => index + 1)
    .map((nth) => `RINGPROOF_USER_${nth}=… RINGPROOF_PASSWORD_${nth}=…`)
    .join(' ')
  return `
Next:
  export ${secrets}
  npx ringproof doctor --target ${target}      what can be tested from here; nothing is dialled
  npx ringproof run --target ${target} --scenarios ${join(out, 'ringproof/scenarios')}
${ci === 'none' ? '' : `  ${join(out, job)}: give the job the same variables as secrets\n`}`
}
