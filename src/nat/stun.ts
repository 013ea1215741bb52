import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import type { Endpoint, Network } from '../transport/network.js'

export interface StunMessage {
  readonly class: 'request' | 'indication' | 'success' | 'error'
  /** 1 is Binding. */
  readonly method: number
  /** 12 bytes. */
  readonly transactionId: Buffer
  readonly mappedAddress?: Endpoint
  readonly xorMappedAddress?: Endpoint
  readonly errorCode?: { readonly code: number; readonly reason: string }
  readonly unknownAttributes?: readonly number[]
  readonly software?: string
  /** True: present and right, false: present and wrong. On encoding: whether to add one. */
  readonly fingerprint?: boolean
  /** Comprehension-required attributes (below 0x8000) that this codec does not know. */
  readonly notUnderstood?: readonly number[]
}

/** Is this packet STUN, and not SIP or RTP? RFC 8489 §5: two zero bits and the magic cookie. */
export function looksLikeStun(_data: Uint8Array): boolean {
  throw new Error('not yet')
}

export function encodeStun(_message: StunMessage): Buffer {
  throw new Error('not yet')
}

/** Undefined: not a STUN message. */
export function parseStun(_data: Buffer): StunMessage | undefined {
  throw new Error('not yet')
}

export interface StunTimers {
  /** Milliseconds to the first retransmission; doubles. Default 500. */
  readonly rto?: number
  /** How often the request is sent in all. Default 7. */
  readonly rc?: number
  /** The last wait is `rm` times `rto`. Default 16. */
  readonly rm?: number
}

export interface StunResult {
  readonly outcome: 'mapped' | 'error' | 'timeout'
  readonly mapped?: Endpoint
  readonly response?: StunMessage
  readonly requestsSent: number
  /** From the last transmission, milliseconds. */
  readonly roundTripMs?: number
}

/** Binding transactions over a socket that is somebody else's. */
export class StunClient {
  constructor(_o: {
    clock: Clock
    random: Random
    send: (data: Buffer, to: Endpoint) => void
    timers?: StunTimers
    software?: string
  }) {}

  binding(_server: Endpoint): Promise<StunResult> {
    throw new Error('not yet')
  }

  /** Hand every packet that looks like STUN in here; true when it was a response to one of ours. */
  receive(_data: Buffer, _from: Endpoint, _at: number): boolean {
    throw new Error('not yet')
  }

  /** Ends what is under way as timed out. */
  close(): void {
    throw new Error('not yet')
  }
}

/** One Binding transaction from a socket of its own. */
export function stunQuery(_o: {
  network: Network
  clock: Clock
  random: Random
  server: Endpoint
  local?: Endpoint
  timers?: StunTimers
}): Promise<StunResult> {
  throw new Error('not yet')
}
