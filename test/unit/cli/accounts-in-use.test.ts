import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { claimAccounts } from '../../../src/cli/accounts-in-use.js'
import { sampleTarget } from '../target/sample.js'

const folder = mkdtempSync(join(tmpdir(), 'ringproof-claims-'))
afterAll(() => rmSync(folder, { recursive: true }))

const target = (users: readonly string[], domain = 'example.net') =>
  sampleTarget({ domain, accounts: users.map((user) => ({ user, password: 'p' })) })

/** What a process is told that claims these. */
function told(
  document: ReturnType<typeof target>,
  pid: number,
  at = folder,
): { lines: unknown[]; release: () => void } {
  const lines: unknown[] = []
  const release = claimAccounts(document, { complain: (line) => lines.push(line) }, { folder: at, pid })
  return { lines, release }
}

// Two processes that are there for sure: this one, and the one that started it.
const [FIRST, SECOND] = [process.pid, process.ppid]

test('a second process on the same accounts is told which, as long as the first one runs', () => {
  const first = told(target(['alice', 'bob', 'carol']), FIRST)
  expect(first.lines).toEqual([])
  const second = told(target(['bob', 'dora']), SECOND)
  expect(second.lines).toEqual([expect.stringMatching(new RegExp(`process ${FIRST}\\) uses the account bob at`))])
  second.release()
  first.release()
  expect(readdirSync(folder)).toEqual([])
  expect(told(target(['bob']), SECOND).lines).toEqual([])
})

test('the same names of another domain, and other names, are nobody else’s', () => {
  const { release } = told(target(['alice']), FIRST)
  expect(told(target(['alice'], 'example.org'), SECOND).lines).toEqual([])
  expect(told(target(['erin']), SECOND).lines).toEqual([])
  release()
})

test('what a process that is gone left behind says nothing, and is removed', () => {
  const gone = join(folder, '4194304')
  writeFileSync(gone, 'anything')
  expect(told(target(['alice']), SECOND).lines).toEqual([])
  expect(existsSync(gone)).toBe(false)
})

test('a target that is started for the run is nobody else’s, and a folder that cannot be made costs a warning only', () => {
  expect(told({ ...target(['alice']), launch: 'embedded' }, FIRST).lines).toEqual([])
  expect(told(target(['alice']), FIRST, '/proc/nowhere').lines).toEqual([])
})
