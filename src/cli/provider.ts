/** The command `provider`: the embedded provider in the foreground. */
import { stringify } from 'yaml'
import { startEmbedded } from '../worlds/embedded-target.js'
import { reflectionGate } from '../worlds/reflection-gate.js'
import { SystemRandom } from '../clock/random.js'
import { WallClock } from '../clock/wall-clock.js'
import {
  defaultAddresses,
  EmbeddedProvider,
  type PlantedFault,
  type ProviderAccount,
  type ProviderPolicy,
  type ProviderPresence,
  type Reached,
} from '../provider/embedded-provider.js'
import { makeAccounts } from '../provider/account.js'
import { defaultPolicy } from '../provider/context.js'
import { aheadOf } from '../provider/services/local-time.js'
import type { TargetDocument } from '../target/target-file.js'
import { GatedNetwork } from '../transport/gated-network.js'
import { KernelNetwork } from '../transport/kernel-network.js'
import { canonicalAddress, familyOf } from '../transport/network.js'
import type { ProviderOrder } from './orders.js'
import type { CliContext } from './context.js'
import { interrupted } from './interruption.js'
import { keptPasswords } from './kept-passwords.js'
import { writeFor } from './written-files.js'

/** Accounts for people to try phones with. */
const PHONES = 60

/** Runs the embedded provider until the interruption. */
export async function performProvider(order: ProviderOrder, context: CliContext): Promise<void> {
  const { accounts: count = PHONES, passwords, faults, listen, digest, time, writeTarget, writeCa } = order
  const accounts = passwords === undefined ? count : makeAccounts(count, new SystemRandom(), keptPasswords(passwords))
  const policy = { digestAlgorithms: digest }
  const aheadMs = time === undefined ? 0 : aheadOf(Date.now(), time, defaultPolicy.timeZone)
  const provider =
    listen === undefined
      ? await startEmbedded({ faults, accounts, policy, aheadMs }, (line) => context.tell(line))
      : await startOn(listen, { accounts, faults, policy, aheadMs })
  const { document } = provider
  const timeZone = document.services.timezone ?? 'UTC'
  const tells = () => context.out(presenceText(provider.presence(), timeIn(timeZone, new Date(Date.now() + aheadMs))))
  try {
    if (writeTarget !== undefined) writeTargetFile(writeTarget, document, passwords !== undefined)
    if (writeCa !== undefined) writeFor(writeCa, 'certificate', 'write-ca', document.endpoints.tls?.ca ?? '')
    process.on('SIGUSR2', tells)
    context.out(readyText(document, { faults, ca: writeCa, now: new Date(Date.now() + aheadMs) }))
    await interrupted(context.interruption.signal)
  } finally {
    process.off('SIGUSR2', tells)
    await provider.stop()
  }
}

/** Everything on one address of a family, where phones elsewhere are to reach it; relays are then told apart by their ports. */
async function startOn(
  listen: readonly string[],
  {
    aheadMs,
    ...o
  }: {
    accounts: number | readonly ProviderAccount[]
    faults: readonly PlantedFault[]
    policy: Partial<ProviderPolicy>
    aheadMs: number
  },
): Promise<{ document: TargetDocument; presence(): ProviderPresence; stop(): Promise<void> }> {
  const clock = new WallClock(aheadMs)
  const usual = defaultAddresses()
  const families = (['ipv4', 'ipv6'] as const).filter((family) => listen.some((one) => familyOf(one) === family))
  const ipv4 = listen.find((one) => familyOf(one) === 'ipv4') ?? usual.ipv4
  const ipv6 = canonicalAddress(listen.find((one) => familyOf(one) === 'ipv6') ?? usual.ipv6)
  const address = families[0] === 'ipv6' ? ipv6 : ipv4
  const provider = await EmbeddedProvider.start({
    network: new GatedNetwork(new KernelNetwork(clock), reflectionGate(listen)),
    clock,
    random: new SystemRandom(),
    families,
    addresses: {
      ...usual,
      ipv4,
      ipv6,
      secondIpv4: undefined,
      relays: usual.relays.map((relay) => ({ ...relay, ipv4, ipv4Ports: relay.ipv6Ports, ipv6 })),
      stun: { ...usual.stun, address },
      dns: { ...usual.dns, address },
      ntp: { ...usual.ntp, address },
    },
    ...o,
  })
  return { document: provider.target, presence: () => provider.presence(), stop: () => provider.stop() }
}

/** What somebody needs who has a phone and no manual; the first line is for programs. */
export function readyText(
  target: TargetDocument,
  o: { readonly faults: readonly string[]; readonly ca?: string | undefined; readonly now: Date },
): string {
  const { udp, tcp, tls } = target.endpoints
  // Its names are known to its own DNS server only, so that a phone is told the addresses.
  const addresses = (target.published?.signalling[0]?.addresses ?? []).map(bracketed)
  const [address = udp?.host ?? ''] = addresses
  const endpoints = Object.entries({ udp, tcp, tls }).flatMap(([name, endpoint]) =>
    endpoint === undefined ? [] : [`${name} ${address}:${endpoint.port}`],
  )
  const { echo, dtmfTest, mailbox, diversionTo, codes, timezone } = target.services
  const diversions = [codes.divertAll, codes.divertBusy, codes.divertNoAnswer, codes.divertNotReachable]
  const numbers: [string, string | undefined][] = [
    ['echo test', echo],
    ['keypad (DTMF) test', dtmfTest],
    ['own mailbox', mailbox?.internal],
    ['mailbox menu', codes.mailboxMenu],
    ['wake-up call', codes.wakeUp && `${codes.wakeUp}   (${timezone}; now ${timeIn(timezone ?? 'UTC', o.now)})`],
    ['diversion on, off', diversionTo && `${diversions.join(', ')}   (all, busy, no answer, away; to ${diversionTo})`],
  ]
  const accounts = target.accounts.slice(0, 2)
  return [
    `ready ${endpoints.join(', ')}${o.faults.length === 0 ? '' : `; faults: ${o.faults.join(', ')}`}`,
    '',
    'Settings for phones:',
    `  server (registrar, proxy)  ${addresses.join(' or ')}   port ${udp?.port ?? ''} (TLS ${tls?.port ?? ''})`,
    `  domain                     ${address}, or ${target.domain} if the server is entered as outbound proxy`,
    ...accounts.flatMap((account, index) => [
      `  ${index === 0 ? 'first ' : 'second'} phone: user ${account.user}   password ${account.password}   number ${account.numbers.join(', ') || account.user}`,
    ]),
    ...(target.dns === undefined
      ? []
      : [
          `  DNS server                 ${bracketed(target.dns.server)}:${target.dns.port}   (knows ${target.domain}; only for phones that look it up)`,
        ]),
    o.ca === undefined
      ? '  TLS: SRTP, with keys in SDP (SDES) or by DTLS-SRTP; --write-ca FILE writes the certificate to trust'
      : `  TLS: SRTP, with keys in SDP (SDES) or by DTLS-SRTP; trust the certificate in ${o.ca}`,
    'Numbers to call:',
    ...numbers.flatMap(([what, number]) => (number === undefined ? [] : [`  ${what.padEnd(20)} ${number}`])),
    '',
    `Press Ctrl-C to stop. kill -USR2 ${process.pid} shows who is registered and who is in calls.`,
    '',
  ].join('\n')
}

/** One line: its clock, who is registered, who is in calls to services, and over what; how many calls there are between phones. */
function presenceText({ registered, served, callsOn }: ProviderPresence, now: string): string {
  const named = (all: readonly Reached[]) => all.map(({ user, transport }) => `${user} (${transport})`).join(', ')
  const lists = [
    `registered: ${named(registered) || 'nobody'}`,
    `in calls to services: ${named(served) || 'nobody'}`,
    `calls between phones: ${callsOn}`,
  ]
  return `now ${now}, ${lists.join('; ')}\n`
}

function bracketed(address: string): string {
  return familyOf(address) === 'ipv6' ? `[${address}]` : address
}

/** Hours, minutes and seconds there. */
function timeIn(timeZone: string, now: Date): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone, timeStyle: 'medium' }).format(now)
}

function writeTargetFile(path: string, target: TargetDocument, keeps: boolean): void {
  const header = `# Written by ringproof provider: its ${keeps ? 'certificate is' : 'passwords and certificate are'} valid for this start only.\n`
  // It runs already: whoever uses the file must not start another one, and cannot restart this one.
  const { launch: _, restarts: __, ...document } = target
  writeFor(path, 'target file', 'write-target', `${header}${stringify(document)}`)
}
