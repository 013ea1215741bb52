/** The tones that audio patterns are made of, and which of them a piece of audio is. */

/** A tone other than the one before it: 17 less one, for four bits. The last one marks the beginning. */
export const ALPHABET = 17
// 550 to 3100 Hz, clear of 1100 and 2100 Hz, at which gateways listen for fax machines.
export const FREQUENCIES: readonly number[] = Array.from({ length: ALPHABET + 1 }, (_, tone) => 550 + 150 * tone)
// About -18 dBm0, the level of speech.
export const AMPLITUDE = 2900
/** Samples that are measured at once: 10 ms. */
export const CHUNK = 80

const COEFFICIENTS = Float64Array.from(FREQUENCIES, (hz) => 2 * Math.cos((2 * Math.PI * hz) / 8000))
/** A pure tone holds all of the energy; two tones in one chunk, noise and speech do not come near. */
const DOMINANCE = 0.8
/** Mean square of the faintest tone that counts: 30 dB below what is sent. */
const FAINTEST = (AMPLITUDE * AMPLITUDE) / 2 / 1000

/** The tone that fills a chunk, -1 if none does. `guess` is tried first. */
export function toneOf(chunk: Float64Array, guess: number): number {
  let energy = 0
  for (let i = 0; i < CHUNK; i++) {
    const sample = chunk[i] ?? 0
    energy += sample * sample
  }
  if (energy < FAINTEST * CHUNK) return -1
  const enough = (DOMINANCE * energy * CHUNK) / 2
  if (guess >= 0 && power(chunk, guess) >= enough) return guess
  for (let tone = 0; tone <= ALPHABET; tone++) if (tone !== guess && power(chunk, tone) >= enough) return tone
  return -1
}

/** Goertzel: the squared magnitude of one frequency. */
function power(chunk: Float64Array, tone: number): number {
  const coefficient = COEFFICIENTS[tone] ?? 0
  let one = 0
  let two = 0
  for (let i = 0; i < CHUNK; i++) {
    const next = (chunk[i] ?? 0) + coefficient * one - two
    two = one
    one = next
  }
  return one * one + two * two - coefficient * one * two
}
