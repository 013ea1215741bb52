/** The command `bundle`: finds the scenario, masks what is secret, packs the archive. */
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, join, sep } from 'node:path'
import { strToU8, zipSync } from 'fflate'
import { maskCapture } from '../evidence/pcapng.js'
import { maskSecrets } from '../message/mask.js'
import { bundleFiles, narrowed } from '../report/bundle.js'
import { readResult, ResultFileError } from '../report/read-result.js'
import { replaceFile } from '../report/replace-file.js'
import type { RunResult } from '../result/result.js'
import type { ScenarioResult } from '../result/scenario-result.js'
import type { VitalSign } from '../result/survey-result.js'
import { listed } from '../result/texts.js'
import { nearestWord } from '../target/did-you-mean.js'
import type { CliContext } from './context.js'
import { UsageError } from './errors.js'

export interface BundleOrder {
  /** A scenario, a vital sign, or a finding. */
  readonly id: string
  /** Folder of the run, or its result.json. */
  readonly run: string
  readonly transport?: string | undefined
  readonly family?: string | undefined
  /** The archive; absent: named for the target and the scenario, here. */
  readonly out?: string | undefined
  readonly withoutCapture?: boolean | undefined
}

type Execution = ScenarioResult | VitalSign

/** Names that a sentence lists. */
const MOST_NAMES = 8
/** The gravest first. */
const TROUBLE: readonly string[] = ['fail', 'warn', 'error', 'inconclusive']

/** Writes the archive. @throws UsageError */
export async function performBundle(order: BundleOrder, context: CliContext): Promise<string> {
  const { folder, result } = read(order.run)
  const one = chosen(order, result, context)
  const captures = order.withoutCapture === true ? [] : capturesOf(one, folder)
  const run = masked(withCaptures(narrowed(result, one), captures))
  const texts = await bundleFiles(
    run,
    captures.map(({ name }) => name),
  )
  const top = nameOf(result, one)
  const files = Object.fromEntries([
    ...texts.map(({ name, text }) => [`${top}/${name}`, strToU8(text)] as const),
    ...captures.map(({ name, bytes }) => [`${top}/${name}`, bytes] as const),
  ])
  const out = order.out ?? `${top}.zip`
  replaceFile(out, zipSync(files, { level: 9, mtime: dateOf(result) }))
  context.out(`${out}\n`)
  return out
}

function read(path: string): { folder: string; result: RunResult } {
  try {
    return readResult(path)
  } catch (error) {
    throw error instanceof ResultFileError ? new UsageError(error.message) : error
  }
}

/** The archive's format has no dates before 1980; nor has a simulated run a date. */
function dateOf({ endedAt }: RunResult): Date {
  const date = new Date(endedAt)
  return date.getUTCFullYear() >= 1980 && date.getUTCFullYear() < 2099 ? date : new Date(Date.UTC(2000, 0, 1))
}

const placeWords = ({ variant }: Execution): string => `${variant.transport}/${variant.family}`

/** The execution that is meant: of several, the first that failed. @throws UsageError */
function chosen({ id, transport, family, run }: BundleOrder, result: RunResult, context: CliContext): Execution {
  const all: Execution[] = [...(result.survey?.vitalSigns ?? []), ...result.scenarios]
  const named = executionsFor(id, result, all)
  if (named.length === 0) throw new UsageError(unknown(id, run, result, all))
  const here = named.filter(
    ({ variant }) =>
      (transport ?? variant.transport) === variant.transport && (family ?? variant.family) === variant.family,
  )
  if (here.length === 0)
    throw new UsageError(`${id} was not run so; it was run on ${listed([...new Set(named.map(placeWords))])}.`)
  const troubled = TROUBLE.flatMap((verdict) => here.filter((one) => one.verdict === verdict))
  const [first] = troubled
  if (first === undefined) {
    const [{ verdict } = { verdict: 'pass' }] = here
    throw new UsageError(
      `${id} did not fail in ${run} (${verdict} on ${listed(here.map(placeWords))}): there is nothing to be mended.${failures(all)}`,
    )
  }
  const same = troubled.filter((one) => one !== first && one.verdict === first.verdict)
  if (same.length > 0) {
    context.complain(
      `${first.id} on ${placeWords(first)}; ${first.verdict} as well: ${listed(names(same.map((one) => (one.id === first.id ? placeWords(one) : `${one.id} ${placeWords(one)}`))))}. Choose with an id, --transport and --family.`,
    )
  }
  return first
}

/** By the id of a scenario or vital sign, or of a finding: where it showed. */
function executionsFor(id: string, { findings }: RunResult, all: readonly Execution[]): Execution[] {
  const own = all.filter((one) => one.id === id)
  if (own.length > 0) return own
  const finding = findings.find((one) => one.id === id || one.id === `UNSTEADY ${id}`)
  return (finding?.scenarios ?? []).flatMap(({ scenario, transport, family }) =>
    all.filter((one) => one.id === scenario && placeWords(one) === `${transport}/${family}`),
  )
}

function unknown(id: string, run: string, { findings, notRun, load }: RunResult, all: readonly Execution[]): string {
  if (notRun.some((one) => one.id === id))
    return `${id} was not run in ${run}: ${notRun.find((one) => one.id === id)?.why}.`
  const finding = findings.find((one) => one.id === id)
  if (finding !== undefined || (load !== undefined && id === `load/${load.profile}`))
    return `${id} is about a load, not about a scenario: pass on the whole folder of the run.`
  const known = [...new Set([...all.map((one) => one.id), ...findings.map((one) => one.id)])]
  const near = nearestWord(id, known)
  return `There is no '${id}' in ${run}${near === undefined ? '.' : `; did you mean '${near}'?`}${failures(all)}`
}

const names = (all: readonly string[]): string[] =>
  all.length <= MOST_NAMES ? [...all] : [...all.slice(0, MOST_NAMES), `${all.length - MOST_NAMES} more`]

function failures(all: readonly Execution[]): string {
  const failed = [...new Set(all.filter(({ verdict }) => TROUBLE.includes(verdict)).map(({ id }) => id))]
  return failed.length === 0 ? ' Nothing failed in this run.' : ` What did not pass: ${listed(names(failed))}.`
}

/** Captures and recordings under the names that they have in the archive. */
function withCaptures(run: RunResult, captures: readonly Capture[]): RunResult {
  const renamed = (paths: readonly string[]) =>
    captures.filter(({ path }) => paths.includes(path)).map(({ name }) => name)
  const here = <T extends Execution>(one: T): T => ({
    ...one,
    evidence: renamed(one.evidence),
    ...(one.recordings === undefined
      ? {}
      : { recordings: one.recordings.map((recording) => ({ ...recording, evidence: renamed(recording.evidence) })) }),
    ...(one.attempts === undefined
      ? {}
      : { attempts: one.attempts.map((attempt) => ({ ...attempt, evidence: renamed(attempt.evidence) })) }),
  })
  return {
    ...run,
    scenarios: run.scenarios.map(here),
    findings: run.findings.map((one) => ({ ...one, evidence: renamed(one.evidence) })),
    ...(run.survey === undefined ? {} : { survey: { ...run.survey, vitalSigns: run.survey.vitalSigns.map(here) } }),
  }
}

interface Capture {
  /** As the result names it. */
  readonly path: string

  readonly name: string
  readonly bytes: Uint8Array
}

/** @throws UsageError where one is missing, or lies elsewhere */
function capturesOf({ id, evidence, attempts = [], recordings = [] }: Execution, folder: string): Capture[] {
  const packets = [...evidence, ...attempts.flatMap((one) => one.evidence)]
  // Sound is large: whoever has deleted it still has a bundle.
  const sound = recordings.flatMap((one) => one.evidence).filter((path) => existsSync(join(folder, path)))
  const paths = [...new Set([...packets, ...sound])]
  const without = 'Bundle the rest with --without-capture.'
  if (packets.length === 0) throw new UsageError(`There is no capture of ${id}: none was written. ${without}`)
  return paths.map((path) => {
    const file = join(folder, path)
    if (!existsSync(file))
      throw new UsageError(`The capture ${path} is missing in ${folder}: was the folder copied without it? ${without}`)
    // A result of others is data: what it names is taken only from its own folder.
    const real = realpathSync(file)
    const isSound = real.endsWith('.wav')
    if (
      !real.startsWith(`${realpathSync(folder)}${sep}`) ||
      !(isSound || /(?<!\.tls)\.pcapng$/.test(real)) ||
      !statSync(real).isFile()
    )
      throw new UsageError(`${path} is not a capture in the folder of the run: it is not packed. ${without}`)
    const bytes = readFileSync(real)
    const name = `evidence/${basename(real).replace(/[^\w.-]/g, '_')}`
    return { path, name, bytes: isSound ? bytes : maskCapture(bytes) }
  })
}

/** Each text once more: what a run writes is masked already, and what others or earlier releases wrote perhaps not. */
function masked<T>(value: T): T {
  const change = (part: unknown): unknown => {
    if (typeof part === 'string') return maskSecrets(part)
    if (Array.isArray(part)) return part.map(change)
    if (typeof part !== 'object' || part === null) return part
    return Object.fromEntries(Object.entries(part).map(([name, one]) => [name, change(one)]))
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- shape and types stay as they are
  return change(value) as T
}

function nameOf({ target }: RunResult, one: Execution): string {
  const account = 'account' in one && one.account !== undefined ? `-${one.account}` : ''
  const name = `ringproof-${target.name}-${one.id}-${one.variant.transport}-${one.variant.family}${account}`
  return name.replace(/[^\w.-]+/g, '-').slice(0, 120)
}
