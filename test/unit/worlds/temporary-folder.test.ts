import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { childEnvironment } from '../../../src/worlds/child-environment.js'
import { temporaryFolder } from '../../../src/worlds/temporary-folder.js'

const scratch = mkdtempSync(join(tmpdir(), 'temporary-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
afterEach(() => void vi.unstubAllEnvs())

/** The number of a process that is over. */
const gone = (): number => spawnSync(process.execPath, ['-e', '0']).pid

describe('a folder for temporary files', () => {
  it('goes with the next one, where its process was killed; those of others stay', () => {
    vi.stubEnv('TMPDIR', scratch)
    const left = join(scratch, `ringproof-k6-${gone()}-abcdef`)
    const others = [join(scratch, `ringproof-k6-${process.ppid}-abcdef`), join(scratch, 'ringproof-k6-mine')]
    for (const path of [left, ...others]) mkdirSync(path)
    const made = temporaryFolder('/nowhere')
    expect(basename(made)).toMatch(new RegExp(`^ringproof-k6-${process.pid}-`))
    expect(existsSync(left)).toBe(false)
    for (const path of others) expect(existsSync(path), path).toBe(true)
  })

  it('is made in the folder of the run where TMPDIR is missing', () => {
    vi.stubEnv('TMPDIR', join(scratch, 'missing'))
    const run = join(scratch, 'run')
    mkdirSync(run)
    const made = temporaryFolder(run)
    expect(readdirSync(run)).toEqual([basename(made)])
  })
})

describe('what a child process gets of the environment', () => {
  it('is all but passwords', () => {
    expect(
      childEnvironment({ PATH: '/bin', RINGPROOF_PASSWORD_1: 'a', RINGPROOF_PASSWORD: 'b', RINGPROOF_USER_1: 'c' }),
    ).toEqual({ PATH: '/bin', RINGPROOF_USER_1: 'c' })
  })
})
