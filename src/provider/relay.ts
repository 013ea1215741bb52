/** Media relays: their ports, and the pool that calls take turns in. */
import type { Clock, Timer } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import { type Family, type Network, NetworkError, type UdpSocket } from '../transport/network.js'
import type { PortSpan, RelayAddress } from './addresses.js'
import type { RelayRules } from './rules/relay.js'

/** How many ports are tried before a relay says that it has none. */
const ATTEMPTS = 64
/** A port stays bound for so long after its call, so that late packets meet neither a stranger nor an ICMP error. */
const LINGER_MS = 2000
/** Packets that can wait at a relay with a limit: those of so many seconds. */
const QUEUE_S = 0.1

export interface RelayStats {
  readonly name: string
  /** Port pairs in use. */
  ports: number
  /** Calls led over it since the start. */
  calls: number
  /** Packets forwarded. */
  packets: number
  /** Packets thrown away: from strangers, or not authentic. */
  dropped: number
}

/** An RTP port and the RTCP port above it. */
export class RelayPort {
  readonly relay: Relay
  readonly rtp: UdpSocket
  readonly rtcp: UdpSocket
  readonly #leads: boolean

  constructor(relay: Relay, rtp: UdpSocket, rtcp: UdpSocket, leads: boolean) {
    this.relay = relay
    this.rtp = rtp
    this.rtcp = rtcp
    this.#leads = leads
  }

  /** Whether anything is forwarded from and to it. */
  get leads(): boolean {
    return this.#leads && !this.relay.isDead
  }

  get address(): string {
    return this.rtp.local.address
  }

  get number(): number {
    return this.rtp.local.port
  }

  close(): void {
    this.relay.release(this)
  }
}

/** One media relay: hands out pairs of ports on its addresses. */
export class Relay {
  readonly address: RelayAddress
  readonly stats: RelayStats
  readonly clock: Clock
  readonly rules: RelayRules
  readonly random: Random
  readonly #network: Network
  readonly #next: Record<Family, number>
  readonly #lingering = new Map<RelayPort, Timer>()
  readonly #open = new Set<RelayPort>()
  readonly #bridged: { calls: number }
  /** Its ports are given out as before, and nothing comes through them. */
  isDead = false
  /** Packets that wait to be forwarded, where no more than so many are within a second. */
  #waiting = 0
  #firstAt: number | undefined
  #waitingAt = 0

  /** @param o.bridged counts the calls between devices of all relays that share it */
  constructor(o: {
    address: RelayAddress
    network: Network
    clock: Clock
    random: Random
    rules: RelayRules
    bridged: { calls: number }
  }) {
    this.#bridged = o.bridged
    this.address = o.address
    this.clock = o.clock
    this.rules = o.rules
    this.random = o.random
    this.#network = o.network
    this.stats = { name: o.address.name, ports: 0, calls: 0, packets: 0, dropped: 0 }
    this.#next = { ipv4: pairs(o.address.ipv4Ports, o.random), ipv6: pairs(o.address.ipv6Ports, o.random) }
  }

  /** Takes a call between two devices. Is what the callee says to reach the caller? */
  bridges(): boolean {
    const { deafEvery, isTwoWay } = this.rules
    this.#bridged.calls++
    return isTwoWay && (deafEvery === 0 || this.#bridged.calls % deafEvery !== 0)
  }

  /** Whether the audio of the call that it took last is exchanged with that of the call before. */
  get swaps(): boolean {
    const { swapsEvery } = this.rules
    return swapsEvery > 0 && this.#bridged.calls % swapsEvery === 0
  }

  /** Whether it can forward one packet more. */
  forwards(): boolean {
    const { packetsPerSecond, awayAfterMs, awayForMs } = this.rules
    if (packetsPerSecond === Number.POSITIVE_INFINITY && awayForMs === 0) return true
    const now = this.clock.now()
    this.#firstAt ??= now
    const sinceMs = now - this.#firstAt - awayAfterMs
    if (sinceMs >= 0 && sinceMs < awayForMs) return false
    if (packetsPerSecond === Number.POSITIVE_INFINITY) return true
    this.#waiting = Math.max(0, this.#waiting - ((now - this.#waitingAt) / 1000) * packetsPerSecond)
    this.#waitingAt = now
    if (this.#waiting >= packetsPerSecond * QUEUE_S) return false
    this.#waiting += 1
    return true
  }

  /** Binds the next free pair. @throws NetworkError `port-taken` when none was found */
  async openPort(family: Family): Promise<RelayPort> {
    const span = family === 'ipv4' ? this.address.ipv4Ports : this.address.ipv6Ports
    const isFull = this.stats.ports >= this.rules.portPairs
    if (isFull && this.rules.whenFull === 'they are refused')
      throw new NetworkError('port-taken', `${this.address.name} has no ports left`)
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const port = this.#takeNumber(family, span)
      const address = this.#addressOf(family)
      let rtp: UdpSocket | undefined
      try {
        rtp = await this.#network.bindUdp({ address, port })
        // RFC 3550 §11: RTP on an even port, RTCP on the odd one above.
        const rtcp = await this.#network.bindUdp({ address, port: port + 1 })
        const pair = new RelayPort(this, rtp, rtcp, !isFull)
        this.#open.add(pair)
        this.stats.ports++
        return pair
      } catch (error) {
        rtp?.close()
        if (!(error instanceof NetworkError) || error.code !== 'port-taken') throw error
      }
    }
    throw new NetworkError('port-taken', `${this.address.name} found no free pair of ports`)
  }

  release(pair: RelayPort): void {
    if (!this.#open.delete(pair)) return
    this.stats.ports--
    pair.rtp.onMessage = undefined
    pair.rtcp.onMessage = undefined
    this.#lingering.set(
      pair,
      this.clock.after(LINGER_MS, () => {
        this.#lingering.delete(pair)
        closeSockets(pair)
      }),
    )
  }

  /** Closes every socket at once. */
  close(): void {
    for (const [pair, timer] of this.#lingering) {
      timer.cancel()
      closeSockets(pair)
    }
    for (const pair of this.#open) closeSockets(pair)
    this.#lingering.clear()
    this.#open.clear()
  }

  #addressOf(family: Family): string {
    if (family === 'ipv6') return this.address.ipv6
    if (this.rules.usesPublished) return this.address.ipv4
    // The neighbour's address, as after a relay was added and the firewall list was not.
    return this.address.ipv4.replace(/\d+$/, (last) => String(Number(last) + 40))
  }

  #takeNumber(family: Family, span: PortSpan): number {
    const port = this.#next[family]
    this.#next[family] = port + 3 > span.last ? even(span.first) : port + 2
    return port
  }
}

/** The relays, used in turn unless their rules choose otherwise. */
export class RelayPool {
  readonly all: readonly Relay[]
  readonly #random: Random
  #turn = 0

  constructor(relays: readonly Relay[], random: Random) {
    this.all = relays
    this.#random = random
  }

  next(): Relay {
    const inTurn = this.all[this.#turn % this.all.length]
    this.#turn++
    const relay = inTurn?.rules.chosen === 'at random' ? this.all[this.#random.int(this.all.length)] : inTurn
    if (relay === undefined) throw new RangeError('no relays')
    relay.stats.calls++
    return relay
  }

  close(): void {
    for (const relay of this.all) relay.close()
  }
}

function closeSockets(pair: RelayPort): void {
  pair.rtp.close()
  pair.rtcp.close()
}

function even(port: number): number {
  return port + (port % 2)
}

/** Starts anywhere in the span, so that a restarted relay does not begin with the ports of the calls before. */
function pairs(span: PortSpan, random: Random): number {
  const first = even(span.first)
  return first + 2 * random.int(Math.max(1, Math.floor((span.last - first) / 2)))
}
