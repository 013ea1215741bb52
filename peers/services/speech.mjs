// Says sentences: flite makes speech of them, once for each, by way of a file in the folder that the process works in.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const made = new Map()
const RATE = 8000

/** @returns linear samples, 8000 a second; what failed is made anew when it is wanted again */
export function spoken(text) {
  if (!made.has(text)) {
    const speech = synthesised(text)
    made.set(text, speech)
    speech.catch(() => made.delete(text))
  }
  return made.get(text)
}

async function synthesised(text) {
  const folder = await mkdtemp(join(process.cwd(), 'speech-'))
  const file = join(folder, 'speech.wav')
  try {
    await run('flite', ['-voice', 'kal', '-t', text, '-o', file])
    return samplesOf(await readFile(file))
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** RIFF: chunks of a name, a length, and so many bytes; the sound is in `data`. */
function samplesOf(file) {
  let at = 12
  while (file.toString('latin1', at, at + 4) !== 'data') at += 8 + file.readUInt32LE(at + 4)
  const bytes = Math.min(file.readUInt32LE(at + 4), file.length - at - 8)
  return Int16Array.from({ length: bytes >> 1 }, (_, nth) => file.readInt16LE(at + 8 + 2 * nth))
}

/** A tone of so many hertz and milliseconds. */
export const tone = (hertz, ms) =>
  Int16Array.from({ length: (RATE * ms) / 1000 }, (_, nth) => 8000 * Math.sin((2 * Math.PI * hertz * nth) / RATE))
