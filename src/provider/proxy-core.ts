import type { SipMessage, SipRequest, SipResponse } from '../message/message.js'
import type { TransactionLayer } from '../transaction/transaction-layer.js'
import type { Flow } from '../transport/flow.js'
import type { ProxiedCall } from './call-table.js'
import type { ProviderContext } from './context.js'
import type { MediaBridge, SideName } from './media-bridge.js'
import type { Resender } from './resender.js'
import type { DeviceTarget } from './response-context.js'

/** What a response context needs of the proxy that it belongs to. */
export interface ProxyCore {
  readonly context: ProviderContext
  readonly layer: TransactionLayer
  /** Present where a defect sends requests more often than the transactions do. */
  readonly resender: Resender | undefined
  newBridge(
    call: ProxiedCall | undefined,
    request: SipRequest,
    caller: Flow,
    target: DeviceTarget,
    neverUpgrade: boolean,
  ): MediaBridge | undefined
  /** Does the message carry media that the relays lead, or may its answer? */
  anchors(request: SipRequest): boolean
  streamsOf(message: SipMessage): number
  /** Puts the relay's addresses into a session description that passes. */
  passBody(message: SipMessage, bridge: MediaBridge, from: SideName, role: 'offer' | 'answer', flow: Flow): void
  /** Last touches on a response before it goes back. `request`: as it came. */
  passResponse(response: SipResponse, call: ProxiedCall | undefined, request: SipRequest): void
  /** The call is over: its media ends now, its dialogs are forgotten somewhat later. */
  endCall(call: ProxiedCall): void
}
