import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/cli/errors.js'
import { makeRunFolder } from '../../../src/cli/run-folder.js'

const scratch = mkdtempSync(join(tmpdir(), 'ringproof-run-folder-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe('the folder of a run', () => {
  it('is made with all that leads to it', () => {
    const out = join(scratch, 'a', 'b')
    expect(makeRunFolder({ target: 't', startedAt: 0, out })).toBe(out)
    expect(existsSync(join(out, 'evidence'))).toBe(true)
  })

  it('that can never be made is refused in a sentence', () => {
    const file = join(scratch, 'file')
    writeFileSync(file, '')
    for (const out of ['/proc/nope', file, join(file, 'below')])
      expect(() => makeRunFolder({ target: 't', startedAt: 0, out }), out).toThrow(UsageError)
  })
})
