/** How a request by hand is made to look like one of a call. */
import type { Call } from '../agent/call.js'
import { precondition } from './outcome.js'

/** What a request by hand says to belong to a call: options for `sends`, and the URI it goes to. */
export interface InsideCall {
  readonly uri: string
  readonly from: string
  readonly to: string
  readonly callId: string
  readonly route: readonly string[]
}

/** Of the call's dialog as it is now; `remoteTag` in place of the other side's. */
export function insideOf(call: Call, o: { readonly remoteTag?: string } = {}): InsideCall {
  const { dialog } = call
  precondition(dialog, 'there is no dialog yet')
  const tagged = (uri: string, tag: string | undefined) => `<${uri}>${tag === undefined ? '' : `;tag=${tag}`}`
  return {
    uri: dialog.remoteTarget,
    from: tagged(dialog.local.uri, dialog.localTag),
    to: tagged(dialog.remote.uri, o.remoteTag ?? dialog.remoteTag),
    callId: dialog.callId,
    route: dialog.routeSet,
  }
}
