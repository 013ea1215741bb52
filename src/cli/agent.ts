/** The command `agent`. */
import { CallAgent } from '../load/call-agent.js'
import type { AgentOrder } from './orders.js'
import { type CliContext, starterOf } from './context.js'
import { UnreachableError } from './errors.js'
import { watchParent } from './interruption.js'
import { targetUnderTest } from '../worlds/target-under-test.js'
import { survey } from '../survey/survey.js'
import { reachAlone } from '../survey/survey-needs.js'
import { socketStages } from '../worlds/socket-stages.js'

/** Runs a call agent until the interruption, or until the process that started it is gone. Then all calls are hung up. */
export async function performAgent(order: AgentOrder, context: CliContext): Promise<void> {
  const under = await targetUnderTest(order, starterOf(context))
  try {
    const stage = await socketStages(under.document)
    try {
      const { unreachable } = await survey({ world: stage.world, startMs: stage.startMs, needs: reachAlone() })
      if (unreachable !== undefined) throw new UnreachableError(unreachable)
      const agent = await CallAgent.start({
        target: stage.world.target,
        address: (family) => stage.world.address(family),
        token: order.token,
        port: order.port,
        workers: order.workers,
      })
      try {
        for (const trouble of agent.readiness.troubles) context.tell(trouble)
        context.out(`ready ${agent.url}, ${agent.workers} workers, ${agent.readiness.registered} accounts registered\n`)
        await ended(context.interruption.signal)
      } finally {
        await agent.stop()
      }
    } finally {
      stage.close()
    }
  } finally {
    await under.stop()
  }
}

/** Resolves at the interruption, or when the parent process has died. */
function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = watchParent(() => end())
    const end = () => {
      clearInterval(timer)
      resolve()
    }
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
}
