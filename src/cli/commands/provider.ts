import { isIPv4 } from 'node:net'
import { Command } from 'commander'
import { stringify } from 'yaml'
import type { TargetDocument } from '../../target/target-file.js'
import { writeFileSync } from 'node:fs'
import { SystemRandom } from '../../clock/random.js'
import { WallClock } from '../../clock/wall-clock.js'
import { defaultAddresses, EmbeddedProvider } from '../../provider/embedded-provider.js'
import { KernelNetwork } from '../../transport/kernel-network.js'
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
      await runProvider(flags, context)
    })
}

async function runProvider(flags: ProviderFlags, context: CliContext): Promise<void> {
  if (flags.listen !== undefined && !isIPv4(flags.listen)) {
    throw new UsageError(
      `--listen needs an IPv4 address of this machine, such as 192.168.1.20; '${flags.listen}' is none.`,
    )
  }
  const faults = faultsOf(flags.fault ?? [])
  const clock = new WallClock()
  const provider = await EmbeddedProvider.start({
    network: new KernelNetwork(clock),
    clock,
    random: new SystemRandom(),
    addresses: addressesFor(flags.listen),
    faults,
  })
  try {
    if (flags.writeTarget !== undefined) writeTargetFile(flags.writeTarget, provider.target)
    context.out(readyText(provider.target, faults))
    await interrupted(context.interruption.signal)
  } finally {
    await provider.stop()
  }
}

/** Everything on one address, where phones elsewhere are to reach it; relays are then told apart by their ports. */
function addressesFor(listen: string | undefined): ReturnType<typeof defaultAddresses> {
  const addresses = defaultAddresses()
  if (listen === undefined) return addresses
  return {
    ...addresses,
    ipv4: listen,
    relays: addresses.relays.map((relay) => ({ ...relay, ipv4: listen, ipv4Ports: relay.ipv6Ports })),
    stun: { ...addresses.stun, address: listen },
  }
}

/** What somebody needs who has a phone and no manual; the first line is for programs. */
export function readyText(target: TargetDocument, faults: readonly string[]): string {
  const { udp, tcp, tls } = target.endpoints
  const endpoints = Object.entries({ udp, tcp, tls }).flatMap(([name, endpoint]) =>
    endpoint === undefined ? [] : [`${name} ${endpoint.host}:${endpoint.port}`],
  )
  const { echo, dtmfTest, mailbox, codes } = target.services
  const numbers: [string, string | undefined][] = [
    ['echo test', echo],
    ['keypad (DTMF) test', dtmfTest],
    ['own mailbox', mailbox?.internal],
    ['mailbox menu', codes.mailboxMenu],
    ['wake-up call', codes.wakeUp],
  ]
  const accounts = target.accounts.slice(0, 2)
  const server = udp ?? tcp ?? tls
  return [
    `ready ${endpoints.join(', ')}${faults.length === 0 ? '' : `; faults: ${faults.join(', ')}`}`,
    '',
    'To type into a phone:',
    `  server (registrar, proxy)  ${server?.host ?? ''}   port ${server?.port ?? ''}`,
    `  domain                     ${target.domain}`,
    ...accounts.flatMap((account, index) => [
      `  ${index === 0 ? 'first ' : 'second'} phone: user ${account.user}   password ${account.password}   number ${account.numbers.join(', ') || account.user}`,
    ]),
    'Numbers to call:',
    ...numbers.flatMap(([what, number]) => (number === undefined ? [] : [`  ${what.padEnd(20)} ${number}`])),
    '',
    'Ctrl-C stops it.',
    '',
  ].join('\n')
}

function writeTargetFile(path: string, target: TargetDocument): void {
  const header = '# Written by ringproof provider: its passwords are good for this one start.\n'
  // What it holds are passwords, if short-lived ones: for the owner's eyes.
  writeFileSync(path, `${header}${stringify(target)}`, { mode: 0o600 })
}

function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
