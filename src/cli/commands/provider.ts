import { isIPv4 } from 'node:net'
import { Command } from 'commander'
import type { CliContext } from '../context.js'
import { UsageError } from '../errors.js'
import { collect } from '../options.js'
import { faultsOf } from './run.js'

interface ProviderFlags {
  readonly fault?: string[]
  readonly listen?: string
  readonly writeTarget?: string
}

export function providerCommand(context: CliContext): Command {
  return new Command('provider')
    .summary('the embedded provider in the foreground, to try phones and tests on')
    .description(
      'Runs the embedded provider until it is interrupted: registrar, proxy, media relays, service numbers, STUN and DNS.\nPrints one line that begins with "ready" when it answers, and what to type into a phone.',
    )
    .option('--fault <name>', 'switch on a defect (may be repeated)', collect)
    .option('--listen <address>', 'address of this machine to listen on, for phones elsewhere (default: loopback)')
    .option('--write-target <file>', 'write a target file for it')
    .addHelpText(
      'after',
      `
Examples:
  ringproof provider                                    then, elsewhere: ringproof run --target provider.yaml
  ringproof provider --write-target provider.yaml
  ringproof provider --listen 192.168.1.20              a phone in the same network can register
  ringproof provider --fault invite-not-resent`,
    )
    .action(async (flags: ProviderFlags) => {
      const { listen, writeTarget } = flags
      if (listen !== undefined && !isIPv4(listen)) {
        throw new UsageError(
          `--listen needs an IPv4 address of this machine, such as 192.168.1.20; '${listen}' is none.`,
        )
      }
      const faults = faultsOf(flags.fault ?? [])
      const { performProvider } = await import('../provider.js')
      await performProvider({ faults, listen, writeTarget }, context)
    })
}
