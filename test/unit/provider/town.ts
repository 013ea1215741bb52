import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import type { IncomingCall } from '../../../src/agent/call.js'
import type { UserAgentOptions } from '../../../src/agent/options.js'
import { UserAgent } from '../../../src/agent/user-agent.js'
import { MediaSession, type MediaSessionOptions } from '../../../src/media/media-session.js'
import { parseMessage } from '../../../src/message/parse.js'
import type { SipMessage } from '../../../src/message/message.js'
import { EmbeddedProvider, type ProviderOptions } from '../../../src/provider/embedded-provider.js'
import { timerTable } from '../../../src/transaction/timers.js'
import type { TransportName } from '../../../src/transport/flow.js'
import { MemoryNetwork } from '../../../src/transport/memory-network.js'
import type { Endpoint } from '../../../src/transport/network.js'

export interface Parcel {
  readonly at: number
  readonly from: Endpoint
  readonly to: Endpoint
  readonly data: Buffer
  readonly message: SipMessage | undefined
}

/** A provider and its customers, on a memory wire in virtual time; every datagram and message is written down. */
export class Town {
  readonly clock = new VirtualClock()
  readonly random = new SeededRandom('town')
  readonly network: MemoryNetwork
  readonly parcels: Parcel[] = []
  readonly phones: UserAgent[] = []
  /** Parcels for which it returns true are lost. */
  lose: ((parcel: Parcel) => boolean) | undefined
  #provider: EmbeddedProvider | undefined

  constructor() {
    this.network = new MemoryNetwork({
      clock: this.clock,
      random: this.random,
      link: { delayMs: 5 },
      splitStreams: false,
    })
    this.network.filter = ({ from, to, data }) => {
      const isSip = data[0] !== undefined && data[0] >= 65 && data[0] < 91
      const message = isSip ? parseMessage(data, { mode: 'strict' }).message : undefined
      const parcel = { at: this.clock.now(), from, to, data, message }
      this.parcels.push(parcel)
      return this.lose?.(parcel) !== true
    }
  }

  get provider(): EmbeddedProvider {
    if (this.#provider === undefined) throw new Error('not open yet')
    return this.#provider
  }

  async open(o: Partial<ProviderOptions> = {}): Promise<EmbeddedProvider> {
    this.#provider = await EmbeddedProvider.start({
      network: this.network,
      clock: this.clock,
      random: this.random,
      accounts: 12,
      ...(process.env.PROVIDER_LOG === undefined ? {} : { log: (line: string) => console.log(this.clock.now(), line) }),
      ...o,
    })
    return this.#provider
  }

  /** The nth account's telephone, from 1, at 192.0.2.n. */
  async phone(
    n: number,
    o: {
      transport?: TransportName
      family?: 'ipv4' | 'ipv6'
      media?: Partial<MediaSessionOptions>
      agent?: Partial<UserAgentOptions>
    } = {},
  ): Promise<UserAgent> {
    const account = this.provider.accounts[n - 1]!
    const transport = o.transport ?? 'udp'
    const localAddress = o.family === 'ipv6' ? `2001:db8::${n}` : `192.0.2.${n}`
    const phone = new UserAgent({
      name: `phone-${n}`,
      clock: this.clock,
      network: this.network,
      random: this.random.fork(`phone ${n}`),
      account: { user: account.user, password: account.password, domain: this.provider.target.domain },
      outbound: {
        transport,
        remote: {
          address: o.family === 'ipv6' ? '::1' : '127.0.0.71',
          port: transport === 'tls' ? 5061 : 5060,
        },
        serverName: 'secure.ringproof.test',
      },
      localAddress,
      localPort: 5060,
      listen: transport === 'tls' ? ['tls'] : ['udp', 'tcp'],
      ...(transport === 'tls' ? { tlsServer: { cert: '', key: '' } } : {}),
      timers: timerTable(),
      parseMode: 'strict',
      media: () =>
        MediaSession.open({
          clock: this.clock,
          network: this.network,
          random: this.random.fork(`media ${n}`),
          localAddress,
          codecs: ['PCMA', 'PCMU'],
          patternId: 1000 + n,
          ...(transport === 'tls' ? { srtp: ['AES_CM_128_HMAC_SHA1_80'] as const } : {}),
          ...o.media,
        }),
      ...o.agent,
    })
    await phone.start()
    this.phones.push(phone)
    return phone
  }

  async run(story: () => Promise<void>): Promise<void> {
    await this.clock.run(async () => {
      try {
        await story()
      } finally {
        if (process.env.PROVIDER_TRACE !== undefined) {
          for (const { at, from, to, message } of this.parcels) {
            if (message === undefined) continue
            console.log(
              `${at.toFixed(0)} ${from.address}:${from.port} -> ${to.address}:${to.port}\n${String(message.toBytes())}`,
            )
          }
        }
        for (const phone of this.phones) await phone.stop()
        await this.#provider?.stop()
      }
    })
  }

  /** What the provider sent to this address, as first lines. */
  heard(address: string): string[] {
    return this.parcels
      .filter(({ to, message }) => to.address === address && message !== undefined)
      .map(({ data }) => data.toString('latin1').split('\r\n')[0]!)
  }
}

export const called = (phone: UserAgent): Promise<IncomingCall> =>
  new Promise((resolve) => {
    phone.onCall = resolve
  })
