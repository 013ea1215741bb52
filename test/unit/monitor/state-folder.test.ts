/** A monitor's folder after what may happen to it: a power cut, another monitor, another target. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { StateFolder, StateFolderError } from '../../../src/monitor/state-folder.js'
import { freshState } from '../../../src/result/monitor.js'

let path = ''
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'ringproof-state-'))
})
afterEach(() => rmSync(path, { recursive: true }))

const lockOf = (holder: object) => writeFileSync(join(path, 'lock.json'), JSON.stringify(holder))
const isOurs = () => JSON.parse(readFileSync(join(path, 'lock.json'), 'utf8')).pid === process.pid

describe('the lock', () => {
  test('of a process that lives keeps others out, and names it', async () => {
    const other = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] })
    const ended = new Promise((resolve) => other.once('close', resolve))
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
    const began = readFileSync(`/proc/${other.pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ')[19]
    lockOf({ pid: other.pid, began: `${boot} ${began}` })
    expect(() => new StateFolder(path)).toThrow(
      `Another monitor (process ${other.pid}) uses ${path}: name another folder with --state.`,
    )
    // The number alone is not enough: it is used again.
    lockOf({ pid: other.pid, began: `${boot} 1` })
    expect(() => new StateFolder(path)).not.toThrow()
    other.stdin.end()
    await ended
  })

  test.each([
    ['of one that was killed', { pid: 2 ** 22 + 1, began: 'x' }],
    ['of an earlier start of this machine, by a process with the same number', { pid: 1, began: 'another-boot 5' }],
    ['that was not written to its end', undefined],
  ])('%s is taken over', (_, holder) => {
    if (holder === undefined) writeFileSync(join(path, 'lock.json'), '{"pid":')
    else lockOf(holder)
    const folder = new StateFolder(path)
    expect(isOurs()).toBe(true)
    folder.release()
    expect(existsSync(join(path, 'lock.json'))).toBe(false)
  })

  test('that is another’s by now is not given back', () => {
    const folder = new StateFolder(path)
    lockOf({ pid: 1, began: 'x' })
    folder.release()
    expect(existsSync(join(path, 'lock.json'))).toBe(true)
  })

  test('is the only thing that makes it refuse: the rest is the file system’s word', () => {
    writeFileSync(join(path, 'file'), '')
    const under = () => new StateFolder(join(path, 'file', 'below'))
    expect(under).toThrow(/ENOTDIR/)
    expect(under).not.toThrow(StateFolderError)
  })
})

describe('the state', () => {
  const told: string[] = []
  const read = (target = 'a') => new StateFolder(path).read(target, (line) => told.push(line))
  afterEach(() => told.splice(0))

  test('is what was kept', () => {
    const state = { ...freshState('a'), counters: { ...freshState('a').counters, decided: 7 } }
    new StateFolder(path).keep(state)
    expect(read()).toEqual(state)
    expect(told).toEqual([])
    expect(readdirSync(path).toSorted()).toEqual(['lock.json', 'rounds', 'state.json'])
  })

  test.each(['', '{"monitorVersion":1,"target":"a"', '{"monitorVersion":2}', '[]', '\u0000\u0000\u0000'])(
    'that is %j is put aside, and told',
    (text) => {
      writeFileSync(join(path, 'state.json'), text)
      expect(read()).toEqual(freshState('a'))
      expect(told).toEqual([expect.stringMatching(/could not be read and is now state\.json\.broken/)])
      expect(readFileSync(join(path, 'state.json.broken'), 'utf8')).toBe(text)
      expect(existsSync(join(path, 'state.json'))).toBe(false)
    },
  )

  test('of another target says nothing of this one: neither open nor well', () => {
    new StateFolder(path).keep(freshState('a'))
    expect(read('b')).toEqual(freshState('b'))
    expect(told).toEqual([expect.stringMatching(/is of another target \(a\) and is now state\.json\.other/)])
  })
})

test('rounds stand in the order in which they began, whatever was changed in them later; what is foreign is no round', () => {
  const folder = new StateFolder(path)
  for (const name of [
    '20261201T060000Z-10',
    '20261201T060000Z-2',
    '20261201T060000Z',
    '20261130T235959Z',
    'notes',
    '.x',
  ])
    mkdirSync(join(path, 'rounds', name))
  writeFileSync(join(path, 'rounds', '20261129T000000Z'), 'a file')
  expect(folder.rounds().map((one) => one.folder)).toEqual([
    'rounds/20261130T235959Z',
    'rounds/20261201T060000Z',
    'rounds/20261201T060000Z-2',
    'rounds/20261201T060000Z-10',
  ])
  expect(folder.nextRound(Date.parse('2026-12-01T06:00:00.700Z'))).toBe('rounds/20261201T060000Z-3')
})
