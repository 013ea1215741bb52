/** The sockets of one RTP session: RTP on an even port, RTCP on the next (RFC 3550 §11). */
import type { Clock, Timer } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import { NetworkError, type Network, type UdpSocket } from '../transport/network.js'

export interface MediaPorts {
  readonly rtp: UdpSocket
  /** Absent where RTCP is not wanted. */
  readonly rtcp: UdpSocket | undefined
}

/** Closes the sockets, at once or after so many ms, and at once when it is asked again. */
export class PortCloser {
  readonly #ports: MediaPorts
  readonly #clock: Clock
  #later: Timer | undefined
  #isClosed = false

  constructor(ports: MediaPorts, clock: Clock) {
    this.#ports = ports
    this.#clock = clock
  }

  close(afterMs: number): void {
    const isAgain = this.#later !== undefined
    this.#later?.cancel()
    if (afterMs > 0 && !isAgain) {
      this.#later = this.#clock.after(afterMs, () => this.close(0))
      return
    }
    if (this.#isClosed) return
    this.#isClosed = true
    this.#ports.rtp.close()
    this.#ports.rtcp?.close()
  }
}

export interface PortRange {
  readonly from: number
  readonly to: number
}

const ATTEMPTS = 64

/** Binds the pair. Throws NetworkError 'port-taken' when no pair of the range is free. */
export async function bindMediaPorts(
  network: Network,
  address: string,
  random: Random,
  o: { readonly range?: PortRange | undefined; readonly rtcp: boolean },
): Promise<MediaPorts> {
  const first = o.range === undefined ? 0 : o.range.from + (o.range.from % 2)
  const pairs = o.range === undefined ? ATTEMPTS : Math.floor((o.range.to - first + 1) / 2)
  const start = o.range === undefined || pairs < 1 ? 0 : random.int(pairs)
  for (let attempt = 0; attempt < pairs; attempt++) {
    const even = o.range === undefined ? 0 : first + 2 * ((start + attempt) % pairs)
    const bound = await bindPair(network, address, even, o.rtcp)
    if (bound !== undefined) return bound
  }
  const where = o.range === undefined ? 'any' : `${o.range.from}-${o.range.to}`
  throw new NetworkError('port-taken', `no free pair of ports for media on ${address} (${where})`)
}

/** `even` 0: whatever the wire gives, completed to a pair in the direction that its parity asks for. */
async function bindPair(
  network: Network,
  address: string,
  even: number,
  rtcp: boolean,
): Promise<MediaPorts | undefined> {
  const given = await bindOne(network, address, even)
  if (given === undefined) return undefined
  const isEven = given.local.port % 2 === 0
  if (!rtcp && isEven) return { rtp: given, rtcp: undefined }
  const partner = await bindOne(network, address, isEven ? given.local.port + 1 : given.local.port - 1)
  if (partner === undefined) {
    given.close()
    return undefined
  }
  const pair = isEven ? { rtp: given, rtcp: partner } : { rtp: partner, rtcp: given }
  if (rtcp) return pair
  pair.rtcp.close()
  return { rtp: pair.rtp, rtcp: undefined }
}

async function bindOne(network: Network, address: string, port: number): Promise<UdpSocket | undefined> {
  if (port > 65_535) return undefined
  try {
    return await network.bindUdp({ address, port })
  } catch (error) {
    if (error instanceof NetworkError && error.code === 'port-taken') return undefined
    throw error
  }
}
