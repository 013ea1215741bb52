import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readResult, render, renderReport, ResultFileError, writeReport } from '../../../src/report/write-report.js'
import { emptyRun, faultyRun, passingRun } from './fixtures.js'

describe('the files of a run', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ringproof-report-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('are all there, and no temporary ones', async () => {
    await writeReport(join(folder, 'new', 'run'), passingRun())
    expect(readdirSync(join(folder, 'new', 'run')).sort()).toEqual([
      'index.html',
      'junit.xml',
      'result.json',
      'summary.md',
    ])
  })

  test('read back, result.json is the result', async () => {
    const run = faultyRun()
    await writeReport(folder, run)
    expect(readResult(folder).result).toEqual(run)
    expect(readResult(join(folder, 'result.json'))).toEqual({ folder, result: run })
  })

  test('rendered again they are the same, byte for byte', async () => {
    await writeReport(folder, faultyRun())
    const files = ['index.html', 'junit.xml', 'summary.md', 'result.json']
    const hashes = () =>
      files.map((file) =>
        createHash('sha1')
          .update(readFileSync(join(folder, file)))
          .digest('hex'),
      )
    const before = hashes()
    for (const file of files.slice(0, 3)) rmSync(join(folder, file))
    expect(await renderReport(folder)).toBe(folder)
    expect(hashes()).toEqual(before)
  })

  test('a reporter that crashes does not harm the others, and is named', async () => {
    const crash = {
      file: 'index.html',
      render: () => {
        throw new TypeError('no such thing')
      },
    }
    const fine = { file: 'summary.md', render: () => 'fine' }
    await expect(render(folder, emptyRun(), [crash, fine])).rejects.toThrow('index.html: no such thing')
    expect(readdirSync(folder)).toEqual(['summary.md'])
  })

  test.each([
    ['no folder', undefined, /There is no .*result\.json; name the folder/],
    ['half a file', '{"schemaVersion": 1, "ring', /not JSON: it was not written by ringproof, or not to its end/],
    ['something else', '[]', /is not a result of ringproof: the whole/],
    ['a wrong field', JSON.stringify({ ...emptyRun(), seed: 'x' }), /seed: .*expected number/],
    [
      'a later version',
      JSON.stringify({ ...emptyRun(), schemaVersion: 9 }),
      /schemaVersion 9, this release .* up to 1/,
    ],
  ])('%s is told from a result', (_name, text, message) => {
    if (text !== undefined) writeFileSync(join(folder, 'result.json'), text)
    expect(() => readResult(folder)).toThrow(ResultFileError)
    expect(() => readResult(folder)).toThrow(message)
  })
})
