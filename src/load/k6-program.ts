/** Finds k6, or builds the version that k6/go.mod pins. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { packageFolder } from '../worlds/package-folder.js'
import { isAlive } from '../worlds/processes.js'

/** A k6 that can be used. */
export interface K6Program {
  /** Absolute path. */
  readonly path: string
  /** As `2.2.0`. */
  readonly version: string
  readonly from: 'path' | 'built'
}

/** There is no k6, and none can be made here. The message is one sentence that says what to do. */
export class K6MissingError extends Error {
  override readonly name = 'K6MissingError'
}

export interface K6Options {
  readonly env?: Record<string, string | undefined>
  /** Folder with k6's go.mod and go.sum. */
  readonly module?: string
  /** Folder that built programs are kept in. */
  readonly cache?: string
  /** Told when a build begins, and then every ten seconds. */
  readonly progress?: (line: string) => void
  readonly signal?: AbortSignal
}

/**
 * Finds k6 without building anything: the first one of version 2 on the PATH, else one that was built before.
 * Gives undefined where there is none.
 */
export async function findK6(options: K6Options = {}): Promise<K6Program | undefined> {
  const env = options.env ?? process.env
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const path = join(folder, executable('k6'))
    const version = folder !== '' && isExecutable(path) ? await versionOf(path) : undefined
    if (version !== undefined) return { path, version, from: 'path' }
  }
  const built = builtPath(options)
  const version = isExecutable(built) ? await versionOf(built) : undefined
  return version === undefined ? undefined : { path: built, version, from: 'built' }
}

/**
 * Finds k6, or builds the version that k6/go.mod pins: some minutes, once. An interrupted build leaves nothing behind
 * that could be taken for a program; of several processes one builds and the others wait.
 * @throws K6MissingError
 */
export async function ensureK6(options: K6Options = {}): Promise<K6Program> {
  const found = await findK6(options)
  if (found !== undefined) return found
  const lock = `${builtPath(options)}.lock`
  mkdirSync(dirname(lock), { recursive: true })
  while (!takeLock(lock)) {
    options.signal?.throwIfAborted()
    await pause(500, undefined, { signal: options.signal })
    const meanwhile = await findK6(options)
    if (meanwhile !== undefined) return meanwhile
  }
  try {
    return await build(options)
  } finally {
    rmSync(lock, { force: true })
  }
}

async function build(options: K6Options): Promise<K6Program> {
  const target = builtPath(options)
  const temporary = `${target}.${process.pid}.tmp`
  const started = performance.now()
  options.progress?.('Building k6 from k6/go.mod: this takes about three minutes, once …')
  const ticker = setInterval(() => {
    options.progress?.(`Building k6 … ${Math.round((performance.now() - started) / 1000)} s`)
  }, 10_000)
  try {
    const result = await output('go', ['build', '-trimpath', '-o', temporary, 'go.k6.io/k6/v2'], {
      cwd: options.module ?? moduleFolder,
      env: { ...(options.env ?? process.env), CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOWORK: 'off' },
      signal: options.signal,
    })
    options.signal?.throwIfAborted()
    if (result.code !== 0) throw new K6MissingError(whyNotBuilt(result))
    renameSync(temporary, target)
  } finally {
    clearInterval(ticker)
    rmSync(temporary, { force: true })
  }
  const version = await versionOf(target)
  if (version === undefined) throw new K6MissingError(`The k6 that was built does not run: ${target}.`)
  options.progress?.(`k6 ${version} was built in ${Math.round((performance.now() - started) / 1000)} s.`)
  return { path: target, version, from: 'built' }
}

function whyNotBuilt(result: { code: number; text: string }): string {
  const remedy = 'install k6 v2 (https://grafana.com/docs/k6/latest/set-up/install-k6/)'
  if (result.code === 127)
    return `There is no k6 v2 on the PATH and no Go to build it with; ${remedy}, or Go 1.25 or later.`
  const lines = result.text.trim().split('\n')
  const offline = lines.find((line) => /dial tcp|no such host|i\/o timeout|connection refused|proxyconnect/.test(line))
  if (offline !== undefined)
    return `There is no k6 v2 on the PATH, and it cannot be built, since Go's module proxy cannot be reached (${offline.trim()}); ${remedy}.`

  return `There is no k6 v2 on the PATH, and building it failed (${lines.at(-1)?.trim() ?? 'no reason given'}); ${remedy}.`
}

/** What `k6 version` says, where it is k6 and its major version is 2. */
async function versionOf(path: string): Promise<string | undefined> {
  const { code, text } = await output(path, ['version'], { timeoutMs: 10_000 })
  return code === 0 ? /^k6(?:\.exe)? v(2\.\d+\.\d+\S*)/m.exec(text)?.[1] : undefined
}

interface OutputOptions {
  readonly cwd?: string
  readonly env?: Record<string, string | undefined>
  readonly signal?: AbortSignal | undefined
  readonly timeoutMs?: number
}

function output(program: string, args: string[], options: OutputOptions): Promise<{ code: number; text: string }> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: options.env ?? process.env,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    })
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', (error) => resolve({ code: 127, text: error.message }))
    child.on('close', (code) => resolve({ code: code ?? 1, text: Buffer.concat(chunks).toString() }))
  })
}

const moduleFolder = join(packageFolder, 'k6')

function builtPath(options: K6Options): string {
  const module = options.module ?? moduleFolder
  const hash = createHash('sha256')
  for (const name of ['go.mod', 'go.sum']) hash.update(readFileSync(join(module, name)))
  const name = `k6-${process.platform}-${process.arch}-${hash.digest('hex').slice(0, 12)}`
  // k6 says its file's name with its version, so that the folder carries what tells builds apart.
  return join(options.cache ?? cacheFolder(options.env ?? process.env), name, executable('k6'))
}

function cacheFolder(env: Record<string, string | undefined>): string {
  if (env.RINGPROOF_CACHE) return env.RINGPROOF_CACHE
  // An installed package's folder goes when it is updated.
  const installed = /[\\/]node_modules[\\/]/.test(packageFolder)
  return installed ? join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'ringproof') : join(packageFolder, '.cache')
}

function executable(name: string): string {
  return process.platform === 'win32' ? `${name}.exe` : name
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

function takeLock(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    // Somebody has it, or had: a builder that is gone left it behind.
  }
  const owner = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0
  if (owner > 0 && !isAlive(owner)) rmSync(path, { force: true })
  return false
}
