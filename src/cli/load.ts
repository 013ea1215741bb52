import { randomBytes } from 'node:crypto'
import { CallAgent } from '../load/call-agent.js'
import { writeCallEvidence } from '../load/call-evidence.js'
import { ensureK6, K6MissingError, type K6Program } from '../load/k6-program.js'
import { K6_THRESHOLDS_CROSSED, type K6End, startK6 } from '../load/k6-run.js'
import { countOf, reconcile, thresholdsOf } from '../load/reconciliation.js'
import { loadFindings } from '../load/load-findings.js'
import { standingFindings, togetherWith } from '../load/standing-findings.js'
import { problemsOf } from '../load/validity.js'
import type { LoadResult, RunResult } from '../result/result.js'
import { FAMILIES, type Target, TRANSPORTS } from '../scenario/target.js'
import { isLoopbackHost } from '../target/ip-address.js'
import type { LoadOrder, RunEnd } from './orders.js'
import { tellEnd } from './conformance.js'
import { type CliContext, starterOf } from './context.js'
import { UnreachableError, UsageError } from './errors.js'
import { LoadProgress } from './load-progress.js'
import { targetUnderTest } from '../worlds/target-under-test.js'
import { type Probe, probe } from './reachability.js'
import { resultOf } from './result-of.js'
import { makeRunFolder, pointLatestAt } from './run-folder.js'
import { type SocketStages, socketStages } from '../worlds/socket-stages.js'
import { storageTrouble } from '../evidence/storage-trouble.js'
import { writeReportOrTell } from './storage.js'
import type { TargetUnderTest } from '../worlds/target-under-test.js'

/** What came of a load. */
export interface LoadOutcome {
  readonly load: LoadResult | undefined
  readonly probes: Probe[]
  readonly k6: string | undefined
  /** Why nothing was loaded, in a sentence; undefined where it was. */
  readonly unreachable: string | undefined
  readonly notRun: RunResult['notRun']
  /** What the standing checks noticed. */
  readonly findings: RunResult['findings']
}

/** Carries out a load: finds or starts the target, starts call agents and k6, writes the report. */
export async function performLoad(order: LoadOrder, context: CliContext): Promise<RunEnd> {
  const startedAt = Date.now()
  if (order.target !== undefined) assertWithinLimits(order, order.target.document.limits)
  const under = await targetUnderTest(order, starterOf(context))
  try {
    assertWithinLimits(order, under.document.limits)
    const folder = makeRunFolder({ target: under.document.name, startedAt, out: order.out })
    const outcome = await loadOn(under, order, folder, context)
    const { load, probes, unreachable, notRun, k6, findings } = outcome
    const story = resultOf({
      command: 'load',
      seed: 0,
      clock: 'wall',
      document: under.document,
      file: under.file,
      faults: order.faults ?? [],
      startedAt,
      endedAt: Date.now(),
      outcome: { scenarios: [], notRun, findings, noise: [], interrupted: false },
      load,
      probes,
      repeat: repeatOf(order),
      k6,
      facts: {
        interruptedBy: context.interruption.received,
        unreachable: unreachable !== undefined,
        notRun: notRun.length > 0,
      },
      sentence: unreachable ?? notRun[0]?.why,
    })
    const result = await writeReportOrTell(folder, story, context)
    if (order.out === undefined) pointLatestAt(folder)
    tellEnd(context, result, folder)
    return { result, folder }
  } finally {
    await under.stop()
  }
}

/**
 * Loads a target that is there. Calls that are up when it is interrupted are hung up, bindings are removed, and what is
 * known by then is told.
 */
export async function loadOn(
  under: TargetUnderTest,
  order: LoadOrder,
  folder: string,
  context: CliContext,
): Promise<LoadOutcome> {
  const { document } = under
  const { signal } = context.interruption
  const missing = await k6For(context)
  if ('why' in missing) return { ...NOTHING, notRun: [loadNotRun(order, missing.why)] }

  const stage = await socketStages(document)
  try {
    const { target } = stage.world
    if (order.target !== undefined) assertMayLoad(target, order.allowLoad)
    const probes = await probe(stage.world)
    if (!probes.some((one) => one.trouble === undefined)) {
      const told = [...probes.map((one) => `${one.where}: ${one.trouble}`), ...target.unresolved]
      const unreachable = `${document.name} does not answer: ${told.join('; ') || 'no endpoint of it is reachable from here'}. Check the target file's endpoints, and that this machine may reach them.`
      context.tell(new UnreachableError(unreachable).message)
      return { ...NOTHING, probes, unreachable }
    }
    if (signal.aborted) return { ...NOTHING, probes }
    const token = randomBytes(24).toString('base64url')
    const agent = await startAgent(target, stage, token, signal)
    if (agent === undefined) return { ...NOTHING, probes }
    try {
      const { registered, troubles } = agent.readiness
      context.tell(
        `${registered} ${registered === 1 ? 'account' : 'accounts'} registered; ${agent.workers} ${agent.workers === 1 ? 'thread calls' : 'threads call'}; profile ${order.profile.name}: ${order.profile.title}`,
      )
      for (const trouble of troubles.slice(0, 5)) context.tell(trouble)
      const nobody = nobodyToCall(document, registered, troubles)
      if (nobody !== undefined) return { ...NOTHING, probes, k6: missing.version, notRun: [loadNotRun(order, nobody)] }

      const end = await runK6({ agent, k6: missing, token, order, document, context })
      const load = await resultOfLoad({ agent, end, order, folder, program: missing, interrupted: signal.aborted })
      const standing = standingFindings(await agent.notes(), order.profile.name, load.valid)
      const findings = togetherWith(standing, loadFindings(load, signal.aborted))
      return { load, probes, k6: missing.version, unreachable: undefined, notRun: [], findings }
    } finally {
      await agent.stop()
    }
  } finally {
    stage.close()
  }
}

/** Undefined where it was interrupted before it had begun. */
async function startAgent(
  target: Target,
  { world }: SocketStages,
  token: string,
  signal: AbortSignal,
): Promise<CallAgent | undefined> {
  try {
    const agent = await CallAgent.start({ target, address: (family) => world.address(family), token, port: 0, signal })
    if (!signal.aborted) return agent
    await agent.stop()
    return undefined
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}

const NOTHING: LoadOutcome = {
  load: undefined,
  probes: [],
  k6: undefined,
  unreachable: undefined,
  notRun: [],
  findings: [],
}

function loadNotRun({ profile }: LoadOrder, why: string): LoadOutcome['notRun'][number] {
  return { id: `load/${profile.name}`, kind: 'load', why, title: profile.title }
}

/** Why no call can be made at all, in a sentence; k6 would order calls in vain until its time is over. */
export function nobodyToCall(
  { accounts, services }: TargetUnderTest['document'],
  registered: number,
  troubles: readonly string[],
): string | undefined {
  const why = troubles[0] === undefined ? '' : `: ${troubles[0]}`
  if (registered === 0) return `No calls were made: none of the ${accounts.length} accounts could register${why}.`
  if (registered > 1 || services.echo !== undefined) return undefined
  return `No calls were made: there is nobody to call. Name services.echo in the target file, or two accounts that register (${registered} of ${accounts.length} did${why}).`
}

/** @throws UsageError where a target elsewhere was not named */
export function assertMayLoad(target: Target, allowLoad: string | undefined): void {
  if (allowLoad === target.name) return
  const elsewhere = TRANSPORTS.flatMap((transport) =>
    FAMILIES.flatMap((family) => target.hop({ transport, family })?.remote.address ?? []),
  ).filter((address) => !isLoopbackHost(address))
  if (elsewhere.length === 0) return
  throw new UsageError(
    `${target.name} is not on this machine (${elsewhere[0]}): a load may disturb others. If its operator agrees, repeat its name: --allow-load ${target.name}`,
  )
}

function assertWithinLimits({ calls, rate }: LoadOrder, limits: TargetUnderTest['document']['limits']): void {
  if (calls !== undefined && calls > limits.concurrentCalls) {
    throw new UsageError(
      `--calls ${calls} is more than the ${limits.concurrentCalls} calls at a time that the target allows (limits.concurrentCalls).`,
    )
  }
  if (rate !== undefined && rate > limits.callsPerSecond) {
    throw new UsageError(
      `--rate ${rate} is more than the ${limits.callsPerSecond} calls a second that the target allows (limits.callsPerSecond).`,
    )
  }
}

async function k6For(context: CliContext): Promise<K6Program | { why: string }> {
  try {
    return await ensureK6({
      env: { ...context.env },
      progress: (line) => context.tell(line),
      signal: context.interruption.signal,
    })
  } catch (error) {
    if (error instanceof K6MissingError) return { why: error.message }
    throw error
  }
}

interface Running {
  readonly agent: CallAgent
  readonly k6: K6Program
  readonly token: string
  readonly order: LoadOrder
  readonly document: TargetUnderTest['document']
  readonly context: CliContext
}

async function runK6({ agent, k6, token, order, document, context }: Running): Promise<K6End> {
  const { signal } = context.interruption
  const { calls, rate, hold, duration, profile } = order
  const progress = new LoadProgress(context, agent)
  const run = startK6({
    program: k6,
    script: profile.file,
    agentUrl: agent.url,
    token,
    limits: document.limits,
    calls,
    rate,
    hold,
    duration,
    env: context.env,
  })
  const stop = () => run.stop()
  signal.addEventListener('abort', stop, { once: true })
  // Between the last look and this one it may have come.
  if (signal.aborted) stop()
  try {
    return await run.ended
  } finally {
    signal.removeEventListener('abort', stop)
    progress.stop()
  }
}

/** Calls that are still up when k6 is gone have lost their client: the agent hangs them up, which takes a moment. */
const LAST_CALLS_MS = 8_000

interface Done {
  readonly agent: CallAgent
  readonly end: K6End
  readonly order: LoadOrder
  readonly folder: string
  readonly program: K6Program
  readonly interrupted: boolean
}

async function resultOfLoad({ agent, end, order, folder, program, interrupted }: Done): Promise<LoadResult> {
  agent.drain()
  await agent.idle(LAST_CALLS_MS)
  const { tally } = agent
  const evidence = new Map<string, readonly string[]>()
  for (const capture of await agent.captures(tally.remarkable)) {
    if (capture.packets.length === 0) continue
    try {
      evidence.set(capture.id, [writeCallEvidence(folder, capture)])
    } catch (error) {
      // What was counted stands without its packets; that the disk is full is told with the report.
      if (storageTrouble(error) === undefined) throw error
    }
  }
  const cpuPercent = agent.cpuPercent
  // What the last calls did is not in any full second yet.
  agent.closeSecond()
  const brokenOff = interrupted ? undefined : brokenOffBy(end)
  const { summary } = end
  const plan = summary?.plan
  const began = plan === undefined || interrupted ? undefined : tally.rateOfFirst(plan.calls)
  const facts = {
    ...tally.generatorFacts(brokenOff),
    ...(plan === undefined || began === undefined ? {} : { pace: { ordered: plan.rate, began, calls: plan.calls } }),
  }
  const problems = problemsOf(facts)
  const known = summary?.order
  return {
    profile: order.profile.name,
    valid: problems.length === 0,
    generator: {
      sendLatenessP99Ms: facts.sendLatenessP99Ms ?? 0,
      eventLoopLagP99Ms: Math.round(facts.eventLoopLagP99Ms * 1000) / 1000,
      problems,
      cpuPercent,
      socketDrops: facts.socketDrops,
      workers: agent.workers,
    },
    ...tally.result(agent.load.peak, evidence),
    ...(summary === undefined ? {} : { thresholds: thresholdsOf(summary) }),
    // Interrupted iterations have lost their counts; then there is nothing to be compared.
    ...(summary === undefined || interrupted ? {} : { reconciliation: reconcile(summary, tally.counts) }),
    k6: {
      version: program.version,
      exitCode: end.code ?? -1,
      ...(summary === undefined
        ? {}
        : { iterations: countOf(summary, 'iterations'), droppedIterations: countOf(summary, 'dropped_iterations') }),
    },
    order: {
      ...given('calls', plan?.calls ?? order.calls),
      ...given('holdS', plan?.hold ?? order.hold),
      ...given('rate', plan?.rate ?? order.rate),
      ...given('durationS', order.duration),
      ...(known === undefined ? {} : { to: known.to, srtp: known.media?.srtp ?? false }),
      ...(known?.media?.codec === undefined ? {} : { codec: known.media.codec }),
      ...(known?.transport === undefined ? {} : { transport: known.transport }),
    },
  }
}

function given<K extends string>(name: K, value: number | undefined): { [P in K]?: number } {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a computed key is not typed by the compiler
  return (value === undefined ? {} : { [name]: value }) as { [P in K]?: number }
}

/** Why what was ordered was not carried through; undefined where k6 came to its end, with or without crossed thresholds. */
function brokenOffBy({ code, signal, summary, said }: K6End): string | undefined {
  if ((code === 0 || code === K6_THRESHOLDS_CROSSED) && summary !== undefined) return undefined
  const last = said.split('\n').at(-1) ?? ''
  const how =
    signal === undefined
      ? code === undefined
        ? 'could not be started'
        : `ended with ${code}`
      : `was ended by ${signal}`
  return `k6 ${how}${last === '' ? '' : ` (${last.slice(0, 300)})`}: what was ordered was not carried through`
}

function repeatOf({ target, profile, calls, rate, hold, duration, allowLoad, faults = [] }: LoadOrder): string {
  return [
    'npx ringproof load',
    ...(target === undefined ? [] : [`--target ${target.file}`]),
    `--profile ${profile.name}`,
    ...faults.map((fault) => `--fault ${fault}`),
    ...(calls === undefined ? [] : [`--calls ${calls}`]),
    ...(rate === undefined ? [] : [`--rate ${rate}`]),
    ...(hold === undefined ? [] : [`--hold ${hold}`]),
    ...(duration === undefined ? [] : [`--duration ${duration}s`]),
    ...(allowLoad === undefined ? [] : [`--allow-load ${allowLoad}`]),
  ].join(' ')
}
