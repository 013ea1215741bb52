import { join } from 'node:path'
import { writePcapng } from '../evidence/pcapng.js'
import type { ScenarioRecord } from '../evidence/record.js'

/** Writes a scenario's capture into the folder of a run. @returns the path relative to the folder */
export function writeEvidence(folder: string, key: string, record: ScenarioRecord): string {
  const path = join('evidence', `${key.replaceAll(/[^a-z0-9.-]+/g, '_')}.pcapng`)
  writePcapng(join(folder, path), record)
  return path
}
