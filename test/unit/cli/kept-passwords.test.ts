import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { UsageError } from '../../../src/cli/errors.js'
import { keptPasswords } from '../../../src/cli/kept-passwords.js'

const folder = mkdtempSync(join(tmpdir(), 'ringproof-passwords-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('passwords stay from start to start, differ from account to account, and are for the owner alone', () => {
  const file = join(folder, 'kept.secret')
  const first = [1, 2, 3].map(keptPasswords(file))
  expect([1, 2, 3].map(keptPasswords(file))).toEqual(first)
  expect(new Set(first).size).toBe(3)
  for (const password of first) expect(password).toMatch(/^[\w-]{20}$/)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect([1, 2, 3].map(keptPasswords(join(folder, 'other.secret')))).not.toEqual(first)
})

test('a file of something else is refused, and left as it is', () => {
  const file = join(folder, 'notes.txt')
  writeFileSync(file, 'some notes of mine\n')
  expect(() => keptPasswords(file)).toThrow(UsageError)
  expect(readFileSync(file, 'utf8')).toBe('some notes of mine\n')
})
