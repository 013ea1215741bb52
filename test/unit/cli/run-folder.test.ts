import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/cli/errors.js'
import { makeRunFolder, publish } from '../../../src/cli/run-folder.js'

const scratch = mkdtempSync(join(tmpdir(), 'ringproof-run-folder-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe('the folder of a run', () => {
  it('is made with all that leads to it', () => {
    const out = join(scratch, 'a', 'b')
    const folder = makeRunFolder({ target: 't', startedAt: 0, out })
    expect(dirname(folder)).toBe(out)
    expect(existsSync(join(folder, 'evidence'))).toBe(true)
  })

  it('holds no files of an earlier run while a new one goes on, and what is somebody’s own stays', () => {
    const out = join(scratch, 'again')
    mkdirSync(join(out, 'evidence'), { recursive: true })
    for (const name of ['junit.xml', 'result.json', 'index.html', 'summary.md', 'evidence/old.pcapng', 'notes.txt'])
      writeFileSync(join(out, name), 'green')
    const folder = makeRunFolder({ target: 't', startedAt: 0, out })
    expect(readdirSync(out).sort()).toEqual([basename(folder), 'notes.txt'])
    writeFileSync(join(folder, 'junit.xml'), 'red')
    writeFileSync(join(folder, 'evidence', 'new.pcapng'), '')
    expect(existsSync(join(out, 'junit.xml'))).toBe(false)
    expect(publish(folder)).toBe(out)
    expect(readdirSync(out).sort()).toEqual(['evidence', 'junit.xml', 'notes.txt'])
    expect(readFileSync(join(out, 'junit.xml'), 'utf8')).toBe('red')
    expect(readdirSync(join(out, 'evidence'))).toEqual(['new.pcapng'])
  })

  it('keeps a folder of evidence that is somebody’s own, and adds to it', () => {
    const out = join(scratch, 'own')
    mkdirSync(join(out, 'evidence'), { recursive: true })
    writeFileSync(join(out, 'evidence', 'photo.jpg'), '')
    const folder = makeRunFolder({ target: 't', startedAt: 0, out })
    writeFileSync(join(folder, 'evidence', 'new.pcapng'), '')
    publish(folder)
    expect(readdirSync(join(out, 'evidence')).sort()).toEqual(['new.pcapng', 'photo.jpg'])
  })

  it('is freed of what a run left there that was killed; another that goes on is let be', () => {
    const out = join(scratch, 'killed')
    const gone = spawnSync(process.execPath, ['-e', '0']).pid
    for (const pid of [gone, process.ppid]) mkdirSync(join(out, `.unfinished-${pid}`), { recursive: true })
    const folder = makeRunFolder({ target: 't', startedAt: 0, out })
    expect(readdirSync(out).sort()).toEqual([basename(folder), `.unfinished-${process.ppid}`].sort())
  })

  it('that can never be made is refused in a sentence', () => {
    const file = join(scratch, 'file')
    writeFileSync(file, '')
    for (const out of ['/proc/nope', file, join(file, 'below')])
      expect(() => makeRunFolder({ target: 't', startedAt: 0, out }), out).toThrow(UsageError)
  })
})
