/** Compiles a user's own scenarios: TypeScript or JavaScript files in a folder of theirs, wherever that is. */
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BuildOptions, Plugin } from 'esbuild'
import { compiledFile } from '../worlds/package-folder.js'
import type { ScenarioFolder } from './scenario-files.js'

/** The folder cannot be used: it is not there, or holds no scenario files. */
export class ScenarioFolderError extends Error {
  override readonly name = 'ScenarioFolderError'
}

const IS_SOURCE = /(?<!\.d|\.test)\.m?[jt]s$/

/**
 * Compiles all files of a folder into a temporary one, which goes when the process ends: threads load it too. A file that
 * cannot be compiled becomes one that throws what the compiler says, and so does not keep the others from being run.
 * @throws ScenarioFolderError
 */
export async function compileScenarios(folder: string): Promise<ScenarioFolder> {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new ScenarioFolderError(`There is no folder ${folder}.`)
  const root = realpathSync(folder)
  const sources = sourcesBelow(root)
  if (sources.length === 0)
    throw new ScenarioFolderError(`${folder} holds no scenarios: no file there ends with .ts, .mts, .js or .mjs.`)
  const compiled = mkdtempSync(join(realpathSync(tmpdir()), 'ringproof-scenarios-'))
  process.once('exit', () => rmSync(compiled, { recursive: true, force: true }))
  writeFileSync(join(compiled, 'package.json'), '{ "type": "module" }\n')
  const { build, stop } = await import('esbuild')
  const compile = (names: readonly string[]) =>
    build({
      ...OPTIONS,
      entryPoints: names.map((name) => ({ in: join(root, name), out: name })),
      outdir: compiled,
    })
  try {
    await compile(sources)
  } catch {
    // One wrong file stops the compiler: which one shows when each is compiled by itself.
    for (const name of sources) {
      // oxlint-disable-next-line no-await-in-loop -- hundreds at once would take all memory
      await compile([name]).catch((error: unknown) => {
        const path = join(compiled, `${name}.js`)
        mkdirSync(dirname(path), { recursive: true })
        writeFileSync(path, throwing(error, join(root, name)))
      })
    }
  }
  // Its service would go on for as long as this process.
  await stop()
  return { compiled, shown: shownAs(root), given: folder, source: root }
}

/** There is one `ringproof`, the one that runs them: a second copy would not know what the first one throws. */
const ringproofItself: Plugin = {
  name: 'ringproof',
  setup(build) {
    build.onResolve({ filter: /^ringproof$/ }, () => ({
      path: pathToFileURL(compiledFile('src/scenario/index.ts')).href,
      external: true,
    }))
  },
}

const OPTIONS: BuildOptions = {
  // What they share, and what node_modules beside them holds, comes along.
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.12',
  sourcemap: 'inline',
  sourcesContent: false,
  logLevel: 'silent',
  plugins: [ringproofItself],
}

/** Paths of the files below `root`, relative to it, sorted. */
function sourcesBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && IS_SOURCE.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((name) => !name.split('/').includes('node_modules'))
    .sort()
}

/** JavaScript that throws what the compiler says of a file, as if it were thrown on that line. */
function throwing(error: unknown, path: string): string {
  const [first] = messagesOf(error)
  const text = first?.text ?? String(error)
  const { line, column } = first?.location ?? { line: 1, column: 0 }
  const stack = `SyntaxError: ${text}\n    at ${path}:${line}:${column + 1}`
  return `throw Object.assign(new SyntaxError(${JSON.stringify(text)}), { stack: ${JSON.stringify(stack)} })\n`
}

interface CompilerMessage {
  readonly text: string
  /** Lines are counted from 1, columns from 0. */
  readonly location: { readonly line: number; readonly column: number } | null
}

function messagesOf(error: unknown): readonly CompilerMessage[] {
  return isBuildFailure(error) ? error.errors : []
}

const isBuildFailure = (error: unknown): error is { readonly errors: readonly CompilerMessage[] } =>
  error instanceof Error && 'errors' in error && Array.isArray(error.errors)

/** As a user would type it, where it lies below the working folder; else by its own name. */
function shownAs(root: string): string {
  const below = relative(realpathSync(process.cwd()), root)
  return below === '' || below.startsWith('..') ? basename(root) : below
}
