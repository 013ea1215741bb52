/** Calls with a session timer (RFC 4028). */
import type { OutgoingCall } from '../agent/call.js'
import type { SipResponse } from '../message/message.js'
import type { Device } from './device.js'
import { precondition } from './outcome.js'
import type { StageTools } from './stage.js'
import type { Rules } from './rule.js'

/** The least interval that RFC 4028 §5 permits, seconds. */
const LEAST_S = 90
/** Sessions of more seconds than this are not waited for. */
const LONGEST_S = 180
const ANSWER_MS = 8_000

/**
 * Calls with the shortest session timer that the target takes. Inconclusive where the call is not answered with 200.
 * @param refresher who is to refresh the session: the caller (`uac`) or who answers
 */
export async function callWithSessionTimer<R extends Rules>(
  caller: Device,
  to: string,
  refresher: 'uac' | 'uas',
  { within }: Pick<StageTools<R>, 'within'>,
): Promise<{ readonly call: OutgoingCall; readonly final: SipResponse }> {
  const asks = (seconds: number) =>
    caller.invites(to, {
      headers: {
        'Session-Expires': `${seconds};refresher=${refresher}`,
        'Min-SE': String(seconds),
        Supported: 'timer',
      },
    })
  let call = await asks(LEAST_S)
  let final = await within(call.answered, ANSWER_MS)
  // RFC 4028 §7.3: a 422 tells the least interval that is taken.
  const least = Number(final?.headers.get('Min-SE'))
  if (final?.status === 422 && least > LEAST_S && least <= LONGEST_S) {
    call = await asks(least)
    final = await within(call.answered, ANSWER_MS)
  }
  precondition(final, 'the call got no final response', 'no-answer')
  precondition(final.status === 200, `the call was rejected with ${final.status}`, 'call-refused')
  return { call, final }
}
