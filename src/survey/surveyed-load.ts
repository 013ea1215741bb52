/** A load that begins with a survey of what it relies on: from finding k6 to what was measured. */
import type { AccessLine } from '../transport/access-line.js'
import { KernelNetwork } from '../transport/kernel-network.js'
import type { Family } from '../transport/network.js'
import { randomBytes } from 'node:crypto'
import type { WritesEvidence } from '../evidence/evidence-file.js'
import { CallAgent } from '../load/call-agent.js'
import type { CoreTimes } from '../load/neighbour-watch.js'
import { joinedNotes } from '../load/joined-notes.js'
import { ensureK6, K6MissingError, type K6Program } from '../load/k6-program.js'
import { RelayWatch } from '../load/relay-control/relay-watch.js'
import { type LoadShape, resultOfLoad, runK6 } from '../load/load-run.js'
import { localAddressesOf } from '../worlds/local-addresses.js'
import { assertAccounts, assertMayCall, assertMayLoad, nobodyToCall } from '../load/may-load.js'
import type { NotRun } from '../result/finding.js'
import type { SurveyResult } from '../result/survey-result.js'
import type { LoadResult } from '../result/load-result.js'
import { documentOfPart } from '../load/parts.js'
import { signOfService } from '../runner/blocking.js'
import type { ScenarioFolder } from '../runner/scenario-files.js'
import type { TargetDocument } from '../target/target-file.js'
import type { KnownDeviations, SeenNote } from '../verdict/facts.js'
import { placeOfLoad } from '../verdict/place.js'
import { causeOfVitalSign } from '../verdict/vital-signs.js'
import type { HepCollector } from '../worlds/hep-sender.js'
import { type SocketStages, socketStages } from '../worlds/socket-stages.js'
import { type Survey, survey } from './survey.js'
import { needsOfLoad } from './survey-needs.js'

export interface LoadOptions {
  readonly document: TargetDocument
  /** The access line that our devices are put behind. */
  readonly line?: AccessLine | undefined
  /** A collector that is sent every SIP message, by its address. */
  readonly hep?: HepCollector | undefined
  readonly shape: LoadShape
  /** The target's name, where the user repeated it; `own` where ringproof started the target itself. */
  readonly permission: { readonly name: string | undefined } | 'own'
  /** Folder of the run: captures go there. */
  readonly folder: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  /** What a survey before found; absent: the load surveys what it relies on. */
  readonly known?: Survey | undefined
  readonly writeEvidence: WritesEvidence
  readonly reporter: LoadReporter
  /** What is known of the target and lived with. */
  readonly deviations?: KnownDeviations | undefined
  /** Of a target whose process on this machine is known. */
  readonly coreTimes?: CoreTimes | undefined
  /** Folders of the user's own scenarios. */
  readonly own?: readonly ScenarioFolder[] | undefined
}

/** Tells of a load while it goes. */
export interface LoadReporter {
  /** k6 is being built. */
  building(line: string): void
  surveyed(result: SurveyResult): void
  /** What the script writes to its console, and warnings and errors of k6. */
  said?(line: string): void
  /** The calls are over, and something else is waited for. */
  waiting(line: string): void
  /** The accounts are registered, and calls begin. What it returns is called when they are over. */
  ready(agent: CallAgent): () => void
}

/** What came of a load. */
export interface LoadOutcome {
  readonly load?: LoadResult
  readonly survey?: Survey
  /** Version. */
  readonly k6?: string
  /** Why the target could not be reached at all, in a sentence. */
  readonly unreachable?: string
  readonly notRun: readonly NotRun[]
  /** What the standing checks noticed. */
  readonly notes: readonly SeenNote[]
}

const NOTHING: LoadOutcome = { notRun: [], notes: [] }

/**
 * Loads a target that is there. Calls that are up when it is interrupted are hung up, bindings are removed, and what is
 * known by then is returned.
 * @throws LoadNotAllowedError
 */
export async function surveyedLoad(whole: LoadOptions): Promise<LoadOutcome> {
  const { shape, permission, signal, reporter } = whole
  const document = documentOfPart(whole.document, shape.part)
  const o = { ...whole, document }
  const program = await k6For(o)
  if ('why' in program) return { ...NOTHING, notRun: [loadNotRun(shape, program.why)] }
  const stage = await socketStages(document, o.line, undefined, o.hep)
  try {
    const { target } = stage.world
    if (permission !== 'own') assertMayLoad(target, permission.name)
    if (shape.to !== undefined) assertMayCall(shape.to, target)
    assertAccounts(shape.accounts, document)
    const known = o.known ?? (await look(stage, o))
    // What a survey before found has been told with it.
    const found: LoadOutcome = { ...NOTHING, survey: known, notes: o.known === undefined ? known.notes : [] }
    if (known.unreachable !== undefined) return { ...found, unreachable: known.unreachable }
    const blocked = blockedLoad(shape, document, known)
    if (blocked !== undefined) return { ...found, notRun: [blocked] }
    if (signal.aborted) return found
    const token = randomBytes(24).toString('base64url')
    const agent = await startAgent(stage, token, known, o)
    if (agent === undefined) return found
    try {
      const over = reporter.ready(agent)
      const { registered, troubles } = agent.readiness
      const nobody = nobodyToCall(document, registered, troubles)
      if (nobody !== undefined) {
        over()
        return { ...found, k6: program.version, notRun: [loadNotRun(shape, nobody)] }
      }
      // A profile counts in calls of the whole load, whatever the part of it.
      const { limits, load: wishes } = whole.document
      const { folder, env } = o
      const { thresholds } = wishes
      const { clock, random } = stage.world
      const relayWatch = await RelayWatch.open({
        document,
        network: new KernelNetwork(clock),
        random,
        signal,
        tell: (line) => reporter.waiting(line),
      })
      const show = (line: string) => reporter.said?.(line)
      const end = await runK6({
        agent,
        program,
        token,
        shape,
        limits,
        thresholds,
        folder,
        env,
        signal,
        show,
      }).finally(over)
      const interrupted = signal.aborted
      const measured = await resultOfLoad({ agent, program, end, shape, folder, interrupted, relayWatch })
      for (const { metric, ok, empty } of measured.thresholds ?? []) {
        // Mostly a tag that is misspelt. The others are missed anyway.
        if (ok && empty === true && metric.includes('{'))
          show(`The threshold of ${metric} was not held against anything: nothing with these tags was counted.`)
      }
      const place = placeOfLoad(shape.profile.name)
      const notes = await agent.seenNotes(place)
      const load = notes.length === 0 ? measured : { ...measured, notes: joinedNotes(notes.map(({ note }) => note)) }
      return { ...found, load, k6: program.version, notes: [...found.notes, ...notes] }
    } finally {
      await agent.stop()
    }
  } finally {
    stage.close()
  }
}

async function k6For({ env, signal, reporter }: LoadOptions): Promise<K6Program | { readonly why: string }> {
  try {
    return await ensureK6({ env: { ...env }, progress: (line) => reporter.building(line), signal })
  } catch (error) {
    if (error instanceof K6MissingError) return { why: error.message }
    throw error
  }
}

/** Undefined where it was interrupted before it had begun. */
async function startAgent(
  { world }: SocketStages,
  token: string,
  { facts }: Survey,
  { signal, line, hep, deviations, own, coreTimes, shape }: LoadOptions,
): Promise<CallAgent | undefined> {
  const { target } = world
  try {
    const address = (family: Family) => world.address(family)
    const agent = await CallAgent.start({
      target,
      address,
      token,
      port: 0,
      accounts: shape.accounts,
      locals: shape.local === undefined ? undefined : await localAddressesOf(shape.local, world.clock),
      signal,
      line,
      hep,
      facts,
      known: deviations,
      own,
      coreTimes,
    })
    if (!signal.aborted) return agent
    await agent.stop()
    return undefined
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}

/** The survey with which a load begins, as far as the load relies on it. */
async function look({ world, startMs }: SocketStages, o: LoadOptions): Promise<Survey> {
  const needs = needsOfLoad(o.document, calledBy(o.shape, o.document), o.shape.transports)
  const found = await survey({ world, startMs, needs, signal: o.signal, writeEvidence: o.writeEvidence })
  o.reporter.surveyed(found.result)
  return found
}

/** Whom the calls of a load rest on. A profile of the user's own is not read: what it calls is tried when it calls it. */
function calledBy({ to = 'auto', profile }: LoadShape, { services }: TargetDocument): 'echo' | 'account' {
  const isForAccounts = to === 'account' || profile.name === 'flapping'
  return isForAccounts || (to === 'auto' && services.echo === undefined) ? 'account' : 'echo'
}

function loadNotRun({ profile }: LoadShape, why: string): NotRun {
  return { id: `load/${profile.name}`, kind: 'load', why, title: profile.title }
}

/** The load as not run, where a vital sign that it relies on is missing: its calls would all fail for that reason. */
function blockedLoad(shape: LoadShape, document: TargetDocument, { result, accounts }: Survey): NotRun | undefined {
  const missing = result.vitalSigns.filter(({ code }) => code !== undefined)
  const calls = calledBy(shape, document)
  const nobody = accounts?.length === 0 ? missing[0] : undefined
  const called =
    calls === 'echo' && shape.to === undefined ? missing.find(({ id }) => id === signOfService('echo')) : undefined
  const led = missing.find(({ code }) => code === 'out-of-reach')
  const sign = nobody ?? called ?? led
  if (sign === undefined) return undefined
  return {
    ...loadNotRun(shape, `blocked by: ${sign.reason}`),
    kind: 'blocked',
    blockedBy: causeOfVitalSign(sign),
  }
}
