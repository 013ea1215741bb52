/** `junit.xml` against a schema, by libxml2. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { junit } from '../../src/report/junit.js'
import { comparedRun } from '../unit/report/compared-run.js'
import { emptyRun, faultyRun, interruptedRun, passingRun, unreachableRun } from '../unit/report/fixtures.js'
import { surveyedRun } from '../unit/report/surveyed-run.js'

const XMLLINT = '/usr/bin/xmllint'
const hasXmllint = existsSync(XMLLINT)
if (!hasXmllint && process.env['CI']) throw new Error('xmllint is missing: apt-get install libxml2-utils')

const folder = mkdtempSync(join(tmpdir(), 'ringproof-junit-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** @returns what xmllint complains of; empty where it is valid */
function complaints(text: string): string {
  const file = join(folder, 'junit.xml')
  writeFileSync(file, text)
  const { status, stderr } = spawnSync(XMLLINT, ['--noout', '--nonet', '--schema', 'test/peers/junit.xsd', file])
  return status === 0 ? '' : stderr.toString()
}

describe.skipIf(!hasXmllint)('junit.xml is valid, if xmllint is installed (apt-get install libxml2-utils)', () => {
  test.each([
    ['passing', passingRun()],
    ['faulty', faultyRun()],
    ['interrupted', interruptedRun()],
    ['unreachable', unreachableRun()],
    ['empty', emptyRun()],
    ['surveyed', surveyedRun()],
    ['compared', comparedRun()],
    ['gated', { ...comparedRun(), failOn: { gravity: 'letter' as const, onlyRegressions: true } }],
  ])('of a %s run', (_name, run) => {
    expect(complaints(junit(run, 'report'))).toBe('')
  })

  test('the schema refuses what readers do', () => {
    const text = junit(passingRun())
    expect(complaints(text.replace('<testsuites ', '<testsuites skipped="1" '))).toContain('skipped')
    expect(complaints(text.replace('<testcase ', '<testcase file="a.ts" '))).toContain('file')
    const [first = ''] = /<testcase [^>]*\/>/.exec(text) ?? []
    expect(complaints(text.replace(first, `${first}${first}`))).toContain('Duplicate key-sequence')
  })
})
