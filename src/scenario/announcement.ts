/** Whether a service speaks: speech told from tones, noise and silence, and from what cannot be told. */
import type { Clock } from '../clock/clock.js'
import { type Sound, soundOf } from '../media/sound-kind.js'
import type { Device } from './device.js'
import { type Frame, framesOf, isSounding, samplesOf } from './sound.js'

/** What a device heard where somebody was to speak. */
export interface SpeechHeard {
  /** Somebody speaks. */
  readonly spoken: boolean
  /** It is certainly something else, or nothing at all. Neither: sound that was not recognised. */
  readonly instead: boolean
  /** Nothing but silence. */
  readonly silent: boolean
  /** For people: `ringing tone`, `speech`. */
  readonly words: string
}

/** Sound of fewer packets is a click. */
const AUDIBLE_PACKETS = 10

const SILENT = { spoken: false, instead: true, silent: true }

/** What a device has heard since a moment (ms of the clock). */
export function speechAt(device: Device, sinceMs = 0): SpeechHeard {
  const received = device.packets.filter(
    ({ direction, kind, at }) => direction === 'in' && kind === 'rtp' && at >= sinceMs,
  )
  if (received.length === 0) return { ...SILENT, words: 'nothing: no packets' }
  if (received.filter(isSounding).length < AUDIBLE_PACKETS)
    return { ...SILENT, words: `silence, in ${received.length} packets` }
  return heardIn(framesOf(received.slice(received.findIndex(isSounding))))
}

function heardIn(frames: readonly Frame[]): SpeechHeard {
  const sound = soundOf(samplesOf(frames))
  if (sound.kind === 'speech') return { spoken: true, instead: false, silent: false, words: 'speech' }
  const words = inWords(sound)
  if (sound.kind === 'silence') return { ...SILENT, words }
  const instead = sound.kind === 'tone' || (sound.kind === 'noise' && sound.bare === true)
  return { spoken: false, instead, silent: false, words }
}

function inWords({ kind, tone }: Sound): string {
  const words = {
    silence: 'silence',
    tone: tone === undefined || tone === 'tone' ? 'a tone' : `the ${tone}`,
    noise: 'noise',
    speech: 'speech',
    music: 'music',
    other: 'sound that was not recognised',
  }
  return words[kind]
}

/** Between two looks. */
const LOOK_MS = 1_000

/** Listens until somebody speaks, or the time is up. What was heard since a moment (ms of the clock) counts. */
export async function hearsSpeech(
  device: Device,
  clock: Clock,
  o: { readonly withinMs: number; readonly sinceMs?: number },
): Promise<SpeechHeard> {
  const until = clock.now() + o.withinMs
  for (;;) {
    const heard = speechAt(device, o.sinceMs)
    if (heard.spoken || clock.now() >= until) return heard
    await clock.sleep(Math.min(LOOK_MS, Math.max(1, until - clock.now())))
  }
}
