/** The command `start`. */
import { unixNow } from '../clock/wall-clock.js'
import { loadProfiles } from '../load/profiles.js'
import type { LoadOutcome } from '../survey/surveyed-load.js'
import type { Survey } from '../survey/survey.js'
import { type TargetUnderTest, targetUnderTest } from '../worlds/target-under-test.js'
import { conformanceOnSockets, selectionOf } from './conformance.js'
import { type CliContext, starterOf } from './context.js'
import { finish } from './finish.js'
import { loadOn } from './load.js'
import type { RunEnd, StartOrder } from './orders.js'
import { assertDescriptors } from './machine-limits.js'
import { repeatStart } from './repeat.js'
import type { RunStory } from './result-of.js'
import { makeRunFolder } from './run-folder.js'

/** Seconds that a call is held: long enough to see all of them up at once, short enough to be waited for. */
const HOLD_S = 10
const PROFILE = 'load'

/** Runs conformance and a short load against one embedded provider and writes both into one report. */
export async function performStart(order: StartOrder, context: CliContext): Promise<RunEnd> {
  const startedAt = unixNow()
  const { out, conformance, failOn, network, hep } = order
  const { faults } = conformance
  assertDescriptors()
  const under = await targetUnderTest({ faults }, starterOf(context))
  const { document, file } = under
  try {
    const folder = makeRunFolder({ target: document.name, startedAt, out })
    const run = await conformanceOnSockets(under, conformance, folder, context)
    const { outcome, survey, unreachable, gone, worstLagMs } = run
    // After the scenarios, which measure times that a load would disturb.
    const { load, k6, notRun, notes } = await shortLoad(under, { folder, network, hep }, context, survey)
    const story: RunStory = {
      command: 'start',
      seed: conformance.seed,
      clock: 'wall',
      document,
      file,
      faults,
      network: network?.text,
      startedAt,
      endedAt: unixNow(),
      outcome: { ...outcome, notRun: [...outcome.notRun, ...notRun], notes: [...outcome.notes, ...notes] },
      load,
      survey,
      worstLagMs,
      repeat: repeatStart(order),
      selection: selectionOf(conformance),
      baseline: order.baseline,
      onlyRegressions: order.onlyRegressions,
      k6,
      facts: {
        interruptedBy: context.interruption.received,
        unreachable,
        gone,
        failOn,
        known: conformance.deviations,
        incomplete: notRun.length > 0 || outcome.scenarios.length === 0,
      },
    }
    for (const { why } of notRun) context.complain(`Load not run: ${why}`)
    return await finish(story, { folder, isOwnFolder: out !== undefined }, context)
  } finally {
    await under.stop()
  }
}

async function shortLoad(
  under: TargetUnderTest,
  { folder, ...asked }: Pick<StartOrder, 'network' | 'hep'> & { readonly folder: string },
  context: CliContext,
  survey: Survey | undefined,
): Promise<LoadOutcome> {
  const { signal } = context.interruption
  const nothing: LoadOutcome = { notRun: [], notes: [] }
  if (signal.aborted) return nothing
  const profile = loadProfiles().find((one) => one.name === PROFILE)
  if (profile === undefined) throw new Error(`there is no load profile ${PROFILE}`)
  try {
    return await loadOn(under.document, { profile, hold: HOLD_S, ...asked }, folder, context, {
      known: survey,
      coreTimes: under.coreTimes,
    })
  } catch (error) {
    // An interruption while k6 is being built: what is known by then is told.
    if (signal.aborted) return nothing
    throw error
  }
}
