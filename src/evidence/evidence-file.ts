/** The capture file of a scenario, in the folder of a run. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { writePcapng } from './pcapng.js'
import type { ScenarioRecord } from './record.js'
import { storageTrouble } from './storage-trouble.js'

/**
 * Writes a scenario's capture into the folder of a run.
 * @returns the path relative to the folder; undefined where the disk does not take it: the scenario counts all the same
 */
export function writeEvidence(folder: string, key: string, record: ScenarioRecord): string | undefined {
  const path = join('evidence', `${key.replaceAll(/[^a-z0-9.-]+/g, '_')}.pcapng`)
  try {
    writePcapng(join(folder, path), record)
    return path
  } catch (error) {
    if (storageTrouble(error) === undefined) throw error
    rmSync(join(folder, path), { force: true })
    return undefined
  }
}
