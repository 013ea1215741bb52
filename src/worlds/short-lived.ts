/** How the engine is told that virtual time is over soon: a survey takes half a second, a whole run some seconds. */
import { setFlagsFromString } from 'node:v8'

/** Bytes of bytecode that a function runs before it counts as hot; some six times what the engine thinks right for long runs. */
const PATIENCE = 400_000

/**
 * Has fewer functions optimised from now on, in this thread and in those that it starts: the optimising compiler, which
 * runs beside the program, would take more time than its code saves.
 */
export function expectShortLife(): void {
  // V8 13 (Node 24) counts calls instead, and complains about flags that it does not know.
  if (Number.parseInt(process.versions.v8, 10) < 13) setFlagsFromString(`--interrupt-budget=${PATIENCE}`)
}
