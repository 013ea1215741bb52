/** What a bridge between two devices knows of one m= line, on either side. */
import type { CryptoAttribute } from '../sdp/crypto-attribute.js'
import type { Direction } from '../sdp/direction.js'
import type { MediaLeg } from './media-leg.js'
import type { Transcoder } from './transcoder.js'

/** One m= line: a leg to each device, and what is agreed about keys on either side. */
export interface Stream {
  readonly caller: Half
  readonly callee: Half
  readonly transcoder: Transcoder
}

export interface Half {
  readonly leg: MediaLeg
  /** Does this side speak SRTP with keys from SDP? Undefined until a description told or was made. */
  secure: boolean | undefined
  /** Profile as this side wrote it or was offered it. */
  profile: string
  /** As it described its audio last. */
  direction: Direction
  /** Lines that this side offered. */
  theirs: readonly CryptoAttribute[]
  /** Lines that we offered or answered to this side. */
  ours: readonly CryptoAttribute[]
  /** What the cipher was made from, so that a repeated description does not make it anew. */
  keyText: string
}

/** Nothing is known yet. */
export function half(leg: MediaLeg): Half {
  return { leg, secure: undefined, profile: '', direction: 'sendrecv', theirs: [], ours: [], keyText: '' }
}
