/** The command `router`: a router test, its page, and how it ends. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join, resolve } from 'node:path'
import { SystemRandom } from '../clock/random.js'
import { WallClock } from '../clock/wall-clock.js'
import { storageTrouble } from '../evidence/storage-trouble.js'
import { routerPage, routerSentence } from '../report/router-page.js'
import type { RouterFacts, RouterResult } from '../result/router-result.js'
import { examineRouter } from '../router/examine.js'
import { KernelNetwork } from '../transport/kernel-network.js'
import { canonicalAddress, formatEndpoint } from '../transport/network.js'
import { judgeRouter } from '../verdict/router.js'
import { addressTowards } from '../worlds/address-towards.js'
import { version } from '../worlds/package-folder.js'
import type { CliContext } from './context.js'
import { UnreachableError, UsageError } from './errors.js'
import { interrupted } from './interruption.js'
import type { RouterOrder } from './orders.js'

/** @throws UnreachableError where no reflector answers; UsageError */
export async function performRouter(order: RouterOrder, context: CliContext): Promise<void> {
  const clock = new WallClock()
  const startedAt = new Date(clock.unixMs())
  const facts = await factsOf(order, context, clock)
  const result: RouterResult = {
    schemaVersion: 1,
    ringproof: version(),
    command: 'router',
    startedAt: startedAt.toISOString(),
    endedAt: new Date(clock.unixMs()).toISOString(),
    ...facts,
    ...judgeRouter(facts),
  }
  const folder = write(result, order.out, startedAt)
  if (context.json) context.out(`${JSON.stringify(result, null, 2)}\n`)
  tell(result, folder, context)
  context.exitCode = result.exitCode
}

async function factsOf(order: RouterOrder, context: CliContext, clock: WallClock): Promise<RouterFacts> {
  const { host, port, otherPort, longestMs } = order
  const network = new KernelNetwork(clock)
  const addresses = isIP(host) === 0 ? await addressesOf(host) : [canonicalAddress(host)]
  for (const address of addresses) {
    const server = { address, port }
    // oxlint-disable-next-line no-await-in-loop -- the next one only where this is silent
    const local = await addressTowards(server)
    if (local === undefined) continue
    const options = { network, clock, random: new SystemRandom(), local, server, otherPort, longestMs, named: host }
    const tell = (line: string) => context.tell(line)
    // oxlint-disable-next-line no-await-in-loop -- the same
    const facts = await Promise.race([
      examineRouter({ ...options, interfaceMtu: mtuOf(local), tell }),
      interruption(context.interruption.signal),
    ])
    if (facts !== undefined) return facts
  }
  const where = addresses.map((address) => formatEndpoint({ address, port })).join(', ')
  throw new UnreachableError(
    `No reflector answers at ${host} (${where || 'no address'}): run ringproof reflector there, and let its firewall pass UDP and TCP to ports ${port} and ${otherPort}.`,
  )
}

/** Rejects with the interruption. */
async function interruption(signal: AbortSignal): Promise<undefined> {
  await interrupted(signal)
  signal.throwIfAborted()
  return undefined
}

async function addressesOf(host: string): Promise<string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => canonicalAddress(address))
  } catch {
    throw new UsageError(`--reflector ${host}: this name has no address.`)
  }
}

/** Of the interface that has the address, as Linux tells it; undefined elsewhere. */
function mtuOf(local: string): number | undefined {
  const [name] =
    Object.entries(networkInterfaces()).find(([, all = []]) =>
      all.some(({ address }) => canonicalAddress(address) === local),
    ) ?? []
  if (name === undefined) return undefined
  try {
    const mtu = Number(readFileSync(`/sys/class/net/${name}/mtu`, 'utf8'))
    return Number.isInteger(mtu) ? mtu : undefined
  } catch {
    return undefined
  }
}

function write(result: RouterResult, out: string | undefined, startedAt: Date): string {
  const stamp = startedAt.toISOString().replace(/[-:]|\.\d+/g, '')
  const folder = resolve(out ?? join('reports', 'router', stamp))
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'router.json'), `${JSON.stringify(result, null, 2)}\n`)
    writeFileSync(join(folder, 'router.html'), routerPage(result))
    return folder
  } catch (error) {
    const why = storageTrouble(error)
    if (why === undefined) throw error
    throw new UsageError(`The page cannot be written to ${folder}: ${why}. Choose another folder with --out.`)
  }
}

const SIGNS = { fail: '✗', warn: '!', info: '·' } as const
const STYLES = { fail: 'red', warn: 'yellow', info: 'dim' } as const

function tell(result: RouterResult, folder: string, context: CliContext): void {
  context.report(routerSentence(result))
  for (const { severity, title, advice } of result.findings) {
    const sign = { style: STYLES[severity], text: SIGNS[severity] } as const
    context.report(['  ', sign, ` ${title}. ${advice}`])
  }
  const { udpSeconds, tcpSeconds } = result.keepAlive
  if (udpSeconds !== undefined) context.report(`  Keep-alives that are safe on UDP: every ${udpSeconds} s.`)
  if (tcpSeconds !== undefined) context.report(`  On TCP and TLS: every ${tcpSeconds} s.`)
  context.report(`Page: ${join(folder, 'router.html')}`)
}
