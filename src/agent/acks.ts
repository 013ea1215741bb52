/** The ACKs of one call for 2xx responses, which the user agent makes itself, past the transactions (RFC 3261 §13.2.2.4). */
import type { Dialog } from '../dialog/dialog.js'
import type { SipRequest, SipResponse } from '../message/message.js'
import type { Acknowledgement, AgentCore } from './agent-core.js'
import type { Automatic } from './automatic.js'
import type { RequestOptions } from './exchange.js'
import { applyHeaders, bodyOf } from './exchange-record.js'

/** Key of the ACK for a 2xx: its To tag and the CSeq number. */
export function ackKey(remoteTag: string | undefined, cseq: number): string {
  return `${remoteTag ?? ''} ${cseq}`
}

/** The ACK for the 2xx that the INVITE got within the dialog; with the INVITE's credentials (RFC 3261 §22.1). */
export function composeAck(
  core: AgentCore,
  dialog: Dialog,
  invite: SipRequest,
  o: Pick<RequestOptions, 'body' | 'contentType'> = {},
): SipRequest {
  const ack = dialog.ack(invite.cseq.number, bodyOf(o))
  for (const name of ['Authorization', 'Proxy-Authorization'])
    for (const value of invite.headers.all(name)) ack.headers.add(name, value)

  core.sign(ack)
  return ack
}

export class Acks {
  readonly #core: AgentCore
  readonly #automatic: Automatic
  readonly #kept = new Map<string, Acknowledgement>()
  /** As sent, repeats included. */
  readonly sent: SipRequest[] = []

  /** @param automatic switches of the call, as they are at the time */
  constructor(core: AgentCore, automatic: Automatic) {
    this.#core = core
    this.#automatic = automatic
  }

  /** By `ackKey`. */
  get kept(): ReadonlyMap<string, Acknowledgement> {
    return this.#kept
  }

  /** Makes and sends the ACK for a 2xx. @param sdp the answer, where the 2xx had the offer */
  async send(dialog: Dialog, invite: SipRequest, sdp: string | undefined, o: RequestOptions = {}): Promise<void> {
    const ack = composeAck(this.#core, dialog, invite, sdp === undefined ? o : { ...o, body: sdp })
    applyHeaders(ack, o.headers)
    const edited = o.edit === undefined ? ack : o.edit(ack)
    if (edited === undefined) return

    const hop = o.hop ?? (await this.#core.hopFor(dialog.nextHop, 'ACK', true))
    const kept = { ack: edited, hop, branch: this.#core.stack.transactions.newBranch() }
    this.#kept.set(ackKey(dialog.remoteTag, invite.cseq.number), kept)
    this.#transmit(kept)
  }

  /** Every repeat of a 2xx is answered with the same ACK. False: none was made yet. */
  repeat(success: SipResponse): boolean {
    const kept = this.#kept.get(ackKey(success.to.tag, success.cseq.number))
    if (kept !== undefined && this.#automatic.acknowledge) this.#transmit(kept)

    return kept !== undefined
  }

  #transmit(kept: Acknowledgement): void {
    this.sent.push(this.#core.acknowledge(kept))
  }
}
