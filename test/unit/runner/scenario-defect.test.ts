import { describe, expect, it } from 'vitest'
import { ScenarioMistake } from '../../../src/scenario/mistake.js'
import { defectOf } from '../../../src/runner/scenario-defect.js'
import { packageFolder } from '../../../src/worlds/package-folder.js'

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
      `    at Object.run (file://${packageFolder}/scenarios/media/echo.ts:30:11)`,
    )
    expect(defectOf(error, 'scenarios/media/echo.ts')).toMatchObject({
      code: 'harness-defect',
      defect: { file: 'scenarios/media/echo.ts', line: 30 },
    })
  })

  it("is the scenario's, where it is a user's own and ringproof stumbled over what it was handed", () => {
    const error = thrownAt(
      `    at Device.invites (file://${packageFolder}/src/scenario/device.ts:5:1)`,
      '    at Object.run (/home/me/my tests/ours/echo.ts:30:11)',
    )
    expect(defectOf(error, 'ours/echo.ts')).toEqual({
      reason: 'TypeError: x is not a function (ours/echo.ts:30:11)',
      code: 'scenario-defect',
      defect: { message: 'TypeError: x is not a function', file: 'ours/echo.ts', line: 30, column: 11 },
    })
  })

  it("is the scenario's too, where a file beside it was the innermost", () => {
    const error = thrownAt(
      '    at deep (/opt/x/scenarios/lib/parts.ts:5:1)',
      '    at Object.run (/opt/x/scenarios/media/echo.ts:30:11)',
    )
    expect(defectOf(error, 'scenarios/media/echo.ts')).toMatchObject({
      code: 'scenario-defect',
      defect: { file: 'scenarios/media/echo.ts', line: 30 },
    })
  })

  it("is the scenario's line, where our own code refused what it was handed", () => {
    const error = Object.assign(new ScenarioMistake('undefined'), {
      stack: [
        'ScenarioMistake: undefined',
        '    at Object.toBe (/opt/x/src/scenario/expect.ts:5:1)',
        '    at Object.run (/opt/x/scenarios/media/echo.ts:30:11)',
      ].join('\n'),
    })
    expect(defectOf(error, 'scenarios/media/echo.ts')).toEqual({
      reason: 'undefined (scenarios/media/echo.ts:30:11)',
      code: 'scenario-defect',
      defect: { message: 'undefined', file: 'scenarios/media/echo.ts', line: 30, column: 11 },
    })
  })

  it('is the file at least, where the stack does not have it', () => {
    const error = Object.assign(new ScenarioMistake('twice'), { stack: 'ScenarioMistake: twice' })
    expect(defectOf(error, 'scenarios/media/echo.ts')).toEqual({
      reason: 'twice (scenarios/media/echo.ts)',
      code: 'scenario-defect',
      defect: { message: 'twice', file: 'scenarios/media/echo.ts' },
    })
  })

  it('is unknown of what is no error', () => {
    expect(defectOf('oops', 'x.ts')).toEqual({ reason: 'oops', code: 'harness-defect', defect: { message: 'oops' } })
  })
})
