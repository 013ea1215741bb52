/** The RTP ports of our devices: what was agreed for each, and the streams that arrive there. */
import type { MediaPacketEvent } from '../../media/media-events.js'
import { uint32At } from '../../media/rtp.js'
import { canonicalAddress, type Endpoint } from '../../transport/network.js'
import { BoundedMap } from './bounded-map.js'

/** One RTP port of ours. */
export interface Leg {
  /** By payload type: 1 where either description has it, 2 where it is telephone-event. */
  readonly types: Uint8Array
  /** Descriptions were exchanged. */
  agreed: boolean
  ourProtocol: string
  theirProtocol: string
  /** Both descriptions have SRTP. */
  isSecure: boolean
  /** When a description last changed something: streams may begin anew. */
  changedAt: number
  endedAt: number
  /** The target ended the call by a BYE of its own. */
  endedByTarget: boolean
  /** Where the last packet came from, if that is published. */
  lastRemote: Endpoint | undefined
  lastStream: Stream | undefined
  readonly streams: Map<number, Stream>
  // What single checks count.
  unknownTypes: number
  clear: number
  malformed: number
  malformedAt: number
  malformedEvents: number
  late: number
  firstLateAt: number
  unpublished: number
}

/** One SSRC of the target at one port. */
export interface Stream {
  readonly ssrc: number
  /** A device of ours is its source: the target only passes it on. */
  readonly ours: SentStream | undefined
  packets: number
  sequence: number
  timestamp: number
  at: number
  /** The last packet was audio, so that timestamps can be compared. */
  comparable: boolean
  // What EXAM-RTP-SEQUENCE counts.
  restarts: number
  repeated: number
  // What EXAM-RTP-TIMING counts, and its window of a second.
  backwards: number
  jumps: number
  windowAt: number
  windowTimestamp: number
  windows: number
  wrongWindows: number
  // What EXAM-RTP-ALTERED counts.
  altered: number
  /** When an SRTP packet was last decrypted, for EXAM-SRTCP. */
  decryptedAt: number
}

/** A stream that one of our devices sends: its last packets, by sequence number. */
export interface SentStream {
  /** A scenario sends under the same SSRC from elsewhere: what comes out may be that. */
  imitated: boolean
  readonly recent: (MediaPacketEvent | undefined)[]
}

/** ms after an exchange of descriptions in which a stream may begin anew. */
const SETTLING_MS = 2_000
/** What `Leg.types` says of telephone-event. */
export const EVENT = 2
/** How many packets of a stream that we send are kept for comparison. */
export const RECENT = 512
/** How many streams are told apart at one port. */
export const MOST_STREAMS = 64

export class Legs {
  readonly #byEndpoint: BoundedMap<Endpoint, Leg>
  readonly #byText: BoundedMap<string, Leg>
  readonly #sent: BoundedMap<number, SentStream>
  readonly #keepsPackets: boolean
  #lastSent = -1

  /** @param keepsPackets whether packets that we send are kept for comparison */
  constructor(limit: number, keepsPackets: boolean) {
    this.#byEndpoint = new BoundedMap(limit)
    this.#byText = new BoundedMap(limit)
    this.#sent = new BoundedMap(limit)
    this.#keepsPackets = keepsPackets
  }

  at(address: string, port: number): Leg {
    const key = `${canonicalAddress(address)} ${port}`
    const known = this.#byText.get(key)
    if (known !== undefined) return known
    const leg = newLeg()
    this.#byText.set(key, leg)
    return leg
  }

  /** The same, by an object that is the same for all packets of a session. */
  of(local: Endpoint): Leg {
    const known = this.#byEndpoint.get(local)
    if (known !== undefined) return known
    const leg = this.at(local.address, local.port)
    this.#byEndpoint.set(local, leg)
    return leg
  }

  /** The stream of that SSRC at that port; undefined where there are too many. */
  stream(leg: Leg, ssrc: number): Stream | undefined {
    const known = leg.streams.get(ssrc)
    if (known !== undefined) return known
    if (leg.streams.size >= MOST_STREAMS) return undefined
    const stream = newStream(ssrc, this.#sent.get(ssrc))
    leg.streams.set(ssrc, stream)
    return stream
  }

  /** An RTP packet of one of our devices. */
  sent(event: MediaPacketEvent): void {
    const { raw } = event
    const ssrc = uint32At(raw, 8)
    if (!this.#keepsPackets && ssrc === this.#lastSent) return
    this.#lastSent = ssrc
    let stream = this.#sent.get(ssrc)
    if (stream === undefined) {
      stream = { imitated: false, recent: [] }
      this.#sent.set(ssrc, stream)
    }
    if (event.plain === undefined) stream.imitated = true
    else if (this.#keepsPackets) stream.recent[(((raw[2] ?? 0) << 8) | (raw[3] ?? 0)) % RECENT] = event
  }

  /** Does a device of ours send under this SSRC? */
  isOurs(ssrc: number): boolean {
    return this.#sent.has(ssrc)
  }
}

function newLeg(): Leg {
  return {
    types: new Uint8Array(128),
    agreed: false,
    ourProtocol: '',
    theirProtocol: '',
    isSecure: false,
    changedAt: -Infinity,
    endedAt: Infinity,
    endedByTarget: false,
    lastRemote: undefined,
    lastStream: undefined,
    streams: new Map(),
    unknownTypes: 0,
    clear: 0,
    malformed: 0,
    malformedAt: -Infinity,
    malformedEvents: 0,
    late: 0,
    firstLateAt: 0,
    unpublished: 0,
  }
}

function newStream(ssrc: number, ours: SentStream | undefined): Stream {
  return {
    ssrc,
    ours,
    packets: 0,
    sequence: 0,
    timestamp: 0,
    at: 0,
    comparable: false,
    restarts: 0,
    repeated: 0,
    backwards: 0,
    jumps: 0,
    windowAt: -1,
    windowTimestamp: 0,
    windows: 0,
    wrongWindows: 0,
    altered: 0,
    decryptedAt: -Infinity,
  }
}

/** Is the last exchange of descriptions so long ago that no stream may begin anew? */
export function isSettled(leg: Leg, at: number): boolean {
  return at - leg.changedAt > SETTLING_MS
}

export function isSecure(protocol: string): boolean {
  return protocol.endsWith('RTP/SAVP') || protocol.endsWith('RTP/SAVPF')
}
