/** Writes what was kept of a call as a capture file. */
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { writePcapng } from '../evidence/pcapng.js'
import { ScenarioRecord } from '../evidence/record.js'
import type { CallCapture } from './worker-protocol.js'

/** @returns the path, relative to the folder of the run */
export function writeCallEvidence(folder: string, capture: CallCapture): string {
  const record = new ScenarioRecord(0)
  const taps = { caller: record.tap('caller'), callee: record.tap('callee'), both: record.tap('signalling') }
  for (const { unixMs, role, data, connection, ...packet } of capture.packets) {
    taps[role]({
      ...packet,
      at: unixMs,
      ...(connection === undefined ? {} : { connection }),
      data: Buffer.from(data.buffer, data.byteOffset, data.byteLength),
    })
  }
  const path = join('evidence', `call-${capture.id}.pcapng`)
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writePcapng(join(folder, path), record)
  return path
}
