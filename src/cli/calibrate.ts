/** `load --calibrate`: how many calls this machine can generate. */
import { resolve } from 'node:path'
import { calibrate } from '../load/calibration.js'
import { type Calibration, writeCalibration } from '../load/capacity.js'
import { ensureK6, K6MissingError } from '../load/k6-program.js'
import type { FoundLimit } from '../load/limit-search.js'
import type { CliContext } from './context.js'
import { NotRunError } from './errors.js'
import { assertDescriptors } from './machine-limits.js'

export interface CalibrateOrder {
  readonly calls?: number | undefined
  readonly rate?: number | undefined
  readonly hold?: number | undefined
  readonly out?: string | undefined
}

/** Tried at most, where the user does not say. */
const MOST_CALLS = 5_000
const MOST_RATE = 4_000
const HOLD_S = 10

/** Calibrates this machine, writes down what it found, and says it. @throws NotRunError where there is no k6 */
export async function performCalibration(order: CalibrateOrder, context: CliContext): Promise<void> {
  assertDescriptors()
  const { calls = MOST_CALLS, rate = MOST_RATE, hold = HOLD_S, out } = order
  const { signal } = context.interruption
  const program = await ensureK6({ env: { ...context.env }, progress: (line) => context.tell(line), signal }).catch(
    (error: unknown) => {
      throw error instanceof K6MissingError ? new NotRunError(error.message) : error
    },
  )
  context.tell('Loads against a sink on this machine, more and more, some minutes. Close what else uses the machine.')
  const found = await calibrate({
    program,
    mostCalls: calls,
    mostRate: rate,
    holdS: hold,
    env: context.env,
    signal,
    folder: resolve(out ?? '.'),
    tell: (line) => context.tell(line),
  })
  const files = writeCalibration(found, out)
  if (context.json) context.out(`${JSON.stringify(found, null, 2)}\n`)
  context.report(sentenceOf(found))
  if (found.loadAverage > found.machine.cores / 2) {
    context.report(
      `Other programs used this machine (load average ${found.loadAverage} on ${found.machine.cores} cores): it can do more without them.`,
    )
  }
  context.report(`Calibration: ${files.join(', ')}`)
}

function sentenceOf({ rtp, srtp, signalling }: Calibration): string {
  return `This machine can generate ${told(rtp)} calls with audio at a time, ${told(srtp)} where they are encrypted, and ${told(signalling)} calls a second without audio.`
}

/** `at least` where nothing kept it from more. */
const told = ({ carried, beyond }: FoundLimit): string =>
  beyond === undefined ? `at least ${carried}` : String(carried)
