import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import type { UserAgentOptions } from '../../../src/agent/options.js'
import { UserAgent } from '../../../src/agent/user-agent.js'
import { parseMessage } from '../../../src/message/parse.js'
import type { SipMessage, SipRequest, SipResponse } from '../../../src/message/message.js'
import { createResponse, type ResponseOptions } from '../../../src/message/build.js'
import { timerTable } from '../../../src/transaction/timers.js'
import { type ServerTransaction, TransactionLayer } from '../../../src/transaction/transaction-layer.js'
import { type LinkConditions, MemoryNetwork } from '../../../src/transport/memory-network.js'
import type { Endpoint } from '../../../src/transport/network.js'
import { SipTransport, type TransportName } from '../../../src/transport/sip-transport.js'

/** A datagram that left, as text and as message. */
export interface Sent {
  readonly at: number
  readonly from: string
  readonly to: string
  readonly text: string
  readonly message: SipMessage
}

export const SDP = (address: string, port: number) =>
  `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 8\r\n`

/** Two telephones and whatever else, on a memory wire in virtual time; every datagram is written down. */
export class Line {
  readonly clock = new VirtualClock()
  readonly random: SeededRandom
  readonly network: MemoryNetwork
  readonly sent: Sent[] = []
  /** Datagrams for which it returns true are lost. */
  lose: ((sent: Sent) => boolean) | undefined
  readonly agents: UserAgent[] = []

  constructor(o: { link?: Partial<LinkConditions>; seed?: string } = {}) {
    this.random = new SeededRandom(o.seed ?? 'line')
    this.network = new MemoryNetwork({
      clock: this.clock,
      random: this.random,
      link: { delayMs: 10, ...o.link },
      splitStreams: false,
    })
    this.network.filter = (parcel) => {
      const { message } = parseMessage(parcel.data, { mode: 'strict' })
      if (message === undefined) return true

      const sent = {
        at: this.clock.now(),
        from: parcel.from.address,
        to: parcel.to.address,
        text: parcel.data.toString(),
        message,
      }
      this.sent.push(sent)
      return this.lose?.(sent) !== true
    }
  }

  /** A telephone at 10.0.0.n. */
  async phone(name: string, n: number, peer: number, o: Partial<UserAgentOptions> = {}): Promise<UserAgent> {
    const agent = new UserAgent({
      name,
      clock: this.clock,
      network: this.network,
      random: this.random.fork(name),
      account: { user: name, password: `secret of ${name}`, domain: 'example.net' },
      outbound: { transport: 'udp', remote: { address: `10.0.0.${peer}`, port: 5060 } },
      localAddress: `10.0.0.${n}`,
      localPort: 5060,
      timers: timerTable(),
      parseMode: 'strict',
      ...o,
    })
    await agent.start()
    this.agents.push(agent)
    return agent
  }

  /** Alice at .1 and Bob at .2, each other's way out. */
  async pair(o: { alice?: Partial<UserAgentOptions>; bob?: Partial<UserAgentOptions> } = {}) {
    const alice = await this.phone('alice', 1, 2, o.alice)
    const bob = await this.phone('bob', 2, 1, o.bob)
    return { alice, bob }
  }

  run(story: () => Promise<void>): Promise<void> {
    return this.clock.run(async () => {
      await story()
      await Promise.all(this.agents.map((agent) => agent.stop()))
    })
  }

  /** Requests of a method, or responses of a status (to a method), as they left, repeats included. */
  of(what: string | number, method?: string): Sent[] {
    return this.sent.filter(({ message }) =>
      message.kind === 'request'
        ? message.method === what
        : message.status === what && (method === undefined || message.cseq.method === method),
    )
  }

  requests(method: string): SipRequest[] {
    return this.of(method).flatMap(({ message }) => (message.kind === 'request' ? [message] : []))
  }
}

/** A server that answers as the test says: no dialogs, no logic. */
export class Server {
  readonly line: Line
  readonly transport: SipTransport
  readonly transactions: TransactionLayer
  readonly requests: SipRequest[] = []
  readonly acks: SipRequest[] = []
  readonly at: Endpoint

  constructor(line: Line, at: Endpoint, answer: (tx: ServerTransaction, nth: number) => void) {
    this.line = line
    this.at = at
    this.transport = new SipTransport({ network: line.network, clock: line.clock, parseMode: 'strict' })
    this.transactions = new TransactionLayer({
      transport: this.transport,
      clock: line.clock,
      timers: timerTable(),
      random: line.random.fork('server'),
    })
    this.transactions.onRequest = (tx) => {
      this.requests.push(tx.request)
      answer(tx, this.requests.length)
    }
    this.transactions.onAck = (ack) => this.acks.push(ack)
  }

  async start(transports: TransportName[] = ['udp', 'tcp']): Promise<this> {
    for (const transport of transports) await this.transport.listen({ transport, at: this.at })

    return this
  }
}

export function respond(tx: ServerTransaction, status: number, o: ResponseOptions = {}): SipResponse {
  const response = createResponse(tx.request, status, undefined, { toTag: 'srv', ...o })
  tx.respond(response)
  return response
}
