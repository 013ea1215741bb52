/** Waiting for what programs do. */

/** How long something may take that needs no more than a moment, on a machine that has much else to do. */
export const PATIENCE_MS = 45_000
/** The same, of a call that was ordered for a minute that begins within ninety seconds. */
export const RING_PATIENCE_MS = 90_000 + PATIENCE_MS
const LOOK_MS = 60

/**
 * Waits until there is something.
 * @param look returns undefined as long as it is not there
 * @param failed why it will never be there, if that is known
 */
export async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  o: { readonly said: () => string; readonly failed?: () => string | undefined; readonly patienceMs: number },
): Promise<T> {
  const latest = Date.now() + o.patienceMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    const why = o.failed?.() ?? (Date.now() > latest ? 'not in time' : undefined)
    if (why !== undefined) throw new Error(`${what}: ${why}. It said:\n${o.said()}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}
