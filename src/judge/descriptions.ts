/** Session descriptions of a call's hop, each with what it answers: what was agreed on, and from when on. */
import { sessionBytesIn } from '../message/body-parts.js'
import type { SipSeen } from './sip-reader.js'
import { SessionDescription } from '../sdp/session-description.js'
import type { Endpoint } from '../transport/network.js'
import { canonicalAddress } from '../transport/network.js'
import { canReceive, canSend } from '../sdp/direction.js'
import type { MediaDescription } from '../sdp/section.js'

/** One session description as it was seen. */
export interface Description {
  readonly seen: SipSeen
  readonly sdp: SessionDescription
}

/** An offer and its answer. */
export interface Agreement {
  readonly offer: Description
  readonly answer: Description
  /** Since when it holds, ms. */
  readonly at: number
  /** True where it was made before the call was answered. */
  readonly early: boolean
}

/** What one side says of one stream of media. */
export interface Place {
  readonly endpoint: Endpoint
  readonly media: MediaDescription
  readonly seen: SipSeen
  readonly sends: boolean
  readonly receives: boolean
}

const known = new WeakMap<SipSeen, Description | undefined>()

/** The session description in a message; undefined where there is none. */
export function descriptionIn(seen: SipSeen): Description | undefined {
  if (known.has(seen)) return known.get(seen)
  const bytes = sessionBytesIn(seen.message)
  const description = bytes === undefined ? undefined : { seen, sdp: SessionDescription.parse(bytes) }
  known.set(seen, description)
  return description
}

/** Where one side takes the media of the nth m= line; undefined: nowhere. */
export function placeOf(description: Description, index: number): Place | undefined {
  const media = description.sdp.media[index]
  if (media === undefined || media.port === 0) return undefined
  const address = media.connection?.address.split('/')[0]
  if (address === undefined || address === '') return undefined
  // RFC 3264 §8.4: the old way of holding.
  const held = address === '0.0.0.0' || address === '::'
  const { direction } = media
  return {
    endpoint: { address: canonicalAddress(address), port: media.port },
    media,
    seen: description.seen,
    sends: canSend(direction) && !held,
    receives: canReceive(direction) && !held,
  }
}

/** Where RTCP for a place goes (RFC 3605; RFC 3550 §11). */
export function rtcpOf({ endpoint, media }: Place): Endpoint {
  const { rtcp } = media
  if (media.rtcpMux) return endpoint
  if (rtcp === undefined) return { ...endpoint, port: endpoint.port + 1 }
  return { address: rtcp.connection?.address ?? endpoint.address, port: rtcp.port }
}
