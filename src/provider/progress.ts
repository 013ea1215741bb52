/** What becomes of provisional responses, and of the audio before the answer, on their way to the caller: RFC 3261 §16.7 step 5. */
import type { SipRequest, SipResponse } from '../message/message.js'
import type { MediaBridge } from './media-bridge.js'
import type { ProxyRules } from './rules/proxy.js'

/**
 * A response to an INVITE that begins a call, before it goes back.
 * @param request as it came from the caller
 */
export function passProgress(
  rules: ProxyRules,
  request: SipRequest,
  response: SipResponse,
  bridge: MediaBridge | undefined,
): void {
  const { progress, describesProgress, leadsEarlyMedia } = rules
  if (bridge !== undefined && leadsEarlyMedia !== 'always') {
    if (response.status >= 200) bridge.leadsToCaller = true
    else if (leadsEarlyMedia === 'never' || response.status === 180) bridge.leadsToCaller = false
  }
  if (response.status !== 183) return
  if (progress === 'becomes 180' || progress === 'loses its description') removeBody(response)
  if (progress === 'becomes 180') {
    response.status = 180
    response.reason = 'Ringing'
  }
  if (describesProgress && bridge !== undefined && response.body.length === 0 && request.body.length > 0) {
    response.headers.set('Content-Type', 'application/sdp')
    response.body = bridge.inAdvance(request.body)
  }
}

function removeBody(response: SipResponse): void {
  response.body = Buffer.alloc(0)
  response.headers.remove('Content-Type')
}
