/** Where one kind of packet of one device comes from and goes to: what SDP said, and what was learnt since. */
import { isRtcp } from '../media/rtp.js'
import { canonicalAddress, type Endpoint, sameEndpoint } from '../transport/network.js'

/** Packets from an unexpected port of the expected host that are needed before it is believed. */
const CONVINCING = 10
/** A device that has moved sends nothing from its old place; after so long (ms) that is believed. */
const LEFT_MS = 100
/** A stream that goes on has lost no more packets than these: half a minute of them. */
const MOST_LOST = 1_500

export class MediaPeer {
  signalled: Endpoint | undefined
  /** Fast comparison for every packet; empty: nobody yet. */
  address = ''
  port = 0
  /** Source and number of its last packet of audio. */
  ssrc: number | undefined
  #sequence = 0
  /** When its last packet came, ms of the clock. */
  #at = 0
  /** It was described anew: until then (ms of the clock) it is looked for anew. */
  openUntil = 0
  #candidate: Endpoint | undefined
  #count = 0

  constructor(signalled: Endpoint | undefined) {
    this.signalled = signalled
  }

  get learnt(): boolean {
    return this.port !== 0
  }

  follow(from: Endpoint): void {
    this.address = from.address
    this.port = from.port
  }

  /** Remembers a packet of audio that was taken. RFC 3711 §3.1: the header is in clear, whatever the audio is. */
  note(packet: Buffer, at: number): void {
    this.#at = at
    if (packet.length < 12 || isRtcp(packet)) return
    this.#sequence = packet.readUInt16BE(2)
    this.ssrc = packet.readUInt32BE(8)
  }

  /** Does this packet go on with its stream: same source, next numbers? */
  continues(packet: Buffer): boolean {
    if (packet.length < 12 || isRtcp(packet) || packet.readUInt32BE(8) !== this.ssrc) return false
    const ahead = (packet.readUInt16BE(2) - this.#sequence) & 0xffff
    return ahead > 0 && ahead < MOST_LOST
  }

  /** Has it sent nothing from its place for a while? */
  hasLeft(at: number): boolean {
    return at - this.#at > LEFT_MS
  }

  /** Counts packets that come from one place in a row. */
  insists(from: Endpoint): boolean {
    if (this.#candidate === undefined || !sameEndpoint(this.#candidate, from)) {
      this.#candidate = from
      this.#count = 0
    }
    this.#count++
    return this.#count > CONVINCING
  }
}

/** What is known of a device once it has described itself; a device that names another place has to be learnt anew. */
export function updated(peer: MediaPeer, signalled: Endpoint | undefined): MediaPeer {
  if (signalled === undefined || isUnspecified(signalled)) {
    // On hold the address is zero and the device is where it was.
    return signalled === undefined ? new MediaPeer(undefined) : peer
  }
  const canonical = { address: canonicalAddress(signalled.address), port: signalled.port }
  return peer.signalled !== undefined && sameEndpoint(peer.signalled, canonical) ? peer : new MediaPeer(canonical)
}

function isUnspecified(endpoint: Endpoint): boolean {
  return endpoint.address === '0.0.0.0' || endpoint.address === '::'
}
