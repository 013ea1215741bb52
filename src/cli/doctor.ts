/** What can be tested from here, as the command `doctor` looks at it: this machine, and the way to a target. */
import { spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { connect } from 'node:net'
import { findK6 } from '../load/k6-program.js'
import { parseIp } from '../target/ip-address.js'
import { authorityOf, type TargetDocument } from '../target/target-file.js'
import { WallClock } from '../clock/wall-clock.js'
import { connectionTrouble, placeOf } from '../survey/trouble.js'
import { KernelNetwork } from '../transport/kernel-network.js'
import { canonicalAddress, familyOf, formatEndpoint } from '../transport/network.js'
import { addressesOnThisMachine } from '../transport/system-names.js'
import { nameOnTls, withLocatedEndpoints } from '../worlds/find-target.js'
import { NoEndpointError } from '../worlds/target-errors.js'

/** One point that was looked at. */
export interface Examination {
  readonly topic: 'machine' | 'program' | 'family' | 'name' | 'endpoint' | 'target'
  readonly what: string
  /** Unknown where it could only be told by sending what a doctor does not send. */
  readonly state: 'yes' | 'no' | 'unknown'
  readonly found: string
  readonly advice?: string
}

const FAMILY_WORDS = { ipv4: 'IPv4', ipv6: 'IPv6' } as const
const connectTimeoutMs = 4000
/** Where nothing is sent to: only the route is asked for (documentation addresses would have none). */
const anywhere = { ipv4: '198.41.0.4', ipv6: '2001:503:ba3e::2:30' } as const

/**
 * Looks at this machine: programs, families, addresses, limits.
 * @param beyond false where a target is looked at, too: then the way to that counts, not the way to the Internet
 */
export async function examineMachine(
  env: Readonly<Record<string, string | undefined>>,
  beyond = true,
): Promise<Examination[]> {
  const routes = beyond ? (['ipv4', 'ipv6'] as const) : []
  const [k6, ...rest] = await Promise.all([
    examineK6(env),
    ...routes.map((family) => examineRoute(`${FAMILY_WORDS[family]} beyond this machine`, anywhere[family])),
    examineLoopback('127.0.0.156'),
    examineLoopback('::1'),
  ])
  return [
    { topic: 'machine', what: 'Node', state: 'yes', found: process.versions.node },
    k6,
    examineProgram('tshark', ['--version'], "for reading captures; only ringproof's own tests need it"),
    examineProgram('sipp', ['-v'], "only for ringproof's own tests and benchmarks"),
    examineProgram('kamailio', ['-v'], "with rtpengine, the second target of ringproof's own tests"),
    examineProgram('rtpengine', ['--version'], "with kamailio, the second target of ringproof's own tests"),
    examineDescriptors(),
    ...rest,
  ]
}

/** Looks at the way to a target: names, ports, accounts, services. Sends DNS queries and opens TCP connections only. */
export async function examineTarget(document: TargetDocument): Promise<Examination[]> {
  let target = document
  const unfound: Examination[] = []
  // A target that ringproof starts is not there yet, nor need its name server be.
  if (document.launch === undefined) {
    try {
      target = await withLocatedEndpoints(document)
    } catch (error) {
      // What else there is to tell is wanted all the more.
      if (!(error instanceof NoEndpointError)) throw error
      unfound.push({ topic: 'endpoint', what: `servers of ${document.domain}`, state: 'no', found: error.message })
    }
  }
  const resolver = new Resolver({ timeout: 3000, tries: 2 })
  if (target.dns !== undefined) resolver.setServers([serverText(target.dns.server, target.dns.port)])
  const [records, endpoints] = await Promise.all([examineRecords(target, resolver), examineEndpoints(target, resolver)])
  return [...records, ...unfound, ...endpoints, ...examineContents(target)]
}

async function examineK6(env: Readonly<Record<string, string | undefined>>): Promise<Examination> {
  const k6 = await findK6({ env })
  const base = { topic: 'program', what: 'k6 (load)' } as const
  if (k6 !== undefined) return { ...base, state: 'yes', found: `${k6.version}, ${k6.path}` }
  const go = spawnSync('go', ['version'], { encoding: 'utf8' })
  if (go.status === 0) {
    return {
      ...base,
      state: 'yes',
      found: `not built yet: the first load builds it, which takes about three minutes (${go.stdout.trim()})`,
    }
  }
  return {
    ...base,
    state: 'no',
    found: 'neither k6 v2 nor Go is installed: without them only the load test is skipped',
    advice: 'Install k6 v2, or Go 1.25 or later.',
  }
}

function examineProgram(name: string, args: string[], use: string): Examination {
  const { error, stdout, stderr } = spawnSync(name, args, { encoding: 'utf8', timeout: 5000 })
  const first = `${stdout ?? ''}\n${stderr ?? ''}`.split('\n').find((line) => line.trim() !== '')
  const base = { topic: 'program', what: name } as const
  if (error !== undefined) return { ...base, state: 'unknown', found: `not installed; ${use}` }
  return { ...base, state: 'yes', found: first?.trim().slice(0, 80) ?? 'installed' }
}

function examineDescriptors(): Examination {
  const report: unknown = process.report?.getReport()
  const limits = typeof report === 'object' && report !== null && 'userLimits' in report ? report.userLimits : undefined
  const found = /"open_files":\{"soft":"?(\d+|unlimited)/.exec(JSON.stringify(limits ?? {}))?.[1]
  const base = { topic: 'machine', what: 'open files' } as const
  if (found === undefined) return { ...base, state: 'unknown', found: 'the limit cannot be read' }
  // A call with audio takes two sockets, RTP and RTCP, at either end.
  if (Number(found) < 4096) {
    return {
      ...base,
      state: 'no',
      found: `limit ${found}`,
      advice: 'For more than a few hundred calls at a time: ulimit -n 65536',
    }
  }
  return { ...base, state: 'yes', found: `limit ${found}` }
}

/** Asks the kernel for the address that it would use; connecting a UDP socket sends nothing. */
function examineRoute(what: string, address: string): Promise<Examination> {
  const base = { topic: 'family', what } as const
  return new Promise((resolve) => {
    const socket = createSocket(familyOf(address) === 'ipv4' ? 'udp4' : 'udp6')
    const end = (examination: Examination) => {
      socket.close()
      resolve(examination)
    }
    const none = {
      ...base,
      state: 'no',
      found: 'no route',
      advice: 'Scenarios that need it are not tested; the report lists them.',
    } as const
    socket.once('error', () => end(none))
    socket.connect(5060, address, (error?: Error) => {
      end(error ? none : { ...base, state: 'yes', found: `from ${socket.address().address}` })
    })
  })
}

function examineLoopback(address: string): Promise<Examination> {
  const base = { topic: 'machine', what: `${address} for the embedded provider` } as const
  return new Promise((resolve) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    socket.once('error', (error) => {
      socket.close()
      resolve({ ...base, state: 'no', found: error.message, advice: 'Add this address to the loopback interface.' })
    })
    socket.bind(0, address, () => {
      socket.close()
      resolve({ ...base, state: 'yes', found: 'can be bound' })
    })
  })
}

async function examineRecords(target: TargetDocument, resolver: Resolver): Promise<Examination[]> {
  if (parseIp(target.domain) !== undefined) return []
  const counted = async (what: string, ask: Promise<unknown[]>): Promise<Examination> => {
    const answers = await ask.catch((error: unknown) => codeOf(error))
    if (Array.isArray(answers)) return { topic: 'name', what, state: 'yes', found: `${answers.length} found` }
    const absent = answers === 'ENODATA' || answers === 'ENOTFOUND'
    // Where the file names the servers, nothing rests on it.
    const isNeeded = !absent && Object.keys(target.endpoints).length === 0
    const found = absent ? 'none' : `no answer (${answers})`
    return { topic: 'name', what, state: isNeeded ? 'no' : 'unknown', found }
  }
  return Promise.all([
    counted(`NAPTR of ${target.domain}`, resolver.resolveNaptr(target.domain)),
    ...['_sip._udp', '_sip._tcp', '_sips._tcp'].map((service) =>
      counted(`SRV of ${service}.${target.domain}`, resolver.resolveSrv(`${service}.${target.domain}`)),
    ),
  ])
}

async function examineEndpoints(target: TargetDocument, resolver: Resolver): Promise<Examination[]> {
  const { udp, tcp, tls } = target.endpoints
  const reached = new Set<string>()
  const found = await Promise.all(
    Object.entries({ udp, tcp, tls }).map(async ([transport, endpoint]) => {
      if (endpoint === undefined) return []
      const addresses = await addressesOf(endpoint.host, target, resolver)
      if (typeof addresses === 'string') {
        const what = `${transport} ${endpoint.host}`
        return [{ topic: 'endpoint', what, state: 'no', found: addresses } as const]
      }
      for (const address of addresses) reached.add(address)
      const { host, port } = endpoint
      return Promise.all(
        addresses.map((address) =>
          transport === 'tls' ? examineTls(target, host, address, port) : examinePort(transport, address, port),
        ),
      )
    }),
  )
  const routes = target.families.flatMap((family) => {
    const address = [...reached].find((one) => familyOf(one) === family)
    return address === undefined ? [] : [examineRoute(`${FAMILY_WORDS[family]} to the target`, address)]
  })
  return [...(await Promise.all(routes)), ...found.flat()]
}

async function addressesOf(host: string, target: TargetDocument, resolver: Resolver): Promise<string[] | string> {
  const ip = parseIp(host)
  if (ip !== undefined) return [host]
  if (target.dns === undefined) {
    // As a run does: this machine's own view counts, its hosts file included.
    const found = await addressesOnThisMachine(host).catch((error: unknown) => codeOf(error))
    if (typeof found === 'string') return `no answer for this name (${found})`
    const usable = found.filter((address) => target.families.includes(familyOf(address)))
    return usable.length > 0 ? usable : `no ${target.families.join(' or ')} address for this name`
  }
  const answers = await Promise.all(
    target.families.map((family) =>
      (family === 'ipv4' ? resolver.resolve4(host) : resolver.resolve6(host)).catch((error: unknown) => codeOf(error)),
    ),
  )
  const addresses = answers.flatMap((answer) => (Array.isArray(answer) ? answer : []))
  return addresses.length > 0 ? addresses : `no address for this name (${answers.join(', ')})`
}

function examinePort(transport: string, address: string, port: number): Promise<Examination> {
  const what = `${transport} ${address.includes(':') ? `[${address}]` : address}:${port}`
  if (transport === 'udp') {
    // An answer would need a request; that it can be told by a run only is said rather than guessed.
    return Promise.resolve({
      topic: 'endpoint',
      what,
      state: 'unknown',
      found: 'resolved; whether it answers is not tested without --login',
    })
  }
  return new Promise((resolve) => {
    const started = performance.now()
    const socket = connect({ host: address, port })
    const end = (state: 'yes' | 'no', found: string) => {
      socket.destroy()
      resolve({ topic: 'endpoint', what, state, found })
    }
    socket.setTimeout(connectTimeoutMs, () => end('no', `no connection within ${connectTimeoutMs / 1000} s`))
    socket.once('error', (error) => end('no', codeOf(error)))
    socket.once('connect', () => end('yes', `connects in ${Math.round(performance.now() - started)} ms`))
  })
}

/** A handshake, as a telephone makes it: is the certificate good for the name, and is there a version in common? No SIP. */
async function examineTls(target: TargetDocument, host: string, address: string, port: number): Promise<Examination> {
  const remote = { address: canonicalAddress(address), port }
  const what = `tls ${formatEndpoint(remote)}`
  const ca = authorityOf(target)
  const options = { serverName: nameOnTls(target, host), verify: true, ...(ca === undefined ? {} : { ca }) }
  try {
    const connection = await new KernelNetwork(new WallClock()).connect({
      kind: 'tls',
      remote,
      tls: options,
      timeoutMs: connectTimeoutMs,
    })
    connection.close()
    const found = `${connection.tls?.version ?? 'TLS'}, the certificate is trusted and valid for ${options.serverName}`
    return { topic: 'endpoint', what, state: 'yes', found }
  } catch (error) {
    const variant = { transport: 'tls', family: familyOf(remote.address) } as const
    const { sentence } = connectionTrouble(error, variant, placeOf({ transport: 'tls', remote }, host))
    return { topic: 'endpoint', what, state: 'no', found: sentence }
  }
}

function examineContents(target: TargetDocument): Examination[] {
  const usable = target.accounts.filter((account) => account.roles.includes('any')).length
  const point = (what: string, there: boolean, found: string, advice: string): Examination => ({
    topic: 'target',
    what,
    state: there ? 'yes' : 'no',
    found,
    ...(there ? {} : { advice }),
  })
  const { services, published, media, stun } = target
  return [
    point(
      'calls between accounts',
      usable >= 2,
      `usable accounts: ${usable}`,
      'Add at least two accounts to the target file.',
    ),
    point(
      'two devices on one account, diversion',
      usable >= 3,
      `usable accounts: ${usable}`,
      'Add at least three accounts to the target file.',
    ),
    point(
      'echo test',
      services.echo !== undefined,
      services.echo ?? 'no number',
      'Add services.echo to the target file.',
    ),
    point(
      'keypad (DTMF) test',
      services.dtmfTest !== undefined,
      services.dtmfTest ?? 'no number',
      'Add services.dtmfTest to the target file.',
    ),
    point(
      'encrypted audio',
      media.srtp.length > 0,
      media.srtp.join(', ') || 'no suites',
      'Add media.srtp to the target file.',
    ),
    point('STUN', stun !== undefined, stun?.host ?? 'no server', 'Add stun to the target file.'),
    point(
      'published addresses',
      published !== undefined,
      published === undefined
        ? 'no list'
        : `${published.relays.length} relays, ${published.signalling.length} signalling entries`,
      'Add published to the target file, to detect packets from other addresses.',
    ),
  ]
}

function serverText(server: string, port: number): string {
  return server.includes(':') ? `[${server}]:${port}` : `${server}:${port}`
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return error instanceof Error ? error.message : String(error)
}
