/** What a finished transaction still holds of its messages for half a minute: bytes, not objects. */
import type { SipMessage, SipRequest, SipResponse } from '../message/message.js'
import { parseMessage } from '../message/parse.js'

/**
 * A message that may be asked for as it is or as bytes. A parsed message costs some kilobytes and many objects, and
 * under load tens of thousands of transactions wait for their last timer; `pack` leaves only the bytes, from which the
 * message is read again in the rare case that somebody wants it.
 */
export class KeptMessage<M extends SipMessage> {
  readonly #isKind: (message: SipMessage | undefined) => message is M
  #whole: M | undefined
  #packed: Buffer | undefined

  constructor(message: M, isKind: (message: SipMessage | undefined) => message is M) {
    this.#whole = message
    this.#isKind = isKind
  }

  get message(): M {
    if (this.#whole !== undefined) return this.#whole
    const { message } = parseMessage(this.#packed ?? Buffer.alloc(0), { mode: 'fast' })
    if (!this.#isKind(message)) throw new Error('a kept message cannot be read again')
    this.#whole = message
    return message
  }

  /** The message as it goes on the wire. Made once, so call it only when the message is complete. */
  get bytes(): Buffer {
    this.#packed ??= this.message.toBytes()
    return this.#packed
  }

  /** To be called when the message was changed after `bytes`. */
  changed(): void {
    this.#packed = undefined
  }

  pack(): void {
    if (this.#whole === undefined) return
    this.#packed = packedCopy(this.#packed ?? this.#whole.toBytes())
    this.#whole = undefined
  }
}

/** Of kept messages alone. In the runtime's pool, from which it gives what is smaller than 32 KB, one of them would keep alive media packets that are long gone. */
let slab = Buffer.alloc(0)
let used = 0
const SLAB_BYTES = 65_536

/** A copy beside other kept messages: a piece of memory for each would cost the garbage collector. */
function packedCopy(bytes: Uint8Array): Buffer {
  if (bytes.length > SLAB_BYTES / 8) {
    const own = Buffer.allocUnsafeSlow(bytes.length)
    own.set(bytes)
    return own
  }
  if (used + bytes.length > slab.length) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
    used = 0
  }
  const start = used
  used += bytes.length
  slab.set(bytes, start)
  return slab.subarray(start, used)
}

export function isRequest(message: SipMessage | undefined): message is SipRequest {
  return message?.kind === 'request'
}

export function isResponse(message: SipMessage | undefined): message is SipResponse {
  return message?.kind === 'response'
}

/** A string of its own, where a slice would keep the whole text it was cut from in memory. */
export function ownString(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}
