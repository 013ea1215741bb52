import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { withLock } from './lock.mjs'
import { at, root } from './paths.mjs'
import { run } from './run.mjs'

/** Dependencies could not be installed. The message is one sentence for the user. */
export class InstallError extends Error {}

/**
 * Installs what package-lock.json says, where node_modules differs from it. Does nothing in an installed package.
 * @param {(line: string) => void} tell
 */
export async function ensureDependencies(tell = console.error) {
  if (!existsSync(at('package-lock.json')) || isInstalled()) return
  await withLock(at('.cache', 'install.lock'), async () => {
    if (isInstalled()) return
    tell('Installing dependencies (npm ci) …')
    await install(root)
  })
}

/**
 * Installs a tool that few need, and newcomers should not wait for, beside the other dependencies.
 * @param {string} wanted folder of its package.json and package-lock.json
 * @param {string} folder where it goes
 * @param {(line: string) => void} tell
 */
export async function ensureTool(wanted, folder, tell = console.error) {
  await withLock(at('.cache', 'install.lock'), async () => {
    if (isInstalled(wanted, folder)) return
    mkdirSync(folder, { recursive: true })
    for (const name of ['package.json', 'package-lock.json']) copyFileSync(join(wanted, name), join(folder, name))
    tell(`Installing what ${wanted} names (npm ci) …`)
    // What it wants for company is there already, above it.
    await install(folder, ['--legacy-peer-deps'])
  })
}

async function install(cwd, more = []) {
  const npm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm']
  const [program, ...first] = npm
  const result = await run(program, [...first, 'ci', '--no-audit', '--no-fund', ...more], { cwd })
  if (result.code === 0) return
  // npm prints its complaint first and its manual after it.
  const lines = result.output.split('\n').filter((line) => /^npm error \S/.test(line))
  throw new InstallError(
    `The dependencies could not be installed: npm ci ended with ${result.code}.\n${lines.slice(0, 8).join('\n')}`,
  )
}

/**
 * Whether node_modules holds what package-lock.json says. npm writes the list of what it installed as its last step,
 * so that an interrupted installation counts as none.
 */
export function isInstalled(locked = root, folder = root) {
  try {
    const wanted = JSON.parse(readFileSync(join(locked, 'package-lock.json'), 'utf8')).packages
    const present = JSON.parse(readFileSync(join(folder, 'node_modules', '.package-lock.json'), 'utf8')).packages
    return Object.entries(wanted).every(([path, entry]) => {
      if (path === '' || entry.link) return true
      const found = present[path]
      // What is made for another platform is left out by npm.
      if (found === undefined) return entry.optional === true || entry.devOptional === true || entry.peer === true
      return found.version === entry.version && found.integrity === entry.integrity
    })
  } catch {
    return false
  }
}
