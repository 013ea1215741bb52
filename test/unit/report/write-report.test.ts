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
      'ctrf.json',
      'customers.html',
      'index.html',
      'junit.xml',
      'result.json',
      'summary.md',
    ])
  })

  test('captures are attached by their paths from where a CI job works', async () => {
    const at = join('reports', `attached-${process.pid}`)
    const unfinished = join(at, '.unfinished-1')
    try {
      await writeReport(unfinished, faultyRun(), at)
      expect(readFileSync(join(unfinished, 'junit.xml'), 'utf8')).toContain(`[[ATTACHMENT|${at}/evidence/`)
    } finally {
      rmSync(at, { recursive: true })
    }
    await writeReport(folder, faultyRun())
    expect(readFileSync(join(folder, 'junit.xml'), 'utf8')).toContain(`[[ATTACHMENT|${folder}/evidence/`)
  })

  test('read back, result.json is the result', async () => {
    const run = faultyRun()
    await writeReport(folder, run)
    expect(readResult(folder).result).toEqual(run)
    expect(readResult(join(folder, 'result.json'))).toEqual({ folder, result: run })
  })

  test('a result of version 1 is rendered as one of version 2', async () => {
    const old = readFileSync(new URL('version-1.result.json', import.meta.url), 'utf8')
    writeFileSync(join(folder, 'result.json'), old)
    const { result } = readResult(folder)
    expect(result.schemaVersion).toBe(2)
    const [broken, recommended, standing] = result.findings
    expect(broken).toMatchObject({
      id: 'registrar/refresh-replaces#once',
      kind: 'rule',
      gravity: 'harm',
      scenarios: [
        { scenario: 'registrar/refresh-replaces', transport: 'udp', family: 'ipv4' },
        { scenario: 'registrar/refresh-replaces', transport: 'tls', family: 'ipv6' },
      ],
    })
    expect(broken?.broken?.[0]).toMatchObject({ gravity: 'harm', cause: 'registrar/refresh-replaces#once' })
    expect(recommended).toMatchObject({ kind: 'rule', gravity: 'letter' })
    expect(standing).toMatchObject({ id: 'EXAM-NUMBERS-IN-CLEAR', kind: 'standing-check' })
    const of = (id: string) => result.scenarios.find((one) => one.id === id)
    expect(of('registrar/all-or-nothing')).toMatchObject({ verdict: 'inconclusive', reasonCode: 'not-reached' })
    expect(of('registrar/refresh-replaces')?.reasonCode).toBe('rule-broken')
    expect(of('registrar/star-clears')?.reasonCode).toBeUndefined()

    await renderReport(folder)
    expect(readFileSync(join(folder, 'result.json'), 'utf8')).toBe(old)
    const page = readFileSync(join(folder, 'index.html'), 'utf8')
    expect(page).toContain('#/scenario/registrar/refresh-replaces/tls/ipv6')
    expect(page).toMatch(/<b>The test ended before its check<\/b> \(1\)/)
    expect(readFileSync(join(folder, 'summary.md'), 'utf8')).toContain('- ✗ harm **Devices ring twice')
    expect(readFileSync(join(folder, 'junit.xml'), 'utf8')).toContain('failures="2"')
  })

  test('kinds of findings, places and known deviations of version 1 are read from its strings', () => {
    const check = {
      id: 'c',
      level: 'MUST',
      rule: 'r',
      verdict: 'fail',
      expected: '',
      actual: '',
      expectedFailure: 'known',
    }
    const finding = { severity: 'warn', title: 't', provider: [], evidence: [] }
    const old = {
      ...emptyRun(),
      schemaVersion: 1,
      scenarios: [
        {
          ...passingRun().scenarios[0],
          verdict: 'warn',
          checks: [check, { ...check, verdict: 'warn', expectedFailure: undefined }],
        },
      ],
      findings: [
        { ...finding, id: 'LOAD-RELAY-LOSS relay-3', scenarios: ['load/load'] },
        { ...finding, id: 'UNEXPECTED-PASS registrar/x c' },
        { ...finding, id: 'EXAM-GRAMMAR', severity: 'info', scenarios: ['load/load', 'a/b tcp/ipv6'] },
      ],
    }
    writeFileSync(join(folder, 'result.json'), JSON.stringify(old))
    const { findings, scenarios } = readResult(folder).result
    expect(findings.map(({ kind }) => kind)).toEqual(['load', 'unexpected-pass', 'standing-check'])
    expect(findings.map((one) => one.scenarios)).toEqual([
      [{ scenario: 'load/load', transport: '', family: '' }],
      [],
      [
        { scenario: 'load/load', transport: '', family: '' },
        { scenario: 'a/b', transport: 'tcp', family: 'ipv6' },
      ],
    ])
    expect(scenarios[0]?.checks.map(({ reasonCode }) => reasonCode)).toEqual([
      'known-deviation',
      'recommendation-not-met',
    ])
  })

  test('rendered again they are the same, byte for byte', async () => {
    await writeReport(folder, faultyRun())
    const files = ['index.html', 'customers.html', 'junit.xml', 'ctrf.json', 'summary.md', 'result.json']
    const hashes = () =>
      files.map((file) =>
        createHash('sha1')
          .update(readFileSync(join(folder, file)))
          .digest('hex'),
      )
    const before = hashes()
    for (const file of files.slice(0, -1)) rmSync(join(folder, file))
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
    await expect(render(folder, emptyRun(), { reporters: [crash, fine] })).rejects.toThrow('index.html: no such thing')
    expect(readdirSync(folder)).toEqual(['summary.md'])
  })

  test.each([
    ['no folder', undefined, /There is no .*result\.json; name the folder/],
    ['half a file', '{"schemaVersion": 2, "ring', /not JSON: it was not written by ringproof, or not to its end/],
    ['something else', '[]', /is not a result of ringproof: the whole/],
    ['half a version 1', '{"schemaVersion": 1, "scenarios": []}', /not a result of ringproof: findings: /],
    ['a version 1 with a wrong field', '{"schemaVersion": 1, "scenarios": [], "findings": []}', /ringproof: .*string/],
    ['a wrong field', JSON.stringify({ ...emptyRun(), seed: 'x' }), /seed: .*expected number/],
    [
      'a later version',
      JSON.stringify({ ...emptyRun(), schemaVersion: 9 }),
      /schemaVersion 9, this release .* up to 2/,
    ],
  ])('%s is told from a result', (_name, text, message) => {
    if (text !== undefined) writeFileSync(join(folder, 'result.json'), text)
    expect(() => readResult(folder)).toThrow(ResultFileError)
    expect(() => readResult(folder)).toThrow(message)
  })
})
