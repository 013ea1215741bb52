import { randomBytes } from 'node:crypto'
import { CallAgent } from '../load/call-agent.js'
import { ensureK6, K6MissingError, type K6Program } from '../load/k6-program.js'
import { type LoadShape, resultOfLoad, runK6 } from '../load/load-run.js'
import { assertMayCall, assertMayLoad, assertWithinLimits, nobodyToCall } from '../load/may-load.js'
import type { LoadResult, RunResult } from '../result/result.js'
import type { Target } from '../scenario/target.js'
import type { LoadOrder, RunEnd } from './orders.js'
import type { SeenNote } from '../verdict/facts.js'
import { placeOfLoad } from '../verdict/place.js'
import { type CliContext, starterOf } from './context.js'
import { finish } from './finish.js'
import { LoadProgress } from './load-progress.js'
import { targetUnderTest } from '../worlds/target-under-test.js'
import { signOfService } from '../runner/blocking.js'
import { needsOfLoad } from '../survey/survey-needs.js'
import type { TargetDocument } from '../target/target-file.js'
import { causeOfVitalSign } from '../verdict/vital-signs.js'
import { Look } from './look.js'
import type { Survey } from '../survey/survey.js'
import type { RunStory } from './result-of.js'
import { makeRunFolder } from './run-folder.js'
import { type SocketStages, socketStages } from '../worlds/socket-stages.js'
import type { TargetUnderTest } from '../worlds/target-under-test.js'

/** What came of a load. */
export interface LoadOutcome {
  readonly load: LoadResult | undefined
  readonly survey: Survey | undefined
  readonly k6: string | undefined
  /** Why nothing was loaded, in a sentence; undefined where it was. */
  readonly unreachable: string | undefined
  readonly notRun: RunResult['notRun']
  /** What the standing checks noticed. */
  readonly notes: SeenNote[]
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
    const { load, survey, unreachable, notRun, k6, notes } = outcome
    const story: RunStory = {
      command: 'load',
      seed: 0,
      clock: 'wall',
      document: under.document,
      file: under.file,
      faults: order.faults ?? [],
      startedAt,
      endedAt: Date.now(),
      outcome: { scenarios: [], notRun, notes, noise: [], interrupted: false },
      load,
      survey,
      repeat: repeatOf(order),
      k6,
      facts: {
        interruptedBy: context.interruption.received,
        unreachable,
        failOn: order.failOn,
        incomplete: notRun.length > 0,
      },
    }
    return await finish(story, { folder, isOwnFolder: order.out !== undefined }, context)
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
  known?: Survey,
): Promise<LoadOutcome> {
  const { document } = under
  const { signal } = context.interruption
  const missing = await k6For(context)
  if ('why' in missing) return { ...NOTHING, notRun: [loadNotRun(order, missing.why)] }

  const stage = await socketStages(document)
  try {
    const { target } = stage.world
    if (order.target !== undefined) assertMayLoad(target, order.allowLoad)
    if (order.to !== undefined) assertMayCall(order.to, target)
    const survey = known ?? (await look(stage, order, folder, context))
    const { unreachable } = survey
    if (unreachable !== undefined) return { ...NOTHING, survey, unreachable }
    const blocked = blockedLoad(order, document, survey)
    if (blocked) return { ...NOTHING, survey, notRun: [blocked] }
    if (signal.aborted) return { ...NOTHING, survey }
    const token = randomBytes(24).toString('base64url')
    const agent = await startAgent(target, stage, token, signal)
    if (agent === undefined) return { ...NOTHING, survey }
    try {
      const { registered, troubles } = agent.readiness
      context.tell(
        `${registered} ${registered === 1 ? 'account' : 'accounts'} registered, ${agent.workers} worker ${agent.workers === 1 ? 'thread' : 'threads'}, profile ${order.profile.name}: ${order.profile.title}`,
      )
      for (const trouble of troubles.slice(0, 5)) context.tell(trouble)
      const nobody = nobodyToCall(document, registered, troubles)
      if (nobody !== undefined) return { ...NOTHING, survey, k6: missing.version, notRun: [loadNotRun(order, nobody)] }

      const run = { agent, program: missing, shape: shapeOf(order) }
      const progress = new LoadProgress(context, agent)
      const ended = runK6({ ...run, token, limits: document.limits, env: context.env, signal })
      const end = await ended.finally(() => progress.stop())
      const load = await resultOfLoad({ ...run, end, folder, interrupted: signal.aborted })
      const place = placeOfLoad(order.profile.name)
      const notes = (await agent.notes()).map((note) => ({ note, place, evidence: [] }))
      return { load, survey, k6: missing.version, unreachable: undefined, notRun: [], notes }
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
  survey: undefined,
  k6: undefined,
  unreachable: undefined,
  notRun: [],
  notes: [],
}

function loadNotRun({ profile }: LoadOrder, why: string): LoadOutcome['notRun'][number] {
  return { id: `load/${profile.name}`, kind: 'load', why, title: profile.title }
}

/** The look at the target with which a load begins, as far as the load rests on it. */
async function look(
  { world, startMs }: SocketStages,
  order: LoadOrder,
  folder: string,
  context: CliContext,
): Promise<Survey> {
  const needs = needsOfLoad(world.target.document, calledBy(order, world.target.document))
  const begun = new Look({ context, folder, startMs, on: (story) => story(world), needs: () => needs })
  return begun.look([], undefined)
}

function calledBy({ to }: LoadOrder, { services }: TargetDocument): 'echo' | 'account' {
  return to === 'account' || (to === undefined && services.echo === undefined) ? 'account' : 'echo'
}

/** The load as not run, where a vital sign that it rests on is missing: its calls would all fail for that reason. */
function blockedLoad(
  order: LoadOrder,
  document: TargetDocument,
  { result, accounts }: Survey,
): LoadOutcome['notRun'][number] | undefined {
  const missing = result.vitalSigns.filter(({ code }) => code !== undefined)
  const calls = calledBy(order, document)
  const nobody = accounts?.length === 0 ? missing[0] : undefined
  const called =
    calls === 'echo' && order.to === undefined ? missing.find(({ id }) => id === signOfService('echo')) : undefined
  const sign = nobody ?? called
  if (sign === undefined) return undefined
  return {
    ...loadNotRun(order, `blocked by: ${sign.reason}`),
    kind: 'blocked',
    blockedBy: causeOfVitalSign(sign),
  }
}

async function k6For(context: CliContext): Promise<K6Program | { why: string }> {
  try {
    return await ensureK6({
      env: { ...context.env },
      progress: (line) => (context.terminal ? context.status(line) : context.tell(line)),
      signal: context.interruption.signal,
    })
  } catch (error) {
    if (error instanceof K6MissingError) return { why: error.message }
    throw error
  } finally {
    context.status('')
  }
}

function shapeOf({ profile, calls, rate, hold, duration, to }: LoadOrder): LoadShape {
  return { profile, calls, rate, hold, duration, to }
}

function repeatOf(order: LoadOrder): string {
  const { target, profile, calls, rate, hold, duration, to, allowLoad, faults = [], failOn } = order
  return [
    'npx ringproof load',
    ...(target === undefined ? [] : [`--target ${target.file}`]),
    `--profile ${profile.name}`,
    ...faults.map((fault) => `--fault ${fault}`),
    ...(calls === undefined ? [] : [`--calls ${calls}`]),
    ...(rate === undefined ? [] : [`--rate ${rate}`]),
    ...(hold === undefined ? [] : [`--hold ${hold}`]),
    ...(duration === undefined ? [] : [`--duration ${duration}s`]),
    ...(to === undefined ? [] : [`--to ${to}`]),
    ...(failOn === 'harm' ? ['--fail-on harm'] : []),
    ...(allowLoad === undefined ? [] : [`--allow-load ${allowLoad}`]),
  ].join(' ')
}
