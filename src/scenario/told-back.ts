/** The digits that a DTMF test module tells back, and what became of those that were pressed. */
import type { Clock } from '../clock/clock.js'
import { keysIn } from '../media/dtmf-tones.js'
import type { Device } from './device.js'
import { precondition } from './outcome.js'
import { fallsSilent } from './silence.js'
import { framesOf, samplesOf, soundAt } from './sound.js'
import { digitsSpokenAt } from './spoken-back.js'

/** A module may miss digits during its greeting, which has so long (ms) to end. */
const WELCOME_MS = 8_000
/** No further digit comes where none has come for so long (ms). */
const MORE_MS = 700
/** Sound in so many packets is an answer; a click or a beep is none. */
const SPOKEN_PACKETS = 20
/** A module that sends digits has begun by then (ms), or may be speaking. */
const BEGINS_MS = 2_500
/** Stands for a digit that was spoken: which one it is is not understood. */
const SPOKEN = '?'

/**
 * Lets a test module finish its greeting, presses keys, and waits for so many digits to come back, as telephone-events or as tones;
 * late ones are among them. Where the module speaks instead, digits are counted, and each is a question mark. Inconclusive where it
 * answers by other sound, or where it is not sure that digits were spoken: another number than was pressed counts only where the target
 * file says that they are (`services.dtmf.tellsBackBy: speech`).
 */
export async function toldBack(
  device: Device,
  clock: Clock,
  o: {
    readonly press: () => Promise<unknown>
    /** As many digits are waited for. */
    readonly count: number
    /** As many keys are pressed; default `count`. */
    readonly keys?: number
    readonly withinMs?: number
  },
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
  const speaks = () => quiet && told() === '' && soundAt(device, from).sounding >= SPOKEN_PACKETS
  if (media.negotiated?.dtmf !== undefined)
    await media.hearsDigits(already + o.count, Math.min(BEGINS_MS, until - clock.now()))
  if (!speaks() && media.negotiated?.dtmf !== undefined) await media.hearsDigits(already + o.count, until - clock.now())
  else if (!speaks()) await tonesCome(clock, { until, isThere: () => speaks() || told().length >= o.count })
  const spoken = speaks() ? await digitsSpokenAt(device, clock, from) : undefined
  // Digits too many come behind: until no more do.
  for (let before = -1; before < told().length && clock.now() < until + MORE_MS; ) {
    before = told().length
    await clock.sleep(MORE_MS)
  }
  const digits = told()
  if (digits !== '') return digits
  const counts = spoken === (o.keys ?? o.count) || device.expectsSpokenDigits
  if (spoken !== undefined && counts) return SPOKEN.repeat(spoken)
  precondition(
    !speaks(),
    spoken === undefined
      ? 'the module answered by sound that was not recognised: not by telephone-events, keypad tones or digits that can be counted'
      : `the module spoke, and whether ${spoken} digits are what it said is not certain`,
    'feature-lacking',
  )
  return ''
}

/** What was told, for people: `12 spoken digits`. */
export function toldInWords(told: string): string {
  if (!told.startsWith(SPOKEN)) return told || 'nothing'
  return told.length === 1 ? 'one spoken digit' : `${told.length} spoken digits`
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
      next.push(digit === other || other === SPOKEN ? (row[at] ?? 0) + 1 : Math.max(row[at + 1] ?? 0, next[at] ?? 0))
    row = next
  }
  return row.at(-1) ?? 0
}
