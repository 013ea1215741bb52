/** A transport whose every transmission can be altered or swallowed. */
import type { SipMessage } from '../message/message.js'
import { type Flow, SipTransport } from '../transport/sip-transport.js'

/** Sees a message that is about to be put on the wire; returns it, another one, or undefined to swallow it. */
export type TransmitHook = (message: SipMessage, flow: Flow) => SipMessage | undefined

/**
 * What transactions make themselves (100, repeats, CANCEL, ACK for 300 to 699) goes through the hook as well as what agents
 * hand down. Whoever sent it does not notice: as if the wire had done it.
 */
export class HookedTransport extends SipTransport {
  beforeTransmit: TransmitHook | undefined

  override sendOn(flow: Flow, message: SipMessage, bytes?: Uint8Array): void {
    if (this.beforeTransmit === undefined) {
      super.sendOn(flow, message, bytes)
      return
    }
    // A copy: each repeat begins with the message as it was meant.
    const out = this.beforeTransmit(message.clone(), flow)
    if (out !== undefined) super.sendOn(flow, out)
  }

  override sendBytes(flow: Flow, kept: { readonly bytes: Uint8Array; readonly message: SipMessage }): void {
    if (this.beforeTransmit === undefined) super.sendBytes(flow, kept)
    else this.sendOn(flow, kept.message)
  }
}
