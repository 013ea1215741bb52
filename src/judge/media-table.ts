/** What session descriptions say of places that media goes to: which payload types it takes, and whether it is encrypted. */
import { type Endpoint, canonicalAddress } from '../transport/network.js'
import { type Description, descriptionIn, type Place, placeOf, rtcpOf } from './descriptions.js'
import type { SipSeen } from './sip-reader.js'
import type { TypeKnown } from './streams.js'
import { STATIC_TYPES } from '../sdp/values.js'

/** A place, and since when it was announced. */
export interface Announced extends Place {
  readonly at: number
  readonly description: Description
  readonly index: number
}

const keyOf = ({ address, port }: Endpoint): string => `${canonicalAddress(address)} ${port}`

export class MediaTable {
  readonly #places = new Map<string, Announced[]>()
  readonly #types = new Map<Announced, Map<number, TypeKnown>>()
  /** Ports of RTCP. */
  readonly #reports = new Map<string, Announced>()

  constructor(messages: readonly SipSeen[]) {
    for (const seen of messages) {
      if (seen.again) continue
      const description = descriptionIn(seen)
      description?.sdp.media.forEach((_, index) => this.#note(description, index))
    }
  }

  #note(description: Description, index: number): void {
    const place = placeOf(description, index)
    if (place === undefined) return
    const announced = { ...place, at: description.seen.at, description, index }
    const key = keyOf(place.endpoint)
    const list = this.#places.get(key)
    if (list === undefined) this.#places.set(key, [announced])
    else list.push(announced)
    this.#reports.set(keyOf(rtcpOf(place)), announced)
  }

  /** What was said last of a place before a moment; what was said first where it was later. */
  at(endpoint: Endpoint, when: number): Announced | undefined {
    const list = this.#places.get(keyOf(endpoint))
    return list === undefined || list.length === 1 ? list?.[0] : (list.findLast(({ at }) => at <= when) ?? list[0])
  }

  isReports(endpoint: Endpoint): boolean {
    return this.#reports.has(keyOf(endpoint))
  }

  /** Of a payload type: as the receiver numbers it, else as the sender does, else as it is assigned. */
  type(to: Endpoint, from: Endpoint, type: number, when: number): TypeKnown | undefined {
    return this.#typeOf(this.at(to, when), type) ?? this.#typeOf(this.at(from, when), type) ?? STATIC_TYPES.get(type)
  }

  #typeOf(announced: Announced | undefined, type: number): TypeKnown | undefined {
    if (announced === undefined) return undefined
    let types = this.#types.get(announced)
    if (types === undefined) {
      types = new Map()
      const isSecure = /SAVP/i.test(announced.media.protocol)
      for (const { payloadType, encoding, clockRate } of announced.media.rtpMaps)
        types.set(payloadType, { encoding: encoding.toLowerCase(), clockRate, isSecure })
      this.#types.set(announced, types)
    }
    return types.get(type)
  }
}
