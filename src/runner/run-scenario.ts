/** One scenario in one variant on one world: sets the stage, tells the story, cleans up, and says what came of it. */
import { within } from '../clock/within.js'
import type { Speech } from '../evidence/evidence-file.js'
import { buildLadder } from '../evidence/ladder.js'
import { type RecordMemory, ScenarioRecord } from '../evidence/record.js'
import { examineRecord } from '../examiner/examine-record.js'
import { noteOf, refusalsOf, whyUndecided } from '../examiner/out-of-reach.js'
import type { ReasonCode } from '../result/terms.js'
import type { CheckResult, Picture, ScenarioResult } from '../result/scenario-result.js'
import type { StandingNote } from '../result/finding.js'
import { audioOfRelays } from '../scenario/audio-of-relays.js'
import { Device } from '../scenario/device.js'
import { Expectations } from '../scenario/expect.js'
import { explainsEnd, spoilsClock, withLag } from '../scenario/lateness.js'
import { patienceMs, variantKey } from '../scenario/facts.js'
import type { AnyScenario } from '../scenario/scenario.js'
import { Outcome } from '../scenario/outcome.js'
import { whyThrown } from '../scenario/reasons.js'
import { speechOf } from '../scenario/recordings.js'
import { lossOf, type LostServer, restartOf } from '../scenario/restart.js'
import type { StageTools } from '../scenario/stage.js'
import type { World } from '../scenario/world.js'
import { isPromised } from '../target/promises.js'
import { undecided, withinReach } from '../verdict/out-of-reach.js'
import { OF_AUDIO } from '../verdict/where.js'
import { judgeScenario, type StoryEnd } from '../verdict/scenario.js'
import type { Lease } from './account-pool.js'
import type { ForeignHandsWatch } from './foreign-hands.js'
import type { PlanEntry } from './plan.js'
import { relaysUsed } from './relays-used.js'
import { defectOf } from './scenario-defect.js'

/** A story that was told. What only readers need is made later, when no other scenario can be made late by it. */
export interface ToldScenario {
  readonly result: ScenarioResult
  /** Whether it sent, and not a byte came back. */
  readonly silence: boolean
  readonly record: ScenarioRecord
  /** Builds the ladder and lets the standing checks read the record. @param whole false: without what only a reader needs */
  read(whole?: boolean): ScenarioRun
}

export interface ScenarioRun {
  readonly result: ScenarioResult
  readonly record: ScenarioRecord
  /** What the standing checks say of everything the target sent. */
  readonly notes: readonly StandingNote[]
  /** What its devices said and heard. */
  readonly speech: () => Speech[]
}

export interface RunScenarioOptions {
  readonly entry: PlanEntry
  readonly world: World
  readonly lease: Lease
  /** The moment the run began, on the world's clock. */
  readonly runStartMs: number
  /** Settles when the run is interrupted; shared by all scenarios. */
  readonly interrupted?: Promise<void> | undefined
  /** Shared by the records of all scenarios. */
  readonly memory?: RecordMemory | undefined
  /** Leave out what only a reader needs (ladder, story). */
  readonly brief?: boolean
  /** Looks for others who use the accounts that are lent. */
  readonly watch?: ForeignHandsWatch | undefined
}

/** Hanging up, unregistering and closing may take so long at most, whatever the target does. */
const CLEAN_UP_MS = 4_000
/** Dialling the codes that put an account back, and deleting what was left in mailboxes, may take so long besides. */
const PUTTING_BACK_MS = 30_000
/** A story waits for about so many answers, one after another. */
const MOST_WAITS = 8

/** Never rejects: what goes wrong becomes a verdict. */
export async function runScenario({
  entry,
  world,
  lease,
  runStartMs,
  interrupted,
  memory,
  brief,
  watch,
}: RunScenarioOptions): Promise<ToldScenario> {
  const { definition, variant, file } = entry
  const { clock } = world
  const startMs = clock.now()
  const record = new ScenarioRecord(clock.unixMs() - startMs, memory)
  watch?.over(record, { definition, lease, target: world.target, startMs: runStartMs })
  const pictures: Picture[] = []
  const devices: Device[] = []
  const lost: LostServer[] = []
  const expectations = new Expectations(definition.rules, () => world.lagBetween(startMs, clock.now()), {
    jitterMs: world.target.facts.paths[variantKey(variant)]?.jitterMs,
    isPromised: (source) => isPromised(source, world.target.document),
  })
  const tools: StageTools<typeof definition.rules> = {
    expect: expectations.expect,
    variant,
    target: world.target,
    services: world.target.document.services,
    clock,
    random: world.random,
    record,
    now: () => clock.now() - startMs,
    waits: (ms) => clock.sleep(ms),
    restartsTarget: () => restartOf(world, record),
    losesServer: async (address) => {
      const server = await lossOf(world, record, address)
      lost.push(server)
      return server
    },
    within: (promise, ms) => within(clock, promise, ms),
    figure: (name, value) => expectations.figure(name, value),
    note: (text) => record.note(clock.now(), text),
    shows: (picture) => pictures.push(picture),
  }
  const tell = async () => {
    for (const [name, options] of Object.entries(definition.devices)) {
      const account = lease.get(name)
      if (!account) throw new Error(`no account was lent to ${name}`)
      const natOf = (other: string) => devices.find((device) => device.name === other)?.nat
      devices.push(new Device(name, account, options, variant, world, record, natOf))
    }
    for (const device of devices) await device.start()
    await definition.run({ ...tools, ...Object.fromEntries(devices.map((device) => [device.name, device])) })
  }
  const told = await settle(tell, {
    limitMs: definition.seconds * 1000 + 8_000 + MOST_WAITS * patienceMs(world.target.facts, variant),
    world,
    interrupted,
    full: record.full,
    file,
  })
  const endMs = clock.now()
  expectations.close()
  await Promise.allSettled(lost.map((server) => server.returns()))
  await cleanUp(devices, world)
  const isClockSpoilt = spoilsClock(world.lagBetween(startMs, clock.now()))
  // What our own stack threw where nobody waited for it leaves nothing of the story to rely on, nor does a mistake that the story caught.
  const defect = expectations.mistake ?? record.defects[0]
  const ended = defect === undefined ? explained(told, record) : endByError(defect, file)
  const lagMs = world.lagBetween(startMs, endMs)
  const isLate = ended.verdict === 'inconclusive' && explainsEnd(lagMs, ended.code)
  const end = isLate ? open(withLag(ended.reason, lagMs), 'harness-late') : ended
  const failedAlready = expectations.results().some((check) => check.verdict === 'fail')
  if (end.verdict !== 'pass') expectations.skipRest(end.reason, end.code)
  else if (failedAlready) expectations.skipRest('not reached: an earlier check did not hold')
  const untouched = expectations.untouched()
  const checks = undecidedOverHostName(expectations.results(), record, definition)
  const verdict = judgeScenario(checks, end, untouched)
  // What a scenario left out stands on no line; its file is known.
  const judgement = verdict.defect ? { ...verdict, defect: { file, ...verdict.defect } } : verdict
  const relays = relaysUsed(record, world.target.published, devices)
  const audio = audioOfRelays(devices, record, world.target)
  const refusals = refusalsOf(record)
  const why = whyUndecided(refusals)
  const judged: ScenarioResult = {
    id: definition.id,
    title: definition.title,
    area: definition.area,
    purposes: [...definition.purposes],
    provider: [...(definition.provider ?? [])],
    variant: { ...variant },
    ...judgement,
    durationMs: Math.round(clock.now() - startMs),
    startedAtMs: Math.round(startMs - runStartMs),
    checks,
    ...(definition.step === undefined ? {} : { step: definition.step }),
    ...(relays.length > 0 ? { relays } : {}),
    ...(audio.length > 0 ? { audio } : {}),
    accounts: [...new Set([...lease.values()].map(({ user }) => user))],
    evidence: [],
    harm: definition.harm,
    advice: definition.advice,
    file,
    ...(pictures.length > 0 ? { pictures } : {}),
  }
  const result = withinReach(judged, why)
  const read = (whole = brief !== true): ScenarioRun => {
    const led = noteOf(refusals)
    const seen = examineRecord(record, { target: world.target, devices })
    const sound = seen.filter(({ readsClock }) => readsClock !== true || !isClockSpoilt)
    const notes = led === undefined ? sound : [...sound, led]
    const speech = () => speechOf(devices)
    if (!whole) return { result, record, notes, speech }
    // Those that could not be set up are named all the same.
    const named = Object.keys(definition.devices).map(
      (name) => devices.find((device) => device.name === name) ?? { name, localAddress: '' },
    )
    const { ladder, arrowOf } = buildLadder(record, named, world.target.name, startMs)
    const story = record.notes.map(({ at, text }) => ({ atMs: Math.round(at - startMs), text }))
    const shown = undecidedOverHostName(expectations.results(arrowOf), record, definition)
    return {
      result: { ...result, checks: why === undefined ? shown : undecided(shown), ladder, story },
      record,
      notes,
      speech,
    }
  }
  return { result, silence: silenceIn(record), record, read }
}

/**
 * RFC 8866 §5.7 permits a host name where packets are to go. It is not looked up, so that calls get no further than there:
 * what of audio did not hold then tells nothing of the target. What its messages say stands.
 */
function undecidedOverHostName(
  checks: CheckResult[],
  { messages }: ScenarioRecord,
  { reliesOn, step }: Pick<AnyScenario, 'reliesOn' | 'step'>,
): CheckResult[] {
  if (checks.every(({ verdict }) => verdict !== 'fail')) return checks
  const name = messages
    .map(({ direction, message }) => (direction === 'in' ? hostNameIn(message.body) : undefined))
    .find((one) => one !== undefined)
  if (name === undefined) return checks
  return checks.map((check) => {
    const about = [check.cause ?? '', ...(check.follows ?? [])]
    const isOfAudio = step === 'talk' || reliesOn === 'audio' || about.some((cause) => OF_AUDIO.has(cause))
    if (check.verdict !== 'fail' || !isOfAudio) return check
    const actual = `${check.actual} (audio was to go to ${name}, a host name, which is not looked up)`
    return { ...check, actual, verdict: 'inconclusive', reasonCode: 'not-reached' }
  })
}

/** The host name of a session description's first `c=` line, if it has one there. */
function hostNameIn(body: Buffer): string | undefined {
  if (body.length === 0) return undefined
  return /^c=IN IP[46] ([a-z0-9](?:[a-z0-9-]*\.)+[a-z][a-z0-9-]*)\r?$/im.exec(body.toString('latin1', 0, 65_536))?.[1]
}

function silenceIn({ wire }: ScenarioRecord): boolean {
  return (
    wire.some(({ direction }) => direction === 'out') && !wire.some(({ direction, data }) => direction === 'in' && data)
  )
}

interface Limits {
  readonly limitMs: number
  readonly world: World
  readonly interrupted: Promise<void> | undefined
  /** Settles when the record takes no more. */
  readonly full: Promise<void>
  readonly file: string
}

/** Runs the story to its end, to its time limit, or to an interruption. */
async function settle(
  tell: () => Promise<void>,
  { limitMs, world, interrupted = new Promise(() => {}), full, file }: Limits,
): Promise<StoryEnd> {
  const told = tell().then(
    (): StoryEnd => ({ verdict: 'pass', reason: '' }),
    (error: unknown): StoryEnd => endByError(error, file),
  )
  const late = open(`did not come to its end within ${Math.round(limitMs / 1000)} s`, 'timed-out')
  const stopped = interrupted.then(() => open('the run was interrupted', 'interrupted'))
  const flooded = full.then(() => open('more came than can be recorded: the story was broken off', 'flooded'))
  return (await within(world.clock, Promise.race([told, stopped, flooded]), limitMs)) ?? late
}

const open = (reason: string, code: ReasonCode): StoryEnd => ({ verdict: 'inconclusive', reason, code })

function endByError(error: unknown, file: string): StoryEnd {
  if (error instanceof Outcome) return { verdict: error.verdict, reason: error.message, code: error.code }
  const why = whyThrown(error)
  if (why !== undefined) return open(why.text, why.code)
  const { reason, code, defect } = defectOf(error, file)
  return { verdict: 'error', reason, code, defect }
}

/** An answer that breaks the grammar is thrown away: who only reads that none came would look elsewhere. */
function explained(end: StoryEnd, record: ScenarioRecord): StoryEnd {
  if (end.verdict !== 'inconclusive') return end
  const dropped = record.messages.filter(
    ({ direction, message, violations }) =>
      direction === 'in' && message.kind === 'response' && violations.some(({ status }) => status !== undefined),
  )
  const codes = [...dropped, ...record.garbage].flatMap(({ violations }) => violations[0]?.code ?? [])
  if (codes.length === 0) return end
  const which = [...new Set(codes)].join(', ')
  return {
    ...end,
    reason: `${end.reason} (answers that break the grammar were not taken: ${which})`,
    code: 'unreadable-answer',
  }
}

/** Hangs up, unregisters, closes: bounded, and in every case. */
async function cleanUp(devices: readonly Device[], world: World): Promise<void> {
  const owing = devices.some((device) => device.owes)
  const all = devices.map((device) => device.leaves(CLEAN_UP_MS - 500))
  await within(world.clock, Promise.all(all), owing ? CLEAN_UP_MS + PUTTING_BACK_MS : CLEAN_UP_MS)
}
