// Makes the recordings of the embedded provider's announcements anew: src/provider/speech/LANGUAGE/NAME.wav, A-law of 8 kHz.
// Needs espeak-ng (apt-get install espeak-ng). The same version makes the same octets.
import './lib/node-version.mjs'
import { mkdirSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { buildDist } from './lib/build.mjs'
import { at } from './lib/paths.mjs'
import { texts, voices } from './lib/speech-texts.mjs'

await buildDist()
const { encodeG711 } = await import(at('dist', 'src', 'media', 'g711.js'))

const RATE = 8000
/** Hz: what telephone lines carry. */
const BAND = [200, 3500]
/** Samples beside each, at the higher of both rates, that the filter looks at. */
const REACH = 200
/** Root mean square of what is spoken: about -20 dBm0. */
const LEVEL = 2200
/** Below this it is the silence before or after. */
const QUIET = 80
/** Samples of it that stay. */
const EDGE = 400

let octets = 0
for (const [language, named] of Object.entries(texts)) {
  mkdirSync(at('src', 'provider', 'speech', language), { recursive: true })
  for (const [name, text] of Object.entries(named)) {
    const wave = waveOf(recorded(...voices[language], text))
    writeFileSync(at('src', 'provider', 'speech', language, `${name}.wav`), wave)
    octets += wave.length
  }
}
console.log(`${octets} octets`)

/** Samples of 8 kHz, of telephone quality, without the silence at both ends. */
function recorded(voice, wordsPerMinute, text) {
  const args = ['-v', voice, '-s', String(wordsPerMinute), '--stdout', text]
  const { stdout, error, status } = spawnSync('espeak-ng', args, { maxBuffer: 2 ** 26 })
  if (error !== undefined || status !== 0) {
    console.error('espeak-ng cannot be run: apt-get install espeak-ng')
    process.exit(1)
  }
  const from = stdout.readUInt32LE(24)
  const start = stdout.indexOf('data') + 8
  const samples = Array.from({ length: (stdout.length - start) >> 1 }, (_, i) => stdout.readInt16LE(start + 2 * i))
  const narrow = trimmed(resampled(samples, from))
  const loudness = Math.sqrt(narrow.reduce((sum, one) => sum + one * one, 0) / narrow.length)
  return Int16Array.from(narrow, (one) => Math.max(-32_000, Math.min(32_000, Math.round((one * LEVEL) / loudness))))
}

/** Of another rate, within the band: a sinc of either edge, the lower taken from the higher, under a window. */
function resampled(samples, from) {
  const kernel = (seconds) =>
    BAND.toReversed().reduce((sum, hz, n) => sum + (n === 0 ? 1 : -1) * 2 * hz * sinc(2 * hz * seconds), 0)
  return Array.from({ length: Math.floor((samples.length * RATE) / from) }, (_, n) => {
    const middle = (n * from) / RATE
    let sum = 0
    for (let i = Math.max(0, Math.ceil(middle - REACH)); i <= middle + REACH && i < samples.length; i++) {
      const off = i - middle
      sum += samples[i] * kernel(off / from) * (0.5 + 0.5 * Math.cos((Math.PI * off) / REACH))
    }
    return sum / from
  })
}

function sinc(x) {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
}

function trimmed(samples) {
  const first = samples.findIndex((one) => Math.abs(one) > QUIET)
  const last = samples.findLastIndex((one) => Math.abs(one) > QUIET)
  return samples.slice(Math.max(0, first - EDGE), last + EDGE)
}

/** A file of the kind that players play: RIFF, format 6 (A-law). */
function waveOf(samples) {
  const data = encodeG711(samples, 'PCMA')
  const padded = data.length % 2 === 0 ? data : Buffer.concat([data, Buffer.from([0xd5])])
  const header = Buffer.alloc(46)
  header.write('RIFF', 0)
  header.writeUInt32LE(38 + padded.length, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(18, 16)
  header.writeUInt16LE(6, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(RATE, 24)
  header.writeUInt32LE(RATE, 28)
  header.writeUInt16LE(1, 32)
  header.writeUInt16LE(8, 34)
  header.writeUInt16LE(0, 36)
  header.write('data', 38)
  header.writeUInt32LE(padded.length, 42)
  return Buffer.concat([header, padded])
}
