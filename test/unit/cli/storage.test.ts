import { describe, expect, test } from 'vitest'
import { exitCodes } from '../../../src/verdict/exit-code.js'
import { withoutControls } from '../../../src/cli/console.js'
import { storageTrouble } from '../../../src/evidence/storage-trouble.js'
import { writeReportOrTell } from '../../../src/cli/finish.js'

const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' })
import { contextFor } from './sinks.js'

describe('trouble with the files of a run', () => {
  test('is told from defects, also where it is the cause of something else', () => {
    expect(storageTrouble(full)).toBe('no space is left on the disk')
    expect(storageTrouble(new Error('junit.xml', { cause: full }))).toContain('no space')
    expect(storageTrouble(new AggregateError([new Error('a', { cause: full })], 'several'))).toContain('no space')
    expect(storageTrouble(new TypeError('x is not a function'))).toBeUndefined()
    // Another kind of permission: not a file's.
    expect(storageTrouble(Object.assign(new Error('ENOENT'), { code: 'ENOENT' }))).toBeUndefined()
  })

  test.each([
    [exitCodes.held, exitCodes.notRun],
    [exitCodes.failed, exitCodes.failed],
    [exitCodes.sigint, exitCodes.sigint],
  ])('a run that would have ended with %d ends with %d, and says why', async (before, after) => {
    const { printed, context } = contextFor()
    context.quiet = true
    const given = Object.assign(JSON.parse('{}'), { exitCode: before })
    const result = await writeReportOrTell('/dev/null/report', given, context)
    expect(result.exitCode).toBe(after)
    expect(printed.out).toBe('')
    expect(printed.err).toMatch(/^The report is incomplete in \/dev\/null\/report: .*--out.*\n$/)
  })
})

test('what a target sent does not steer the terminal', () => {
  expect(withoutControls('CN=\u001b]0;x\u0007\u001b[2J\u202e\u0085\r\nnext\tline\n')).toBe('CN= ]0;x [2J next\tline\n')
})
