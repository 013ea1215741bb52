/** The command `router`: its options, checked. */
import { Command, InvalidArgumentError } from 'commander'
import type { CliContext } from '../context.js'
import { pathName, portNumber, seconds } from '../options.js'
import type { RouterOrder } from '../orders.js'

interface RouterFlags {
  readonly reflector: { readonly host: string; readonly port: number }
  readonly otherPort: number
  readonly longest?: number
  readonly out?: string
}

export function routerCommand(context: CliContext): Command {
  return new Command('router')
    .summary('test your own router: what telephones behind it have to expect')
    .description(
      'Learns in a minute what lies between this machine and a reflector (ringproof reflector, on a machine outside): the kind of NAT, how long it remembers a silent telephone, whether it rewrites SIP, which datagrams pass. Writes a page and router.json.',
    )
    .requiredOption(
      '--reflector <host>',
      'machine on which ringproof reflector runs; a port after a colon',
      reflectorPlace,
    )
    .option('--other-port <number>', "the reflector's second port", portNumber, 15_060)
    .option(
      '--longest <time>',
      'the longest silence that is tried, such as 5m, 30m at most; the test takes little more than that (default: 50s)',
      silence,
    )
    .option('--out <folder>', 'folder for the page (default: reports/router/<run>)', pathName)
    .option('--quiet', 'print only the findings and the path of the page')
    .option('--json', 'print the result as JSON on stdout and nothing else there')
    .addHelpText(
      'after',
      `
Examples:
  ringproof router --reflector 203.0.113.7
  ringproof router --reflector 203.0.113.7 --longest 5m

Exit code: 0 nothing that telephones suffer from, 1 something that they do, 3 no reflector answers, 4 lifetimes could not be measured.`,
    )
    .action(async ({ reflector, otherPort, longest = 50, out }: RouterFlags) => {
      const order: RouterOrder = { ...reflector, otherPort, longestMs: longest * 1000, out }
      const { performRouter } = await import('../router.js')
      await performRouter(order, context)
    })
}

/** The reflector's cookies prove nothing after more than half an hour, and it closes connections. */
function silence(text: string): number {
  const time = seconds(text)
  if (time > 1_800) throw new InvalidArgumentError('Expected 30m at most.')
  return time
}

/** `203.0.113.7`, `reflector.example:5080`, `[2001:db8::7]:5080`, `2001:db8::7`. */
function reflectorPlace(text: string): RouterFlags['reflector'] {
  const [, bracketed, plain, six, digits] =
    /^(?:\[([\da-f:.]+)\]|([^\s:[\]/]+)|([\da-f]*:[\da-f:.]*:[\da-f.]*))(?::(\d{1,5}))?$/i.exec(text) ?? []
  const host = bracketed ?? plain ?? six
  const port = Number(digits ?? 5060)
  if (host === undefined || port < 1 || port > 65_535) {
    throw new InvalidArgumentError(
      'Expected a host, such as 203.0.113.7, reflector.example:5080 or [2001:db8::7]:5080.',
    )
  }
  return { host, port }
}
