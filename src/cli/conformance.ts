import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PlanEntry } from '../runner/plan.js'
import { type ConformanceOutcome, runConformance, type RunOptions } from '../runner/run.js'
import type { ConformanceOrder, RunEnd } from './orders.js'
import { type CliContext, starterOf } from './context.js'
import { writeEvidence } from '../evidence/evidence-file.js'
import { finish } from './finish.js'
import { Progress } from './progress.js'
import { packageFolder } from '../worlds/package-folder.js'
import { type Survey, stillAnswers } from '../survey/survey.js'
import { Look } from './look.js'
import type { RunStory } from './result-of.js'
import { makeRunFolder } from './run-folder.js'
import { socketStages } from '../worlds/socket-stages.js'
import { type TargetUnderTest, targetUnderTest } from '../worlds/target-under-test.js'
import { virtualStages } from '../worlds/virtual-stages.js'
import { onThreads } from '../runner/threads.js'

/** Carries out a conformance run: finds or starts the target, gets to know it, runs the scenarios, writes the report. */
export async function performConformance(order: ConformanceOrder, context: CliContext): Promise<RunEnd> {
  const startedAt = Date.now()
  if (order.clock === 'virtual') {
    const { stages, document } = await virtualStages(order)
    const folder = makeRunFolder({ target: document.name, startedAt, out: order.out })
    const options = optionsFor(order, { document, stages, folder, context })
    const begun = new Look({ context, folder, startMs: 0, on: (story) => stages.on('survey', story) })
    const outcome = await runConformance({ ...options, look: begun.look, perform: onThreads(order, folder) })
    const { survey } = begun
    return end({ order, context, folder, startedAt, document, file: 'embedded', outcome, survey })
  }
  const under = await targetUnderTest(order, starterOf(context))
  try {
    const folder = makeRunFolder({ target: under.document.name, startedAt, out: order.out })
    const { outcome, survey, ...silence } = await conformanceOn(under, order, folder, context)
    return await end({
      order,
      context,
      folder,
      startedAt,
      document: under.document,
      file: under.file,
      outcome,
      survey,
      silence,
    })
  } finally {
    await under.stop()
  }
}

/** Why nothing more could be learned from the target, in a sentence. */
export interface Silence {
  /** It never answered. */
  readonly unreachable?: string | undefined
  /** It stopped answering. */
  readonly gone?: string | undefined
}

/** Runs the scenarios on sockets against a target that is there. */
export async function conformanceOn(
  under: TargetUnderTest,
  order: ConformanceOrder,
  folder: string,
  context: CliContext,
): Promise<{ outcome: ConformanceOutcome; survey: Survey | undefined } & Silence> {
  const { document } = under
  const stage = await socketStages(document)
  const { world, startMs } = stage
  try {
    const options = optionsFor(order, { document, stages: stage.stages, folder, context })
    const begun = new Look({ context, folder, startMs, on: (story) => story(world) })
    let silence: string | undefined
    const stillThere = async () => {
      // Asked twice: one lost question must not end a run.
      const there = (await stillAnswers({ world, startMs })) || (await stillAnswers({ world, startMs }))
      silence = there ? undefined : `${document.name} does not answer any more`
      return there
    }
    const whyLeft = () => silence
    const { look, lookAgain } = begun
    const outcome = await runConformance({ ...options, startMs, look, lookAgain, stillThere, whyLeft })
    const gone =
      silence && !context.interruption.signal.aborted
        ? `${silence}: after ${outcome.scenarios.length} scenarios the run was broken off. Look at the target's log for a crash, or for a ban of this machine's address.`
        : undefined
    return { outcome, survey: begun.survey, unreachable: begun.survey?.unreachable, gone }
  } finally {
    stage.close()
  }
}

interface Setting extends Pick<RunOptions, 'document' | 'stages'> {
  readonly folder: string
  readonly context: CliContext
}

function optionsFor(order: ConformanceOrder, { document, stages, folder, context }: Setting): RunOptions {
  const detected = readDetection()
  return {
    scenarios: order.scenarios,
    document,
    stages,
    selection: order.selection,
    signal: context.interruption.signal,
    reporter: new Progress(context, { known: order.deviations }),
    writeEvidence: (key, record) => writeEvidence(folder, key, record),
    repeat: (entry) => repeatOne(order, entry),
    catches: (id) => detected[id] ?? [],
  }
}

/** Which planted faults each scenario is known to catch, as the detection matrix found. */
function readDetection(): Readonly<Record<string, readonly string[]>> {
  const path = join(packageFolder, 'scenarios', 'detection.json')
  if (!existsSync(path)) return {}
  const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'))
  return isDetection(parsed) ? parsed : {}
}

function isDetection(value: unknown): value is Record<string, readonly string[]> {
  return typeof value === 'object' && value !== null && Object.values(value).every(Array.isArray)
}

function repeatOne(order: ConformanceOrder, { definition, variant }: PlanEntry): string {
  return [
    'npx ringproof run',
    ...sharedFlags(order),
    `--only ${definition.id}`,
    `--transport ${variant.transport}`,
    `--family ${variant.family}`,
  ].join(' ')
}

function repeatAll(order: ConformanceOrder): string {
  const { only = [], area, transport, family, slow } = order.selection
  const flags = [
    ...only.map((pattern) => `--only '${pattern}'`),
    ...(area ? [`--area ${area}`] : []),
    ...(transport ? [`--transport ${transport}`] : []),
    ...(family ? [`--family ${family}`] : []),
    ...(slow ? ['--slow'] : []),
    ...(order.shard ? [`--shard ${order.shard.index}/${order.shard.of}`] : []),
    ...(order.known === undefined ? [] : [`--known ${order.known}`]),
    ...(order.failOn === 'harm' ? ['--fail-on harm'] : []),
  ]
  return ['npx ringproof run', ...sharedFlags(order), ...flags].join(' ')
}

function sharedFlags(order: ConformanceOrder): string[] {
  return [
    ...(order.target ? [`--target ${order.target.file}`] : []),
    ...order.faults.map((fault) => `--fault ${fault}`),
    ...(order.clock === 'virtual' ? ['--clock virtual'] : []),
    `--seed ${order.seed}`,
  ]
}

interface Ended {
  readonly order: ConformanceOrder
  readonly context: CliContext
  readonly folder: string
  readonly startedAt: number
  readonly document: RunOptions['document']
  readonly file: string
  readonly outcome: ConformanceOutcome
  readonly survey: Survey | undefined
  readonly silence?: Silence
}

function end({ order, context, folder, startedAt, document, file, outcome, survey, silence }: Ended): Promise<RunEnd> {
  const story: RunStory = {
    command: 'run',
    seed: order.seed,
    clock: order.clock,
    document,
    file,
    faults: order.faults,
    startedAt,
    endedAt: Date.now(),
    outcome,
    survey,
    repeat: repeatAll(order),
    facts: {
      interruptedBy: context.interruption.received,
      ...silence,
      failOn: order.failOn,
      known: order.deviations,
      incomplete: outcome.scenarios.length === 0 || lacksCaptures(outcome, folder, context),
    },
  }
  return finish(story, { folder, isOwnFolder: order.out !== undefined }, context)
}

/** Whether there are captures that could not be written: the user is told then. */
function lacksCaptures({ scenarios }: ConformanceOutcome, folder: string, context: CliContext): boolean {
  const bare = scenarios.filter(({ verdict, evidence }) => verdict !== 'unsupported' && evidence.length === 0)
  if (bare.length > 0) context.complain(`${bare.length} captures could not be written to ${folder}: is the disk full?`)
  return bare.length > 0
}
