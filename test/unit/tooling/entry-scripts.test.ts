import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

type PackageFile = Record<
  'dependencies' | 'optionalDependencies' | 'devDependencies' | 'scripts',
  Record<string, string>
>
const { dependencies, optionalDependencies, devDependencies, scripts }: PackageFile = JSON.parse(
  readFileSync('package.json', 'utf8'),
)

interface LockModule {
  readonly withLock: <T>(path: string, work: () => Promise<T>) => Promise<T>
}

describe('entry scripts', () => {
  const files = ['bin', 'bin/lib'].flatMap((folder) =>
    readdirSync(folder).flatMap((name) => (name.endsWith('.mjs') ? [join(folder, name)] : [])),
  )

  test.each(files)('%s loads without any package installed', (file) => {
    const imported = [...readFileSync(file, 'utf8').matchAll(/^import (?:[^']* from )?'([^']+)'/gm)].map(
      ([, name]) => name ?? '',
    )
    for (const name of imported)
      expect(name.startsWith('.') || builtinModules.includes(name.replace('node:', '')), `${file}: ${name}`).toBe(true)
  })

  test('npm start, test, run check and run bench lead to scripts that are there', () => {
    for (const name of ['start', 'test', 'check', 'bench']) {
      const [, file = ''] = /^node (\S+)$/.exec(scripts[name] ?? '') ?? []
      expect(existsSync(file), `npm run ${name}: ${file}`).toBe(true)
    }
  })
})

describe('a lock', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringproof-lock-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  test('lets one work at a time, and is taken over from a process that is gone', async () => {
    // A variable, so that types are not looked for: entry scripts are plain JavaScript.
    const file = '../../../bin/lib/lock.mjs'
    const { withLock }: LockModule = await import(file)
    const path = join(folder, 'a.lock')
    // No process has this number: Linux gives none above 2^22.
    writeFileSync(path, '2147483646')
    let inside = 0
    let most = 0
    const work = async () => {
      inside++
      most = Math.max(most, inside)
      await Promise.resolve()
      inside--
    }
    await Promise.all([withLock(path, work), withLock(path, work), withLock(path, work)])
    expect(most).toBe(1)
    expect(existsSync(path)).toBe(false)
  })
})

test('every dependency has its line of reason', () => {
  const text = readFileSync('docs/dependencies.md', 'utf8')
  const mutation: PackageFile = JSON.parse(readFileSync('test/mutation/package.json', 'utf8'))
  const all = { ...dependencies, ...optionalDependencies, ...devDependencies, ...mutation.dependencies }
  for (const name of Object.keys(all)) expect(text, name).toContain(`\`${name}\``)
})
