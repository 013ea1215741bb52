import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import './lib/node-version.mjs'
import { at } from './lib/paths.mjs'
import { run } from './lib/run.mjs'

// Prints what ringproof brings along, as CycloneDX. `npm sbom --omit dev` does not do: it leaves out what ships wherever development needs the
// same package as well (zod, yaml, esbuild …). So it is asked of a lock file without what development needs, which npm makes of ours.
const scratch = mkdtempSync(join(tmpdir(), 'ringproof-sbom-'))
try {
  process.stdout.write(await billOf(join(scratch, 'ringproof')))
} catch (error) {
  console.error(error.message)
  process.exitCode = 5
} finally {
  rmSync(scratch, { recursive: true })
}

/** @param {string} folder its name is the component's */
async function billOf(folder) {
  mkdirSync(folder)
  const { devDependencies: _, scripts: _scripts, ...shipped } = JSON.parse(readFileSync(at('package.json'), 'utf8'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify(shipped))
  cpSync(at('package-lock.json'), join(folder, 'package-lock.json'))
  await npm(folder, ['install', '--package-lock-only', '--offline', '--ignore-scripts', '--no-audit', '--no-fund'])
  const text = await npm(folder, ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx'])
  return text.slice(text.indexOf('{'))
}

/** @returns what it printed @throws where it failed */
async function npm(cwd, args) {
  const { code, output } = await run('npm', ['--loglevel', 'error', ...args], { cwd })
  if (code !== 0) throw new Error(`npm ${args[0]} ended with ${code}: ${output.trim()}`)
  return output
}
