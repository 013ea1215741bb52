/** INVITE transactions and offers within a dialog, and when its 2xx are repeated: RFC 3261 §14 and §13.3.1.4. */
import type { Random } from '../clock/random.js'

/** Who waits for an answer to an offer (RFC 3264 §4, RFC 3261 §13.2.1). */
export type OfferState = 'idle' | 'we-offered' | 'peer-offered'

export type InviteAdmission =
  | { readonly ok: true }
  | { readonly ok: false; readonly status: 491 }
  /** `retryAfter` in seconds. */
  | { readonly ok: false; readonly status: 500; readonly retryAfter: number }

/**
 * What RFC 3261 §14 remembers about the INVITE transactions of one dialog: at most one at a time, in either direction,
 * and what becomes of an offer. Pure.
 */
export class InviteSession {
  #ours = false
  /** The last INVITE of theirs: without a final response, or with a 2xx whose ACK has not come. */
  #theirs: 'none' | 'unanswered' | 'unacknowledged' = 'none'
  offer: OfferState = 'idle'

  /** Is an INVITE of ours not to wait? (RFC 3261 §14.1) Theirs is over when its ACK came or its wait for the ACK ended. */
  get mayInvite(): boolean {
    return !this.#ours && this.#theirs === 'none'
  }

  /** An INVITE of ours goes out; `offering`: with an offer. */
  sent(offering: boolean): void {
    this.#ours = true
    if (offering) this.offer = 'we-offered'
  }

  /**
   * The final response to our INVITE has come and been read, or the transaction gave up. A refusal takes the offer back
   * (§14.1), and after a 2xx that did not answer it nothing will.
   */
  finished(): void {
    this.#ours = false
    if (this.offer === 'we-offered') this.offer = 'idle'
  }

  /** May the INVITE that arrived be answered? (RFC 3261 §14.2) `offering`: it came with an offer. */
  admit(random: Random, offering: boolean): InviteAdmission {
    // Glare: both sides have sent an INVITE.
    if (this.#ours) return { ok: false, status: 491 }

    if (this.#theirs === 'unanswered') return { ok: false, status: 500, retryAfter: random.int(11) }

    // An INVITE that overtakes the ACK of the one before. RFC 5407 §3.1.5: that ACK is to bring the answer to an offer of
    // ours. §3.1.4: where it is not, serve it, the new CSeq shows that the peer has seen the 2xx.
    if (this.offer === 'we-offered') return { ok: false, status: 491 }

    this.received(offering)
    return { ok: true }
  }

  /** An INVITE of theirs waits for its final response: the first one of the dialog, or one that was admitted. */
  received(offering: boolean): void {
    this.#theirs = 'unanswered'
    if (offering) this.offer = 'peer-offered'
  }

  /** The final response to their INVITE went out; `offering`: a 2xx with an offer, which the ACK is to answer. */
  answered(success: boolean, offering = false): void {
    this.#theirs = success ? 'unacknowledged' : 'none'
    this.offer = offering ? 'we-offered' : 'idle'
  }

  /** The ACK of a 2xx came, or nobody waits for it any more; nor for the answer that it had to bring. */
  acknowledged(): void {
    if (this.offer === 'we-offered') this.offer = 'idle'

    // A new INVITE may have overtaken the ACK; it goes on waiting for its response.
    if (this.#theirs === 'unacknowledged') this.#theirs = 'none'
  }
}

/** Milliseconds to wait after 491 before the re-INVITE is tried again (RFC 3261 §14.1), in steps of 10 ms. */
export function glareDelayMs(ownsCallId: boolean, random: Random): number {
  return ownsCallId ? 2100 + 10 * random.int(191) : 10 * random.int(201)
}

/**
 * When a 2xx to an INVITE, or a reliable provisional response, is sent again: after T1, doubling (up to T2 for the
 * 2xx), until 64*T1 have passed (RFC 3261 §13.3.1.4, RFC 3262 §3). Pure: told the time, tells when it wants to be
 * asked again.
 */
export class ResponseRepeater {
  /** Milliseconds of the clock at which `fire` is wanted next. */
  due: number
  #interval: number
  readonly #cap: number
  readonly #end: number

  constructor(o: { readonly T1: number; readonly T2?: number; readonly now: number }) {
    this.#interval = o.T1
    this.#cap = o.T2 ?? Number.POSITIVE_INFINITY
    this.#end = o.now + 64 * o.T1
    this.due = Math.min(o.now + o.T1, this.#end)
  }

  fire(now: number): 'repeat' | 'give-up' {
    if (now >= this.#end) return 'give-up'

    this.#interval = Math.min(2 * this.#interval, this.#cap)
    // Counted from when it was due, so that late timers do not add up.
    this.due = Math.min(this.due + this.#interval, this.#end)
    return 'repeat'
  }
}
