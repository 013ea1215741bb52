/** Files that are there whole or not at all, whatever happens while they are written. */
import { renameSync, rmSync, writeFileSync } from 'node:fs'

/**
 * Writes it in one step. @throws the file system's error; what was there before is still there then
 * @param o `flush`: it is on the disk when this returns, so that not even a loss of power leaves half of it
 */
export function replaceFile(path: string, content: string | Uint8Array, { flush = false } = {}): void {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    writeFileSync(temporary, content, { flush })
    renameSync(temporary, path)
  } finally {
    rmSync(temporary, { force: true })
  }
}
