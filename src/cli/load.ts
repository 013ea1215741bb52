import type { LoadOrder } from './commands/load.js'
import type { RunEnd } from './commands/run.js'
import type { CliContext } from './context.js'
import { NotRunError } from './errors.js'

/** Carries out a load: finds or starts the target, starts call agents and k6, writes the report. */
export function performLoad(order: LoadOrder, context: CliContext): Promise<RunEnd> {
  return Promise.reject(new NotRunError(`not yet: ${order.profile.name}, ${context.exitCode}`))
}
