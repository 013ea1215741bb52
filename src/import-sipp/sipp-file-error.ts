/** The file cannot be imported. The message is a sentence that says where, and what to do. */
export class SippFileError extends Error {
  override readonly name = 'SippFileError'

  /** @param place line and column, both counted from 1 */
  constructor(file: string, what: string, place?: { readonly line: number; readonly column: number }) {
    super(`${place === undefined ? file : `${file}:${place.line}:${place.column}`}: ${what}`)
  }
}
