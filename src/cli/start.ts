import type { Survey } from '../survey/survey.js'
import type { FaultName } from '../provider/faults.js'
import { orderOf } from './commands/run.js'
import type { LoadOrder, ReportOrder, RunEnd } from './orders.js'
import { conformanceOn } from './conformance.js'
import { type CliContext, starterOf } from './context.js'
import { loadOn, type LoadOutcome } from './load.js'
import { loadProfiles } from '../load/profiles.js'
import { targetUnderTest } from '../worlds/target-under-test.js'
import { finish } from './finish.js'
import type { RunStory } from './result-of.js'
import { makeRunFolder } from './run-folder.js'

/** Seconds that a call is held: long enough to see all of them up at once, short enough to be waited for. */
const HOLD_S = 10
const PROFILE = 'load'

/** Runs conformance and a short load against one embedded provider and writes both into one report. */
export async function performStart(
  order: ReportOrder & { readonly faults: readonly FaultName[] },
  context: CliContext,
): Promise<RunEnd> {
  const startedAt = Date.now()
  const { out, faults, failOn, known } = order
  const conformance = await orderOf({ clock: 'wall', fault: [...faults], ...(known === undefined ? {} : { known }) })
  const under = await targetUnderTest({ faults }, starterOf(context))
  try {
    const { document, file } = under
    const folder = makeRunFolder({ target: document.name, startedAt, out })
    const { outcome, survey, ...silence } = await conformanceOn(under, conformance, folder, context)
    // After the scenarios, which measure times that a load would disturb.
    const loaded = await shortLoad(under, folder, context, survey)
    const story: RunStory = {
      command: 'start',
      seed: conformance.seed,
      clock: 'wall',
      document,
      file,
      faults,
      startedAt,
      endedAt: Date.now(),
      outcome: {
        ...outcome,
        notRun: [...outcome.notRun, ...loaded.notRun],
        notes: [...outcome.notes, ...loaded.notes],
      },
      load: loaded.load,
      survey,
      repeat: ['npm start', ...(faults.length > 0 ? ['--'] : []), ...faults.map((fault) => `--fault ${fault}`)].join(
        ' ',
      ),
      k6: loaded.k6,
      facts: {
        interruptedBy: context.interruption.received,
        ...silence,
        failOn,
        known: conformance.deviations,
        incomplete: loaded.notRun.length > 0 || outcome.scenarios.length === 0,
      },
    }
    for (const { why } of loaded.notRun) context.complain(`Load not run: ${why}`)
    return await finish(story, { folder, isOwnFolder: out !== undefined }, context)
  } finally {
    await under.stop()
  }
}

async function shortLoad(
  under: Parameters<typeof loadOn>[0],
  folder: string,
  context: CliContext,
  survey: Survey | undefined,
): Promise<Pick<LoadOutcome, 'load' | 'k6' | 'notRun' | 'notes'>> {
  if (context.interruption.signal.aborted) return { load: undefined, k6: undefined, notRun: [], notes: [] }
  const profile = loadProfiles().find((one) => one.name === PROFILE)
  if (profile === undefined) throw new Error(`there is no load profile ${PROFILE}`)
  const order: LoadOrder = { profile, hold: HOLD_S }
  try {
    return await loadOn(under, order, folder, context, survey)
  } catch (error) {
    // An interruption while k6 is being built: what is known by then is told.
    if (context.interruption.signal.aborted) return { load: undefined, k6: undefined, notRun: [], notes: [] }
    throw error
  }
}
