/** What the SRTCP packets of a source say of who makes them: authentication tag, E flag and index (RFC 3711 §3.4, §4.2). */
import type { MediaPacketEvent, SrtcpSeen } from './media-events.js'
import { uint32At } from './rtp.js'

export type SrtcpFault =
  /** Tags do not match the key. Told once, when the second such packet comes: one may be left over from another call. */
  | 'unauthentic'
  /** Only authenticated, although UNENCRYPTED_SRTCP was not agreed on. */
  | 'unencrypted'
  /** Authentic, and no RTCP once it is decrypted. Told once, like `unauthentic`. */
  | 'noise'
  /** An index that another packet had. */
  | 'index-twice'
  /** An index below one that came long before. */
  | 'index-back'

/** A packet that came, and its fields. */
export type SrtcpEvent = MediaPacketEvent & { readonly srtcp: SrtcpSeen }

/** Wrong packets before they are told. */
const PACKETS = 2
/** Packets that overtake one another are not further apart, ms: reports come seconds apart. */
const OVERTAKING_MS = 1_000
/** How many indices of a source are remembered: those of an hour. */
const REMEMBERED = 1_024

/** The packets of one source, under one key and from one place. */
export class SrtcpSource {
  readonly #keysAt: number
  readonly #address: string
  readonly #port: number
  /** Tags by index, in the order in which they came. */
  readonly #tags = new Map<number, string>()
  /** Lower indices are forgotten. */
  #reach = 0
  #highest = -1
  #highestAt = 0
  #unauthentic = 0
  #lastUnauthentic = ''
  #noise = 0

  constructor({ remote, srtcp }: SrtcpEvent) {
    this.#keysAt = srtcp.keysAt
    this.#address = remote.address
    this.#port = remote.port
  }

  /** Under a new key, or from another relay, counting may begin anew. */
  isOf({ remote, srtcp }: SrtcpEvent): boolean {
    return this.#keysAt === srtcp.keysAt && this.#port === remote.port && this.#address === remote.address
  }

  /** The highest index that came; -1 before the first. */
  get highest(): number {
    return this.#highest
  }

  /** @returns what is wrong with a packet; nothing with a copy that was made on the way */
  judge({ at, fault, srtcp }: SrtcpEvent): SrtcpFault[] {
    const { index, tag, encrypted, mayBeClear, authentic } = srtcp
    if (!authentic) {
      if (tag === this.#lastUnauthentic) return []
      this.#lastUnauthentic = tag
      return ++this.#unauthentic === PACKETS ? ['unauthentic'] : []
    }
    if (this.#tags.get(index) === tag) return []
    const faults: SrtcpFault[] = []
    if (!encrypted && !mayBeClear) faults.push('unencrypted')
    if (encrypted && isNoRtcp(fault) && ++this.#noise === PACKETS) faults.push('noise')
    if (index < this.#reach) return faults
    if (this.#tags.has(index)) faults.push('index-twice')
    else if (index < this.#highest && at - this.#highestAt > OVERTAKING_MS) faults.push('index-back')
    this.#remember(index, tag, at)
    return faults
  }

  #remember(index: number, tag: string, at: number): void {
    this.#tags.set(index, tag)
    if (index > this.#highest) {
      this.#highest = index
      this.#highestAt = at
    }
    if (this.#tags.size <= REMEMBERED) return
    const [oldest = 0] = this.#tags.keys()
    this.#tags.delete(oldest)
    this.#reach = Math.max(this.#reach, oldest + 1)
  }
}

/** The sources that send to one port. */
export class SrtcpSources {
  readonly #sources = new Map<number, SrtcpSource>()
  readonly #limit: number

  /** @param limit how many are told apart */
  constructor(limit = 64) {
    this.#limit = limit
  }

  /** The source of a packet, new where key or sender are. Undefined where there are too many. */
  of(event: SrtcpEvent): SrtcpSource | undefined {
    const ssrc = uint32At(event.raw, 4)
    const known = this.#sources.get(ssrc)
    if (known?.isOf(event) === true) return known
    if (known === undefined && this.#sources.size >= this.#limit) return undefined
    const source = new SrtcpSource(event)
    this.#sources.set(ssrc, source)
    return source
  }
}

/** RTCP that does not even have the form of packets one behind the other. */
function isNoRtcp(fault: string | undefined): boolean {
  return fault === 'rtcp-version' || fault === 'rtcp-length'
}
