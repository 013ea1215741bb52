/** SIPp's injection file (`-inf`): a row for each call. */
import { SippFileError } from './sipp-file-error.js'

/** More calls than a conformance run should make; a load takes its numbers elsewhere. */
const MOST_ROWS = 200
const MOST_OCTETS = 1_000_000

export interface Injected {
  readonly rows: readonly (readonly string[])[]
  /** Rows that were left out. */
  readonly left: number
}

/** @throws SippFileError */
export function readInjection(text: string, file: string): Injected {
  if (text.length > MOST_OCTETS) {
    throw new SippFileError(
      file,
      `the injection file is larger than ${MOST_OCTETS / 1e6} MB. Take its first ${MOST_ROWS} lines.`,
    )
  }
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)
  const [first = ''] = lines
  if (!/^(?:SEQUENTIAL|RANDOM|USER|USERS)(?:,|$)/i.test(first.trim())) {
    throw new SippFileError(file, 'the first line must say SEQUENTIAL, RANDOM or USER, as SIPp wants it.', {
      line: 1,
      column: 1,
    })
  }
  const rows = lines
    .slice(1)
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => line.replace(/;$/, '').split(';'))
  if (rows.length === 0) {
    throw new SippFileError(file, 'no row follows the first line. Each row is a call: field0;field1;…', {
      line: 1,
      column: 1,
    })
  }
  return { rows: rows.slice(0, MOST_ROWS), left: Math.max(0, rows.length - MOST_ROWS) }
}

/** What a secret is told from: such a field is not copied. */
export const isSecret = (field: string): boolean => /\[authentication\b|password\s*=/i.test(field)
