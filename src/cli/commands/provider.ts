import { isIP } from 'node:net'
import { Command } from 'commander'
import type { DigestAlgorithm } from '../../message/digest.js'
import type { FaultName } from '../../provider/faults.js'
import type { CliContext } from '../context.js'
import { UsageError } from '../errors.js'
import { isWildcard } from '../../transport/address.js'
import { collect, pathName } from '../options.js'
import { faultsOf } from './run.js'

interface ProviderFlags {
  readonly fault?: string[]
  readonly listen?: string[]
  readonly digest?: string[]
  readonly writeTarget?: string
  readonly writeCa?: string
}

const ALGORITHMS: readonly DigestAlgorithm[] = ['SHA-512-256', 'SHA-256', 'MD5']
/** Defects that show only where more than MD5 is offered. */
const ABOUT_ALGORITHMS: readonly FaultName[] = ['sha-256-broken', 'challenges-in-wrong-order']

export function providerCommand(context: CliContext): Command {
  return new Command('provider')
    .summary('the embedded provider in the foreground, to try phones and tests on')
    .description(
      'Runs the embedded provider until it is interrupted: registrar, proxy, media relays, service numbers, STUN and DNS.\nPrints one line that begins with "ready" when it answers, and what to type into a phone.',
    )
    .option('--fault <name>', 'switch on a defect (may be repeated)', collect)
    .option(
      '--listen <address>',
      'address of this machine to listen on, for phones elsewhere; twice for IPv4 and IPv6 (default: loopback)',
      collect,
    )
    .option(
      '--digest <algorithm>',
      'what log-ins are asked for with, the preferred one first: SHA-512-256, SHA-256, MD5 (may be repeated; default: MD5, since many phones stop at one that they do not know)',
      collect,
    )
    .option('--write-target <file>', 'write a target file for it', pathName)
    .option('--write-ca <file>', 'write the certificate that phones on TLS have to trust', pathName)
    .addHelpText(
      'after',
      `
Examples:
  ringproof provider --write-target provider.yaml       then, elsewhere: ringproof run --target provider.yaml
  ringproof provider --listen 192.168.1.20              a phone in the same network can register
  ringproof provider --write-ca ca.pem                  for phones on TLS
  ringproof provider --fault invite-not-resent`,
    )
    .action(async (flags: ProviderFlags) => {
      const { writeTarget, writeCa } = flags
      const listen = flags.listen === undefined ? undefined : addressesOf(flags.listen)
      const faults = faultsOf(flags.fault ?? [])
      const digest = flags.digest === undefined ? usualDigest(faults) : algorithmsOf(flags.digest)
      const { performProvider } = await import('../provider.js')
      await performProvider({ faults, listen, digest, writeTarget, writeCa }, context)
    })
}

function usualDigest(faults: readonly FaultName[]): readonly DigestAlgorithm[] {
  return faults.some((fault) => ABOUT_ALGORITHMS.includes(fault)) ? ALGORITHMS : ['MD5']
}

function algorithmsOf(names: readonly string[]): readonly DigestAlgorithm[] {
  const algorithms = names.map((name) => {
    const known = ALGORITHMS.find((one) => one === name.toUpperCase())
    if (known === undefined) throw new UsageError(`--digest knows ${ALGORITHMS.join(', ')}; '${name}' is none of them.`)
    return known
  })
  // RFC 8760 §2.3: each challenge has another algorithm.
  return [...new Set(algorithms)]
}

function addressesOf(listen: readonly string[]): readonly string[] {
  for (const address of listen) {
    if (isIP(address) === 0) {
      throw new UsageError(
        `--listen needs an IPv4 or IPv6 address of this machine, such as 192.168.1.20; '${address}' is none.`,
      )
    }
    if (isWildcard(address)) {
      throw new UsageError(
        `--listen ${address}: phones are told this address, so that it has to be one of this machine's own, such as 192.168.1.20.`,
      )
    }
    if (/^fe[89ab]/i.test(address)) {
      throw new UsageError(
        `--listen ${address}: a link-local address leads nowhere in SDP; take a global or local one.`,
      )
    }
  }
  if (new Set(listen.map(isIP)).size < listen.length)
    throw new UsageError('--listen takes one address of IPv4 and one of IPv6; there are two of one family.')

  return listen
}
