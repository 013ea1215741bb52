/** What a thread that died has left at the target, and how the one in its place ends it: calls that are up, and bindings. */
import type { OutgoingCall } from '../agent/call.js'
import type { Clock } from '../clock/clock.js'
import { within } from '../clock/within.js'
import { formatNameAddr } from '../message/message.js'
import type { ContactMade, DialogLeft, Left } from './left.js'
import type { Line, Lines } from './line.js'

/** Far above what the dialog has used; RFC 3261 §12.2.2 permits any number that is higher. */
const CSEQ_STEP = 1_000
/** The device at the other end may have died with the thread: its proxy waits longer than anybody here. */
const WITHIN_MS = 3_000
/** Dialogs that are ended at a time. */
const AT_ONCE = 32

/** What has to be known of a call that is up, so that somebody else can end it. */
export function dialogOf(call: OutgoingCall, { account, way }: Pick<Line, 'account' | 'way'>): DialogLeft | undefined {
  const { dialog, invite } = call
  if (dialog === undefined || invite === undefined) return undefined
  const { transport, family } = way
  const party = (uri: string, tag: string | undefined) =>
    formatNameAddr({ uri, params: new Map(tag === undefined ? [] : [['tag', tag]]) })
  return {
    user: account.user,
    transport,
    family,
    callId: dialog.callId,
    cseq: invite.cseq.number,
    from: party(dialog.local.uri, dialog.localTag),
    to: party(dialog.remote.uri, dialog.remoteTag),
    target: dialog.remoteTarget,
    route: dialog.routeSet,
  }
}

/** Hangs up what is up, and takes the bindings back. Bounded, whatever the target does. */
export async function endWhatIsLeft({ dialogs, contacts }: Left, lines: Lines, clock: Clock): Promise<void> {
  const waiting = [
    ...dialogs.map((dialog) => () => hangUp(dialog, lines)),
    ...contacts.map((one) => () => takeBack(one, lines)),
  ]
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      // oxlint-disable-next-line no-await-in-loop -- so many at a time
      await within(
        clock,
        next().catch(() => undefined),
        WITHIN_MS,
      )
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

async function hangUp({ user, transport, family, callId, cseq, from, to, target, route }: DialogLeft, lines: Lines) {
  const line = await lines.lineOf(user, transport, family)
  await line?.agent.request('BYE', target, { from, to, callId, cseq: cseq + CSEQ_STEP, route })
}

async function takeBack({ user, contact }: ContactMade, lines: Lines) {
  const line = await lines.lineOf(user)
  if (line === undefined) return
  const { agent } = line
  await agent.request('REGISTER', `sip:${agent.account.domain}`, {
    to: `<${agent.aor}>`,
    headers: { Contact: `<${contact}>;expires=0`, Expires: '0' },
  })
}
