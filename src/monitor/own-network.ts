/** Whether it is this machine's own network that is down, where a target cannot be reached: an outage of the office line is none of the provider's. */
import { Resolver } from 'node:dns/promises'
import { readFileSync } from 'node:fs'
import type { RunResult } from '../result/result.js'
import { exitCodes } from '../verdict/exit-code.js'

/** How the machine is looked at; each as Linux has it. */
export interface OwnMachine {
  /** `/proc/net/route` and `/proc/net/arp`, empty where there are none. */
  readonly routes: () => string
  readonly neighbours: () => string
  /** Whether a DNS server of this machine answers anything at all. */
  readonly hasDns: () => Promise<boolean>
}

const DNS_MS = 2_000

export const thisMachine: OwnMachine = {
  routes: () => textOf('/proc/net/route'),
  neighbours: () => textOf('/proc/net/arp'),
  hasDns: async () => {
    const resolver = new Resolver({ timeout: DNS_MS, tries: 2 })
    // No server is 127.0.0.1, which refuses.
    return resolver.resolveNs('.').then(
      () => true,
      (error: unknown) => !/^(?:ETIMEOUT|ECONNREFUSED|ECANCELLED)$/.test(codeOf(error)),
    )
  },
}

/**
 * In a sentence; undefined where nothing of this machine explains it.
 * @param namesDns whether the target file names the DNS server: this machine's own is not asked then
 */
export async function ownTroubleIn(
  result: RunResult,
  namesDns: boolean,
  machine: OwnMachine = thisMachine,
): Promise<string | undefined> {
  if (result.exitCode !== exitCodes.unreachable) return undefined
  const codes = new Set(
    (result.survey?.vitalSigns ?? []).flatMap(({ id, code }) =>
      id === 'survey/reach' && code !== undefined ? [code] : [],
    ),
  )
  if (codes.size > 0 && [...codes].every((code) => code === 'no-route' || code === 'no-local-address'))
    return 'this machine has no route to it'
  const hosts = (result.target.endpoints ?? []).map((one) => one.replace(/^\w+ /, '').replace(/:\d+$/, ''))
  if (hosts.length > 0 && hosts.every((host) => /^(?:127\.|\[?::1\]?$|localhost$)/.test(host))) return undefined
  const gateway = silentGateway(machine)
  if (gateway !== undefined) return gateway
  const isUnnamed = codes.size > 0 && [...codes].every((code) => code === 'name-not-found')
  if (isUnnamed && !namesDns && !(await machine.hasDns())) return 'no DNS server of this machine answers'
  return undefined
}

/** Where the default route leads to, and nobody is there. */
function silentGateway({ routes, neighbours }: OwnMachine): string | undefined {
  const table = routes()
  if (table === '') return undefined
  const defaults = table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, destination, gateway]) => destination === '00000000' && gateway !== '00000000')
  // A target in the same network needs none.
  if (defaults.length === 0) return undefined
  const states = defaults.map(([, , gateway = '']) => {
    const address = (gateway.match(/../g) ?? [])
      .map((byte) => Number.parseInt(byte, 16))
      .toReversed()
      .join('.')
    const row = neighbours()
      .split('\n')
      .find((line) => line.startsWith(`${address} `))
    // 0x0: it was asked for, and has not answered.
    return { address, silent: row !== undefined && row.trim().split(/\s+/)[2] === '0x0' }
  })
  const [first] = states
  return first !== undefined && states.every(({ silent }) => silent)
    ? `the gateway of this machine (${first.address}) does not answer`
    : undefined
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')
