/** The change of a session by UPDATE (RFC 3311): offer and answer as in a re-INVITE, without a user to be asked and without ACK. */
import { glareDelayMs } from '../dialog/invite-session.js'
import type { Dialog } from '../dialog/dialog.js'
import type { SessionOptions } from './call.js'
import { ExchangeRecord, sdpOf } from './exchange-record.js'
import { GLARE_TRIES, type ReinvitingCall, withdraw } from './reinvite.js'

/** Waits for its turn, asks, and asks again after 491 (§5.3). `error` of the record: the call ended before. */
export async function update(call: ReinvitingCall, o: SessionOptions): Promise<ExchangeRecord> {
  const { clock, random } = call.core
  const record = new ExchangeRecord('UPDATE', clock.now())
  for (let tries = 0; ; tries += 1) {
    // §5.1: no offer while another one waits for its answer.
    while (call.state !== 'ended' && call.session.offer !== 'idle') await call.session.changes()

    const { dialog } = call
    if (call.state === 'ended' || dialog === undefined) {
      record.error = 'stopped'
      record.endedAt = clock.now()
      return record
    }
    record.final = undefined
    const agreed = await ask(call, dialog, o, record)
    const comesAgain = record.status === 491 && tries < GLARE_TRIES
    if (!agreed) withdraw(call, o, comesAgain)
    if (!comesAgain || record.final === undefined) return record

    record.challenges.push(record.final)
    await clock.sleep(glareDelayMs(dialog.ownsCallId, random))
  }
}

/** False: refused, or the offer was not answered. */
async function ask(call: ReinvitingCall, dialog: Dialog, o: SessionOptions, record: ExchangeRecord): Promise<boolean> {
  const { session } = call
  const sdp = o.sdp === undefined ? session.media?.offer().toString() : o.sdp === false ? undefined : o.sdp
  if (sdp !== undefined) session.offer = 'we-offered'
  await call.ask(dialog, 'UPDATE', { ...o, ...(sdp === undefined ? {} : { body: sdp }) }, { record })
  const answer = record.final !== undefined && record.final.status < 300 ? record.final : undefined
  // §5.3: target refresh as by a re-INVITE.
  if (answer !== undefined) dialog.refreshTarget(answer)

  const remote = answer && sdpOf(answer)
  if (sdp !== undefined) {
    session.localSdp = remote === undefined ? session.localSdp : sdp
    if (remote === undefined) session.offer = 'idle'
    else session.takeAnswer(remote)
  }
  session.wake()
  return answer !== undefined && (sdp === undefined || remote !== undefined)
}
