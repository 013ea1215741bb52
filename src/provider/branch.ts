/** One of the places that a request is forwarded to, and what came of it (RFC 3261 §16.6). */
import type { Timer } from '../clock/clock.js'
import type { SipResponse } from '../message/message.js'
import type { ClientTransaction } from '../transaction/transaction-layer.js'
import type { CalledDevice } from './events/call-lines.js'
import type { MediaBridge } from './media-bridge.js'
import type { DescriptionRole } from './passed-offers.js'
import type { ServiceTransaction } from './services/service-transaction.js'
import type { Target } from './targets.js'

export interface Branch {
  readonly target: Target
  readonly bridge: MediaBridge | undefined
  /** Of a device whose line is watched. */
  readonly line: CalledDevice | undefined
  /** The description that was sent, where the relays lead it; undefined: there was none. */
  carried: DescriptionRole | undefined
  client: ClientTransaction | undefined
  /** For a service in place of a client transaction. */
  service: ServiceTransaction | undefined
  timerC: Timer | undefined
  provisional: boolean
  cancelled: boolean
  done: boolean
  /** Undefined also where a non-INVITE got no answer at all. */
  final: SipResponse | undefined
}

/** A branch that nothing was sent on yet. */
export const newBranch = (target: Target, bridge?: MediaBridge, line?: CalledDevice): Branch => ({
  target,
  bridge,
  line,
  carried: undefined,
  client: undefined,
  service: undefined,
  timerC: undefined,
  provisional: false,
  cancelled: false,
  done: false,
  final: undefined,
})
