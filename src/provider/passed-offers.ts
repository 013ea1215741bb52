/** Offers and answers that pass on one bridge: which of the two a description is. RFC 3261 §13.2.1, RFC 3262 §5, RFC 3311 §5.1 */
import type { SipMessage } from '../message/message.js'

export type SideName = 'caller' | 'callee'

/** `beside`: it has no part in the exchange, as in the answer to OPTIONS, or in the ACK of an INVITE that had the offer. */
export type DescriptionRole = 'offer' | 'answer' | 'beside'

/** An offer as it came. */
interface Told {
  readonly from: SideName
  /** Number of CSeq: an INVITE's responses and its ACK have that of the INVITE. */
  readonly cseq: number
  readonly text: string
}

export class PassedOffers {
  /** The last one. */
  #offer: Told | undefined
  #isOpen = false

  /**
   * What the description in a message is. Has to be asked of all that pass, in order, repeats included.
   * @param asked of a response: what its request carried; undefined: no description
   */
  roleOf(message: SipMessage, from: SideName, asked?: DescriptionRole): DescriptionRole {
    const told = { from, cseq: message.cseq.number, text: message.body.toString('latin1') }
    const role =
      message.kind === 'request' ? this.#ofRequest(message.method, told) : ofResponse(message.cseq.method, asked)
    if (role === 'answer') this.#isOpen = false
    // A reliable response is repeated until its PRACK comes, and may cross it: that is no new offer.
    if (role === 'offer' && !isSame(this.#offer, told)) {
      this.#offer = told
      this.#isOpen = true
    }
    return role
  }

  #ofRequest(method: string, { from, cseq }: Told): DescriptionRole {
    if (method === 'INVITE' || method === 'UPDATE') return 'offer'
    const isTheirs = this.#offer !== undefined && this.#offer.from !== from
    if (method === 'PRACK') return isTheirs && this.#isOpen ? 'answer' : 'offer'
    return method === 'ACK' && isTheirs && this.#offer?.cseq === cseq ? 'answer' : 'beside'
  }
}

function ofResponse(method: string, asked: DescriptionRole | undefined): DescriptionRole {
  if (asked === 'offer') return 'answer'
  return method === 'INVITE' && asked === undefined ? 'offer' : 'beside'
}

function isSame(known: Told | undefined, told: Told): boolean {
  return known?.from === told.from && known.cseq === told.cseq && known.text === told.text
}
