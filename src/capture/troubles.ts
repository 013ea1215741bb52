/** What could not be read, each text once. */
import type { CaptureTrouble } from './events.js'

/** A damaged file has no end of different ones. */
const MOST_TEXTS = 200

export class Troubles {
  readonly #found = new Map<string, { text: string; count: number; frame?: number; offset?: number }>()

  add(text: string, where: { frame?: number; offset?: number } = {}, count = 1): void {
    const known = this.#found.get(text)
    if (known) known.count += count
    else if (this.#found.size < MOST_TEXTS) this.#found.set(text, { text, count, ...where })
  }

  get all(): CaptureTrouble[] {
    return [...this.#found.values()]
  }
}
