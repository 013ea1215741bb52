/** What the provider says: recordings of `speech/`, made by `bin/speech.mjs`. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Law, silence, transcodeG711 } from '../../media/g711.js'
import type { Language } from '../context.js'

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'speech')
const FRAME_SAMPLES = 160
const DATA = Buffer.from('data')

const known = new Map<string, Recording>()

/** A recording by its name, read when it is wanted first. Throws where there is none. */
export function recording(language: Language, name: string): Recording {
  const path = join(language, `${name}.wav`)
  const one = known.get(path) ?? new Recording(audioOf(readFileSync(join(folder, path))))
  known.set(path, one)
  return one
}

/** Nothing is said for so long. */
export function pause(ms: number): Recording {
  return new Recording(Buffer.alloc(8 * ms, silence('PCMA')))
}

/** The octets of a WAVE file's data. */
function audioOf(file: Buffer): Buffer {
  const at = file.indexOf(DATA)
  return file.subarray(at + 8, at + 8 + file.readUInt32LE(at + 4))
}

/** Speech of 8 kHz. */
export class Recording {
  /** A-law. */
  readonly octets: Buffer
  #transcoded: Buffer | undefined

  constructor(octets: Buffer) {
    this.octets = octets
  }

  /** Of 20 ms; the rest of the last one is left out. */
  get frames(): number {
    return Math.floor(this.octets.length / FRAME_SAMPLES)
  }

  /** 20 ms of it; undefined beyond its end. Shared: not to be written to. */
  frame(index: number, codec: Law): Buffer | undefined {
    if (index >= this.frames) return undefined
    const all = codec === 'PCMA' ? this.octets : (this.#transcoded ??= transcodeG711(this.octets, 'PCMA', codec))
    return all.subarray(index * FRAME_SAMPLES, (index + 1) * FRAME_SAMPLES)
  }
}
