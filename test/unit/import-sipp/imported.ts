/** Files of this folder, imported: as text, and loaded as `run --scenarios` would. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Imported, importSipp, type ImportOptions } from '../../../src/import-sipp/import-sipp.js'
import type { LoadedScenario } from '../../../src/runner/plan.js'
import { compileScenarios } from '../../../src/runner/own-scenarios.js'
import { scenariosIn } from '../../../src/runner/scenario-files.js'

export const oldFile = (name: string): string => readFileSync(fileURLToPath(new URL(name, import.meta.url)), 'utf8')

export const imported = (name: string, options: Partial<ImportOptions> = {}): Imported =>
  importSipp(oldFile(name), { file: name, ...options })

/** The story alone, without head, rules and devices. */
export const storyOf = ({ text }: Imported): string => text.slice(text.indexOf('  async run('))

export const withCommands = (commands: string, name = 'A test'): string =>
  `<?xml version="1.0"?>\n<scenario name="${name}">\n${commands}\n</scenario>\n`

/** Loads TypeScript as the runner does. @param texts by file name */
export async function loaded(texts: Readonly<Record<string, string>>): Promise<LoadedScenario[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ringproof-imported-'))
  try {
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text)
    return await scenariosIn([await compileScenarios(folder)])
  } finally {
    rmSync(folder, { recursive: true })
  }
}
