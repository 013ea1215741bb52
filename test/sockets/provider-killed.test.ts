/** The embedded provider's process, ended from outside before it answers: told as what it is, and no defect of ringproof. */
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { endOf } from '../../src/cli/errors.js'
import { exitCodes } from '../../src/verdict/exit-code.js'
import { startProviderProcess } from '../../src/worlds/provider-process.js'

test('a provider that is killed while it starts is not reachable', async () => {
  const starting = startProviderProcess({ faults: [] }, () => {})
  const failure = starting.then(
    () => undefined,
    (error: unknown) => error,
  )
  const pid = execFileSync('pgrep', ['-P', `${process.pid}`, '-f', 'provider-process'], { encoding: 'utf8' })
  process.kill(Number(pid.trim()), 'SIGKILL')
  const { code, message } = endOf(await failure)
  expect(code).toBe(exitCodes.unreachable)
  expect(message).toBe(
    "The embedded provider's process was ended by SIGKILL, by somebody or for lack of memory: run again.",
  )
})
