/** The command `reflector`: its options, checked. */
import { Command } from 'commander'
import type { CliContext } from '../context.js'
import { UsageError } from '../errors.js'
import { collect, localAddress, portNumber } from '../options.js'

interface ReflectorFlags {
  readonly listen?: string[]
  readonly port: number
  readonly otherPort: number
}

export function reflectorCommand(context: CliContext): Command {
  return new Command('reflector')
    .summary('answer router tests of other machines, until it is interrupted')
    .description(
      'The far end of ringproof router: run it on a machine outside, with a public address. It answers on UDP and TCP, keeps nothing of who asks, sends nothing that is longer than what it was asked with, and nothing to anybody who has not asked.',
    )
    .option(
      '--listen <address>',
      'address of this machine (may be repeated; a second one of a family tells more kinds of NAT apart; default: 127.0.0.1)',
      collect,
    )
    .option('--port <number>', 'port of SIP: routers know SIP by it', portNumber, 5060)
    .option('--other-port <number>', 'a second port, to tell filters apart', portNumber, 15_060)
    .addHelpText(
      'after',
      `
Example:
  ringproof reflector --listen 203.0.113.7          then, behind the router: ringproof router --reflector 203.0.113.7`,
    )
    .action(async ({ listen = ['127.0.0.1'], port, otherPort }: ReflectorFlags) => {
      const addresses = [...new Set(listen.map(ownAddress))]
      if (port === otherPort && port !== 0)
        throw new UsageError(`--port and --other-port are both ${port}: choose two, which tell filters apart.`)
      const { performReflector } = await import('../reflector.js')
      await performReflector({ addresses, ports: [port, otherPort] }, context)
    })
}

/** Not read as an option's value: examples name addresses of other machines. */
function ownAddress(text: string): string {
  try {
    return localAddress(text)
  } catch {
    throw new UsageError(`--listen ${text}: this is not an address of this machine.`)
  }
}
