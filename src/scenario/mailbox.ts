/** What callers and owners do with a mailbox: leave a voice there, listen to it, delete it. */
import type { OutgoingCall } from '../agent/call.js'
import { depositNumber } from '../target/mailbox-number.js'
import type { Device } from './device.js'
import { deletesIn, playsIn } from './mailbox-menu.js'
import { inconclusive, precondition } from './outcome.js'
import { beginsToSound, fallsSilent } from './silence.js'
import type { StageTools } from './stage.js'
import type { Rules } from './rule.js'

type Tools = Pick<StageTools<Rules>, 'services' | 'within' | 'waits' | 'clock'>

/** A greeting begins by then (ms), or there is none. */
const HESITATES_MS = 4_000
/** A greeting is over by then (ms), and a pause in it is shorter than that. */
const GREETING_MS = 20_000
const PAUSE_MS = 1_200
/** So long (ms) a caller speaks. */
const SPEAKS_MS = 3_000
const HANG_UP_MS = 4_000
/** A mailbox takes the call of somebody who is busy or away by then, ms. */
const TAKEN_MS = 5_000

/** A message that was left. */
export interface LeftMessage {
  /** Number of the caller's voice. */
  readonly voice: number
  /** When the caller hung up, ms of the clock. */
  readonly at: number
}

/**
 * A caller leaves its voice in the mailbox of somebody who is busy, or not there; where that does not take the call the owner
 * switches it on by its code, and back at the end of the scenario. The scenario is inconclusive where no mailbox takes the call.
 * Both have to be registered.
 */
export async function leavesMessage(tools: Tools, caller: Device, owner: Device): Promise<LeftMessage> {
  const call = await reachesMailbox(tools, caller, owner)
  const { media } = call
  if (media !== undefined) owner.deletesAtTheEnd(media.patternId, call)
  precondition(media?.negotiated, 'the call to the mailbox has no audio session', 'no-audio')
  await beginsToSound(caller, tools.clock, HESITATES_MS)
  await fallsSilent(caller, tools.clock, { withinMs: GREETING_MS, pauseMs: PAUSE_MS })
  precondition(call.state !== 'ended', 'the mailbox hung up before a message could be left')
  await tools.waits(SPEAKS_MS)
  await tools.within(call.hangUp(), HANG_UP_MS)
  return { voice: media.patternId, at: tools.clock.now() }
}

async function reachesMailbox(tools: Tools, caller: Device, owner: Device): Promise<OutgoingCall> {
  const { services, within } = tools
  const { deposit } = services.mailbox ?? {}
  if (deposit !== undefined) return caller.reaches(depositNumber(deposit, owner.account))
  const tries = async () => {
    const call = await caller.invites(owner, { reliableProvisionals: 'no' })
    const final = await within(call.answered, TAKEN_MS)
    if (final !== undefined && final.status < 300) return call
    await within(call.hangUp(), HANG_UP_MS)
    return undefined
  }
  owner.rejects(486)
  const found = await tries()
  if (found) return found
  const { mailbox } = services.codes
  if (mailbox !== undefined) {
    await owner.switches(mailbox)
    const taken = await tries()
    if (taken) return taken
  }
  return inconclusive(`no mailbox took the call to ${owner.name}, who was busy`, 'call-not-arrived')
}

/** An owner calls the mailbox and has its messages played: by the menu's key, where there is one. */
export async function playsMessages(tools: Tools, owner: Device): Promise<OutgoingCall> {
  const { mailbox } = tools.services
  const call = await owner.reaches(mailbox?.internal ?? '')
  precondition(call.media?.negotiated, 'the call to the mailbox has no audio session', 'no-audio')
  await playsIn(call, mailbox?.keys, tools.clock)
  return call
}

/**
 * An owner who hears a message has it deleted: by the menu's key, where there is one. False: there is none. That it is gone is
 * for the story to see, and to say to the owner (`hasDeleted`): until then it is deleted once more at the end.
 */
export const deletesMessage = ({ services }: Pick<Tools, 'services'>, call: OutgoingCall): Promise<boolean> =>
  deletesIn(call, services.mailbox?.keys)
