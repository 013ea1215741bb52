/** The command `provider`: its options, checked. */
import { isIP } from 'node:net'
import { Command } from 'commander'
import type { DigestAlgorithm } from '../../message/digest.js'
import type { PlantedFault } from '../../provider/faults.js'
import type { ClockTime } from '../../provider/services/local-time.js'
import type { CliContext } from '../context.js'
import { UsageError } from '../errors.js'
import { isWildcard } from '../../transport/address.js'
import { clockTime, collect, pathName, wholeNumber } from '../options.js'
import { faultsOf } from './run.js'

interface ProviderFlags {
  readonly fault?: string[]
  readonly listen?: string[]
  readonly digest?: string[]
  readonly accounts?: number
  readonly passwords?: string
  readonly time?: ClockTime
  readonly writeTarget?: string
  readonly writeCa?: string
}

const ALGORITHMS: readonly DigestAlgorithm[] = ['SHA-512-256', 'SHA-256', 'MD5']
/** Defects that show only where more than MD5 is offered. */
const ABOUT_ALGORITHMS: readonly PlantedFault[] = ['sha-256-broken', 'challenges-in-wrong-order']

export function providerCommand(context: CliContext): Command {
  return new Command('provider')
    .summary('run the embedded provider in the foreground, for phones and tests')
    .description(
      'Runs the embedded provider until it is interrupted: registrar, proxy, media relays, service numbers, STUN and DNS.\nPrints one line that begins with "ready" when it answers, and what to type into a phone.',
    )
    .option('--fault <name>', 'enable a fault (may be repeated)', collect)
    .option(
      '--listen <address>',
      'address of this machine to listen on, so that other phones can reach it; twice for IPv4 and IPv6 (default: loopback)',
      collect,
    )
    .option(
      '--digest <algorithm>',
      'digest algorithm to offer, the preferred one first: SHA-512-256, SHA-256 or MD5 (may be repeated; default: MD5, as many phones fail on an algorithm that they do not know)',
      collect,
    )
    .option('--accounts <number>', 'accounts that it has (default: 60)', wholeNumber(2))
    .option(
      '--passwords <file>',
      'keep the passwords of the accounts from start to start, by a secret in this file, which is written where it is not there (default: new ones at each start)',
      pathName,
    )
    .option(
      '--time <hh:mm[:ss]>',
      'what its clock shows at the start, so that nobody has to wait for a wake-up call (default: the time it is)',
      clockTime,
    )
    .option('--write-target <file>', 'write a target file for it', pathName)
    .option('--write-ca <file>', 'write the CA certificate that phones on TLS have to trust', pathName)
    .addHelpText(
      'after',
      `
Examples:
  ringproof provider --write-target provider.yaml       then, elsewhere: ringproof run --target provider.yaml
  ringproof provider --listen 192.168.1.20              a phone in the same network can register
  ringproof provider --passwords passwords.secret       a phone stays set up when it is started again
  ringproof provider --write-ca ca.pem                  for phones on TLS
  ringproof provider --fault invite-not-resent`,
    )
    .action(async (flags: ProviderFlags) => {
      const { accounts, passwords, time, writeTarget, writeCa } = flags
      const listen = flags.listen === undefined ? undefined : addressesOf(flags.listen)
      const faults = faultsOf(flags.fault ?? [])
      const digest = flags.digest === undefined ? usualDigest(faults) : algorithmsOf(flags.digest)
      const { performProvider } = await import('../provider.js')
      await performProvider({ accounts, passwords, faults, listen, digest, time, writeTarget, writeCa }, context)
    })
}

function usualDigest(faults: readonly PlantedFault[]): readonly DigestAlgorithm[] {
  return faults.some((fault) => ABOUT_ALGORITHMS.includes(fault)) ? ALGORITHMS : ['MD5']
}

function algorithmsOf(names: readonly string[]): readonly DigestAlgorithm[] {
  const algorithms = names.map((name) => {
    const known = ALGORITHMS.find((one) => one === name.toUpperCase())
    if (known === undefined) throw new UsageError(`--digest takes ${ALGORITHMS.join(', ')}, not '${name}'.`)
    return known
  })
  // RFC 8760 §2.3: each challenge has another algorithm.
  return [...new Set(algorithms)]
}

function addressesOf(listen: readonly string[]): readonly string[] {
  for (const address of listen) {
    if (isIP(address) === 0) {
      throw new UsageError(
        `--listen needs an IPv4 or IPv6 address of this machine, such as 192.168.1.20, not '${address}'.`,
      )
    }
    if (isWildcard(address)) {
      throw new UsageError(
        `--listen ${address}: phones are given this address, so it must be one of this machine's own, such as 192.168.1.20.`,
      )
    }
    if (/^fe[89ab]/i.test(address)) {
      throw new UsageError(
        `--listen ${address}: link-local addresses do not work in SDP; use a global or private address.`,
      )
    }
  }
  if (new Set(listen.map(isIP)).size < listen.length)
    throw new UsageError('--listen takes at most one IPv4 and one IPv6 address; two of one family were given.')

  return listen
}
