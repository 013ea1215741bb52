/** Kamailio with its relays, as `peers/kamailio/run` starts it, and telephones of ours on it. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { UserAgentOptions } from '../../src/agent/options.js'
import { UserAgent } from '../../src/agent/user-agent.js'
import { SystemRandom } from '../../src/clock/random.js'
import { WallClock } from '../../src/clock/wall-clock.js'
import { ScenarioRecord } from '../../src/evidence/record.js'
import { MediaSession, type MediaSessionOptions } from '../../src/media/media-session.js'
import type { Target } from '../../src/scenario/target.js'
import { resolveTarget } from '../../src/worlds/find-target.js'
import { authorityOf, loadTarget } from '../../src/target/target-file.js'
import { DnsClient } from '../../src/transport/dns-client.js'
import type { TransportName } from '../../src/transport/flow.js'
import { KernelNetwork } from '../../src/transport/kernel-network.js'
import type { Family } from '../../src/transport/network.js'
import { RecordingNetwork } from '../../src/transport/recording-network.js'

export const script = fileURLToPath(new URL('../../peers/kamailio/run', import.meta.url))
export const targetFile = fileURLToPath(new URL('../../targets/kamailio.yaml', import.meta.url))

/** Why Kamailio cannot be started here, with the command that helps; undefined where it can. */
export function missingPrograms(): string | undefined {
  const result = spawnSync(script, ['check'], { encoding: 'utf8' })
  return result.status === 0 ? undefined : result.stderr.trim()
}

const lock = fileURLToPath(new URL('../../.cache/kamailio-tests.lock', import.meta.url))

/** There is but one set of addresses: test files that run side by side take turns. */
export async function takeTurn(): Promise<void> {
  for (;;) {
    try {
      mkdirSync(lock, { recursive: false })
      writeFileSync(join(lock, 'pid'), String(process.pid))
      return
    } catch {
      const holder = Number(spawnSync('cat', [join(lock, 'pid')], { encoding: 'utf8' }).stdout)
      if (holder > 0 && !existsSync(`/proc/${holder}`)) endTurn()
      else await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
}

export function endTurn(): void {
  rmSync(join(lock, 'pid'), { force: true })
  rmdirSync(lock)
}

/** A kind of telephone. TLS means SRTP here. */
export interface Kind {
  readonly transport: TransportName
  readonly family: Family
}
export const kinds: readonly Kind[] = (['udp', 'tcp', 'tls'] as const).flatMap((transport) =>
  (['ipv4', 'ipv6'] as const).map((family) => ({ transport, family })),
)
export const kindName = ({ transport, family }: Kind) => `${transport} ${family}`

export class Switchboard {
  readonly clock = new WallClock()
  readonly random = new SystemRandom()
  readonly network = new KernelNetwork(this.clock)
  readonly record = new ScenarioRecord(this.clock.unixMs() - this.clock.now())
  readonly agents: UserAgent[] = []
  readonly target: Target
  #next = 0
  #pattern = 1000

  private constructor(target: Target) {
    this.target = target
  }

  /** Starts the servers; `stop` ends them. */
  static async start(): Promise<Switchboard> {
    await takeTurn()
    const document = loadTarget(targetFile)
    execFileSync(script, ['start'], { env: { ...process.env, RINGPROOF_PID: String(process.pid) }, stdio: 'pipe' })
    const clock = new WallClock()
    const random = new SystemRandom()
    const servers = [{ address: document.dns!.server, port: document.dns!.port }]
    const dns = new DnsClient({ network: new KernelNetwork(clock), clock, random, servers })
    return new Switchboard(await resolveTarget({ document, dns, authority: authorityOf(document) }))
  }

  /** A telephone with an account of its own, on record under its name. */
  async phone(
    name: string,
    kind: Kind,
    o: { agent?: Partial<UserAgentOptions>; media?: Partial<MediaSessionOptions>; account?: number } = {},
  ): Promise<UserAgent> {
    const account = this.target.document.accounts[o.account ?? this.#next++]!
    const network = new RecordingNetwork(this.network, this.record.tap(name))
    const localAddress = kind.family === 'ipv4' ? '127.0.0.1' : '::1'
    const agent = new UserAgent({
      name,
      clock: this.clock,
      network,
      random: this.random,
      account: { ...account, authUser: account.user, displayName: name, domain: this.target.domain(kind.transport) },
      outbound: this.target.hop(kind)!,
      localAddress,
      timers: this.target.timers,
      parseMode: 'strict',
      listen: kind.transport === 'tls' ? ['tcp'] : ['udp', 'tcp'],
      tls: { verify: true, ca: this.target.authority! },
      media: () =>
        MediaSession.open({
          clock: this.clock,
          network,
          random: this.random,
          localAddress,
          codecs: ['PCMA', 'PCMU'],
          srtp: kind.transport === 'tls' ? ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] : false,
          patternId: this.#pattern++,
          ...o.media,
        }),
      ...o.agent,
    })
    await agent.start()
    this.agents.push(agent)
    return agent
  }

  async hangUpAll(): Promise<void> {
    await Promise.all(this.agents.splice(0).map((agent) => agent.stop()))
    this.#next = 0
  }

  async stop(): Promise<void> {
    await this.hangUpAll()
    execFileSync(script, ['stop'], { env: { ...process.env, RINGPROOF_PID: String(process.pid) }, stdio: 'pipe' })
    endTurn()
  }
}
