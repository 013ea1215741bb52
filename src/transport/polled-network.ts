/**
 * The sockets of this machine for audio in number: UDP sockets that nobody waits for. What came is fetched five times a
 * second, several packets at once, and the kernel says when each of them came. So a packet costs a fraction of what it
 * costs through node:dgram, which wakes the process for each, and its time of arrival is right to some microseconds,
 * however busy this process is.
 */
import { getSystemErrorName } from 'node:util'
import type { Clock, Timer } from '../clock/clock.js'
import { type Endpoint, familyOf, formatEndpoint, isNumericAddress } from './address.js'
import { networkError } from './kernel-error.js'
import type { Libc } from './libc.js'
import {
  type ConnectOptions,
  type ListenOptions,
  type Network,
  NetworkError,
  type StreamConnection,
  type StreamListener,
  type UdpSocket,
} from './network.js'
import { isPort, noAddress, PolledUdpSocket } from './polled-socket.js'
import { AF_INET, AF_INET6, endpointOf, socketAddress } from './socket-address.js'

// Linux on 64-bit machines, little-endian.
const SOCK_DGRAM = 2
const SOCK_NONBLOCK = 0x800
const SOCK_CLOEXEC = 0x80000
const SOL_SOCKET = 1
const SO_SNDBUF = 7
const SO_RCVBUF = 8
const SO_TIMESTAMPNS = 35
const IPPROTO_IPV6 = 41
const IPV6_V6ONLY = 26
const MSG_DONTWAIT = 0x40
const CLOCK_REALTIME = 0
const EAGAIN = 11
const EINTR = 4

const BUFFER_BYTES = 4 * 1024 * 1024
/** Every socket has its turn once in a round: 100 slots of 2 ms. */
const SLOTS = 100
const SLOT_MS = 2
/** Then our own packets have their turn, which must leave in time; what has come does not run away. */
const LONGEST_POLL_MS = 1
/** Where nobody else calls `poll`. */
const AT_LEAST_EVERY_MS = 10
/** Packets that are fetched at once: of a fifth of a second. */
const BATCH = 16
const MOST_BATCHES = 64
const LARGEST_DATAGRAM = 65_536
/** The kernel's time is held against the clock's so often, ms. */
const SYNCHRONISE_EVERY_MS = 10
/** Reading both clocks takes less, ms. */
const READING_MS = 0.02
const MOST_READINGS = 5

// struct mmsghdr: name, its length, iovec, how many, control, its length, flags; the length received.
const HEADER_BYTES = 64
const [NAME, NAME_LENGTH, VECTOR, VECTORS, CONTROL, CONTROL_LENGTH, LENGTH] = [0, 8, 16, 24, 32, 40, 56]
// struct iovec; struct cmsghdr: length (8), level (4), type (4), then a struct timespec of 8 and 8; a socket address.
const [VECTOR_BYTES, CONTROL_BYTES, NAME_BYTES] = [16, 32, 32]
// Memory that system calls read and write, from one address on.
const HEADERS = 0
const VECTORS_AT = HEADERS + BATCH * HEADER_BYTES
const CONTROLS = VECTORS_AT + BATCH * VECTOR_BYTES
const NAMES = CONTROLS + BATCH * CONTROL_BYTES
const TIME = NAMES + BATCH * NAME_BYTES
const OPTION = TIME + 16
const TO = OPTION + 16
const OUT = TO + NAME_BYTES
const MEMORY_BYTES = OUT + LARGEST_DATAGRAM

/**
 * `poll` is to be called often, best when the packets of a moment have been sent; a timer of its own sees to it that it is
 * called at all. What it gives to `onMessage` is lent: see `UdpSocket`.
 */
export class PolledNetwork implements Network {
  readonly kind = 'sockets'
  readonly clock: Clock
  readonly #others: Network
  readonly #libc: Libc
  readonly #slots: PolledUdpSocket[][] = Array.from({ length: SLOTS }, () => [])
  readonly #memory = Buffer.allocUnsafeSlow(MEMORY_BYTES).fill(0, 0, OUT)
  readonly #words = new Uint32Array(this.#memory.buffer, 0, OUT / 4)
  readonly #base: number
  /** Where datagrams come in, one after the other; pages that nothing comes to take no memory. */
  readonly #incoming = Buffer.allocUnsafeSlow(BATCH * LARGEST_DATAGRAM)
  /** The last datagram of each place: most have the same length as the one before. */
  readonly #views: Buffer[] = []
  #open = 0
  #timer: Timer | undefined
  #polling = false
  #fetching = false
  /** Number of the slot whose turn is next, counted from the clock's zero on. */
  #next = 0
  #nextSlot = 0
  /** Clock less Unix time, ms, and when that was found out. */
  #offset = 0
  #synchronisedAt = -Infinity
  /** Where the next datagram is written. */
  #room: Buffer

  /** @param others the network for all that is not UDP, and for addresses with a zone */
  constructor(others: Network, libc: Libc) {
    this.clock = others.clock
    this.#others = others
    this.#libc = libc
    this.#base = libc.addressOf(this.#memory)
    this.#room = this.#memory.subarray(OUT)
    const incoming = libc.addressOf(this.#incoming)
    const pointer = (at: number, value: number) => this.#memory.writeBigUInt64LE(BigInt(value), at)
    for (let i = 0; i < BATCH; i++) {
      const header = HEADERS + i * HEADER_BYTES
      const vector = VECTORS_AT + i * VECTOR_BYTES
      pointer(header + NAME, this.#base + NAMES + i * NAME_BYTES)
      pointer(header + VECTOR, this.#base + vector)
      pointer(header + VECTORS, 1)
      pointer(header + CONTROL, this.#base + CONTROLS + i * CONTROL_BYTES)
      pointer(vector, incoming + i * LARGEST_DATAGRAM)
      pointer(vector + 8, LARGEST_DATAGRAM)
    }
  }

  async bindUdp(at: Endpoint): Promise<UdpSocket> {
    if (!isNumericAddress(at.address) || at.address.includes('%')) return this.#others.bindUdp(at)
    const fd = this.#bound(at)
    const slot = this.#slots[this.#nextSlot++ % SLOTS] ?? []
    const socket: PolledUdpSocket = new PolledUdpSocket(this, fd, this.#localOf(fd), () => {
      slot.splice(slot.indexOf(socket), 1)
      this.#closed(fd)
    })
    slot.push(socket)
    this.#open++
    this.#arm()
    return Promise.resolve(socket)
  }

  connect(options: ConnectOptions): Promise<StreamConnection> {
    return this.#others.connect(options)
  }

  listen(options: ListenOptions): Promise<StreamListener> {
    return this.#others.listen(options)
  }

  /** Fetches what has come to the sockets whose turn it is, as far as there is time. */
  readonly poll = (): void => {
    if (this.#polling || this.#open === 0) return
    this.#polling = true
    try {
      const startedAt = this.clock.now()
      const due = Math.floor(startedAt / SLOT_MS)
      // Who is behind by more than a round looks at every socket once.
      if (due - this.#next >= SLOTS) this.#next = due - SLOTS + 1
      while (this.#next <= due) {
        const slot = this.#slots[this.#next++ % SLOTS] ?? []
        // From the end on: what a packet leads to may close the socket that it came to.
        for (let i = slot.length - 1; i >= 0; i--) slot[i]?.turn()
        if (slot.length > 0 && this.clock.now() - startedAt > LONGEST_POLL_MS) return
      }
    } finally {
      this.#polling = false
    }
  }

  /** Memory for the next datagram that is sent. */
  readonly room = (bytes: number): Buffer => {
    if (bytes > LARGEST_DATAGRAM) return Buffer.allocUnsafe(bytes)
    if (this.#room.length !== bytes) this.#room = this.#memory.subarray(OUT, OUT + bytes)
    return this.#room
  }

  // --- for the sockets ----------------------------------------------------------------------------------------------

  /** @param to address of a socket address, and its length @returns what went wrong */
  send(fd: number, data: Uint8Array, to: number, toLength: number): NetworkError | undefined {
    if (data.length > LARGEST_DATAGRAM) return new NetworkError('other', 'the datagram is larger than the path takes')
    if (data !== this.#room) this.#memory.set(data, OUT)
    const sent = this.#libc.sendto(fd, this.#base + OUT, data.length, MSG_DONTWAIT, to, toLength)
    return sent < 0 ? this.#error('UDP') : undefined
  }

  /** Hands over all that has come. @returns how many datagrams */
  fetch(fd: number, socket: PolledUdpSocket): number {
    // What a packet leads to must not fetch others into the same memory.
    if (this.#fetching) return 0
    this.#fetching = true
    try {
      return this.#fetchAll(fd, socket)
    } finally {
      this.#fetching = false
    }
  }

  addressOf(buffer: Buffer): number {
    return this.#libc.addressOf(buffer)
  }

  // --- inside -------------------------------------------------------------------------------------------------------

  #bound(at: Endpoint): number {
    const libc = this.#libc
    if (!isPort(at.port)) throw noAddress(at)
    const what = `UDP ${formatEndpoint(at)}`
    const ipv6 = familyOf(at.address) === 'ipv6'
    const fd = libc.socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)
    if (fd < 0) throw this.#error(what)
    // The kernel may grant less.
    this.#setOption(fd, SOL_SOCKET, SO_RCVBUF, BUFFER_BYTES)
    this.#setOption(fd, SOL_SOCKET, SO_SNDBUF, BUFFER_BYTES)
    this.#setOption(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1)
    if (ipv6) this.#setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)
    const address = socketAddress(at)
    this.#memory.set(address, TO)
    if (libc.bind(fd, this.#base + TO, address.length) === 0) return fd
    const error = this.#error(what)
    libc.close(fd)
    throw error
  }

  #setOption(fd: number, level: number, name: number, value: number): void {
    this.#words[OPTION >> 2] = value
    this.#libc.setsockopt(fd, level, name, this.#base + OPTION, 4)
  }

  #localOf(fd: number): Endpoint {
    this.#words[OPTION >> 2] = NAME_BYTES
    this.#libc.getsockname(fd, this.#base + TO, this.#base + OPTION)
    return endpointOf(this.#memory.subarray(TO, TO + NAME_BYTES))
  }

  #fetchAll(fd: number, socket: PolledUdpSocket): number {
    const words = this.#words
    let fetched = 0
    for (let batch = 0; batch < MOST_BATCHES && socket.open; batch++) {
      for (let header = HEADERS >> 2; header < VECTORS_AT >> 2; header += HEADER_BYTES >> 2) {
        words[header + (NAME_LENGTH >> 2)] = NAME_BYTES
        words[header + (CONTROL_LENGTH >> 2)] = CONTROL_BYTES
      }
      const count = this.#libc.recvmmsg(fd, this.#base + HEADERS, BATCH, MSG_DONTWAIT, 0)
      if (count <= 0) {
        const errno = count < 0 ? this.#libc.errno() : EAGAIN
        if (errno !== EAGAIN && errno !== EINTR) socket.report(this.#error('UDP'))
        return fetched
      }
      const now = this.#synchronise()
      for (let i = 0; i < count; i++) {
        if (socket.open)
          socket.arrived(this.#datagram(i), this.#sender(i, socket), this.#arrivedAt(i, socket.since, now))
      }
      fetched += count
      // What comes with the next one came after this.
      if (count < BATCH) {
        socket.since = now
        return fetched
      }
    }
    return fetched
  }

  #datagram(place: number): Buffer {
    const length = this.#words[(HEADERS + place * HEADER_BYTES + LENGTH) >> 2] ?? 0
    const known = this.#views[place]
    if (known !== undefined && known.length === length) return known
    const at = place * LARGEST_DATAGRAM
    return (this.#views[place] = this.#incoming.subarray(at, at + length))
  }

  /** The same object for the same sender, as long as nobody else sends. */
  #sender(place: number, socket: PolledUdpSocket): Endpoint {
    const words = this.#words
    const at = (NAMES + place * NAME_BYTES) >> 2
    const { senderWords, sender } = socket
    const length = ((words[at] ?? 0) & 0xffff) === AF_INET ? 2 : 6
    let same = sender !== undefined
    for (let i = 0; i < length && same; i++) same = senderWords[i] === words[at + i]
    if (same && sender !== undefined) return sender
    for (let i = 0; i < length; i++) senderWords[i] = words[at + i] ?? 0
    const name = NAMES + place * NAME_BYTES
    return (socket.sender = endpointOf(this.#memory.subarray(name, name + NAME_BYTES)))
  }

  /** When the kernel says that a packet came, on our clock: not before what was fetched before it, nor in the future. */
  #arrivedAt(place: number, since: number, now: number): number {
    const words = this.#words
    const control = (CONTROLS + place * CONTROL_BYTES) >> 2
    const length = words[(HEADERS + place * HEADER_BYTES + CONTROL_LENGTH) >> 2] ?? 0
    if (length < CONTROL_BYTES || words[control + 3] !== SO_TIMESTAMPNS) return now
    const at = msOf(words, control + 4) + this.#offset
    return at > now ? now : at < since ? since : at
  }

  /** Holds the kernel's time against the clock's, now and then. @returns the clock's */
  #synchronise(): number {
    let now = this.clock.now()
    if (now - this.#synchronisedAt < SYNCHRONISE_EVERY_MS) return now
    for (let tries = 0; tries < MOST_READINGS; tries++) {
      const before = now
      this.#libc.clock_gettime(CLOCK_REALTIME, this.#base + TIME)
      now = this.clock.now()
      // Who was interrupted between the two readings reads again.
      if (now - before > READING_MS) continue
      this.#offset = (before + now) / 2 - msOf(this.#words, TIME >> 2)
      this.#synchronisedAt = now
      break
    }
    return now
  }

  #error(what: string): NetworkError {
    const errno = this.#libc.errno()
    const code = errno > 0 ? getSystemErrorName(-errno) : ''
    return networkError(Object.assign(new Error(code), { code }), what)
  }

  #closed(fd: number): void {
    this.#libc.close(fd)
    this.#open--
    if (this.#open > 0) return
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #arm(): void {
    this.#timer ??= this.clock.after(AT_LEAST_EVERY_MS, () => {
      this.#timer = undefined
      this.poll()
      if (this.#open > 0) this.#arm()
    })
  }
}

/** Of a struct timespec, ms. */
function msOf(words: Uint32Array, at: number): number {
  return ((words[at] ?? 0) + (words[at + 1] ?? 0) * 2 ** 32) * 1000 + (words[at + 2] ?? 0) / 1e6
}
