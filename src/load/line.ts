/** The telephones of one worker: an account over one transport and family each, all on one stack a family. */
import type { IncomingCall } from '../agent/call.js'
import { SharedStack } from '../agent/stack.js'
import { UserAgent } from '../agent/user-agent.js'
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import type { TargetAccount } from '../target/target-schema.js'
import { timerTable, type TimerTable } from '../transaction/timers.js'
import type { TransportName } from '../transport/flow.js'
import type { Family, Network } from '../transport/network.js'
import { RecordingNetwork, type WireEvent } from '../transport/recording-network.js'
import type { RegisterOutcome } from '../agent/registration.js'
import type { ContactMade } from './left.js'
import type { FlappingDevices, StormDevice, TriedRegistration } from './registration-storm.js'
import type { Way, WorkerData } from './worker-protocol.js'

/** A telephone. */
export interface Line {
  readonly account: TargetAccount
  readonly agent: UserAgent
  readonly way: Way
  readonly localAddress: string
}

export interface LinesOptions {
  readonly data: Pick<WorkerData, 'accounts' | 'addresses' | 'locals' | 'authority' | 'document' | 'home' | 'ways'>
  readonly clock: Clock
  readonly network: Network
  readonly random: Random
  /** Signalling on the shared stacks. */
  readonly onWire: (event: WireEvent) => void
  readonly onCall: (line: Line, call: IncomingCall) => void
}

/** Seconds that accounts register for; they are refreshed. */
const EXPIRES_S = 600
/** Refreshes are spread over this part of the interval, so that devices that registered together do not come back together. */
const REFRESH_SPREAD = 0.5
/** Registrations under way at a time; and of many devices. */
const REGISTERING = 8
const REGISTERING_MANY = 64
const MANY = 1000
/** A device that leaves waits so long for the answer, ms; all of them as long as that and a millisecond for each. */
const LEAVING_MS = 1500
/** Devices that are looked at for the one with the fewest calls. */
const LOOKED_AT = 64

export class Lines {
  readonly #o: LinesOptions
  readonly #timers: TimerTable
  /** By local address. */
  readonly #stacks = new Map<string, SharedStack>()
  /** Which of the addresses an account has, by its place among the accounts. */
  readonly #places = new Map<TargetAccount, number>()
  readonly #lines = new Map<string, Promise<Line>>()
  /** Those that registered, and the calls for which each is, or will be, rung. */
  readonly #home = new Map<Line, number>()
  /** Those that register again and were called before. */
  readonly #returning = new Set<UserAgent>()
  /** The same, in an order. */
  #callees: Line[] = []
  #nextCallee = 0
  #next = 0
  #stopping = false

  constructor(o: LinesOptions) {
    this.#o = o
    this.#timers = timerTable(o.data.document.timers)
  }

  /** Registers the accounts; those that the target refuses are reported and left out. */
  async register(): Promise<{ readonly delaysMs: readonly number[]; readonly troubles: readonly string[] }> {
    const delaysMs: number[] = []
    const troubles: string[] = []
    const { accounts } = this.#o.data
    await inLanes(accounts, accounts.length > MANY ? REGISTERING_MANY : REGISTERING, async (account) => {
      if (this.#stopping) return
      const trouble = await this.#register(account, delaysMs)
      if (trouble !== undefined) troubles.push(trouble)
    })
    return { delaysMs, troubles }
  }

  /** Removes the bindings and closes the sockets. */
  async stop(): Promise<void> {
    this.#stopping = true
    const lines = await Promise.allSettled(this.#lines.values())
    const agents = lines.flatMap((line) => (line.status === 'fulfilled' ? [line.value.agent] : []))
    const { clock } = this.#o
    const until = clock.now() + LEAVING_MS + agents.length
    await inLanes(agents, Math.max(MANY, REGISTERING_MANY), (agent) =>
      agent.stop({ withinMs: Math.max(0, Math.min(LEAVING_MS, until - clock.now())) }),
    )
    await Promise.allSettled([...this.#stacks.values()].map((stack) => stack.close()))
  }

  /** Removes the bindings: from now on the accounts belong to somebody else. */
  async retire(): Promise<void> {
    const lines = [...this.#home.keys()]
    this.#home.clear()
    this.#callees = []
    await inLanes(lines, MANY, ({ agent }) => agent.unregister())
  }

  /** The telephone of an account for this transport and family, made when it is first wanted. */
  line(account: TargetAccount, transport: TransportName, family: Family): Promise<Line> {
    const key = `${account.user} ${transport} ${family}`
    const known = this.#lines.get(key) ?? this.#makeLine(account, transport, family)
    this.#lines.set(key, known)
    return known
  }

  /** The telephone of one of this worker's accounts. Default: the way that accounts register. */
  async lineOf(user: string, transport?: TransportName, family?: Family): Promise<Line | undefined> {
    const { accounts, home } = this.#o.data
    const account = accounts.find((one) => one.user === user)
    return account && this.line(account, transport ?? home.transport, family ?? home.family)
  }

  /** The contacts that are registered. */
  contacts(): ContactMade[] {
    return [...this.#home.keys()].map(({ account, agent }) => ({ user: account.user, contact: agent.contactUri }))
  }

  /** The account that makes the next call. */
  nextAccount(): TargetAccount | undefined {
    const { accounts } = this.#o.data
    return accounts[this.#next++ % accounts.length]
  }

  /** A registered telephone of another account, the one with the fewest calls; it counts one more until `giveBack`. */
  takeCallee(caller: TargetAccount): Line | undefined {
    let best: { line: Line; calls: number } | undefined
    const { length } = this.#callees
    // Of many devices the next ones are looked at: calls go round.
    for (let looked = 0; looked < length && (looked < LOOKED_AT || best === undefined); looked++) {
      const line = this.#callees[(this.#nextCallee + looked) % length]
      if (line === undefined) continue
      const calls = this.#home.get(line) ?? 0
      const isThere = line.agent.registered || this.#returning.has(line.agent)
      if (line.account !== caller && isThere && (best === undefined || calls < best.calls)) best = { line, calls }
    }
    if (length > LOOKED_AT) this.#nextCallee = (this.#nextCallee + 1) % length
    if (best !== undefined) this.#home.set(best.line, best.calls + 1)
    return best?.line
  }

  giveBack(line: Line): void {
    this.#home.set(line, (this.#home.get(line) ?? 1) - 1)
  }

  /** The registered telephones, as devices that come back. */
  devices(): StormDevice[] {
    return [...this.#home.keys()].map(({ agent }) => ({
      comeBack: async () => {
        // The registrar still has the binding, so that it is called meanwhile.
        if (agent.registered) this.#returning.add(agent)
        agent.forgetBinding()
        const outcome = await agent.register()
        if (outcome.ok) this.#returning.delete(agent)
        return triedOf(outcome)
      },
    }))
  }

  /** A second telephone for each account: the two register by turns, the second one first. */
  async flapping(): Promise<FlappingDevices[]> {
    return Promise.all(
      [...this.#home.keys()].map(async (first) => {
        const second = await this.#second(first)
        let turn = 0
        return {
          takeTurn: async () => triedOf(await (turn++ % 2 === 0 ? second : first).agent.register()),
          settle: async () => {
            await second.agent.unregister()
            if (!this.#stopping) await first.agent.register()
          },
        }
      }),
    )
  }

  /** Calls for the account come in for its first telephone, whichever rings. */
  #second(first: Line): Promise<Line> {
    const key = `${first.account.user} second`
    const { transport, family } = first.way
    const known = this.#lines.get(key) ?? this.#makeLine(first.account, transport, family, first)
    this.#lines.set(key, known)
    return known
  }

  async #register(account: TargetAccount, delaysMs: number[]): Promise<string | undefined> {
    const { transport, family } = this.#o.data.home
    try {
      const line = await this.line(account, transport, family)
      const outcome = await line.agent.register()
      if (!outcome.ok) return `${account.user} could not register: ${outcome.status}`
      delaysMs.push(outcome.tookMs)
      this.#home.set(line, 0)
      this.#callees.push(line)
      return undefined
    } catch (error) {
      return `${account.user} could not register: ${error instanceof Error ? error.message : String(error)}`
    }
  }

  /** @param rings the telephone that its calls count for; default: itself */
  async #makeLine(account: TargetAccount, transport: TransportName, family: Family, rings?: Line): Promise<Line> {
    const { clock, network, random } = this.#o
    const way = this.#way(transport, family)
    const localAddress = this.#address(family, account)
    const stack = await this.#stack(localAddress)
    const agent = new UserAgent({
      name: account.user,
      clock,
      network,
      random,
      account: {
        user: account.user,
        password: account.password,
        domain: way.domain,
        ...(account.authUser === undefined ? {} : { authUser: account.authUser }),
        ...(account.displayName === undefined ? {} : { displayName: account.displayName }),
      },
      outbound: way.hop,
      localAddress,
      timers: this.#timers,
      parseMode: 'fast',
      stack,
      expires: EXPIRES_S,
      refreshSpread: REFRESH_SPREAD,
      userAgentHeader: 'ringproof',
    })
    const line: Line = { account, agent, way, localAddress }
    agent.onCall = (call) => this.#o.onCall(rings ?? line, call)
    await agent.start()
    return line
  }

  async #stack(localAddress: string): Promise<SharedStack> {
    let stack = this.#stacks.get(localAddress)
    if (stack === undefined) {
      const { clock, network, random, data, onWire } = this.#o
      const { authority } = data
      stack = new SharedStack({
        // The stack need not parse anew what the standing checks have read.
        network: new RecordingNetwork(network, onWire, undefined, true),
        clock,
        random,
        timers: this.#timers,
        parseMode: 'fast',
        localAddress,
        listen: ['udp', 'tcp'],
        tlsClient: { verify: true, ...(authority === undefined ? {} : { ca: authority }) },
      })
      this.#stacks.set(localAddress, stack)
    }
    await stack.start()
    return stack
  }

  #way(transport: TransportName, family: Family): Way {
    const way = this.#o.data.ways.find((one) => one.transport === transport && one.family === family)
    if (way === undefined) throw new Error(`the target cannot be reached over ${transport} and ${family}`)
    return way
  }

  /** Accounts have addresses in turns, each the same for all its telephones. */
  #address(family: Family, account: TargetAccount): string {
    const locals = this.#o.data.locals?.[family] ?? []
    const place = this.#places.get(account) ?? this.#places.size
    this.#places.set(account, place)
    const local = locals[place % locals.length]
    if (local !== undefined) return local
    const address = this.#o.data.addresses[family]
    if (address === undefined) throw new Error(`this machine has no ${family} address`)
    return address
  }
}

function triedOf({ ok, status, tookMs, exchange }: RegisterOutcome): TriedRegistration {
  const seconds = Number.parseInt(exchange.final?.headers.get('Retry-After') ?? '', 10)
  return { ok, status, tookMs, retryAfterS: Number.isNaN(seconds) ? undefined : seconds }
}

/** Does something with each of them, so many at a time. What fails with one does not keep the others. */
async function inLanes<T>(items: readonly T[], lanes: number, work: (item: T) => Promise<unknown>): Promise<void> {
  let next = 0
  const lane = async () => {
    while (next < items.length) {
      const item = items[next++]
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      if (item !== undefined) await work(item).catch(() => undefined)
    }
  }
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane))
}
