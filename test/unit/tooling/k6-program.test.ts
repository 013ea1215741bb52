import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ensureK6, findK6, K6MissingError } from '../../../src/load/k6-program.js'

let folder = ''
const path = (...parts: string[]) => join(folder, ...parts)

function program(name: string, script: string): void {
  writeFileSync(path('bin', name), `#!/bin/sh\n${script}\n`)
  chmodSync(path('bin', name), 0o755)
}

/** A `go` that writes a k6 of this version to where it is told. */
const builder = (version: string) =>
  program(
    'go',
    `echo build >> ${path('builds')}; printf '#!/bin/sh\\necho "k6 v${version} (go1.26)"\\n' > "$4"; chmod 755 "$4"`,
  )

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringproof-k6-'))
  for (const name of ['bin', 'module']) mkdirSync(path(name))
  for (const name of ['go.mod', 'go.sum']) writeFileSync(path('module', name), name)
})
afterEach(() => rmSync(folder, { recursive: true }))

// The shell's own folders stay on the PATH, unless a k6 or go is in them.
const options = () => {
  const plain = ['/usr/bin', '/bin'].filter((one) => !existsSync(join(one, 'k6')) && !existsSync(join(one, 'go')))
  return { env: { PATH: [path('bin'), ...plain].join(':') }, module: path('module'), cache: path('cache') }
}

describe('k6 is found or built', () => {
  test('on the PATH, if it is version 2', async () => {
    program('k6', 'echo "k6 v2.3.1 (go1.26, linux/amd64)"')
    expect(await ensureK6(options())).toEqual({ path: path('bin', 'k6'), version: '2.3.1', from: 'path' })
  })

  test('not if it is version 1, or not k6 at all', async () => {
    program('k6', 'echo "k6 v1.7.0 (go1.26, linux/amd64)"')
    expect(await findK6(options())).toBeUndefined()
    program('k6', 'echo "something else v2.0.0"')
    expect(await findK6(options())).toBeUndefined()
  })

  test('built once, for several at a time', async () => {
    builder('2.2.0')
    const lines: string[] = []
    const all = await Promise.all([1, 2, 3].map(() => ensureK6({ ...options(), progress: (line) => lines.push(line) })))
    expect(new Set(all.map((one) => one.path)).size).toBe(1)
    expect(all[0]).toMatchObject({ version: '2.2.0', from: 'built' })
    expect(readFileSync(path('builds'), 'utf8')).toBe('build\n')
    expect(lines[0]).toMatch(/^Building k6 .*three minutes, once/)
    expect(await findK6(options())).toMatchObject({ from: 'built' })
  })

  test('an interrupted build leaves nothing that could be taken for a program', async () => {
    program('go', `echo half > "$4"; exit 1`)
    await expect(ensureK6(options())).rejects.toThrow(K6MissingError)
    const left = readdirSync(path('cache'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    expect(left).toEqual([])
  })

  test.each([
    ['no Go', undefined, /no Go to build it with; install k6 v2/],
    [
      'no network',
      'echo "go: dial tcp: lookup proxy.golang.org: no such host" >&2; exit 1',
      /module proxy cannot be reached/,
    ],
    ['another mishap', 'echo "no space left on device" >&2; exit 1', /building it failed \(no space left on device\)/],
  ])('%s is said in one sentence', async (_, script, sentence) => {
    if (script !== undefined) program('go', script)
    const error: unknown = await ensureK6(options()).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(K6MissingError)
    expect(String(error)).toMatch(sentence)
    expect(String(error).split('\n')).toHaveLength(1)
  })
})
