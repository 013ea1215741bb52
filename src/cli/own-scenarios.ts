/** The option --scenarios: folders of the user's own scenarios, compiled. */
import { type Command } from 'commander'
import type { LoadedScenario } from '../runner/plan.js'
import { loadScenarios, type ScenarioFolder } from '../runner/scenario-files.js'
import { UsageError } from './errors.js'
import { collect } from './options.js'

export const withScenarios = (command: Command, what: string): Command =>
  command.option('--scenarios <folder>', `${what} (may be repeated)`, collect)

/** The built-in scenarios and the user's own. */
export interface AllScenarios {
  readonly own: readonly ScenarioFolder[]
  readonly all: LoadedScenario[]
}

/** @throws ScenarioFolderError */
export async function scenariosWith(folders: readonly string[] = []): Promise<AllScenarios> {
  const own = await compiled([...new Set(folders)])
  return { own, all: await loadScenarios(own) }
}

async function compiled(folders: readonly string[]): Promise<readonly ScenarioFolder[]> {
  if (folders.length === 0) return []
  // Loaded when it is needed: it brings the compiler along.
  const { compileScenarios } = await import('../runner/own-scenarios.js')
  return Promise.all(folders.map(compileScenarios))
}

/**
 * For a load, which would only leave out what cannot be used: a mistake is told before anything is started, as one in a script for k6 is.
 * @throws UsageError
 */
export function assertUsable({ all }: AllScenarios): void {
  const mistakes = all.flatMap(({ mistake }) => mistake ?? [])
  if (mistakes.length > 0) throw new UsageError(`Scenarios cannot be used:\n${mistakes.join('\n')}`)
}
