/** What is the matter is told when it begins, when it changes, and when it is over: not in every round. */
export class OnceTold {
  readonly #tell: (line: string) => void
  readonly #told = new Map<string, string>()

  constructor(tell: (line: string) => void) {
    this.#tell = tell
  }

  /** @param what of which trouble this is @param line undefined: there is none @param over told when it has gone */
  now(what: string, line: string | undefined, over: string): void {
    const before = this.#told.get(what)
    if (line === before) return
    if (line === undefined) this.#told.delete(what)
    else this.#told.set(what, line)
    this.#tell(line ?? over)
  }
}
