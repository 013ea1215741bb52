import { writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { stringify } from 'yaml'
import { SystemRandom } from '../clock/random.js'
import { WallClock } from '../clock/wall-clock.js'
import { defaultAddresses, EmbeddedProvider } from '../provider/embedded-provider.js'
import type { TargetDocument } from '../target/target-file.js'
import { KernelNetwork } from '../transport/kernel-network.js'
import type { ProviderOrder } from './commands/provider.js'
import type { CliContext } from './context.js'

/** Runs the embedded provider until the interruption. */
export async function performProvider(order: ProviderOrder, context: CliContext): Promise<void> {
  const clock = new WallClock()
  const provider = await EmbeddedProvider.start({
    network: new KernelNetwork(clock),
    clock,
    random: new SystemRandom(),
    addresses: addressesFor(order.listen),
    faults: order.faults,
  })
  try {
    if (order.writeTarget !== undefined) writeTargetFile(order.writeTarget, provider.target, provider.authority)
    context.out(readyText(provider.target, order.faults))
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

function writeTargetFile(path: string, target: TargetDocument, authority: string | undefined): void {
  const header = '# Written by ringproof provider: its passwords are good for this one start.\n'
  const { tls } = target.endpoints
  const document = structuredClone(target)
  if (tls !== undefined && authority !== undefined) {
    const ca = `${path.replace(/\.ya?ml$/, '')}.ca.pem`
    writeFileSync(ca, authority)
    document.endpoints.tls = { ...tls, ca: basename(ca) }
  }
  // It holds passwords, if short-lived ones: for the owner's eyes.
  writeFileSync(path, `${header}${stringify(document)}`, { mode: 0o600 })
}

function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
