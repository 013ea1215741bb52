/** The command `run`. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { unixNow } from '../clock/wall-clock.js'
import { evidenceWriter } from '../evidence/evidence-file.js'
import type { SelectionRecord } from '../result/baseline.js'
import type { RunOptions } from '../runner/run.js'
import { onThreads } from '../runner/threads.js'
import { type SurveyedRun, surveyedRun } from '../survey/surveyed-run.js'
import { packageFolder } from '../worlds/package-folder.js'
import { stagesDisturbing } from '../worlds/stages.js'
import { socketStages } from '../worlds/socket-stages.js'
import { type TargetUnderTest, targetUnderTest } from '../worlds/target-under-test.js'
import { virtualStages } from '../worlds/virtual-stages.js'
import { claimAccounts } from './accounts-in-use.js'
import { type CliContext, starterOf } from './context.js'
import { finish } from './finish.js'
import { collectorOf } from './hep.js'
import type { ConformanceOrder, RunEnd } from './orders.js'
import { assertDescriptors } from './machine-limits.js'
import { Progress, tellSurvey } from './progress.js'
import { repeatOne, repeatRun } from './repeat.js'
import type { RunStory } from './result-of.js'
import { makeRunFolder } from './run-folder.js'

const KEEPS_TLS =
  '--keep-tls: evidence/*.tls.pcapng hold the keys of all TLS connections of this run, and nothing in them is masked. Whoever has them can read and replay what went over these connections: delete them when they have served.'

/** Carries out a conformance run: finds or starts the target, surveys it, runs the scenarios, writes the report. */
export async function performConformance(order: ConformanceOrder, context: CliContext): Promise<RunEnd> {
  const startedAt = unixNow()
  if (order.clock === 'virtual') {
    const behind = { ...order, line: order.network?.line }
    const { stages, document } = await virtualStages(behind)
    const folder = makeRunFolder({ target: document.name, startedAt, out: order.out })
    const perform = onThreads(behind, folder)
    const run = await conformanceOn({ document, stages, perform }, order, folder, context)
    return end({ order, context, folder, startedAt, document, file: 'embedded', run })
  }
  assertDescriptors()
  const under = await targetUnderTest(order, starterOf(context))
  const { document, file } = under
  if (order.warning !== undefined) context.complain(order.warning)
  if (order.keepTls === true) context.complain(KEEPS_TLS)
  const release = claimAccounts(document, context)
  try {
    const folder = makeRunFolder({ target: document.name, startedAt, out: order.out })
    const run = await conformanceOnSockets(under, order, folder, context)
    return await end({ order, context, folder, startedAt, document, file, run })
  } finally {
    release()
    await under.stop()
  }
}

/** Runs the scenarios on sockets. */
export async function conformanceOnSockets(
  { document, ...can }: Pick<TargetUnderTest, 'document' | 'restart' | 'losesServer'>,
  order: ConformanceOrder,
  folder: string,
  context: CliContext,
): Promise<SurveyedRun> {
  const hep = await collectorOf(order.hep, context)
  const stage = await socketStages(document, order.network?.line, { stranger: order.stranger }, hep, order.keepTls)
  const { startMs } = stage
  const stages = stagesDisturbing(stage.stages, can)
  try {
    return await conformanceOn({ document, stages, startMs }, order, folder, context)
  } finally {
    stage.close()
  }
}

function conformanceOn(
  where: Pick<RunOptions, 'document' | 'stages' | 'perform' | 'startMs'>,
  order: ConformanceOrder,
  folder: string,
  context: CliContext,
): Promise<SurveyedRun> {
  const detected = readDetection()
  const options: RunOptions = {
    ...where,
    scenarios: order.scenarios,
    selection: order.selection,
    signal: context.interruption.signal,
    reporter: new Progress(context, { known: order.deviations }),
    writeEvidence: evidenceWriter(folder),
    deviations: order.deviations,
    repeat: (entry) => repeatOne(order, entry),
    catches: (id) => detected[id] ?? [],
  }
  return surveyedRun(options, (result) => tellSurvey(context, result))
}

/** Which planted faults each scenario is known to catch, as the detection matrix found. */
function readDetection(): Readonly<Record<string, readonly string[]>> {
  const path = join(packageFolder, 'dist', 'detection.json')
  if (!existsSync(path)) return {}
  const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'))
  return isDetection(parsed) ? parsed : {}
}

function isDetection(value: unknown): value is Record<string, readonly string[]> {
  return typeof value === 'object' && value !== null && Object.values(value).every(Array.isArray)
}

interface Ended {
  readonly order: ConformanceOrder
  readonly context: CliContext
  readonly folder: string
  readonly startedAt: number
  readonly document: RunOptions['document']
  readonly file: string
  readonly run: SurveyedRun
}

function end({ order, context, folder, startedAt, document, file, run }: Ended): Promise<RunEnd> {
  const { outcome, survey, unreachable, gone, worstLagMs } = run
  const story: RunStory = {
    command: 'run',
    seed: order.seed,
    clock: order.clock,
    document,
    file,
    faults: order.faults,
    network: order.network?.text,
    startedAt,
    endedAt: unixNow(),
    outcome,
    survey,
    worstLagMs,
    repeat: repeatRun(order),
    selection: selectionOf(order),
    baseline: order.baseline,
    onlyRegressions: order.onlyRegressions,
    facts: {
      interruptedBy: context.interruption.received,
      unreachable,
      gone,
      failOn: order.failOn,
      known: order.deviations,
      incomplete: outcome.scenarios.length === 0 || lacksCaptures(run, folder, context),
    },
  }
  return finish(story, { folder, isOwnFolder: order.out !== undefined }, context)
}

/** Which tests were chosen, as `result.json` tells it. */
export function selectionOf({ selection, shard, own }: ConformanceOrder): SelectionRecord {
  const { only, ...rest } = selection
  return {
    ...rest,
    ...(only === undefined ? {} : { only: [...only] }),
    ...(shard === undefined ? {} : { shard: `${shard.index}/${shard.of}` }),
    ...(own.length === 0 ? {} : { own: own.map(({ shown }) => shown) }),
  }
}

/** Whether there are captures that could not be written: the user is told then. */
function lacksCaptures({ outcome }: SurveyedRun, folder: string, context: CliContext): boolean {
  const bare = outcome.scenarios.filter(({ verdict, evidence }) => verdict !== 'unsupported' && evidence.length === 0)
  if (bare.length > 0) context.complain(`${bare.length} captures could not be written to ${folder}: is the disk full?`)
  return bare.length > 0
}
