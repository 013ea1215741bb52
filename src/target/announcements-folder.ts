/** The folder of recorded announcements beside a target file: a JSON file each, with a WAVE file for people. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { RecordedAnnouncement } from './target-schema.js'

const fileSchema = z.object({ service: z.string().min(1), label: z.string().min(1), print: z.base64() })

/** What is in the folder, in the order of its files' names; nothing where there is none yet. @throws Error that names the file */
export function announcementsIn(folder: string): RecordedAnnouncement[] {
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return names.sort().map((name) => {
    const path = join(folder, name)
    try {
      return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
    } catch {
      throw new Error(`${path}: expected an announcement as 'ringproof record' writes it`)
    }
  })
}
