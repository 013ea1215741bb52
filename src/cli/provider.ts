import { writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { SystemRandom } from '../clock/random.js'
import { WallClock } from '../clock/wall-clock.js'
import { defaultAddresses, EmbeddedProvider, type FaultName } from '../provider/embedded-provider.js'
import type { TargetDocument } from '../target/target-file.js'
import { KernelNetwork } from '../transport/kernel-network.js'
import type { ProviderOrder } from './orders.js'
import type { CliContext } from './context.js'
import { startEmbedded } from './embedded-target.js'
import { UsageError } from './errors.js'
import { storageTrouble } from './storage-trouble.js'

/** Accounts for people to try phones with. */
const PHONES = 60

/** Runs the embedded provider until the interruption. */
export async function performProvider(order: ProviderOrder, context: CliContext): Promise<void> {
  const { faults, listen, writeTarget } = order
  const provider =
    listen === undefined
      ? await startEmbedded({ faults, accounts: PHONES }, (line) => context.tell(line))
      : await startOn(listen, faults)
  try {
    if (writeTarget !== undefined) writeTargetFile(writeTarget, provider.document)
    context.out(readyText(provider.document, faults))
    await interrupted(context.interruption.signal)
  } finally {
    await provider.stop()
  }
}

/** Everything on one address, where phones elsewhere are to reach it; relays are then told apart by their ports. */
async function startOn(
  listen: string,
  faults: readonly FaultName[],
): Promise<{ document: TargetDocument; stop(): Promise<void> }> {
  const clock = new WallClock()
  const addresses = defaultAddresses()
  const provider = await EmbeddedProvider.start({
    network: new KernelNetwork(clock),
    clock,
    random: new SystemRandom(),
    families: ['ipv4'],
    addresses: {
      ...addresses,
      ipv4: listen,
      relays: addresses.relays.map((relay) => ({ ...relay, ipv4: listen, ipv4Ports: relay.ipv6Ports })),
      stun: { ...addresses.stun, address: listen },
      dns: { ...addresses.dns, address: listen },
      ntp: { ...addresses.ntp, address: listen },
    },
    faults,
  })
  return { document: provider.target, stop: () => provider.stop() }
}

/** What somebody needs who has a phone and no manual; the first line is for programs. */
export function readyText(target: TargetDocument, faults: readonly string[]): string {
  const { udp, tcp, tls } = target.endpoints
  // Its names are known to its own DNS server only, so that a phone is told the address.
  const address = target.published?.signalling[0]?.addresses[0]
  const endpoints = Object.entries({ udp, tcp, tls }).flatMap(([name, endpoint]) =>
    endpoint === undefined ? [] : [`${name} ${address ?? endpoint.host}:${endpoint.port}`],
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
    `  server (registrar, proxy)  ${address ?? server?.host ?? ''}   port ${server?.port ?? ''}${tls === undefined ? '' : ` (TLS ${tls.port})`}`,
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
  const header = '# Written by ringproof provider: its passwords and certificate are good for this one start.\n'
  // It runs already: whoever uses the file must not start another one.
  const { launch: _, ...document } = target
  try {
    // For the owner's eyes only.
    writeFileSync(path, `${header}${stringify(document)}`, { mode: 0o600 })
  } catch (error) {
    const why = storageTrouble(error)
    if (why === undefined) throw error
    throw new UsageError(
      `The target file cannot be written to ${path}: ${why}. Choose another place with --write-target.`,
    )
  }
}

function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
