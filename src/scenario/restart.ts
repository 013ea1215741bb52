/** What is done to the target's servers in the middle of a story: a restart, the loss of one. */
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

/** A server of the target that is lost for a while. */
export interface LostServer {
  /** It answers again; does nothing where it does already. */
  returns(): Promise<void>
}

/** Takes a server away until it `returns`; inconclusive where nobody can do that to the target. */
export async function lossOf(
  { losesServer, clock }: World,
  record: ScenarioRecord,
  address: string,
): Promise<LostServer> {
  if (losesServer === undefined) inconclusive('no server of the target can be taken away')
  record.note(clock.now(), `the server at ${address} is lost`)
  const bringBack = await losesServer(address).catch((error: unknown) =>
    inconclusive(`the server at ${address} was not lost: ${error instanceof Error ? error.message : String(error)}`),
  )
  let back: Promise<void> | undefined
  return {
    returns: () => {
      if (back === undefined) record.note(clock.now(), `the server at ${address} answers again`)
      back ??= bringBack()
      return back
    },
  }
}
