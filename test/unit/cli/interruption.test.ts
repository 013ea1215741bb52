import { afterEach, describe, expect, test, vi } from 'vitest'
import { exitCodes } from '../../../src/verdict/exit-code.js'
import { Interruption, isInShellOfNpm } from '../../../src/cli/interruption.js'

afterEach(() => vi.restoreAllMocks())

/** What an interruption tells, and the codes that the process was to end with at once. */
function listening() {
  const interruption = new Interruption()
  const told: string[] = []
  const codes: unknown[] = []
  vi.spyOn(process, 'exit').mockImplementation((code) => {
    codes.push(code)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it does not end here
    return undefined as never
  })
  const ignore = interruption.listen((line) => told.push(line))
  return { interruption, told, codes, ignore }
}

describe('an interruption', () => {
  test('by a terminal that is closed is in order, however many tell of it', () => {
    const { interruption, told, codes, ignore } = listening()
    for (let i = 0; i < 3; i++) process.emit('SIGHUP', 'SIGHUP')
    ignore()
    expect(codes).toEqual([])
    expect(told).toHaveLength(1)
    expect(interruption.received).toBe('SIGTERM')
    expect(interruption.signal.aborted).toBe(true)
  })

  test('that comes twice ends the process at once; a terminal that is closed meanwhile does not', () => {
    const { interruption, codes, ignore } = listening()
    process.emit('SIGINT', 'SIGINT')
    process.emit('SIGHUP', 'SIGHUP')
    expect(codes).toEqual([])
    process.emit('SIGINT', 'SIGINT')
    ignore()
    expect(codes).toEqual([exitCodes.sigint])
    expect(interruption.received).toBe('SIGINT')
  })
})

test.each([
  [false, {}],
  [true, { npm_command: 'exec', npm_lifecycle_event: 'npx', npm_lifecycle_script: 'ringproof' }],
  [true, { npm_command: 'start', npm_lifecycle_script: 'node bin/start.mjs' }],
  [true, { npm_command: 'run', npm_lifecycle_script: 'ringproof doctor && ringproof run > log 2>&1' }],
  [false, { npm_command: 'run', npm_lifecycle_script: 'ringproof provider & sleep 3' }],
  [false, { npm_command: 'run', npm_lifecycle_script: 'nohup ringproof provider &' }],
])('npm’s shell waits for it: %s with %j', (waits, env) => {
  expect(isInShellOfNpm(env)).toBe(waits)
})
