import { Dialog } from '../dialog/dialog.js'
import type { SipRequest, SipResponse } from '../message/message.js'
import { isRequest, KeptMessage, ownString } from '../transaction/kept-message.js'
import type { ClientTransaction, ClientUser } from '../transaction/transaction.js'
import type { Hop } from '../transport/flow.js'
import type { AgentCore } from './agent-core.js'
import type { Automatic } from './automatic.js'
import type { Credentials } from './credentials.js'

/** An ACK for a 2xx, kept to be sent again for each repeat of it (RFC 3261 §13.2.2.4). */
export interface Acknowledgement {
  readonly ack: SipRequest
  readonly hop: Hop
  readonly branch: string
}

interface PackedAcknowledgement extends Omit<Acknowledgement, 'ack'> {
  readonly key: string
  readonly ack: KeptMessage<SipRequest>
}

/** By remote tag and CSeq number. */
export type Acknowledgements = Map<string, Acknowledgement>

/** Key of the ACK for a 2xx. */
export function ackKey(remoteTag: string | undefined, cseq: number): string {
  return `${remoteTag ?? ''} ${cseq}`
}

/** RFC 3261 §22.1: an ACK carries the credentials of its INVITE. */
export function copyCredentials(invite: SipRequest, ack: SipRequest): void {
  for (const name of ['Authorization', 'Proxy-Authorization'])
    for (const value of invite.headers.all(name)) ack.headers.add(name, value)
}

export interface FinishedCall {
  readonly core: AgentCore
  readonly id: string
  readonly tx: ClientTransaction
  readonly acks: Acknowledgements
  /** To tags of the branches that the call knew, whether they were acknowledged or not. */
  readonly known: Iterable<string>
  readonly automatic: Automatic
  readonly credentials: Credentials
}

/**
 * What is left of a call that is over while its INVITE transaction still waits for 2xx (RFC 6026 §7.2: half a minute).
 * It does what the call would do, and holds none of its messages: under load most of the memory would be theirs.
 */
export class AfterCall implements ClientUser {
  readonly #o: Omit<FinishedCall, 'acks' | 'known'>
  // Mostly one of each, and kept for half a minute: a Map would be the largest part of it.
  readonly #acks: PackedAcknowledgement[] = []
  readonly #known: string[] = []

  constructor({ acks, known, ...o }: FinishedCall) {
    this.#o = o
    for (const [key, { ack, hop, branch }] of acks) this.#keep(ownString(key), ack, hop, branch)

    for (const tag of known) this.#known.push(ownString(tag))
  }

  onResponse(response: SipResponse): void {
    const { core, id, tx, automatic } = this.#o
    if (response.status < 200 || response.status >= 300 || !automatic.acknowledge) return

    const tag = response.to.tag ?? ''
    const key = ackKey(tag, response.cseq.number)
    const kept = this.#acks.find((one) => one.key === key)
    if (kept !== undefined) {
      core.acknowledge(kept.ack.message, kept.hop, kept.branch, id)
      kept.ack.pack()
    } else if (!this.#known.includes(tag)) {
      this.#dismiss(tx.request, response).catch((error: unknown) => {
        core.emit({ kind: 'trouble', call: id, what: String(error) })
      })
    }
  }

  #keep(key: string, ack: SipRequest, hop: Hop, branch: string): void {
    const kept = new KeptMessage(ack, isRequest)
    kept.pack()
    this.#acks.push({ key, ack: kept, hop, branch })
  }

  /** RFC 3261 §13.2.2.4: a 2xx of another fork is acknowledged and its dialog ended. */
  async #dismiss(invite: SipRequest, response: SipResponse): Promise<void> {
    const { core, id, automatic, credentials } = this.#o
    const dialog = Dialog.ofCaller(invite, response)
    const ack = dialog.ack(invite.cseq.number)
    copyCredentials(invite, ack)
    core.sign(ack)
    const hop = await core.hopFor(dialog.nextHop, 'ACK', true)
    const branch = core.stack.transactions.newBranch()
    this.#keep(ackKey(dialog.remoteTag, invite.cseq.number), ack, hop, branch)
    core.acknowledge(ack, hop, branch, id)
    if (automatic.dropSurplus) {
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
        call: id,
      })
    }
  }
}
