/** Loads scenarios from compiled files: the package's, and a user's own. */
import { readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { checkDefinition } from '../scenario/declaration.js'
import { ScenarioMistake } from '../scenario/mistake.js'
import type { AnyScenario } from '../scenario/scenario.js'
import { AREAS, type Area } from '../scenario/vocabulary.js'
import { filesBelow, packageFolder } from '../worlds/package-folder.js'
import type { LoadedScenario } from './plan.js'
import { defectOf } from './scenario-defect.js'

/** A folder of compiled scenario files, as plain data: threads get it too. */
export interface ScenarioFolder {
  readonly compiled: string
  /** The folder of their sources, as a result names it: `scenarios`. */
  readonly shown: string
  /** The folder as the user named it, for a command that repeats the run. */
  readonly given?: string
  /** The folder of their sources, where they are a user's own. */
  readonly source?: string
}

/**
 * Every scenario of the package and of `own` folders, sorted by id.
 *
 * A mistake in a file is an error of what stands in that file, not the end of the run: whoever has written a hundred scenarios and
 * misspelt a word in one wants to know about the other ninety-nine, and the exit code says all the same that not all
 * was tested. So a scenario that cannot be used is replaced by one that has the file's name and ends with the mistake; whatever
 * selects, lists, counts or reports scenarios has it among the others.
 */
export async function loadScenarios(own: readonly ScenarioFolder[] = []): Promise<LoadedScenario[]> {
  const packages: ScenarioFolder = { compiled: join(packageFolder, 'dist', 'scenarios'), shown: 'scenarios' }
  return scenariosIn([packages, ...own])
}

export async function scenariosIn(folders: readonly ScenarioFolder[]): Promise<LoadedScenario[]> {
  const loaded: LoadedScenario[] = []
  const byId = new Map<string, string>()
  for (const { path, file, source } of folders.flatMap(filesIn)) {
    let mistake: ScenarioMistake | undefined
    for (const found of await definitionsIn(path)) {
      try {
        const definition = usable(found)
        const other = byId.get(definition.id)
        if (other !== undefined) {
          const place = placeOf(definition.id, source)
          throw new ScenarioMistake(`scenario '${definition.id}' is also defined in ${other}`, place)
        }
        byId.set(definition.id, file)
        loaded.push({ definition, file })
      } catch (error) {
        // One stands for the file: the next shows when this one has been corrected.
        mistake ??= asMistake(error)
      }
    }
    if (mistake !== undefined)
      loaded.push({ definition: unusable(mistake, file), file, mistake: defectOf(mistake, file).reason })
  }
  return loaded.sort((a, b) => (a.definition.id < b.definition.id ? -1 : 1))
}

interface ScenarioFile {
  /** Compiled. */
  readonly path: string
  /** As a result names it. */
  readonly file: string
  /** Path of the source, of a user's own. */
  readonly source: string | undefined
}

function filesIn({ compiled, shown, source }: ScenarioFolder): ScenarioFile[] {
  return filesBelow(compiled, '.js').map((path) => {
    const name = relative(compiled, path).replace(/\.js$/, '')
    return {
      path,
      file: join(shown, /\.m?[jt]s$/.test(name) ? name : `${name}.ts`),
      source: source === undefined ? undefined : join(source, name),
    }
  })
}

/** Where a source has an id as a text of its own; nowhere where it puts it together. */
function placeOf(id: string, source: string | undefined): ScenarioMistake['place'] {
  if (source === undefined) return {}
  const text = readFileSync(source, 'utf8')
  const at = ["'", '"', '`'].map((quote) => text.indexOf(`${quote}${id}${quote}`)).find((index) => index >= 0)
  if (at === undefined) return {}
  const before = text.slice(0, at).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

/** What threw while its file was loaded. */
class Thrown {
  readonly error: unknown

  constructor(error: unknown) {
    this.error = error
  }
}

/** A file may give one scenario as its default export, or a list of them; without one it is a helper of others. */
async function definitionsIn(path: string): Promise<readonly unknown[]> {
  try {
    const module: unknown = await import(pathToFileURL(path).href)
    if (typeof module !== 'object' || module === null || !('default' in module)) return []
    return Array.isArray(module.default) ? module.default : [module.default]
  } catch (error) {
    return [new Thrown(error)]
  }
}

/** @throws ScenarioMistake where the file threw, or this is no scenario, or a wrong one */
function usable(found: unknown): AnyScenario {
  if (found instanceof Thrown) throw asMistake(found.error)
  // Whoever wrote it without `scenario()` is told as well.
  checkDefinition(found)
  return found
}

/** Whatever a file throws while it is loaded is its own mistake, also where the engine found it: an import that is not there, say. */
function asMistake(error: unknown): ScenarioMistake {
  if (error instanceof ScenarioMistake) return error
  if (!(error instanceof Error)) return new ScenarioMistake(`the file throws ${String(error)} when it is loaded`)
  return Object.assign(new ScenarioMistake(`${error.name}: ${error.message}`), { stack: error.stack })
}

/** Stands for what cannot be used: relies on nothing, acts with nobody, and ends with the mistake. */
function unusable(mistake: ScenarioMistake, file: string): AnyScenario {
  const folder = basename(dirname(file))
  return {
    // With the ending: no right scenario has that, so it is unique, and a pattern that selects the scenario selects this.
    id: file.replace(/^scenarios\//, ''),
    title: `Cannot be loaded: ${defectOf(mistake, file).reason}`,
    // By the habit that the folder has the area's name; what the file says of its area is not known.
    area: isArea(folder) ? folder : 'services',
    purposes: [],
    rules: {},
    devices: {},
    reliesOn: 'nothing',
    seconds: 1,
    harm: 'What it tests was not tested.',
    advice: `Correct ${file}.`,
    run: () => Promise.reject(mistake),
  }
}

const isArea = (word: string): word is Area => Object.hasOwn(AREAS, word)
