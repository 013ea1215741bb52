import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { at } from './paths.mjs'

/** What package.json exports: its name, and where it is declared. */
const MODULES = [
  {
    name: 'ringproof',
    file: 'ringproof.md',
    entry: 'src/scenario/index.ts',
    tsconfig: 'tsconfig.json',
    what: 'the language of scenarios',
  },
  {
    name: 'ringproof/agent',
    file: 'agent.md',
    entry: 'src/agent-client/index.ts',
    tsconfig: 'tsconfig.json',
    what: 'a client of the call agent',
  },
  {
    name: 'ringproof/k6',
    file: 'k6.md',
    entry: 'k6/lib/index.ts',
    tsconfig: 'k6/tsconfig.json',
    what: 'calls for k6 scripts',
  },
]

/**
 * Writes docs/api anew from the docstrings of what the package exports.
 * @returns {Promise<string[]>} docstrings that do not fit what they describe; empty where all do
 */
export async function writeApiPages() {
  const { Application, Logger, LogLevel } = await import('typedoc')
  const folder = at('docs', 'api')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const troubles = []
  class Listener extends Logger {
    addContext(message, level) {
      if (level >= LogLevel.Warn) troubles.push(message)
      return message
    }
    log() {}
  }
  for (const { name, file, entry, tsconfig } of MODULES) {
    const app = await Application.bootstrapWithPlugins({
      name,
      entryPoints: [at(entry)],
      tsconfig: at(tsconfig),
      plugin: ['typedoc-plugin-markdown'],
      out: folder,
      logLevel: 'Warn',
      router: 'module',
      readme: 'none',
      entryFileName: file,
      cleanOutputDir: false,
      hideBreadcrumbs: true,
      hidePageHeader: true,
      excludeExternals: true,
      excludeInternal: true,
      excludePrivate: true,
      disableSources: true,
      // The compiler has its own check.
      skipErrorChecking: true,
      validation: { notExported: false },
    })
    app.logger = new Listener()
    const project = await app.convert()
    if (project === undefined) throw new Error(`${entry} could not be read`)
    app.validate(project)
    await app.generateOutputs(project)
  }
  const lines = MODULES.map(({ name, file, what }) => `- [\`${name}\`](${file}): ${what}`)
  writeFileSync(join(folder, 'README.md'), `# Programming interfaces\n\n${lines.join('\n')}\n`)
  return troubles
}
