/** What goes wrong with the files of a run while it is written: the machine's trouble, not the target's, and no defect. */

const MEANINGS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the quota of the disk is used up',
  EFBIG: 'the file grew larger than is permitted',
  EROFS: 'the file system is read-only',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EIO: 'the disk does not work',
  ENOENT: 'the folder is not there',
  ENOTDIR: 'a file is in the place of the folder',
  EISDIR: 'a folder is in the place of a file',
  EMFILE: 'this process has run out of file descriptors; raise them with ulimit -n',
}

/** Why a file could not be written, as the end of a sentence; undefined where something else went wrong. */
export function storageTrouble(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const own = 'code' in error && 'syscall' in error ? MEANINGS[String(error.code)] : undefined
  if (own !== undefined) return own
  const inner: unknown[] = [...(error instanceof AggregateError ? error.errors : []), error.cause]
  return inner.map(storageTrouble).find((found) => found !== undefined)
}
