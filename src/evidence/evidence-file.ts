/** The files of a scenario in the folder of a run: its capture, and of what failed the audio of its calls. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Recorded } from '../media/recording.js'
import { SAMPLES_PER_SECOND, wavOf } from '../media/wav.js'
import type { Recording } from '../result/scenario-result.js'
import { writePcapng } from './pcapng.js'
import type { ScenarioRecord } from './record.js'
import { storageTrouble } from './storage-trouble.js'
import { tlsCaptureOf } from './tls-capture.js'

/** One direction of a call's audio, as it is to be heard. */
export interface Speech extends Recorded {
  /** The device, and of several calls which. */
  readonly who: string
  readonly direction: 'sent' | 'heard'
}

export interface WrittenEvidence {
  /** Paths relative to the folder. */
  readonly evidence: string[]
  readonly recordings?: Recording[]
}

/** Writes what there is of a scenario. @param speech undefined: its audio is not wanted */
export type WritesEvidence = (key: string, record: ScenarioRecord, speech?: () => readonly Speech[]) => WrittenEvidence

/** Where nothing is written. */
export const NOTHING_WRITTEN: WrittenEvidence = { evidence: [] }

/** Whoever has the keys of TLS reads passwords' proofs, too. */
const OWNER_ONLY = 0o600
/** What the audio of a run may take on the disk, by each thread that writes: some hundred calls. */
const MOST_AUDIO_BYTES = 64 * 1024 * 1024

/**
 * Writes evidence into the folder of a run. What the disk does not take is left out, and a bad name in the result: the scenario counts all
 * the same.
 */
export function evidenceWriter(folder: string): WritesEvidence {
  const heard = new Set<string>()
  let room = MOST_AUDIO_BYTES
  return (key, record, speech) => {
    const base = join('evidence', named(key))
    const path = `${base}.pcapng`
    const evidence = kept(folder, path, (file) => writePcapng(file, record)) ? [path] : []
    // Of several attempts, the first that failed: the others sound the same.
    const once = key.replace(/ attempt \d+$/, '')
    const tls = tlsCaptureOf(record)
    if (tls !== undefined) kept(folder, `${base}.tls.pcapng`, (file) => writeFileSync(file, tls, { mode: OWNER_ONLY }))
    if (speech === undefined || heard.has(once)) return { evidence }
    heard.add(once)
    const recordings = speech().map(({ who, direction, samples, leftOutMs }): Recording => {
      const sound = `${base}_${named(who)}_${direction}.wav`
      const bytes = wavOf(samples)
      const isWanted = samples.length > 0 && bytes.length <= room
      const isWritten = isWanted && kept(folder, sound, (file) => writeFileSync(file, bytes))
      if (isWritten) room -= bytes.length
      return {
        who,
        direction,
        seconds: samples.length / SAMPLES_PER_SECOND,
        ...(leftOutMs > 0 ? { leftOutMs } : {}),
        evidence: isWritten ? [sound] : [],
      }
    })
    return { evidence, ...(recordings.length > 0 ? { recordings } : {}) }
  }
}

const named = (key: string): string => key.replaceAll(/[^a-z0-9.-]+/g, '_')

/** @returns whether the disk took it */
function kept(folder: string, path: string, write: (file: string) => void): boolean {
  const file = join(folder, path)
  try {
    write(file)
    return true
  } catch (error) {
    if (storageTrouble(error) === undefined) throw error
    rmSync(file, { force: true })
    return false
  }
}
