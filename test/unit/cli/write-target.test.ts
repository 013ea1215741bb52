import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { writeFor } from '../../../src/cli/written-files.js'

const folder = mkdtempSync(join(tmpdir(), 'write-target-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('a file with passwords is for its owner alone, also where there was one that all could read', () => {
  const path = join(folder, 'target.yaml')
  writeFileSync(path, 'old')
  chmodSync(path, 0o644)
  writeFor(path, 'target file', 'write-target', 'new')
  expect(readFileSync(path, 'utf8')).toBe('new')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  writeFor(join(folder, 'other.yaml'), 'target file', 'write-target', 'new')
  expect(statSync(join(folder, 'other.yaml')).mode & 0o777).toBe(0o600)
})
