import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, extname, join, relative } from 'node:path'
import { withLock } from './lock.mjs'
import { at, root } from './paths.mjs'

const folders = ['src', 'scenarios', 'bench']
const stampFile = at('dist', '.stamp.json')
const DETECTION = 'test/virtual/detection.json'

/** Whether the sources are there: they are not in an installed package, which brings its dist/ along. */
export const hasSources = () => existsSync(at('src', 'cli'))

/**
 * Brings dist/ in step with src/, scenarios/ and bench/: TypeScript is turned into JavaScript file by file, other files
 * are copied. Takes some milliseconds where nothing has changed. Every file is replaced in one step, so that a
 * process that reads dist/ meanwhile never sees half of one.
 */
export async function buildDist() {
  if (!hasSources()) return
  const stamp = stampOf(sources())
  if (stamp === readStamp()) return
  await withLock(at('.cache', 'build.lock'), async () => {
    const files = sources()
    const current = stampOf(files)
    if (current === readStamp()) return
    rmSync(stampFile, { force: true })
    const written = new Set(await transpile(files.filter(isTypeScript)))
    for (const path of await bundlePageScripts()) written.add(path)
    for (const file of files.filter((name) => !isTypeScript(name) && extname(name) !== '.md')) {
      replace(at('dist', file), readFileSync(at(file)))
      written.add(at('dist', file))
    }
    // Reports say which planted faults a check is known to catch; the record is kept with the tests that make it.
    replace(at('dist', 'detection.json'), readFileSync(at(DETECTION)))
    written.add(at('dist', 'detection.json'))
    // Declarations are written when the package is packed, and are as old as what they were written from.
    rmSync(at('dist', 'types'), { recursive: true, force: true })
    for (const old of filesBelow(at('dist'))) if (!written.has(old)) rmSync(old)
    replace(stampFile, JSON.stringify({ stamp: current }))
    // Its service would go on for as long as this process.
    const { stop } = await import('esbuild')
    await stop()
  })
}

async function transpile(files) {
  const { build } = await import('esbuild')
  const result = await build({
    absWorkingDir: root,
    entryPoints: files,
    outdir: at('dist'),
    outbase: root,
    write: false,
    bundle: false,
    format: 'esm',
    platform: 'node',
    target: 'node22.12',
    sourcemap: 'inline',
    sourcesContent: false,
    logLevel: 'error',
  })
  for (const file of result.outputFiles) replace(file.path, Buffer.from(file.contents))
  return result.outputFiles.map((file) => file.path)
}

/** The scripts of pages run in browsers, so each is one file there. */
async function bundlePageScripts() {
  const { build } = await import('esbuild')
  const entries = ['main', 'history'].map((name) => join('src', 'report', 'client', `${name}.ts`))
  const result = await build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: at('dist'),
    outbase: root,
    entryNames: '[dir]/[name].bundle',
    write: false,
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    logLevel: 'error',
  })
  for (const { path, contents } of result.outputFiles) replace(path, Buffer.from(contents))
  return result.outputFiles.map(({ path }) => path)
}

const isTypeScript = (name) => name.endsWith('.ts') && !name.endsWith('.d.ts')

function replace(path, content) {
  if (existsSync(path) && readFileSync(path).equals(Buffer.from(content))) return
  mkdirSync(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}.tmp`
  writeFileSync(temporary, content)
  renameSync(temporary, path)
}

/** Changes whenever dist/ would. */
export const stampOfSources = () => stampOf(sources())

function sources() {
  return folders.flatMap((folder) => filesBelow(at(folder))).map((path) => relative(root, path))
}

function filesBelow(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
}

/** Changes when a source, this file or the compiler does. */
function stampOf(files) {
  const hash = createHash('sha256')
  for (const file of [...files, DETECTION, 'bin/lib/build.mjs', 'node_modules/esbuild/package.json']) {
    const { mtimeMs, size } = statSync(at(file), { throwIfNoEntry: false }) ?? { mtimeMs: 0, size: 0 }
    hash.update(`${file} ${mtimeMs} ${size}\n`)
  }
  return hash.digest('hex')
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8')).stamp
  } catch {
    return undefined
  }
}
