/** A round's process, and all the ways in which it can end. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { childRound } from '../../../src/monitor/child-round.js'
import { runOf } from '../report/compared-run.js'

const RESULT = runOf(1, { fresh: 'pass', mended: 'pass', flaky: 'pass', ms: 40 })

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ringproof-round-'))
  writeFileSync(join(root, 'result'), JSON.stringify(RESULT))
})
afterEach(() => rmSync(root, { recursive: true }))

/** What becomes of a process that runs this: `out` is its folder, `result` the text of a result. */
function roundOf(script: string, { mostMs = 60_000, signal = new AbortController().signal } = {}) {
  const file = join(root, 'program.cjs')
  const names = `const fs = require('node:fs'); const out = process.argv[3]; const result = fs.readFileSync('${root}/result', 'utf8');`
  writeFileSync(file, `${names}\nfs.mkdirSync(out + '/evidence', { recursive: true });\n${script}`)
  return childRound({ args: [], root, folder: 'rounds/1', signal, mostMs, program: [file] })
}
const isThere = () => existsSync(join(root, 'rounds', '1'))

test('its result is in its folder', async () => {
  expect(await roundOf(`fs.writeFileSync(out + '/result.json', result)`)).toEqual({
    folder: 'rounds/1',
    result: RESULT,
    trouble: undefined,
  })
  expect(isThere()).toBe(true)
})

test('where the disk takes none, its result comes by the pipe, and what was begun is removed', async () => {
  const found = await roundOf(`
    fs.writeFileSync(out + '/result.json', result.slice(0, 100))
    console.error('The report is incomplete in ' + out + '/.unfinished-7: no space is left on the disk. Choose another folder with --out, and run again.')
    console.log(result)
    process.exitCode = 5`)
  expect(found).toEqual({
    result: RESULT,
    unkept: 'The report is incomplete in the folder of the round: no space is left on the disk.',
    trouble: undefined,
  })
  expect(isThere()).toBe(false)
})

test('where there is none, its last word is the reason', async () => {
  expect(await roundOf(`console.error('one'); console.error('my.yaml:3:1: unknown field'); process.exit(2)`)).toEqual({
    trouble: 'my.yaml:3:1: unknown field',
  })
  expect(await roundOf('console.log("{}")')).toEqual({ trouble: 'the round ended with 0 and left no result' })
  expect(await roundOf('process.kill(process.pid, "SIGKILL")')).toEqual({
    trouble: 'the round ended with SIGKILL and left no result',
  })
  expect(isThere()).toBe(false)
})

test('one that does not end is ended', async () => {
  expect(await roundOf('setInterval(() => {}, 1000)', { mostMs: 1 })).toEqual({
    trouble: 'the round had not ended after 0 minutes and was ended',
  })
})

test('it ends with the monitor', async () => {
  const stop = new AbortController()
  const ended = roundOf('setInterval(() => {}, 1000)', { signal: stop.signal })
  stop.abort()
  expect(await ended).toEqual({ trouble: 'the round ended with SIGTERM and left no result' })
})
