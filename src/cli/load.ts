/** The command `load`. */
import { unixNow } from '../clock/wall-clock.js'
import { evidenceWriter } from '../evidence/evidence-file.js'
import { troubleWithScript } from '../load/k6-check.js'
import { unheardOptions } from '../load/own-profile.js'
import { findK6 } from '../load/k6-program.js'
import { documentOfPart } from '../load/parts.js'
import { assertWithinLimits } from '../load/may-load.js'
import { type LoadOutcome, surveyedLoad } from '../survey/surveyed-load.js'
import type { Survey } from '../survey/survey.js'
import type { TargetDocument } from '../target/target-file.js'
import { type TargetUnderTest, targetUnderTest } from '../worlds/target-under-test.js'
import { claimAccounts } from './accounts-in-use.js'
import { type CliContext, starterOf } from './context.js'
import { UsageError } from './errors.js'
import { finish } from './finish.js'
import { collectorOf } from './hep.js'
import { loadReporter } from './load-progress.js'
import { assertDescriptors } from './machine-limits.js'
import type { LoadOrder, RunEnd } from './orders.js'
import { repeatLoad } from './repeat.js'
import type { RunStory } from './result-of.js'
import { makeRunFolder } from './run-folder.js'

/** Accounts of the embedded provider under load: each scenario that runs has some of its own. */
const LOAD_ACCOUNTS = 1_200

/** @param wanted that are to be registered: those for scenarios come on top */
export const accountsOfEmbedded = (wanted = 0): number => LOAD_ACCOUNTS + wanted

/** Carries out a load: finds or starts the target, starts call agents and k6, writes the report. */
export async function performLoad(order: LoadOrder, context: CliContext): Promise<RunEnd> {
  const startedAt = unixNow()
  if (order.target !== undefined) assertWithinLimits(order, order.target.document.limits)
  assertDescriptors()
  await assertScript(order, context)
  const under = await targetUnderTest({ ...order, accounts: accountsOfEmbedded(order.accounts) }, starterOf(context))
  const { document, file } = under
  let release: (() => void) | undefined
  try {
    assertWithinLimits(order, document.limits)
    release = claimAccounts(documentOfPart(document, order.part), context)
    const folder = makeRunFolder({ target: document.name, startedAt, out: order.out })
    const { load, survey, unreachable, notRun, k6, notes } = await loadOn(document, order, folder, context, under)
    const story: RunStory = {
      command: 'load',
      seed: 0,
      clock: 'wall',
      document,
      file,
      faults: order.faults ?? [],
      network: order.network?.text,
      startedAt,
      endedAt: unixNow(),
      outcome: { scenarios: [], notRun: [...notRun], notes: [...notes], noise: [], interrupted: false },
      load,
      survey,
      repeat: repeatLoad(order),
      baseline: order.baseline,
      onlyRegressions: order.onlyRegressions,
      k6,
      facts: {
        interruptedBy: context.interruption.received,
        unreachable,
        failOn: order.failOn,
        known: order.deviations,
        incomplete: notRun.length > 0,
      },
    }
    return await finish(story, { folder, isOwnFolder: order.out !== undefined }, context)
  } finally {
    release?.()
    await under.stop()
  }
}

/**
 * That k6 would run a script of the user's own: a mistake in it is told before anything is started. Where k6 is yet to be built, the
 * load itself tells.
 * @throws UsageError
 */
async function assertScript(order: LoadOrder, context: CliContext): Promise<void> {
  const { env } = context
  const { profile, k6Args: args, target, ...shape } = order
  for (const sentence of unheardOptions(order)) context.complain(sentence)
  if (profile.own !== true) return
  const program = await findK6({ env: { ...env } })
  if (program === undefined) return
  const { limits, load } = target?.document ?? {}
  const trouble = await troubleWithScript({
    ...shape,
    program,
    script: profile.script,
    args,
    env,
    limits,
    thresholds: load?.thresholds,
    signal: context.interruption.signal,
  })
  if (trouble !== undefined) throw new UsageError(`k6 cannot run the load profile ${profile.file}: ${trouble}`)
}

/** @param known what a survey before found; `coreTimes` of a target on this machine */
export async function loadOn(
  document: TargetDocument,
  order: LoadOrder,
  folder: string,
  context: CliContext,
  { known, coreTimes }: { readonly known?: Survey | undefined } & Pick<TargetUnderTest, 'coreTimes'>,
): Promise<LoadOutcome> {
  const { profile, calls, rate, hold, duration, to, transports, families, audio, accounts, local, k6Args, part } = order
  return surveyedLoad({
    document,
    line: order.network?.line,
    hep: await collectorOf(order.hep, context),
    shape: { profile, calls, rate, hold, duration, to, transports, families, audio, accounts, local, k6Args, part },
    permission: order.target === undefined ? 'own' : { name: order.allowLoad },
    folder,
    env: context.env,
    signal: context.interruption.signal,
    known,
    coreTimes,
    deviations: order.deviations,
    own: order.own,
    writeEvidence: evidenceWriter(folder),
    reporter: loadReporter(context, profile),
  })
}
