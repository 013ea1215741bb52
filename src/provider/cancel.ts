/** Whether a CANCEL that belongs to an INVITE is taken. */
import { createResponse } from '../message/build.js'
import type { SipResponse } from '../message/message.js'
import type { ServerTransaction } from '../transaction/transaction-layer.js'
import type { Flow } from '../transport/flow.js'
import type { ProviderContext } from './context.js'

/** RFC 3261 §22.1: a CANCEL is taken from the hop that the INVITE came from; §26.1.4: and from nobody else. */
export function refusalOfCancel(
  context: ProviderContext,
  cancel: ServerTransaction,
  inviteFlow: Flow,
): SipResponse | undefined {
  const { rules, random, names } = context
  const options = { toTag: random.token(10) }
  if (rules.digest.challengesCancel && !cancel.request.headers.has('Proxy-Authorization')) {
    const challenge = `Digest realm="${names.domain}", nonce="${random.token(16)}", qop="auth"`
    const headers: [string, string][] = [['Proxy-Authenticate', challenge]]
    return createResponse(cancel.request, 407, undefined, { ...options, headers })
  }
  const isStranger = cancel.flow.remote.address !== inviteFlow.remote.address
  return isStranger && rules.identity.checksCancelSender
    ? createResponse(cancel.request, 481, undefined, options)
    : undefined
}
