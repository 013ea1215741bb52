/** Loads the scenarios from the package's compiled files. */
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AnyScenario } from '../scenario/scenario.js'
import { filesBelow, packageFolder } from '../worlds/package-folder.js'
import type { LoadedScenario } from './plan.js'

/**
 * Every scenario of the package, sorted by id.
 * @throws when two have the same id
 */
export async function loadScenarios(): Promise<LoadedScenario[]> {
  const folder = join(packageFolder, 'dist', 'scenarios')
  const loaded: LoadedScenario[] = []
  const byId = new Map<string, string>()
  for (const path of filesBelow(folder, '.js')) {
    const module: unknown = await import(pathToFileURL(path).href)
    const file = join('scenarios', relative(folder, path).replace(/\.js$/, '.ts'))
    for (const definition of definitionsOf(module)) {
      const other = byId.get(definition.id)
      if (other !== undefined) throw new Error(`scenario '${definition.id}' is defined in ${other} and in ${file}`)
      byId.set(definition.id, file)
      loaded.push({ definition, file })
    }
  }
  return loaded.sort((a, b) => (a.definition.id < b.definition.id ? -1 : 1))
}

/** A file may give one scenario as its default export, or a list of them. */
function definitionsOf(module: unknown): AnyScenario[] {
  const given: unknown =
    typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined
  return (Array.isArray(given) ? given : [given]).filter(isScenario)
}

function isScenario(value: unknown): value is AnyScenario {
  return (
    typeof value === 'object' && value !== null && 'id' in value && 'run' in value && typeof value.run === 'function'
  )
}
