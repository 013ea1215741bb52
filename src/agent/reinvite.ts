/** The change of a session that this side asks for (RFC 3261 §14.1). */
import type { Dialog } from '../dialog/dialog.js'
import { glareDelayMs } from '../dialog/invite-session.js'
import type { SipRequest, SipResponse } from '../message/message.js'
import type { Acks } from './acks.js'
import type { AgentCore, Conversation } from './agent-core.js'
import type { Automatic } from './automatic.js'
import type { Call, SessionOptions } from './call.js'
import type { RequestOptions } from './exchange.js'
import { ExchangeRecord, sdpOf } from './exchange-record.js'
import type { SessionNegotiation } from './session-negotiation.js'

/** How often a re-INVITE is repeated after 491. */
export const GLARE_TRIES = 5

/** The call, as its re-INVITE sees it. */
export interface ReinvitingCall {
  readonly core: AgentCore
  readonly automatic: Automatic
  readonly session: SessionNegotiation
  readonly ownAcks: Acks
  readonly state: Call['state']
  readonly dialog: Dialog | undefined
  hangUp: Call['hangUp']
  /** One question inside a dialog. */
  ask(dialog: Dialog, method: string, o: RequestOptions, more: Partial<Conversation>): Promise<ExchangeRecord>
}

/** Waits for its turn, asks, and asks again after 491. `error` of the record: the call ended before. */
export async function reinvite(call: ReinvitingCall, o: SessionOptions): Promise<ExchangeRecord> {
  const { clock, random } = call.core
  const record = new ExchangeRecord('INVITE', clock.now())
  for (let tries = 0; ; tries += 1) {
    const dialog = await turn(call)
    if (dialog === undefined) {
      record.error = 'stopped'
      record.endedAt = clock.now()
      return record
    }
    record.final = undefined
    await ask(call, dialog, o, record)
    // RFC 3261 §14.1: wait and try once more, if it is still wanted.
    const comesAgain = record.status === 491 && tries < GLARE_TRIES
    if ((record.status ?? 408) >= 300) withdraw(call, o, comesAgain)
    if (!comesAgain || record.final === undefined) return record

    record.challenges.push(record.final)
    await clock.sleep(glareDelayMs(dialog.ownsCallId, random))
    if (hasEnded(call)) return record
  }
}

/** RFC 3261 §14.1, RFC 3311 §5.3: what was refused counts as not issued. */
export function withdraw({ session }: ReinvitingCall, o: SessionOptions, comesAgain: boolean): void {
  if (o.sdp !== false) session.media?.withdrawOffer({ comesAgain })

  session.wake()
}

/** Waits until RFC 3261 §14.1 lets us send an INVITE; undefined where the call ends first. */
async function turn(call: ReinvitingCall): Promise<Dialog | undefined> {
  while (!hasEnded(call) && !(call.state === 'established' && call.session.mayInvite)) await call.session.changes()

  return hasEnded(call) ? undefined : call.dialog
}

/** As a function, as the compiler believes to know the state from before an await. */
function hasEnded(call: ReinvitingCall): boolean {
  return call.state === 'ended'
}

async function ask(call: ReinvitingCall, dialog: Dialog, o: SessionOptions, record: ExchangeRecord): Promise<void> {
  const { session } = call
  const sdp = o.sdp === undefined ? session.media?.offer().toString() : o.sdp === false ? undefined : o.sdp
  session.sent(sdp !== undefined)
  let done = false
  await call.ask(
    dialog,
    'INVITE',
    { ...o, ...(sdp === undefined ? {} : { body: sdp }) },
    {
      record,
      onSuccess: (response, _flow, invite) => {
        if (done) call.ownAcks.repeat(response)
        else agree(call, dialog, sdp, invite, response)

        done = true
      },
    },
  )
  session.finished()
  session.wake()
}

/** The first 2xx. @param offer what we sent, if we did */
function agree(
  call: ReinvitingCall,
  dialog: Dialog,
  offer: string | undefined,
  invite: SipRequest,
  response: SipResponse,
): void {
  const { core, session } = call
  // RFC 3261 §12.2.1.2
  dialog.refreshTarget(response)
  const remote = sdpOf(response)
  let answer: string | undefined
  if (offer !== undefined) {
    session.localSdp = offer
    if (remote !== undefined) session.takeAnswer(remote)
  } else if (remote !== undefined) {
    answer = session.answerLate(remote)
  }
  const acknowledged = call.automatic.acknowledge ? call.ownAcks.send(dialog, invite, answer) : Promise.resolve()
  core.unattended(
    acknowledged.then(() => (session.unacceptable === undefined ? undefined : call.hangUp({ impatient: true }))),
  )
}
