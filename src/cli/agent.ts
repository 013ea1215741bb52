import type { AgentOrder } from './commands/agent.js'
import type { CliContext } from './context.js'
import { NotRunError } from './errors.js'

/** Runs a call agent until the interruption. */
export function performAgent(order: AgentOrder, context: CliContext): Promise<void> {
  return Promise.reject(new NotRunError(`not yet: ${order.port} ${context.exitCode}`))
}
