/** What a capture file holds, for those who look at the traffic and not at the file. */
import type { Endpoint } from '../transport/network.js'

export interface Captured {
  /** Unix milliseconds, with a fraction. */
  readonly at: number
  readonly from: Endpoint
  readonly to: Endpoint
  /** Number of the packet from 1, as Wireshark counts; of what came in several, the last one's. */
  readonly frame: number
  /** What somebody wrote about the packet in a pcapng file. */
  readonly comment?: string
}

/** A UDP datagram, put together from its fragments. */
export interface CapturedDatagram extends Captured {
  readonly kind: 'datagram'
  readonly data: Buffer
  /** Bytes at the end that the file lacks, as packets were cut when captured, or a fragment is missing. */
  readonly cut?: number
  /** Hop limit (TTL), as it was captured; absent where the file has no IP header. */
  readonly hops?: number
  /** Fragments of IP that it was put together from; absent where it came whole. `cut` beside it: the others are not in the file. */
  readonly pieces?: number
}

/** Bytes of one direction of a TCP stream, in order and each once. */
export interface CapturedSegment extends Captured {
  readonly kind: 'segment'
  /** Numbers the connections of a file from 1. */
  readonly stream: number
  readonly data: Buffer
  /** It went over TLS: it was decrypted, or the file has it in plain text and says so. */
  readonly tls: boolean
}

/** Something that happened to a TCP connection. `from` did it; of `gap` and `encrypted`: sent it. */
export interface CapturedStreamEvent extends Captured {
  /**
   * `attempt`: a connection is asked for; `open`: the other side agreed, `from` is who asked; `close`: `from` sends no more; `reset`: `from` ended it;
   * `gap`: bytes are missing here; `encrypted`: TLS that cannot be read, told once a stream. A stream that was captured from its middle on has no `open`.
   */
  readonly kind: 'attempt' | 'open' | 'close' | 'reset' | 'gap' | 'encrypted'
  readonly stream: number
  /** Bytes, of `gap`. */
  readonly missing?: number
}

export type IcmpText =
  | 'port unreachable'
  | 'host unreachable'
  | 'network unreachable'
  | 'protocol unreachable'
  | 'prohibited'
  | 'fragmentation needed'
  | 'hop limit exceeded'
  | 'reassembly time exceeded'
  | 'unreachable'

/** An ICMP error. `from` and `to` have port 0. */
export interface CapturedIcmp extends Captured {
  readonly kind: 'icmp'
  /** The packet that it complains about. */
  readonly about: { readonly from: Endpoint; readonly to: Endpoint; readonly protocol: 'udp' | 'tcp' }
  readonly says: IcmpText
}

export type CapturedEvent = CapturedDatagram | CapturedSegment | CapturedStreamEvent | CapturedIcmp

/** Something in a file that could not be read, or was left out. */
export interface CaptureTrouble {
  /** Of the first packet that it befell. */
  readonly frame?: number
  /** Byte of the file, after decompression. */
  readonly offset?: number
  readonly text: string
  /** How often. */
  readonly count: number
}

export interface Capture {
  /** In time order. */
  readonly events: readonly CapturedEvent[]
  readonly troubles: readonly CaptureTrouble[]
  readonly packets: number
  /** Unix milliseconds of the first and of the last packet; 0 where there is none. */
  readonly from: number
  readonly until: number
  /** Kinds of link, `Ethernet`. */
  readonly links: readonly string[]
}
