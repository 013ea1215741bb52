/** What a thread has up at the target: what has to be ended in its name when it dies. */
import type { TransportName } from '../transport/flow.js'
import type { Family } from '../transport/network.js'

/** A dialog as its caller sees it: enough to say BYE in its name. */
export interface DialogLeft {
  /** User part of the account. */
  readonly user: string
  readonly transport: TransportName
  readonly family: Family
  readonly callId: string
  /** Of the INVITE. */
  readonly cseq: number
  /** Header values with their tags. */
  readonly from: string
  readonly to: string
  /** Contact of the other side, and the way there, URIs. */
  readonly target: string
  readonly route: readonly string[]
}

/** A binding that a thread made. */
export interface ContactMade {
  readonly user: string
  readonly contact: string
}

/** What a thread left. */
export interface Left {
  readonly dialogs: readonly DialogLeft[]
  readonly contacts: readonly ContactMade[]
}
