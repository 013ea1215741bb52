/**
 * TLS as it is on the wire, and what decrypts it: kept only where a user has asked for it (decision 0106). Node's TLS sockets read and write below
 * JavaScript; here they do it through a stream of ours, which sees what passes. Without that wish they have none in between.
 */
import type net from 'node:net'
import { Duplex } from 'node:stream'
import { canonicalAddress, type Endpoint } from './address.js'

/** Of one connection, bytes. */
const MOST_KEPT = 8 * 1024 * 1024

/** What TCP carried at once; without data: the end of that direction. */
export interface TlsSegment {
  /** ms of the clock. */
  readonly at: number
  readonly direction: 'in' | 'out'
  readonly data?: Buffer
}

/** One connection. It grows until the connection is closed. */
export class TlsOriginal {
  local: Endpoint = { address: '', port: 0 }
  remote: Endpoint = { address: '', port: 0 }
  /** ms of the clock; undefined: it never came about. */
  openedAt: number | undefined
  readonly segments: TlsSegment[] = []
  /** Lines of an NSS key log: whoever has them reads everything. */
  readonly keys: string[] = []
  #room = MOST_KEPT

  opened(socket: net.Socket, at: number): void {
    this.openedAt = at
    this.local = endpointOf(socket.localAddress, socket.localPort)
    this.remote = endpointOf(socket.remoteAddress, socket.remotePort)
  }

  add(segment: TlsSegment): void {
    // What comes after a gap cannot be decrypted.
    this.#room -= segment.data?.length ?? 0
    if (this.#room >= 0) this.segments.push(segment)
  }

  readonly learns = (line: Buffer): void => {
    this.keys.push(line.toString('latin1').trim())
  }
}

/** A TCP connection as TLS uses it, with everything that passes kept. */
export class KeptStream extends Duplex {
  readonly original = new TlsOriginal()
  readonly #socket: net.Socket
  readonly #now: () => number

  /** @param now the clock's reading, ms */
  constructor(socket: net.Socket, now: () => number) {
    super({ allowHalfOpen: true })
    this.#socket = socket
    this.#now = now
    socket.setNoDelay(true)
    if (socket.connecting) socket.once('connect', () => this.original.opened(socket, now()))
    else this.original.opened(socket, now())
    socket.on('data', (data) => {
      this.original.add({ at: now(), direction: 'in', data })
      if (!this.push(data)) socket.pause()
    })
    socket.on('end', () => {
      this.original.add({ at: now(), direction: 'in' })
      this.push(null)
    })
    socket.on('error', (error) => this.destroy(error))
    socket.on('close', () => this.destroy())
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(data: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#once(() => {
      // OpenSSL's buffer is its own.
      this.original.add({ at: this.#now(), direction: 'out', data: Buffer.from(data) })
      this.#socket.write(data, done)
    })
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#once(() => {
      this.original.add({ at: this.#now(), direction: 'out' })
      this.#socket.end(done)
    })
  }

  /** TLS begins to speak before TCP is there. */
  #once(speak: () => void): void {
    if (this.#socket.connecting) this.#socket.once('connect', speak)
    else speak()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy()
    done(error)
  }
}

export function endpointOf(address: string | undefined, port: number | undefined): Endpoint {
  return { address: canonicalAddress(address ?? ''), port: port ?? 0 }
}
