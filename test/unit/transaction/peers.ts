// Two peers over a wire in memory, in virtual time.

import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { createRequest, createResponse } from '../../../src/message/build.js'
import type { SipMessage, SipRequest, SipResponse } from '../../../src/message/message.js'
import { parseMessage } from '../../../src/message/parse.js'
import { type TimerTable, timerTable } from '../../../src/transaction/timers.js'
import { type ServerTransaction, TransactionLayer } from '../../../src/transaction/transaction-layer.js'
import { MemoryNetwork } from '../../../src/transport/memory-network.js'
import type { UdpSocket } from '../../../src/transport/network.js'
import { type Flow, type Hop, SipTransport, type TransportName } from '../../../src/transport/sip-transport.js'

export interface PeerOptions {
  readonly timers?: Partial<TimerTable>
  readonly automaticTrying?: boolean
  readonly pathMtu?: number
  readonly listen?: readonly TransportName[]
}

export class World {
  readonly clock = new VirtualClock()
  readonly random: SeededRandom
  readonly network: MemoryNetwork
  /** Every datagram that left, lost ones too: `12000 10.0.0.1 INVITE`, `… 200`. */
  readonly sent: string[] = []
  /** Says which datagrams get lost: by sender's address and how it reads in `sent`. */
  loses: ((from: string, what: string, nth: number) => boolean) | undefined

  constructor(seed: number | string = 1, link: { delayMs?: number; loss?: number } = {}) {
    this.random = new SeededRandom(seed)
    this.network = new MemoryNetwork({ clock: this.clock, random: this.random, link: { delayMs: 0, ...link } })
    this.network.filter = ({ from, data }) => {
      const what = read(data)
      const nth = this.sent.filter((line) => line.endsWith(` ${from.address} ${what}`)).length + 1
      this.sent.push(`${this.clock.now()} ${from.address} ${what}`)
      return this.loses?.(from.address, what, nth) !== true
    }
  }

  /** The moments at which a peer sent this, relative to the first line of `sent`. */
  instants(from: string, what: string): number[] {
    return this.sent.filter((l) => l.endsWith(` ${from} ${what}`)).map((l) => Number(l.slice(0, l.indexOf(' '))))
  }

  async peer(address: string, o: PeerOptions = {}): Promise<Peer> {
    const peer = new Peer(this, address, o)
    for (const transport of o.listen ?? ['udp', 'tcp'])
      await peer.transport.listen({ transport, at: { address, port: 5060 } })

    return peer
  }

  /** A bare socket that speaks only what it is told. */
  async wire(address: string, port = 5060): Promise<Wire> {
    return new Wire(await this.network.bindUdp({ address, port }), this.clock)
  }

  run<T>(main: () => Promise<T>): Promise<T> {
    return this.clock.run(main)
  }
}

export function read(data: Uint8Array): string {
  const line = Buffer.from(data).toString('latin1').split('\r\n', 1)[0] ?? ''
  return line.startsWith('SIP/2.0') ? line.slice(8, 11) : (line.split(' ', 1)[0] ?? '')
}

export class Peer {
  readonly address: string
  readonly clock: VirtualClock
  readonly transport: SipTransport
  readonly layer: TransactionLayer
  readonly requests: ServerTransaction[] = []
  readonly acks: SipRequest[] = []
  readonly strays: SipResponse[] = []
  #number = 0

  constructor(world: World, address: string, o: PeerOptions) {
    this.address = address
    this.clock = world.clock
    const { clock } = world
    this.transport = new SipTransport({ network: world.network, clock, parseMode: 'strict', localAddress: address })
    this.layer = new TransactionLayer({
      transport: this.transport,
      clock,
      timers: timerTable(o.timers),
      random: world.random.fork(address),
      ...(o.automaticTrying === undefined ? {} : { automaticTrying: o.automaticTrying }),
      ...(o.pathMtu === undefined ? {} : { pathMtu: o.pathMtu }),
    })
    this.layer.onRequest = (tx) => this.requests.push(tx)
    this.layer.onAck = (ack) => this.acks.push(ack)
    this.layer.onStray = (response) => this.strays.push(response)
  }

  hop(transport: TransportName = 'udp'): Hop {
    return { transport, remote: { address: this.address, port: 5060 } }
  }

  request(method: string, to: Peer | string, body = ''): SipRequest {
    const host = typeof to === 'string' ? to : to.address
    this.#number++
    return createRequest({
      method,
      uri: `sip:bob@${host}`,
      from: `<sip:alice@${this.address}>;tag=a${this.#number}`,
      to: `<sip:bob@${host}>`,
      callId: `call-${this.#number}@${this.address}`,
      cseq: this.#number,
      contact: `<sip:alice@${this.address}:5060>`,
      body,
    })
  }

  /** Sends a request and keeps what its user is told, one word each: `180`, `timeout`, `error`, `terminated`. */
  send(request: SipRequest, hop: Hop) {
    const told: string[] = []
    const toldAt: number[] = []
    const responses: SipResponse[] = []
    const note = (what: string) => {
      told.push(what)
      toldAt.push(this.clock.now())
    }
    const tx = this.layer.request(request, hop, {
      onResponse: (response) => {
        responses.push(response)
        note(String(response.status))
      },
      onTimeout: () => note('timeout'),
      onTransportError: () => note('error'),
      onTerminated: () => note('terminated'),
    })
    return { tx, told, toldAt, responses }
  }

  /** Answers each request of that method at once with these. */
  answers(method: string, ...statuses: number[]): void {
    const before = this.layer.onRequest
    this.layer.onRequest = (tx) => {
      before?.(tx)
      if (tx.request.method !== method) return
      for (const status of statuses) tx.respond(reply(tx, status))
    }
  }
}

export function reply(tx: ServerTransaction, status: number): SipResponse {
  return createResponse(tx.request, status, undefined, { toTag: 'b' })
}

export class Wire {
  readonly socket: UdpSocket
  readonly heard: { at: number; from: { address: string; port: number }; message: SipMessage; text: string }[] = []

  constructor(socket: UdpSocket, clock: VirtualClock) {
    this.socket = socket
    socket.onMessage = (data, from) => {
      const { message } = parseMessage(data, { mode: 'fast' })
      if (message !== undefined)
        this.heard.push({ at: clock.now(), from: { ...from }, message, text: data.toString('latin1') })
    }
  }

  send(text: string, to: Peer, port = 5060): void {
    this.socket.send(Buffer.from(text.replace(/\r?\n/g, '\r\n')), { address: to.address, port })
  }

  /** A response to the nth message that was heard, as text. */
  answer(nth: number, status: number): string {
    const message = this.heard[nth]?.message
    if (message?.kind !== 'request') throw new Error('only a request is answered')
    return createResponse(message, status, undefined, { toTag: 'b' }).toString()
  }

  get words(): string[] {
    return this.heard.map(({ text }) => read(Buffer.from(text)))
  }
}

export type { Flow }
