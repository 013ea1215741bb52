/** Files that an option names, with what is secret in them. */
import { chmodSync, statSync, writeFileSync } from 'node:fs'
import { storageTrouble } from '../evidence/storage-trouble.js'
import { UsageError } from './errors.js'

/** Writes for the owner's eyes only. @throws UsageError that names the option */
export function writeFor(path: string, what: string, option: string, text: string): void {
  try {
    // `mode` is for new files alone.
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) chmodSync(path, 0o600)
    writeFileSync(path, text, { mode: 0o600 })
  } catch (error) {
    const why = storageTrouble(error)
    if (why === undefined) throw error
    throw new UsageError(`The ${what} cannot be written to ${path}: ${why}. Choose another path with --${option}.`)
  }
}
