/** The command `init`: its options, and what a person is asked for. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { parseIp } from '../../target/ip-address.js'
import { host } from '../../target/schema-values.js'
import type { CliContext } from '../context.js'
import { UsageError } from '../errors.js'
import type { InitOrder } from '../init.js'
import type { Ci } from '../init/files.js'
import type { Ask } from '../init/questions.js'
import { pathName, wholeNumber } from '../options.js'

interface InitFlags {
  readonly name?: string
  readonly accounts?: number
  readonly echo?: string
  readonly dns?: { readonly server: string; readonly port: number }
  readonly ci?: Ci
  readonly out: string
  readonly login?: boolean
  readonly offline?: boolean
  readonly yes?: boolean
}

export function initCommand(context: CliContext): Command {
  return new Command('init')
    .summary('make a target file, a sample scenario and a CI job by asking a domain')
    .description(
      'Looks a domain up in DNS, asks its servers whether they are there, and writes a target file, a scenario to begin with\nand a job for CI. Files that are there are never overwritten. At a terminal it asks for what the options leave open.',
    )
    .argument('[domain]', "the registrar's domain")
    .option('--name <name>', 'name of the target, under which reports are filed (default: the domain)', targetName)
    .option('--accounts <number>', 'accounts that the environment names (default: 2)', wholeNumber(1))
    .option('--echo <number>', 'number of an echo test', dialledNumber)
    .option(
      '--dns <address>',
      'name server to ask instead of this machine’s, such as 192.0.2.53 or 127.0.0.1:5300',
      nameServer,
    )
    .addOption(
      new Option('--ci <kind>', 'CI job to write (default: the kind that the folder shows)').choices([
        'github',
        'gitlab',
        'none',
      ]),
    )
    .option('--out <folder>', 'folder of the project', pathName, '.')
    .option(
      '--login',
      'log in with RINGPROOF_USER_1, RINGPROOF_PASSWORD_1, … and make test calls: learns what calls need',
    )
    .option('--offline', 'ask neither DNS nor the servers')
    .option('--yes', 'ask no questions')
    .addHelpText(
      'after',
      `
Examples:
  ringproof init sip.example.com
  ringproof init sip.example.com --echo '*43' --accounts 3 --ci gitlab --yes
  ringproof init sip.example.com --login`,
    )
    .action(async (domain: string | undefined, flags: InitFlags) => {
      const order = await orderOf(domain, flags, context)
      const { performInit } = await import('../init.js')
      await performInit(order, context)
    })
}

async function orderOf(domain: string | undefined, flags: InitFlags, context: CliContext): Promise<InitOrder> {
  if (flags.login === true && flags.offline === true)
    throw new UsageError('--login asks the servers, and --offline asks nobody: remove one of them.')
  const isAsking = flags.yes !== true && process.stdin.isTTY && context.terminal
  if (!isAsking) return orderFrom(domain, flags, (_, otherwise = '') => Promise.resolve(otherwise))
  const { withQuestions } = await import('../init/questions.js')
  return withQuestions((ask) => orderFrom(domain, flags, ask), context.interruption.signal)
}

/** @param ask answers with the default where nobody is there @throws UsageError */
export async function orderFrom(given: string | undefined, flags: InitFlags, ask: Ask): Promise<InitOrder> {
  const named = given ?? (await ask('Domain of the registrar, such as sip.example.com:'))
  const { data: domain } = host.safeParse(named)
  if (domain === undefined) {
    throw new UsageError(
      named === ''
        ? 'Name the domain: ringproof init sip.example.com'
        : `'${named}' is no domain: expected a name such as sip.example.com.`,
    )
  }
  const echo = flags.echo ?? checked(dialledNumber, await ask('Number of an echo test (empty: none):'))
  const accounts = flags.accounts ?? checked(wholeNumber(1), await ask('Accounts for tests:', '2')) ?? 2
  const ci = flags.ci ?? checked(ciKind, await ask('CI job (github, gitlab or none):', ciOf(flags.out))) ?? 'none'
  return {
    domain,
    name: flags.name ?? domain.replaceAll(/[^A-Za-z0-9._-]/g, '-').replace(/^[^A-Za-z0-9]+/, ''),
    dns: flags.dns,
    echo,
    accounts,
    ci,
    out: flags.out,
    offline: flags.offline === true,
    login: flags.login === true,
  }
}

/** What a person typed, read as an option is. @throws UsageError */
function checked<T>(read: (text: string) => T, typed: string): T | undefined {
  if (typed === '') return undefined
  try {
    return read(typed)
  } catch (error) {
    throw error instanceof InvalidArgumentError ? new UsageError(`'${typed}': ${error.message}`) : error
  }
}

/** What the folder shows. */
function ciOf(folder: string): Ci {
  if (existsSync(join(folder, '.gitlab-ci.yml'))) return 'gitlab'
  return existsSync(join(folder, '.github')) ? 'github' : 'none'
}

const isCi = (text: string): text is Ci => ['github', 'gitlab', 'none'].includes(text)

function ciKind(text: string): Ci {
  if (isCi(text)) return text
  throw new InvalidArgumentError('Expected github, gitlab or none.')
}

function targetName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text)) return text
  throw new InvalidArgumentError('Expected letters, digits, dots and hyphens.')
}

function dialledNumber(text: string): string {
  if (/^[+*#\d][*#\d]*$/.test(text)) return text
  throw new InvalidArgumentError('Expected a number to dial, such as *43.')
}

function nameServer(text: string): { server: string; port: number } {
  const [, v6, v4 = text, port = '53'] = /^(?:\[([\da-f:.]+)\]|([\d.]+))(?::(\d{1,5}))?$/i.exec(text) ?? []
  const server = v6 ?? v4
  if (parseIp(server) !== undefined && Number(port) > 0 && Number(port) < 65_536) return { server, port: Number(port) }
  throw new InvalidArgumentError('Expected a numeric address, such as 192.0.2.53, 127.0.0.1:5300 or [::1]:53.')
}
