/** The wire under the SIP stack of a provider whose rules for it are not the right ones. */
import type { Random } from '../clock/random.js'
import type { Timer } from '../clock/clock.js'
import type { SipMessage } from '../message/message.js'
import type { Flow } from '../transport/flow.js'
import type {
  ConnectOptions,
  Endpoint,
  ListenOptions,
  Network,
  NetworkError,
  StreamConnection,
  StreamListener,
  TlsInfo,
  UdpSocket,
} from '../transport/network.js'
import { formatEndpoint } from '../transport/address.js'
import type { ProviderContext } from './context.js'
import { RIGHT_WIRE } from './rules/transport.js'

/** How long a message may take to arrive in pieces before a stack with broken framing forgets its beginning. */
const PATIENCE_MS = 20

/** The wire under the provider's SIP stack: the network itself, where the rules for it are the right ones. */
export function sipWire(context: ProviderContext): Network {
  return context.rules.wire === RIGHT_WIRE ? context.network : new DefectiveNetwork(context)
}

/** Where answers over UDP go in a stack that has never heard of rport (RFC 3581): to the port that Via names. */
export function withoutRport(message: SipMessage, flow: Flow): Endpoint {
  return { address: flow.remote.address, port: message.via.port ?? 5060 }
}

class DefectiveNetwork implements Network {
  readonly kind: Network['kind']
  readonly clock: Network['clock']
  readonly #context: ProviderContext

  constructor(context: ProviderContext) {
    this.#context = context
    this.kind = context.network.kind
    this.clock = context.clock
  }

  async bindUdp(at: Endpoint): Promise<UdpSocket> {
    const { network, rules } = this.#context
    const socket = await network.bindUdp(at)
    const second = !rules.wire.sendsFromPublished ? await network.bindUdp({ address: at.address, port: 0 }) : undefined
    return new DefectiveSocket(this.#context, socket, second)
  }

  async connect(options: ConnectOptions): Promise<StreamConnection> {
    return new DefectiveConnection(this.#context, await this.#context.network.connect(options))
  }

  listen(options: ListenOptions): Promise<StreamListener> {
    return this.#context.network.listen({
      ...options,
      onConnection: (connection) => options.onConnection(new DefectiveConnection(this.#context, connection)),
    })
  }
}

class DefectiveSocket implements UdpSocket {
  onMessage: UdpSocket['onMessage']
  onError: UdpSocket['onError']
  readonly #context: ProviderContext
  readonly #socket: UdpSocket
  /** Requests leave from here. */
  readonly #second: UdpSocket | undefined
  /** When something was last sent to a device or came from it. */
  readonly #flows = new Map<string, number>()

  constructor(context: ProviderContext, socket: UdpSocket, second: UdpSocket | undefined) {
    this.#context = context
    this.#socket = socket
    this.#second = second
    for (const one of second === undefined ? [socket] : [socket, second]) {
      one.onMessage = (data, from, at) => this.#received(data, from, at)
      one.onError = (error) => this.onError?.(error)
    }
  }

  get local(): Endpoint {
    return this.#socket.local
  }

  send(data: Uint8Array, to: Endpoint): void {
    if (!this.#passes(to)) return
    const isResponse = data[0] === 83 && data[3] === 47
    ;(isResponse ? this.#socket : (this.#second ?? this.#socket)).send(outgoing(this.#context, data), to)
  }

  close(): void {
    this.#socket.close()
    this.#second?.close()
  }

  #passes(to: Endpoint): boolean {
    const { clock, rules } = this.#context
    if (rules.wire.flowMs === Number.POSITIVE_INFINITY) return true
    const key = formatEndpoint(to)
    const now = clock.now()
    if (now - (this.#flows.get(key) ?? now) >= rules.wire.flowMs) return false
    this.#flows.set(key, now)
    return true
  }

  #received(data: Buffer, from: Endpoint, at: number): void {
    const { rules } = this.#context
    if (rules.wire.flowMs !== Number.POSITIVE_INFINITY) this.#flows.set(formatEndpoint(from), at)
    if (data.length > rules.wire.longestDatagram) return
    if (!rules.wire.takesExcessBytes) {
      const length = messageLength(data)
      if (length !== undefined && length < data.length) return
    }
    this.onMessage?.(data, from, at)
  }
}

class DefectiveConnection implements StreamConnection {
  onData: StreamConnection['onData']
  onClose: ((error?: NetworkError) => void) | undefined
  readonly #context: ProviderContext
  readonly #inner: StreamConnection
  #pending: Buffer = Buffer.alloc(0)
  #forget: Timer | undefined
  #idle: Timer | undefined

  constructor(context: ProviderContext, inner: StreamConnection) {
    this.#context = context
    this.#inner = inner
    inner.onData = (data, at) => this.#received(data, at)
    inner.onClose = (error) => {
      this.#idle?.cancel()
      this.onClose?.(error)
    }
    this.#stir()
  }

  get kind(): StreamConnection['kind'] {
    return this.#inner.kind
  }
  get local(): Endpoint {
    return this.#inner.local
  }
  get remote(): Endpoint {
    return this.#inner.remote
  }
  get tls(): TlsInfo {
    return this.#inner.tls ?? { version: '', cipher: '', standIn: true }
  }
  get open(): boolean {
    return this.#inner.open
  }

  write(data: Uint8Array): void {
    this.#stir()
    this.#inner.write(outgoing(this.#context, data))
  }

  close(): void {
    this.#idle?.cancel()
    this.#inner.close()
  }

  #received(data: Buffer, at: number): void {
    const { rules } = this.#context
    this.#stir()
    if (!rules.wire.takesEmptyLines && this.#pending.length === 0 && data[0] === 13) {
      this.#inner.close()
      this.onClose?.()
      return
    }
    if (rules.wire.framesByLength) {
      this.onData?.(data, at)
      return
    }
    // Takes each arrival for one message: what does not end it in time is lost, and so is what follows it.
    this.#pending = Buffer.concat([this.#pending, data])
    this.#forget?.cancel()
    const length = messageLength(this.#pending)
    if (length !== undefined && length <= this.#pending.length) {
      const message = this.#pending.subarray(0, length)
      this.#pending = Buffer.alloc(0)
      this.onData?.(message, at)
      return
    }
    this.#forget = this.#context.clock.after(PATIENCE_MS, () => {
      this.#pending = Buffer.alloc(0)
    })
  }

  #stir(): void {
    const { clock, rules } = this.#context
    if (rules.wire.idleMs === Number.POSITIVE_INFINITY) return
    this.#idle?.cancel()
    this.#idle = clock.after(rules.wire.idleMs, () => {
      this.#inner.close()
      this.onClose?.()
    })
  }
}

function outgoing({ rules, random }: ProviderContext, data: Uint8Array): Uint8Array {
  const isAck = data[0] === 65 && data[1] === 67 && data[2] === 75
  if (isAck && !rules.wire.ackHasBranchOfInvite) return edited(data, (text) => withNewBranch(text, random))
  if (data[0] === 83 && !rules.wire.addsReceived)
    return edited(data, (text) => text.replace(/^((?:Via|v)\s*:[^\r]*?);received=[^;,\r\s]*/im, '$1'))

  return data
}

function withNewBranch(text: string, random: Random): string {
  return text.replace(/;branch=[^;,\s]*/i, `;branch=z9hG4bK${random.token(20)}`)
}

function edited(data: Uint8Array, edit: (text: string) => string): Buffer {
  return Buffer.from(edit(Buffer.from(data).toString('latin1')), 'latin1')
}

/** Where the message at the start of the bytes ends by its Content-Length; undefined: its header fields are not all there. */
function messageLength(data: Buffer): number | undefined {
  const start = data.indexOf('\r\n\r\n')
  if (start < 0) return undefined
  const head = data.subarray(0, start).toString('latin1')
  return start + 4 + Number(/^(?:Content-Length|l)\s*:\s*(\d+)/im.exec(head)?.[1] ?? 0)
}
