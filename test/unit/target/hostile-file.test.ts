/** Target files that are wrong in ways that must neither show a password nor take for ever. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadTarget, parseTarget, TargetFileError } from '../../../src/target/target-file.js'

const folder = mkdtempSync(join(tmpdir(), 'hostile-file-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const minimal = (password: string) =>
  `name: x\ndomain: example.net\nendpoints: { udp: { host: 127.0.0.1 } }\naccounts:\n  - user: '1'\n    password: ${password}\n`

function complaintOf(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    if (error instanceof TargetFileError) return error.message
    throw error
  }
  throw new Error('nothing was wrong')
}
const complaint = (text: string, env: Record<string, string> = {}) =>
  complaintOf(() => parseTarget(text, { file: 'x.yaml', env }))

describe('a complaint shows nothing of a password', () => {
  it.each([
    ['that begins like an alias', '*topsecret9'],
    ['that looks like a variable', "'Xy${kL9-topsecret9'"],
    ['that has a variable in it', "'Xy${topsecret9}z'"],
    ['that begins like a tag', "!topsecret9 'x' y"],
    ['with an odd escape', '"topsecret9\\q"'],
    ['that begins with a reserved letter', '`topsecret9'],
    ['that begins like a directive', '%topsecret9'],
    ['that begins like an anchor', '&topsecret9 : x'],
    ['that opens a quote', '"topsecret9'],
    ['that opens a list', '[topsecret9'],
    ['with a colon', 'top: topsecret9: x'],
  ])('%s', (_, password) => {
    expect(complaint(minimal(password))).not.toMatch(/secret9|kL9|\\q/)
  })

  it('but names a variable that stands alone', () => {
    expect(complaint(minimal("'${NOT_SET}'"))).toContain('NOT_SET')
  })
})

describe('a complaint comes soon', () => {
  const within = (ms: number, work: () => void) => {
    const before = performance.now()
    work()
    expect(performance.now() - before).toBeLessThan(ms)
  }

  it('about 100,000 unknown fields', () => {
    const fields = Array.from({ length: 100_000 }, (_, index) => `key${index}: 1`).join('\n')
    within(15_000, () => {
      expect(complaint(`${minimal('x')}${fields}\n`).split('\n').length).toBeLessThanOrEqual(20)
    })
  })

  it('about 10,000 accounts with the same slip of the pen', () => {
    const accounts = Array.from({ length: 10_000 }, (_, index) => `  - { user: '${index}', pasword: x }`).join('\n')
    within(15_000, () => {
      const lines = complaint(minimal('x').replace(/ {2}- user[^]*/, `${accounts}\n`)).split('\n')
      expect(lines.length).toBeLessThanOrEqual(20)
      expect(lines.join()).toContain("did you mean 'password'?")
    })
  })

  it('about a word of a million letters', () => {
    within(5_000, () => expect(complaint(`${minimal('x')}${'k'.repeat(1_000)}: 1\n`)).toContain('unknown field'))
  })

  it('about fields that stand twice, wherever', () => {
    expect(complaint(`${minimal('x')}name: y\n`)).toContain('Map keys must be unique')
    expect(complaint(minimal('x\n    password: y'))).toContain('x.yaml:7')
  })
})

describe('a pipe that nobody writes into', () => {
  it('does not hold the process', () => {
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    const file = join(folder, 'target.yaml')
    writeFileSync(file, minimal('x').replace('password: x', `passwordFile: ${pipe}`))
    const before = performance.now()
    expect(complaintOf(() => loadTarget(file, {}))).toContain('passwordFile')
    expect(complaintOf(() => loadTarget(pipe, {}))).toContain(pipe)
    expect(performance.now() - before).toBeLessThan(5_000)
  })
})
