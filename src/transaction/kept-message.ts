// What a finished transaction still holds of its messages for half a minute: bytes, not objects.

import type { SipMessage, SipRequest, SipResponse } from '../message/message.js'
import { parseMessage } from '../message/parse.js'

/**
 * A message that may be asked for as it is or as bytes. A parsed message costs some kilobytes and many objects, and
 * under load tens of thousands of transactions wait for their last timer; `pack` leaves only the bytes, from which the
 * message is read again in the rare case that somebody wants it.
 */
export class KeptMessage<M extends SipMessage> {
  private readonly isKind: (message: SipMessage | undefined) => message is M
  private whole: M | undefined
  private packed: Buffer | undefined

  constructor(message: M, isKind: (message: SipMessage | undefined) => message is M) {
    this.whole = message
    this.isKind = isKind
  }

  get message(): M {
    if (this.whole !== undefined) return this.whole
    const { message } = parseMessage(this.packed ?? Buffer.alloc(0), { mode: 'fast' })
    if (!this.isKind(message)) throw new Error('a kept message cannot be read again')
    this.whole = message
    return message
  }

  /** The message as it goes on the wire. Made once, so call it only when the message is complete. */
  get bytes(): Buffer {
    this.packed ??= this.message.toBytes()
    return this.packed
  }

  /** To be called when the message was changed after `bytes`. */
  changed(): void {
    this.packed = undefined
  }

  pack(): void {
    if (this.whole === undefined) return
    // A copy: what was received shares its memory with nothing, and each such piece costs the garbage collector.
    this.packed = Buffer.from(this.packed ?? this.whole.toBytes())
    this.whole = undefined
  }
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
