/** The digits that a test module tells back, however it does so. */
import type { Clock } from '../clock/clock.js'
import type { Device } from './device.js'
import { inconclusive, precondition } from './outcome.js'
import { soundAt } from './sound.js'

/** Digits pressed in the middle of a welcome may be missed: it has so long (ms) to come to its end. */
const WELCOME_MS = 8_000
/** A module that was silent for so long (ms) has said what it had to say. */
const PAUSE_MS = 600
/** Sound of so many packets is an answer; a click or a beep is none. */
const SPOKEN_PACKETS = 20

/**
 * Lets a test module finish what it says first, presses keys, and waits for so many digits to be told back as
 * telephone-events; what came late is among them. Inconclusive where the module answers by sound instead: speech and tones
 * in the audio are not understood here.
 */
export async function toldBack(
  device: Device,
  clock: Clock,
  o: { readonly press: () => Promise<unknown>; readonly count: number; readonly withinMs?: number },
): Promise<string> {
  const media = device.mediaSessions.at(-1)
  precondition(media, 'the call has no audio')
  const quiet = await pauses(device, clock)
  const from = clock.now()
  await o.press()
  await media.hearsDigits(o.count, o.withinMs ?? 8_000)
  // Somewhat longer, for digits too many.
  await clock.sleep(700)
  const { digits } = media.report()
  if (digits === '' && quiet && soundAt(device, from).sounding >= SPOKEN_PACKETS)
    inconclusive('the module answered by sound, not by telephone-events: what it told back cannot be understood here')

  return digits
}

/** Waits until nothing sounds any more; false where it goes on and on. */
async function pauses(device: Device, clock: Clock): Promise<boolean> {
  const end = clock.now() + WELCOME_MS
  await clock.sleep(PAUSE_MS)
  while (soundAt(device, clock.now() - PAUSE_MS).sounding > 0) {
    if (clock.now() >= end) return false
    await clock.sleep(100)
  }
  return true
}
