/** Where stories take place, as the runner sees it: it cannot tell real sockets from virtual time, nor what the target is. */
import type { Facts } from '../scenario/facts.js'
import { knowing } from '../scenario/target.js'
import type { World } from '../scenario/world.js'

export interface StageOptions {
  /** Unix ms that the clock shows when the story begins, where time is virtual. */
  readonly beginsMs?: number | undefined
}

export interface Stages {
  readonly wire: World['network']['kind']
  /** Runs `story` on a world: a shared one (sockets), or one of its own with a clock of its own (virtual time). */
  on<T>(key: string, story: (world: World) => Promise<T>, o?: StageOptions): Promise<T>
  /**
   * Waits between the starts of two stories, so that they do not all set up calls at once and make each other late.
   * @param running how many run at the moment
   */
  betweenStarts?(running: () => number): Promise<void>
  /** How late (ms) this process was at worst since the stage was set; absent where it cannot be late. */
  worstLagMs?(): number
  /** True where each story has a world, and so all accounts, for itself. */
  readonly separate: boolean
}

/** The same stages, whose stories may have the target's servers restarted, or lose one. @param can what is undefined nobody can do */
export function stagesDisturbing(stages: Stages, can: Pick<World, 'restart' | 'losesServer'>): Stages {
  const { restart, losesServer } = can
  if (restart === undefined && losesServer === undefined) return stages
  return { ...stages, on: (key, story, o) => stages.on(key, (world) => story({ ...world, restart, losesServer }), o) }
}

/** The same stages, whose stories know what the survey learned. */
export function stagesKnowing(stages: Stages, facts: Facts): Stages {
  return {
    ...stages,
    on: (key, story, o) => stages.on(key, (world) => story({ ...world, target: knowing(world.target, facts) }), o),
  }
}
