import { describe, expect, it } from 'vitest'
import { defectOf } from '../../../src/runner/scenario-defect.js'

const thrownAt = (...frames: string[]): Error =>
  Object.assign(new TypeError('x is not a function'), {
    stack: ['TypeError: x is not a function', ...frames].join('\n'),
  })

describe('where something went wrong', () => {
  it("is the scenario's own line, where that is the innermost", () => {
    const error = thrownAt(
      '    at Object.run (/opt/x/scenarios/media/echo.ts:30:11)',
      '    at async tell (/opt/x/src/runner/run-scenario.ts:94:5)',
    )
    expect(defectOf(error, 'scenarios/media/echo.ts')).toMatchObject({
      code: 'scenario-defect',
      defect: { message: 'TypeError: x is not a function', file: 'scenarios/media/echo.ts', line: 30 },
    })
  })

  it("is ringproof's, told by the scenario's line, where it happened deeper", () => {
    const error = thrownAt(
      '    at Device.invites (file:///opt/x/src/scenario/device.ts:5:1)',
      '    at Object.run (file:///opt/x/scenarios/media/echo.ts:30:11)',
    )
    expect(defectOf(error, 'scenarios/media/echo.ts')).toMatchObject({
      code: 'harness-defect',
      defect: { file: 'scenarios/media/echo.ts', line: 30 },
    })
  })

  it('is unknown of what is no error', () => {
    expect(defectOf('oops', 'x.ts')).toEqual({ reason: 'oops', code: 'harness-defect', defect: { message: 'oops' } })
  })
})
