/** The command `monitor`: its options, checked. */
import { isIP } from 'node:net'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { CliContext } from '../context.js'
import { UsageError } from '../errors.js'
import { isLoopbackHost } from '../../target/ip-address.js'
import { collect, hostAndPort, pathName, seconds } from '../options.js'
import { namedTarget } from '../target-option.js'

/** What a customer does every day, in half a minute: registers, calls and is heard, stays reachable behind a router. */
export const DAILY = [
  'registrar/refresh-replaces',
  'media/two-way',
  'nat/keep-alive',
  'tls/certificate',
  'srtp/protected-call',
]

interface MonitorFlags {
  readonly target: string
  readonly every: number
  readonly only?: string[]
  readonly transport?: string
  readonly family?: string
  readonly scenarios?: string[]
  readonly known?: string
  readonly failOn: 'harm' | 'letter'
  readonly state?: string
  readonly listen?: { readonly host: string; readonly port: number }
  readonly alertCommand?: string
  readonly alertWebhook?: string
  readonly otlp?: string
  readonly keep: Keeping
  readonly history: Keeping
}

type Keeping = { readonly ms: number } | { readonly rounds: number }

const DAY_MS = 24 * 3_600_000
const LEAST_EVERY_S = 10
/** Where the target is on this machine, to try things out. */
const LEAST_LOCAL_EVERY_S = 1

export function monitorCommand(context: CliContext): Command {
  return new Command('monitor')
    .summary('watch a target: round after round, an alert when something turns and stays so')
    .description(
      'Runs the survey and a few scenarios in turn, until it is interrupted. Tells a command or a webhook what has turned and stayed so,\nand once more when it is well again; serves a page and metrics on loopback; keeps the rounds in a folder.',
    )
    .requiredOption('--target <file>', 'target file (YAML) of the provider to watch; read anew in each round')
    .requiredOption(
      '--every <time>',
      'how often, such as 5m (at least 10s, on this machine 1s); from the beginning of a round to the next one',
      interval,
    )
    .option('--only <pattern>', `scenarios of a round (may be repeated; default: ${DAILY.join(', ')})`, collect)
    .addOption(new Option('--transport <transport>', 'only this transport').choices(['udp', 'tcp', 'tls']))
    .addOption(new Option('--family <family>', 'only this address family').choices(['ipv4', 'ipv6']))
    .option('--scenarios <folder>', 'your own scenarios, beside the built-in ones (may be repeated)', collect)
    .option('--known <file>', 'known deviations (default: as the target file says)', pathName)
    .addOption(
      new Option(
        '--fail-on <what>',
        'problems that are told: harm (those that somebody notices), letter (formal ones, too)',
      )
        .choices(['harm', 'letter'])
        .default('harm'),
    )
    .option(
      '--state <folder>',
      'folder for its rounds and what it remembers (default: reports/monitor/<target>)',
      pathName,
    )
    .option('--listen <host:port>', 'serve the page and /metrics there: a loopback address', loopback)
    .option('--alert-command <command>', 'run by the shell for each alert, with the alert as JSON on its stdin')
    .option(
      '--alert-webhook <url>',
      'sent each alert as JSON (default: RINGPROOF_ALERT_WEBHOOK, so that no secret stands in a list of processes)',
      webAddress,
    )
    .option(
      '--otlp <url>',
      'sent the metrics after each round: OTLP/HTTP in JSON, such as http://127.0.0.1:4318/v1/metrics',
      webAddress,
    )
    .option(
      '--keep <amount>',
      'reports and captures are kept so long: days (7d), hours (36h) or a number of rounds (500)',
      keeping,
      { ms: 7 * DAY_MS },
    )
    .option('--history <amount>', 'the trend is kept so long, likewise', keeping, { ms: 30 * DAY_MS })
    .option('--quiet', 'print only what has to be known')
    .addHelpText(
      'after',
      `
Examples:
  ringproof monitor --target my.yaml --every 5m --listen 127.0.0.1:9465
  ringproof monitor --target my.yaml --every 5m --alert-command 'mail -s "$RINGPROOF_HEADLINE" noc@example.com'
  ringproof monitor --target my.yaml --every 15m --only 'media/*' --only nat/keep-alive --transport udp

Exit codes: 2 wrong usage or target file, or its folder or port is in use; 5 nothing can be written to its folder; 130/143 interrupted.`,
    )
    .action(async (flags: MonitorFlags) => {
      const order = await orderOf(flags, context.env)
      const { performMonitor } = await import('../monitor.js')
      await performMonitor(order, context)
    })
}

/** @throws UsageError, TargetFileError */
async function orderOf(flags: MonitorFlags, env: CliContext['env']) {
  const {
    target,
    every,
    only = DAILY,
    transport,
    family,
    scenarios = [],
    known,
    failOn,
    state,
    listen,
    otlp,
    keep,
    history,
  } = flags
  const named = await namedTarget(target)
  if (named === undefined) throw new UsageError('--target is missing.')
  const { document } = named
  if (document.launch !== undefined)
    throw new UsageError(`${target} starts its target (launch): a monitor watches what runs by itself. Remove launch.`)
  const isLocal = Object.values(document.endpoints).every((endpoint) => isLoopbackHost(endpoint?.host ?? '::1'))
  if (every < LEAST_EVERY_S && !isLocal)
    throw new UsageError(`--every ${every}s: a target on another machine is watched every ${LEAST_EVERY_S}s at most.`)
  const webhook = flags.alertWebhook ?? fromEnvironment(env['RINGPROOF_ALERT_WEBHOOK'])
  return {
    target,
    name: document.name,
    namesDns: document.dns !== undefined,
    everyMs: every * 1000,
    args: [
      ...only.flatMap((pattern) => ['--only', pattern]),
      ...(transport === undefined ? [] : ['--transport', transport]),
      ...(family === undefined ? [] : ['--family', family]),
      ...scenarios.flatMap((folder) => ['--scenarios', folder]),
      ...(known === undefined ? [] : ['--known', known]),
    ],
    letter: failOn === 'letter',
    state: state ?? `reports/monitor/${document.name.replace(/[^\w.-]/g, '_')}`,
    ...(listen === undefined ? {} : { listen }),
    ...(flags.alertCommand === undefined ? {} : { command: flags.alertCommand }),
    ...(webhook === undefined ? {} : { webhook }),
    ...(otlp === undefined ? {} : { otlp }),
    keep,
    history,
  }
}

function fromEnvironment(url: string | undefined): string | undefined {
  if (url === undefined || url === '') return undefined
  if (URL.canParse(url) && /^https?:/.test(url)) return url
  throw new UsageError('RINGPROOF_ALERT_WEBHOOK is no http or https address.')
}

function interval(text: string): number {
  const every = seconds(text)
  if (every < LEAST_LOCAL_EVERY_S || every > 86_400)
    throw new InvalidArgumentError(`Expected a time from ${LEAST_EVERY_S}s to 24h.`)
  return every
}

function loopback(text: string): { host: string; port: number } {
  const place = hostAndPort(0)(text)
  const isLoopback =
    place.host === 'localhost' || place.host === '::1' || (isIP(place.host) === 4 && place.host.startsWith('127.'))
  if (isLoopback) return place
  throw new InvalidArgumentError(
    'Expected a loopback address, such as 127.0.0.1:9465: it has no log-in. For others put a proxy with one in front of it.',
  )
}

function webAddress(text: string): string {
  if (URL.canParse(text) && /^https?:/.test(text)) return text
  throw new InvalidArgumentError('Expected an address that begins with http:// or https://.')
}

/** `7d`, `36h`, or a number of rounds. */
function keeping(text: string): Keeping {
  const [, number = '', unit = ''] = /^(\d+)([dh]?)$/.exec(text) ?? []
  const amount = Number(number)
  if (number === '' || amount < 1 || !Number.isSafeInteger(amount))
    throw new InvalidArgumentError('Expected days, hours or a number of rounds, such as 7d, 36h or 500.')
  if (unit === '') return { rounds: amount }
  return { ms: amount * (unit === 'd' ? DAY_MS : 3_600_000) }
}
