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

/**
 * How many seconds there is this tone and nothing else, in pieces of 50 ms, at any time of these samples.
 * What is played across a packet's boundary, or was lost, does not count.
 */
export function secondsOfTone(samples: Int16Array, hz: number): number {
  const pieces = Array.from({ length: Math.floor(samples.length / PIECE) }, (_, index) =>
    samples.subarray(index * PIECE, (index + 1) * PIECE),
  )
  return pieces.filter((piece) => shareOfTone(piece, hz) > 0.9).length / 20
}
