import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { AnyScenario } from '../scenario/scenario.js'
import type { LoadedScenario } from '../runner/plan.js'

/** The folder of the project, or of the installed package: seen from dist/src/cli/ and from src/cli/ alike. */
export const projectFolder = folderWithPackage(dirname(fileURLToPath(import.meta.url)))

/** This release, as `0.1.0`. */
export function version(): string {
  const parsed: unknown = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8'))
  const found = typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : undefined
  return typeof found === 'string' ? found : '0.0.0'
}

/**
 * Loads every scenario of the project, sorted by id.
 * @throws when a file gives no scenario, or two have the same id
 */
export async function loadScenarios(): Promise<LoadedScenario[]> {
  const folder = join(projectFolder, 'dist', 'scenarios')
  const loaded: LoadedScenario[] = []
  const byId = new Map<string, string>()
  for (const path of filesBelow(folder, '.js')) {
    const module: unknown = await import(pathToFileURL(path).href)
    const file = join('scenarios', relative(folder, path).replace(/\.js$/, '.ts'))
    for (const definition of definitionsOf(module)) {
      const other = byId.get(definition.id)
      if (other !== undefined) throw new Error(`scenario '${definition.id}' stands in ${other} and in ${file}`)
      byId.set(definition.id, file)
      loaded.push({ definition, file })
    }
  }
  return loaded.sort((a, b) => (a.definition.id < b.definition.id ? -1 : 1))
}

/** A load profile: a k6 script of the project. */
export interface Profile {
  readonly name: string
  /** Absolute path of the script. */
  readonly file: string
  /** First sentence of the comment that the script begins with. */
  readonly title: string
}

export function loadProfiles(): Profile[] {
  return filesBelow(join(projectFolder, 'k6', 'profiles'), '.ts').map((file) => {
    const comment = /^(?:\/\*\*?([^]*?)\*\/|((?:\/\/.*\n)+))/.exec(readFileSync(file, 'utf8'))
    const text = (comment?.[1] ?? comment?.[2] ?? '').replace(/^\s*(?:\*|\/\/) ?/gm, '').trim()
    const title = /^[^]*?[.:](?=\s|$)/.exec(text)?.[0] ?? text
    return {
      name: relative(join(projectFolder, 'k6', 'profiles'), file).replace(/\.ts$/, ''),
      file,
      title: title.replace(/\s+/g, ' '),
    }
  })
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

function filesBelow(folder: string, ending: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

function folderWithPackage(folder: string): string {
  if (existsSync(join(folder, 'package.json')) || folder === dirname(folder)) return folder
  return folderWithPackage(dirname(folder))
}
