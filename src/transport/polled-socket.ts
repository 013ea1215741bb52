/** A UDP socket that is looked at from time to time: see polled-network.ts. */
import type { Clock } from '../clock/clock.js'
import { type Endpoint, isNumericAddress, sameEndpoint } from './address.js'
import { NetworkError, type Route, type UdpSocket } from './network.js'
import { socketAddress } from './socket-address.js'

/** A socket to which nothing comes sits out up to so many rounds. */
const MOST_ROUNDS_OUT = 4

/** Who makes the system calls. */
export interface SocketHost {
  readonly clock: Clock
  /** Sends at once; `to` is a place in memory. */
  send(fd: number, data: Uint8Array, to: number, toLength: number): NetworkError | undefined
  /** Hands over what has come; how many packets. */
  fetch(fd: number, socket: PolledUdpSocket): number
  addressOf(buffer: Buffer): number
  /** See `UdpSocket`. */
  readonly room: (bytes: number) => Buffer
}

export class PolledUdpSocket implements UdpSocket {
  readonly local: Endpoint
  readonly lends = true
  readonly room: (bytes: number) => Buffer
  onMessage: ((data: Buffer, from: Endpoint, at: number) => void) | undefined
  onError: ((error: NetworkError) => void) | undefined
  open = true
  /** Who sent the last packet: as the kernel has it, and as we do. */
  readonly senderWords = new Uint32Array(6)
  sender: Endpoint | undefined
  /** What has not been fetched yet came after this, ms of the clock. */
  since: number
  readonly #network: SocketHost
  readonly #fd: number
  readonly #closed: () => void
  #to: Endpoint | undefined
  #route: Route | undefined
  /** Turns in a row in which nothing was there, and turns that it sits out for it. */
  #vain = 0
  #out = 0

  constructor(network: SocketHost, fd: number, local: Endpoint, closed: () => void) {
    this.#network = network
    this.#fd = fd
    this.local = local
    this.#closed = closed
    this.room = network.room
    this.since = network.clock.now()
  }

  send(data: Uint8Array, to: Endpoint): void {
    if (to !== this.#to || this.#route === undefined) {
      if (this.#to === undefined || !sameEndpoint(to, this.#to)) {
        this.#route = this.route(to)
        // It never throws: see `UdpSocket`.
        if (this.#route === undefined) return this.report(noAddress(to))
      }
      this.#to = to
    }
    this.#route?.send(data)
  }

  route(to: Endpoint): Route | undefined {
    if (!isNumericAddress(to.address) || !isPort(to.port)) return undefined
    return new PolledRoute(this.#network, this, this.#fd, socketAddress(to))
  }

  fetch(): number {
    return this.open ? this.#network.fetch(this.#fd, this) : 0
  }

  turn(): void {
    if (this.#out > 0) {
      this.#out--
      return
    }
    this.#vain = this.fetch() > 0 ? 0 : Math.min(this.#vain + 1, MOST_ROUNDS_OUT)
    this.#out = this.#vain
  }

  arrived(data: Buffer, from: Endpoint, at: number): void {
    this.onMessage?.(data, from, at)
  }

  close(): void {
    if (!this.open) return
    this.open = false
    this.#closed()
  }

  /** Later, as sockets of Node do: whoever sends is not told in the middle of it. */
  report(error: NetworkError): void {
    queueMicrotask(() => {
      if (this.open) this.onError?.(error)
    })
  }
}

class PolledRoute implements Route {
  readonly #network: SocketHost
  readonly #socket: PolledUdpSocket
  readonly #fd: number
  readonly #at: number
  readonly #length: number
  /** Held on to: the kernel reads it. */
  readonly address: Buffer

  constructor(network: SocketHost, socket: PolledUdpSocket, fd: number, address: Buffer) {
    this.#network = network
    this.#socket = socket
    this.#fd = fd
    this.address = address
    this.#at = network.addressOf(address)
    this.#length = address.length
  }

  send(data: Uint8Array): void {
    if (!this.#socket.open) return
    const error = this.#network.send(this.#fd, data, this.#at, this.#length)
    if (error !== undefined) this.#socket.report(error)
  }
}

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 0 && port <= 65_535
}

export function noAddress({ address, port }: Endpoint): NetworkError {
  return new NetworkError('address', `UDP: ${address} with port ${port} is no numeric address and port`)
}
