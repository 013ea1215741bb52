import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { stampOfSources } from './build.mjs'
import { at, root } from './paths.mjs'

/** What a package offers by `exports`, and the compiler's settings for it: scripts for k6 know no Node.js. */
const OFFERED = [
  { config: 'tsconfig.json', entries: ['src/scenario/index.ts', 'src/agent-client/index.ts'], types: 'node' },
  { config: 'k6/tsconfig.json', entries: ['k6/lib/index.ts'], types: 'k6' },
]
const FOLDER = at('dist', 'types')
const STAMP = join(FOLDER, '.stamp.json')

/**
 * Writes the declarations of what the package offers into dist/types: of each file that they name, and of no other. Only a package needs
 * them (a checkout has the sources), so that they are written when it is packed, and not at every build.
 */
export async function writeDeclarations() {
  const stamp = JSON.stringify({ stamp: stampOfSources() })
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp) return
  rmSync(FOLDER, { recursive: true, force: true })
  const { default: ts } = await import('typescript')
  for (const { config, entries, types } of OFFERED) {
    const emitted = emit(ts, config, entries)
    for (const file of reached(ts, emitted, entries)) {
      const text = emitted.get(file)
      if (text === undefined) throw new Error(`${file} is named by a declaration, and there is none of it`)
      const path = join(FOLDER, file)
      mkdirSync(dirname(path), { recursive: true })
      const isEntry = entries.some((entry) => declarationOf(entry) === file)
      writeFileSync(path, (isEntry ? `/// <reference types="${types}" />\n` : '') + text)
    }
  }
  writeFileSync(STAMP, stamp)
}

/** Scripts for k6 import each other with the ending of TypeScript; there is no such file beside a declaration. */
const TYPESCRIPT_IMPORT = /(\bfrom |\bimport\()(['"]\.[^'"]*)\.ts(['"])/g

const declarationOf = (file) => file.replace(/\.ts$/, '.d.ts')

/** @returns {Map<string, string>} declarations by their paths within the project */
function emit(ts, config, entries) {
  const host = {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
      throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'))
    },
  }
  const options = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: root,
    outDir: FOLDER,
    // `npm run check` looks for mistakes.
    noCheck: true,
  }
  const parsed = ts.getParsedCommandLineOfConfigFile(at(config), options, host)
  const program = ts.createProgram(
    entries.map((entry) => at(entry)),
    parsed.options,
  )
  const emitted = new Map()
  const { diagnostics } = program.emit(undefined, (name, text) =>
    emitted.set(relative(FOLDER, resolve(name)), text.replaceAll(TYPESCRIPT_IMPORT, '$1$2.js$3')),
  )
  const [wrong] = diagnostics
  if (wrong !== undefined) throw new Error(ts.flattenDiagnosticMessageText(wrong.messageText, '\n'))
  return emitted
}

/** The declarations that the entries name, and those that these name. */
function reached(ts, emitted, entries) {
  const found = new Set()
  const left = entries.map(declarationOf)
  for (let file = left.pop(); file !== undefined; file = left.pop()) {
    if (found.has(file)) continue
    found.add(file)
    const imported = ts.preProcessFile(emitted.get(file) ?? '').importedFiles.map(({ fileName }) => fileName)
    for (const name of imported)
      if (name.startsWith('.')) left.push(join(dirname(file), name.replace(/\.js$/, '.d.ts')))
  }
  return found
}
