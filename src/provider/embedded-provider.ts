/** The embedded provider: puts its parts together, starts and stops them. */
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import { soundUri } from '../message/uri.js'
import type { TargetDocument } from '../target/target-file.js'
import { targetOf } from '../target/target-of.js'
import { timerTable, type TimerTable } from '../transaction/timers.js'
import { TransactionLayer } from '../transaction/transaction-layer.js'
import type { TransportName } from '../transport/flow.js'
import type { Network } from '../transport/network.js'
import { SipTransport } from '../transport/sip-transport.js'
import { AccountBook, DEFAULT_ACCOUNTS, makeAccounts, type ProviderAccount } from './account.js'
import { defaultAddresses, type ProviderAddresses, sipAddressesOf } from './addresses.js'
import { defaultNames, defaultPolicy, type ProviderContext, type ProviderPolicy } from './context.js'
import { DigestServer } from './digest-server.js'
import { type Disk, emptyDisk } from './disk.js'
import { DnsServer } from './dns-server.js'
import { type PlantedFault, rulesWith, timersWith } from './faults.js'
import { sipWire, withoutRport } from './defective-wire.js'
import { BusyLamps } from './events/busy-lamps.js'
import { EventServer } from './events/event-server.js'
import { LineBook } from './events/line-book.js'
import { MessageWaiting } from './events/message-waiting.js'
import { Identity } from './identity.js'
import { LocationService } from './location-service.js'
import { NtpServer } from './ntp-server.js'
import { type Certificate, makeCertificate } from './own-certificate.js'
import { OwnHosts } from './own-hosts.js'
import { Proxy } from './proxy.js'
import { Registrar } from './registrar.js'
import { Relay, RelayPool, type RelayStats } from './relay.js'
import { Router } from './router.js'
import { hostApart } from './second-host.js'
import { ServiceHost } from './services/service-host.js'
import { SettingsBook } from './settings.js'
import { listenAt } from './sip-listening.js'
import { StunServer } from './stun-server.js'
import { targetInput } from './target-of-provider.js'

export { developmentAccounts, makeAccounts, type ProviderAccount } from './account.js'
export { defaultAddresses, type ProviderAddresses } from './addresses.js'
export type { ProviderPolicy } from './context.js'
export { type FaultName, faultCatalogue, type PlantedFault } from './faults.js'

export interface ProviderOptions {
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  /** Default: `defaultAddresses()`. */
  readonly addresses?: ProviderAddresses
  /** The accounts, or how many to make with random passwords; default 60. */
  readonly accounts?: readonly ProviderAccount[] | number
  readonly faults?: readonly PlantedFault[]
  readonly timers?: Partial<TimerTable>
  /** PEM: certificate and key for TLS, and the authority for whoever checks them. Made when absent on sockets. */
  readonly tls?: Certificate | undefined
  readonly policy?: Partial<ProviderPolicy>
  /** `strict` (default) refuses what breaks the grammar; `fast` is for load. */
  readonly parseMode?: ParseMode
  /** Default: both. */
  readonly families?: readonly ('ipv4' | 'ipv6')[]
  readonly log?: (line: string) => void
}

/** Milliseconds between stop and start in a restart. */
const DOWN_MS = 200

type ParseMode = 'strict' | 'fast'

export interface ProviderStats {
  /** Bindings that live now. */
  readonly bindings: number
  /** Calls to services that are on. */
  readonly serviceCalls: number
  /** Calls between devices, those included that ended within the last half minute. */
  readonly proxiedCalls: number
  /** Calls between devices that are set up or up. */
  readonly callsOn: number
  /** Accounts whose settings are not those that they begin with. */
  readonly accountsChanged: number
  /** Messages in all mailboxes. */
  readonly messages: number
  /** Wake-up calls that are ordered. */
  readonly wakeUps: number
  readonly transactions: { readonly client: number; readonly server: number }
  readonly relays: readonly RelayStats[]
}

/** A user name, and what carries its signalling. */
export interface Reached {
  readonly user: string
  readonly transport: TransportName
}

export interface ProviderPresence {
  /** Accounts with bindings that live now, once for each. */
  readonly registered: readonly Reached[]
  /** Who is in calls to services, once for each. */
  readonly served: readonly Reached[]
  /** How many calls between devices are set up or up. */
  readonly callsOn: number
}

/**
 * A hosted-telephony provider on loopback addresses: registrar, proxy, media relays, service numbers, STUN, DNS and NTP,
 * with a catalogue of faults that can be switched on.
 */
export class EmbeddedProvider {
  /** What a target file for it says. */
  readonly target: TargetDocument
  readonly accounts: readonly ProviderAccount[]
  /** PEM of the authority that issued the TLS certificate; absent in memory, and where a certificate came without. */
  readonly authority: string | undefined
  readonly #tls: Certificate
  readonly #parseMode: ParseMode
  #parts: Parts
  /** Starts and stops follow one another: settled when the last one is over. */
  #turn: Promise<unknown> = Promise.resolve()
  #isStopped = false

  private constructor(
    target: TargetDocument,
    parts: Parts,
    o: { readonly tls: Certificate; readonly parseMode: ParseMode },
  ) {
    this.target = target
    this.authority = o.tls.ca
    this.#tls = o.tls
    this.#parseMode = o.parseMode
    this.accounts = parts.context.accounts.all
    this.#parts = parts
  }

  /** Binds everything and answers from then on. @throws NetworkError when a port is taken */
  static async start(o: ProviderOptions): Promise<EmbeddedProvider> {
    const random = o.random.fork('provider')
    const accounts =
      typeof o.accounts === 'object'
        ? o.accounts
        : makeAccounts(o.accounts ?? DEFAULT_ACCOUNTS, random.fork('accounts'))
    const families = o.families ?? ['ipv4', 'ipv6']
    const context: ProviderContext = {
      clock: o.clock,
      random,
      network: o.network,
      timers: timersWith(o.faults ?? [], timerTable(o.timers)),
      addresses: o.addresses ?? defaultAddresses(),
      families,
      names: defaultNames,
      policy: { ...defaultPolicy, ...o.policy },
      accounts: new AccountBook(accounts),
      lost: new Set(),
      rules: rulesWith(o.faults ?? []),
      log: o.log ?? (() => {}),
    }
    const tls: Certificate =
      o.tls ?? (o.network.kind === 'sockets' ? await makeCertificate(context) : { cert: '', key: '' })
    const parseMode = o.parseMode ?? 'strict'
    const parts = assemble(context, parseMode, emptyDisk(context))
    await listen(parts, tls)
    const target = targetOf(targetInput(context, tls.ca, timerTable(o.timers)), 'the embedded provider')
    return new EmbeddedProvider(target, parts, { tls, parseMode })
  }

  /** Ends all calls without a word and closes everything. */
  stop(): Promise<void> {
    this.#isStopped = true
    return this.#inTurn(async () => {
      this.#parts.disk.wakeUps.close()
      await stop(this.#parts)
    })
  }

  /**
   * Stops and starts anew at the same place. Bindings, nonces, transactions, subscriptions and calls are forgotten; accounts,
   * certificate, settings, messages and orders for wake-up calls are not. Restarts asked for at once come one after the other.
   * @throws NetworkError when a port was taken meanwhile: nothing is bound then, and another restart may be tried
   */
  restart(): Promise<void> {
    return this.#inTurn(async () => {
      const before = this.#parts
      await stop(before)
      await before.context.clock.sleep(DOWN_MS)
      if (this.#isStopped) return
      before.context.lost.clear()
      this.#parts = assemble({ ...before.context, isRestarted: true }, this.#parseMode, before.disk)
      await listen(this.#parts, this.#tls)
    })
  }

  #inTurn(step: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(step)
    this.#turn = done.catch(() => {})
    return done
  }

  /**
   * The SIP host at this address is lost: nothing answers there, and the other one goes on. Relays and what is known of devices and calls
   * are elsewhere. Settles when it is gone. @throws RangeError where there is none, or it is the last one
   */
  async loses(address: string): Promise<void> {
    const { transport, context } = this.#parts
    const hosts = sipAddressesOf(context.addresses, context.families)
    if (!hosts.includes(address) || hosts.every((one) => one === address || context.lost.has(one)))
      throw new RangeError(`${address} is no SIP host that can be lost`)
    context.lost.add(address)
    // What a host alone knows is lost with it.
    if (!context.rules.proxy.sharesBindings && address !== context.addresses.secondIpv4) this.#parts.location.clear()
    await transport.abandon(address)
  }

  /** It answers again. @throws NetworkError when a port was taken meanwhile */
  async regains(address: string): Promise<void> {
    const { context } = this.#parts
    if (context.lost.delete(address)) await listenAt(this.#parts, address, this.#tls)
  }

  /** A relay dies, as far as its calls notice: nothing comes through it any more, and new calls are led over it all the same. */
  killRelay(name: string): void {
    for (const relay of this.#parts.relays.all) if (relay.address.name === name) relay.isDead = true
  }

  presence(): ProviderPresence {
    const { location, services, proxy } = this.#parts
    return {
      registered: location.all.map(([user, { flow }]) => ({ user, transport: flow.transport })),
      served: services.calls.map(({ dialog, flow }) => ({
        user: userOf(dialog.remote.uri),
        transport: flow.transport,
      })),
      callsOn: proxy.calls.on,
    }
  }

  stats(): ProviderStats {
    const { location, services, proxy, layer, relays, settings } = this.#parts
    return {
      bindings: location.size,
      serviceCalls: services.size,
      proxiedCalls: proxy.calls.size,
      callsOn: proxy.calls.on,
      accountsChanged: settings.changed,
      messages: services.mailboxes.size,
      wakeUps: services.wakeUps.size,
      transactions: layer.size,
      relays: relays.all.map((relay) => ({ ...relay.stats })),
    }
  }
}

interface Parts {
  readonly context: ProviderContext
  readonly disk: Disk
  readonly transport: SipTransport
  readonly layer: TransactionLayer
  readonly location: LocationService
  readonly relays: RelayPool
  readonly services: ServiceHost
  readonly events: EventServer
  readonly settings: SettingsBook
  readonly proxy: Proxy
  readonly stun: StunServer
  readonly dns: DnsServer
  readonly ntp: NtpServer
}

function assemble(context: ProviderContext, parseMode: ParseMode, disk: Disk): Parts {
  const { clock, network, random, addresses, names, rules, timers } = context
  const { pathMtu } = rules.transactions
  const transport = new SipTransport({
    network: sipWire(context),
    clock,
    parseMode,
    // As long as a transaction: who has not said its request by then has nobody waiting for the answer.
    messageWithinMs: 64 * timers.T1,
    tlsClient: { verify: false },
    // Of two hosts the first is where connections of our own come from.
    localAddress: addresses.ipv4,
    // What would leave by a host that is lost leaves by the other one.
    leavesFromAny: true,
    ...(rules.transport.knowsRport ? {} : { replyTo: withoutRport }),
    answerPings: rules.transport.answersKeepAlives,
  })
  const layer = new TransactionLayer({
    transport,
    clock,
    timers,
    random: random.fork('transactions'),
    automaticTrying: rules.transactions.sendsTrying,
    ...(pathMtu === undefined ? {} : { pathMtu }),
  })
  const location = new LocationService(clock)
  const hosts = new OwnHosts(addresses, names)
  const digest = new DigestServer(context)
  const registrar = new Registrar(context, location, digest, hosts)
  const identity = new Identity(context, hosts)
  const bridged = { calls: 0 }
  const relays = new RelayPool(
    addresses.relays.map((address, index) => {
      const { ofTheLast, ofOne } = rules.relay
      const last = index === addresses.relays.length - 1 ? ofTheLast : {}
      const alone = ofOne[address.name]
      const own = { ...rules.relay, ...last, ...alone }
      // What every nth call meets on one relay alone, it meets in every nth of that relay's.
      const counter = alone === undefined ? bridged : { calls: 0 }
      return new Relay({ address, network, clock, random: random.fork(address.name), rules: own, bridged: counter })
    }),
    random.fork('choice of relays'),
  )
  const settings = new SettingsBook(context.rules.service, location, disk.settings)
  const services = new ServiceHost({ context, layer, relays, location, settings, disk })
  const events = new EventServer(context, layer)
  const waiting = new MessageWaiting({ context, layer, location, mailboxes: services.mailboxes, events })
  events.add(waiting)
  const lines = new LineBook()
  events.add(new BusyLamps(context, lines, events))
  registrar.onBound = (account) => waiting.registered(account)
  const router = new Router({ context, location, hosts, settings, services })
  const first = { registrar, router }
  const second = rules.proxy.sharesBindings ? first : hostApart({ context, digest, hosts, settings, services })
  const proxy = new Proxy({
    context,
    transport,
    layer,
    hosts,
    digest,
    hostAt: (address) => (address === addresses.secondIpv4 ? second : first),
    identity,
    relays,
    services,
    events,
    lines,
  })
  const stun = new StunServer(context)
  // RFC 5626 §8: keep-alives on the SIP port.
  transport.onStun = (data, flow) => {
    const answer = rules.transport.answersKeepAlives ? stun.answerTo(data, flow.remote) : undefined
    if (answer !== undefined) flow.sendRaw(answer)
  }
  return {
    context,
    disk,
    transport,
    layer,
    location,
    relays,
    services,
    events,
    settings,
    proxy,
    stun,
    dns: new DnsServer(context),
    ntp: new NtpServer(context),
  }
}

/** Binds all ports, or none. @throws NetworkError when one is taken */
async function listen(parts: Parts, tls: Certificate): Promise<void> {
  try {
    await bind(parts, tls)
  } catch (error) {
    await stop(parts)
    throw error
  }
}

async function bind(parts: Parts, tls: Certificate): Promise<void> {
  const { addresses, families, rules } = parts.context
  const silent = rules.proxy.secondAnswers ? undefined : addresses.secondIpv4
  for (const address of sipAddressesOf(addresses, families)) if (address !== silent) await listenAt(parts, address, tls)
  await parts.stun.start()
  await parts.dns.start()
  await parts.ntp.start()
}

/** Also of what has been stopped before, or was not bound in full. */
async function stop(parts: Parts): Promise<void> {
  parts.services.close()
  parts.events.close()
  parts.proxy.calls.close()
  parts.layer.close()
  parts.relays.close()
  parts.stun.stop()
  parts.ntp.stop()
  await parts.dns.stop()
  await parts.transport.close()
}

/** What stands before the @, or all of it where nothing does. */
function userOf(uri: string): string {
  const sound = soundUri(uri)
  return typeof sound === 'string' ? uri : (sound.userDecoded ?? uri)
}
