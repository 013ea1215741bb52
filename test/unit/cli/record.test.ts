/** What `ringproof record` keeps of an announcement, and what it says where it cannot. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { NotRunError } from '../../../src/cli/errors.js'
import { keepAnnouncement } from '../../../src/cli/record.js'

const folder = mkdtempSync(join(tmpdir(), 'ringproof-record-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const samples = Int16Array.from({ length: 24_000 }, (_, i) => 8000 * Math.sin(i / 3))

test('a reference and its audio stay in the folder, whatever the label is', () => {
  const path = keepAnnouncement(join(folder, 'kept'), { service: 'credit', label: '../../up', samples })
  expect(path.startsWith(join(folder, 'kept', 'credit.'))).toBe(true)
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ service: 'credit', label: '../../up' })
  expect(readFileSync(path.replace(/json$/, 'wav')).length).toBe(44 + 48_000)
})

test('a folder that cannot be written to is told, with the reason', () => {
  writeFileSync(join(folder, 'file'), '')
  const keep = () => keepAnnouncement(join(folder, 'file', 'kept'), { service: 'credit', label: 'x', samples })
  expect(keep).toThrow(NotRunError)
  expect(keep).toThrow(/a file is in the place of the folder/)
})
