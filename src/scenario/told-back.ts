/** The digits that a DTMF test module sends back, and what became of those that were pressed. */
import type { Clock } from '../clock/clock.js'
import { keysIn } from '../media/dtmf-tones.js'
import type { Device } from './device.js'
import { precondition } from './outcome.js'
import { fallsSilent } from './silence.js'
import { framesOf, samplesOf, soundAt } from './sound.js'

/** A module may miss digits during its greeting, which has so long (ms) to end. */
const WELCOME_MS = 8_000
/** No further digit comes where none has come for so long (ms). */
const MORE_MS = 700
/** Sound in so many packets is an answer; a click or a beep is none. */
const SPOKEN_PACKETS = 20

/**
 * Lets a test module finish its greeting, presses keys, and waits for so many digits to come back, as telephone-events or as tones;
 * late ones are among them. Inconclusive where the module answers by sound instead, which is not understood here.
 */
export async function toldBack(
  device: Device,
  clock: Clock,
  o: { readonly press: () => Promise<unknown>; readonly count: number; readonly withinMs?: number },
): Promise<string> {
  const media = device.mediaSessions.at(-1)
  precondition(media, 'the call has no audio session', 'no-audio')
  const quiet = await fallsSilent(device, clock, { withinMs: WELCOME_MS })
  const from = clock.now()
  // What was told before belongs to other keys.
  const already = media.report().digits.length
  const told = () => media.report().digits.slice(already) || keysHeardAt(device, from)
  await o.press()
  const until = clock.now() + (o.withinMs ?? 8_000)
  if (media.negotiated?.dtmf === undefined) await tonesCome(clock, { until, isThere: () => told().length >= o.count })
  else await media.hearsDigits(already + o.count, until - clock.now())
  // Digits too many come behind: until no more do.
  for (let before = -1; before < told().length && clock.now() < until + MORE_MS; ) {
    before = told().length
    await clock.sleep(MORE_MS)
  }
  const digits = told()
  if (digits !== '') return digits
  const bySound = quiet && soundAt(device, from).sounding >= SPOKEN_PACKETS
  precondition(!bySound, 'the module answered by sound, not by telephone-events or keypad tones', 'feature-lacking')
  return ''
}

/** Tones are looked for every half a second. */
async function tonesCome(
  clock: Clock,
  { until, isThere }: { readonly until: number; readonly isThere: () => boolean },
): Promise<void> {
  while (clock.now() < until && !isThere()) await clock.sleep(500)
}

/** The keypad tones that a device has heard in its audio since a moment (ms of the clock). */
function keysHeardAt(device: Device, sinceMs: number): string {
  const received = device.packets.filter(
    ({ direction, kind, at }) => direction === 'in' && kind === 'rtp' && at >= sinceMs,
  )
  return keysIn(samplesOf(framesOf(received)))
    .map(({ digit }) => digit)
    .join('')
}

/** What became of the digits that were pressed. */
export interface DigitsCompared {
  /** Some that were pressed did not come, or not in their order. */
  readonly lost: boolean
  /** Some came that were not pressed, or more often than they were. */
  readonly doubled: boolean
}

export function compareDigits(pressed: string, told: string): DigitsCompared {
  const common = longestCommon(pressed, told)
  return { lost: common < pressed.length, doubled: common < told.length }
}

/** Length of the longest sequence of digits that both have, in order. */
function longestCommon(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, () => 0)
  for (const digit of a) {
    const next = [0]
    for (const [at, other] of Array.from(b).entries())
      next.push(digit === other ? (row[at] ?? 0) + 1 : Math.max(row[at + 1] ?? 0, next[at] ?? 0))
    row = next
  }
  return row.at(-1) ?? 0
}
