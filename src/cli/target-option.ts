/** The option --target. */
import type { NamedTarget } from '../worlds/target-under-test.js'

/**
 * The target file that a command names, if it does. What reads target files is loaded then only: help and lists come at once without it.
 * @throws TargetFileError
 */
export async function namedTarget(file: string | undefined): Promise<NamedTarget | undefined> {
  if (file === undefined) return undefined
  const { loadTarget } = await import('../target/target-file.js')
  return { document: loadTarget(file), file }
}
