/** A restart of the target's servers in the middle of a story. */
import type { ScenarioRecord } from '../evidence/record.js'
import { inconclusive } from './outcome.js'
import type { World } from './world.js'

/** Returns when the servers answer again; inconclusive where nobody can tell them to restart, or they stay away. */
export async function restartOf({ restart, clock }: World, record: ScenarioRecord): Promise<void> {
  if (restart === undefined) inconclusive('the target cannot be told to restart')
  record.note(clock.now(), "the target's servers stop and start anew")
  const from = clock.now()
  try {
    await restart()
  } catch (error) {
    inconclusive(`the target did not come back: ${error instanceof Error ? error.message : String(error)}`)
  }
  record.note(clock.now(), `the target answers again after ${Math.round(clock.now() - from)} ms`)
}
