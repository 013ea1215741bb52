/** What is left of a call that is over while its INVITE transaction still waits for 2xx responses. */
import { Dialog } from '../dialog/dialog.js'
import type { SipRequest, SipResponse } from '../message/message.js'
import { isRequest, KeptMessage, ownString } from '../transaction/kept-message.js'
import type { ClientTransaction, ClientUser } from '../transaction/transaction.js'
import { ackKey, composeAck } from './acks.js'
import type { Acknowledgement, AgentCore } from './agent-core.js'
import type { Automatic } from './automatic.js'
import type { Credentials } from './credentials.js'

interface PackedAcknowledgement extends Omit<Acknowledgement, 'ack'> {
  readonly key: string
  readonly ack: KeptMessage<SipRequest>
}

export interface FinishedCall {
  readonly core: AgentCore
  readonly tx: ClientTransaction
  readonly acks: ReadonlyMap<string, Acknowledgement>
  /** To tags of the branches that the call knew, whether they were acknowledged or not. */
  readonly known: Iterable<string>
  readonly automatic: Automatic
  readonly credentials: Credentials
}

/**
 * Does for half a minute (RFC 6026 §7.2) what the call would do, and holds none of its messages: under load most of the
 * memory would be theirs.
 */
export class AfterCall implements ClientUser {
  readonly #o: Omit<FinishedCall, 'acks' | 'known'>
  // Mostly one of each, and kept for half a minute: a Map would be the largest part of it.
  readonly #acks: PackedAcknowledgement[] = []
  readonly #known: string[] = []

  constructor({ acks, known, ...o }: FinishedCall) {
    this.#o = o
    for (const [key, kept] of acks) this.#keep(ownString(key), kept)

    for (const tag of known) this.#known.push(ownString(tag))
  }

  onResponse(response: SipResponse): void {
    const { core, tx, automatic } = this.#o
    if (response.status < 200 || response.status >= 300 || !automatic.acknowledge) return

    const tag = response.to.tag ?? ''
    const key = ackKey(tag, response.cseq.number)
    const kept = this.#acks.find((one) => one.key === key)
    if (kept !== undefined) {
      core.acknowledge({ ...kept, ack: kept.ack.message })
      kept.ack.pack()
    } else if (!this.#known.includes(tag)) {
      core.unattended(this.#dismiss(tx.request, response))
    }
  }

  #keep(key: string, { ack, hop, branch }: Acknowledgement): void {
    const kept = new KeptMessage(ack, isRequest)
    kept.pack()
    this.#acks.push({ key, ack: kept, hop, branch })
  }

  /** RFC 3261 §13.2.2.4: a 2xx of another fork is acknowledged and its dialog ended. */
  async #dismiss(invite: SipRequest, response: SipResponse): Promise<void> {
    const { core, automatic, credentials } = this.#o
    const dialog = Dialog.ofCaller(invite, response)
    const ack = composeAck(core, dialog, invite)
    const hop = await core.hopFor(dialog.nextHop, 'ACK', true)
    const kept = { ack, hop, branch: core.stack.transactions.newBranch() }
    this.#keep(ackKey(dialog.remoteTag, invite.cseq.number), kept)
    core.acknowledge(kept)
    await core.converse({
      method: 'BYE',
      hop: () => core.hopFor(dialog.nextHop, 'BYE', true),
      compose: () => {
        const bye = dialog.request('BYE')
        core.sign(bye)
        return bye
      },
      credentials,
      options: {},
      automatic,
    })
  }
}
