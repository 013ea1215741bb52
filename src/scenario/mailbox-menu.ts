/** The menu of a mailbox, in a call of its owner that was answered. */
import type { OutgoingCall } from '../agent/call.js'
import type { Clock } from '../clock/clock.js'

/** The keys of the menu; what has none happens by itself, or not at all. */
export interface MailboxKeys {
  readonly play?: string | undefined
  readonly delete?: string | undefined
}

/** After the answer, until keys are understood, ms. */
const MENU_MS = 1_500

/** Has the messages played: by the menu's key, where there is one. */
export async function playsIn(call: OutgoingCall, keys: MailboxKeys | undefined, clock: Clock): Promise<void> {
  if (keys?.play === undefined) return
  await clock.sleep(MENU_MS)
  await call.sendDigits(keys.play)
}

/** Has the message deleted that is being played, or was last: by the menu's key. False: there is none. */
export async function deletesIn(call: OutgoingCall, keys: MailboxKeys | undefined): Promise<boolean> {
  if (keys?.delete === undefined) return false
  await call.sendDigits(keys.delete)
  return true
}

/** Is that voice heard in the call, within so many milliseconds from now? */
export const isHeardFrom = (call: OutgoingCall, voice: number, withinMs: number): Promise<boolean> =>
  call.media?.hears(voice, withinMs) ?? Promise.resolve(false)
