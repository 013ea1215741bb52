/** Tones that phones play and hear: each phone has one of its own, so that it is told whose voice arrives. */

const RATE = 8000
const HEADER = 44
const LOUDNESS = 8000

/** A mono WAV file, 16 bits a sample, 8000 samples a second. */
export function wavOfTone(hz: number, seconds: number): Buffer {
  const samples = seconds * RATE
  const file = Buffer.alloc(HEADER + 2 * samples)
  file.write('RIFF', 0)
  file.writeUInt32LE(file.length - 8, 4)
  file.write('WAVEfmt ', 8)
  file.writeUInt32LE(16, 16)
  // PCM, one channel.
  file.writeUInt16LE(1, 20)
  file.writeUInt16LE(1, 22)
  file.writeUInt32LE(RATE, 24)
  file.writeUInt32LE(2 * RATE, 28)
  file.writeUInt16LE(2, 32)
  file.writeUInt16LE(16, 34)
  file.write('data', 36)
  file.writeUInt32LE(2 * samples, 40)
  for (let n = 0; n < samples; n++)
    file.writeInt16LE(Math.round(LOUDNESS * Math.sin((2 * Math.PI * hz * n) / RATE)), HEADER + 2 * n)
  return file
}

/** What is in a WAV file so far, though it may still grow. */
export function samplesOf(wav: Buffer): Int16Array {
  const count = Math.max(0, Math.floor((wav.length - HEADER) / 2))
  return Int16Array.from({ length: count }, (_, index) => wav.readInt16LE(HEADER + 2 * index))
}

/** Is anything to be heard? Silence of G.711 has steps of 8. */
export const hasSound = (samples: Int16Array): boolean => samples.some((sample) => Math.abs(sample) > 500)

/** How much of the power is in the tone, 0 to 1: Goertzel's algorithm. */
function shareOfTone(samples: Int16Array, hz: number): number {
  const turn = 2 * Math.cos((2 * Math.PI * hz) / RATE)
  let [last, before, power] = [0, 0, 0]
  for (const sample of samples) {
    ;[last, before] = [sample + turn * last - before, last]
    power += sample * sample
  }
  const inTone = last * last + before * before - turn * last * before
  return power === 0 ? 0 : (2 * inTone) / (samples.length * power)
}

/** A jitter buffer that leaves out or doubles a packet shifts the phase of a tone in one piece, not in all. */
const PIECE = RATE / 20

/** Of each piece of 50 ms, whether it is this tone and nothing else. What is played across a packet's boundary, or was lost, is not. */
const piecesOfTone = (samples: Int16Array, hz: number): boolean[] =>
  Array.from(
    { length: Math.floor(samples.length / PIECE) },
    (_, index) => shareOfTone(samples.subarray(index * PIECE, (index + 1) * PIECE), hz) > 0.9,
  )

/** How many seconds there is this tone and nothing else, in pieces of 50 ms, at any time of these samples. */
export const secondsOfTone = (samples: Int16Array, hz: number): number =>
  (piecesOfTone(samples, hz).filter(Boolean).length * PIECE) / RATE

/** Of all stretches of so many seconds, the share of this tone and nothing else in the one that has most of it, 0 to 1. */
export function bestShareOfTone(samples: Int16Array, hz: number, seconds: number): number {
  const pieces = piecesOfTone(samples, hz)
  const length = (seconds * RATE) / PIECE
  let [count, best] = [0, 0]
  for (const [index, isTone] of pieces.entries()) {
    if (isTone) count++
    if (pieces[index - length] === true) count--
    if (index >= length - 1) best = Math.max(best, count)
  }
  return best / length
}
