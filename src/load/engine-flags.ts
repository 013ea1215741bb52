/** How the engine is told what a load's objects are like. */
import { setFlagsFromString } from 'node:v8'

/**
 * Has objects begin young wherever they are made, in this process and in all its threads. The engine watches which places of the
 * code make objects that live long, and has those made old from the start. Here the same places make both: what a transaction
 * keeps for half a minute, and what is over with its call. Each such object that is made old and dies at once drags the
 * whole call that it belongs to along, messages and all, until the next full collection: a third of what signalling costs
 * (docs/performance.md).
 */
export function expectMixedLives(): void {
  setFlagsFromString('--no-allocation-site-pretenuring')
}
