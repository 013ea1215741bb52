// Records the captures that `test/unit/judge/strangers.test.ts` judges: `node test/peers/strangers/record.mjs [STORY…]`, as root; two minutes.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { STORIES, tell } from './stories.mjs'
import { World } from './world.mjs'

const captures = fileURLToPath(new URL('../../unit/judge/captures', import.meta.url))
/** Stories that are told at once. */
const LANES = 3
const RATE = 8000
const LOUDNESS = 8000

/** A WAV file, 16 bits, mono. @param sample by its number */
function wav(seconds, sample) {
  const bytes = Buffer.alloc(44 + 2 * seconds * RATE)
  bytes.write('RIFF', 0)
  bytes.writeUInt32LE(bytes.length - 8, 4)
  bytes.write('WAVEfmt ', 8)
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(1, 20)
  bytes.writeUInt16LE(1, 22)
  bytes.writeUInt32LE(RATE, 24)
  bytes.writeUInt32LE(2 * RATE, 28)
  bytes.writeUInt16LE(2, 32)
  bytes.writeUInt16LE(16, 34)
  bytes.write('data', 36)
  bytes.writeUInt32LE(bytes.length - 44, 40)
  for (let n = 0; n < seconds * RATE; n++) bytes.writeInt16LE(Math.round(sample(n)), 44 + 2 * n)
  return bytes
}

const wave = (hz, n) => Math.sin((2 * Math.PI * hz * n) / RATE)
/** 400 Hz: all packets are alike, and the files small. */
const tone = (n) => LOUDNESS * wave(400, n)
/** The keys 4 and 2, a second apart, from half a second on. */
function keys(n) {
  const [second, within] = [Math.floor(n / RATE), n % RATE]
  if (second > 1 || within < 0.5 * RATE || within > 0.65 * RATE) return 0
  const [low, high] = second === 0 ? [770, 1209] : [697, 1336]
  return (LOUDNESS / 2) * (wave(low, n) + wave(high, n))
}

const folder = mkdtempSync(join(tmpdir(), 'strangers-captures-'))
const file = (name) => join(folder, name)
writeFileSync(file('tone.wav'), wav(60, tone))
writeFileSync(file('keys.wav'), wav(10, keys))
mkdirSync(captures, { recursive: true })
const wanted = process.argv.slice(2)
const queue = wanted.length > 0 ? wanted : Object.keys(STORIES)

async function lane(number) {
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const world = new World(`${number}`)
    try {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await tell(name, world, { folder, sound: file('tone.wav'), file })
      console.log(`${name}: recorded`)
    } catch (error) {
      console.error(`${name}: ${error instanceof Error ? error.stack : String(error)}`)
      process.exitCode = 1
    } finally {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await world.ends()
    }
  }
}

await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)))
for (const name of readdirSync(folder).filter((one) => one.endsWith('.pcap')))
  writeFileSync(join(captures, `${name}.gz`), gzipSync(readFileSync(file(name)), { level: 9 }))
rmSync(folder, { recursive: true })
