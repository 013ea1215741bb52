/** The command `agent`. */
import { unixNow } from '../clock/wall-clock.js'
import { CallAgent } from '../load/call-agent.js'
import { joinedNotes } from '../load/joined-notes.js'
import { RelayWatch } from '../load/relay-control/relay-watch.js'
import { resultOfLoad } from '../load/load-run.js'
import { documentOfPart } from '../load/parts.js'
import { isK6Summary, type K6Summary } from '../load/reconciliation.js'
import type { TargetDocument } from '../target/target-file.js'
import { placeOfLoad } from '../verdict/place.js'
import type { AgentOrder } from './orders.js'
import { type CliContext, starterOf } from './context.js'
import { UnreachableError } from './errors.js'
import { finish } from './finish.js'
import { assertAccounts } from '../load/may-load.js'
import { localAddressesOf } from '../worlds/local-addresses.js'
import { accountsOfEmbedded } from './load.js'
import { collectorOf } from './hep.js'
import { watchParent } from './interruption.js'
import { makeRunFolder } from './run-folder.js'
import { KernelNetwork } from '../transport/kernel-network.js'
import { targetUnderTest } from '../worlds/target-under-test.js'
import { type Survey, survey } from '../survey/survey.js'
import { reachAlone } from '../survey/survey-needs.js'
import { socketStages } from '../worlds/socket-stages.js'

/**
 * Runs a call agent until the interruption, or until the process that started it is gone. Then all calls are hung up, and a report
 * is written where one was asked for.
 */
export async function performAgent(order: AgentOrder, context: CliContext): Promise<void> {
  const startedAt = unixNow()
  const under = await targetUnderTest({ ...order, accounts: accountsOfEmbedded(order.accounts) }, starterOf(context))
  try {
    const document = documentOfPart(under.document, order.part)
    assertAccounts(order.accounts, document)
    const hep = await collectorOf(order.hep, context)
    const stage = await socketStages(document, undefined, undefined, hep)
    try {
      const found = await survey({ world: stage.world, startMs: stage.startMs, needs: reachAlone() })
      if (found.unreachable !== undefined) throw new UnreachableError(found.unreachable)
      const folder =
        order.out === undefined ? undefined : makeRunFolder({ target: document.name, startedAt, out: order.out })
      let summary: K6Summary | undefined
      const agent = await CallAgent.start({
        target: stage.world.target,
        address: (family) => stage.world.address(family),
        token: order.token,
        port: order.port,
        workers: order.workers,
        metricsAt: order.metricsAt,
        hep,
        accounts: order.accounts,
        locals: order.local === undefined ? undefined : await localAddressesOf(order.local, stage.world.clock),
        facts: found.facts,
        own: order.own,
        ...(folder === undefined
          ? {}
          : { onSummary: (told: unknown) => (summary = isK6Summary(told) ? told : undefined) }),
      })
      try {
        const { clock, random } = stage.world
        const relayWatch =
          folder === undefined
            ? undefined
            : await RelayWatch.open({
                document,
                network: new KernelNetwork(clock),
                random,
                patienceMs: ENDING_MS,
                tell: (line) => context.tell(line),
              })
        for (const trouble of agent.readiness.troubles) context.tell(trouble)
        context.out(`ready ${agent.url}, ${agent.workers} workers, ${agent.readiness.registered} accounts registered\n`)
        if (agent.metricsUrl !== undefined) context.out(`metrics ${agent.metricsUrl}\n`)
        await ended(context.interruption.signal)
        if (folder === undefined) return
        const { file } = under
        await report({ agent, summary, folder, order, document, file, startedAt, found, relayWatch }, context)
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

interface Reported {
  readonly agent: CallAgent
  /** What k6 handed over; undefined where its script did not, or it did not come to its end. */
  readonly summary: K6Summary | undefined
  readonly folder: string
  readonly order: AgentOrder
  readonly document: TargetDocument
  /** The target file, as messages name it. */
  readonly file: string
  readonly startedAt: number
  readonly found: Survey
  readonly relayWatch: RelayWatch | undefined
}

/** Who ends an agent waits for its report for half a minute (Kubernetes, unless told otherwise): little of it is left to wait for relays. */
const ENDING_MS = 5_000

/** The name of a load whose script does not tell its own. */
const NAMELESS = 'k6'

/** Writes the report of what somebody else's k6 did with the agent. */
async function report(o: Reported, context: CliContext): Promise<void> {
  const { agent, summary, folder, order, document, file, startedAt, found, relayWatch } = o
  const name = summary?.ordered?.profile ?? NAMELESS
  const lacking =
    summary === undefined
      ? 'k6 did not come to its end, or its script hands over no summary (export handleSummary of ringproof/k6)'
      : undefined
  const measured = await resultOfLoad({
    agent,
    program: { path: '', version: 'of its own', from: 'path' },
    end: { code: 0, signal: undefined, summary, said: '', lacking },
    shape: { profile: { name, file: name, title: '', script: { file: name } }, part: order.part },
    folder,
    interrupted: false,
    relayWatch,
  })
  const notes = await agent.seenNotes(placeOfLoad(measured.profile))
  const load = notes.length === 0 ? measured : { ...measured, notes: joinedNotes(notes.map(({ note }) => note)) }
  const story = {
    command: 'load' as const,
    seed: 0,
    clock: 'wall' as const,
    document,
    file,
    faults: [],
    startedAt,
    endedAt: unixNow(),
    outcome: {
      scenarios: [],
      notRun: [],
      notes,
      noise: [],
      interrupted: false,
    },
    load,
    survey: found,
    repeat: `npx ringproof agent --target ${file}`,
    facts: { incomplete: false },
  }
  await finish(story, { folder, isOwnFolder: true }, context)
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
