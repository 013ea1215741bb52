/** The file of known deviations that a target file names: failures that are known and lived with, each with its reason. */
import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { nearestWord } from './did-you-mean.js'
import { describeIssue } from './schema-issue.js'
import { type Path, pathText, TargetFileError, type TargetProblem } from './target-problem.js'
import type { TargetDocument } from './target-schema.js'
import { YamlText } from './yaml-text.js'

const LEAST_REASON = 10

const knownDeviationsSchema = z.strictObject({
  /** Name of the target. */
  target: z.string().min(1),
  /** The target's version that this was seen with; where it is given, the target file must give the same. */
  version: z.string().min(1).optional(),
  failures: z.array(
    z.strictObject({
      scenario: z.string().min(1).optional(),
      /** Name of one of its rules. */
      check: z.string().min(1).optional(),
      /** `udp/ipv4`; absent: all variants. */
      variant: z.string().min(1).optional(),
      /** Instead of scenario and check: a standing check, which looks at all scenarios. */
      standing: z.string().min(1).optional(),
      /** What of it is meant: messages of this method (of responses, their request's); absent: all. */
      method: z.string().min(1).optional(),
      /** Scenarios over this transport; absent: all. */
      transport: z.enum(['udp', 'tcp', 'tls']).optional(),
      /** The rule's section. Of a standing check no other section is meant. */
      rule: z.string().min(1),
      reason: z.string().refine((reason) => reason.length >= LEAST_REASON, {
        error: `expected a reason of at least ${LEAST_REASON} characters, for readers of the report`,
      }),
    }),
  ),
})

type Failure = z.output<typeof knownDeviationsSchema>['failures'][number]
type KnownDeviation = Omit<Failure, 'scenario' | 'check' | 'standing' | 'method' | 'transport'> & {
  readonly scenario: string
  readonly check: string
}
type KnownNote = Omit<Failure, 'scenario' | 'check' | 'standing' | 'variant'> & { readonly standing: string }

export interface ReadDeviations {
  readonly deviations: KnownDeviation[]
  readonly standing: KnownNote[]
}

/** What there is to deviate from. */
export interface KnownRules {
  readonly scenarios: readonly KnownScenario[]
  /** Ids of the standing checks. */
  readonly standing: readonly string[]
}

export interface KnownScenario {
  readonly id: string
  /** Names of its rules. */
  readonly checks: readonly string[]
  /** `udp/ipv4` */
  readonly variants: readonly string[]
}

/**
 * Reads a file of known deviations and checks it against the target and against the scenarios that there are.
 * @throws TargetFileError with position and advice for each problem
 */
export function loadKnownDeviations(
  file: string,
  target: Pick<TargetDocument, 'name' | 'version'>,
  rules: KnownRules,
): { file: string } & ReadDeviations {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const why = existsSync(file) ? (error instanceof Error ? error.message : String(error)) : 'no such file'
    const message = `${why}; give the path of a file of known deviations (JSON or YAML)`
    throw new TargetFileError(file, [{ line: 0, column: 0, path: '', message }])
  }
  return { file, ...parseKnownDeviations(text, { file, target, rules }) }
}

/** As `loadKnownDeviations`, from a text. */
export function parseKnownDeviations(
  text: string,
  { file, target, rules }: { file: string; target: Pick<TargetDocument, 'name' | 'version'>; rules: KnownRules },
): ReadDeviations {
  // JSON is YAML too, whose reader knows where everything stands.
  const yaml = new YamlText(text)
  const problems: TargetProblem[] = []
  const report = (path: Path, message: string, key?: string) =>
    problems.push({ ...yaml.position(path, key), path: pathText(path), message })
  const syntax = syntaxError(text, yaml)
  if (syntax !== undefined) throw new TargetFileError(file, [syntax])
  const result = knownDeviationsSchema.safeParse(yaml.value)
  if (!result.success) {
    const schema = z.toJSONSchema(knownDeviationsSchema)
    for (const issue of result.error.issues) describeIssue(issue, { yaml, report, schema })
    throw new TargetFileError(file, problems)
  }
  const { failures, version } = result.data
  if (result.data.target !== target.name)
    report(['target'], `these are deviations of '${result.data.target}', not of '${target.name}'`)
  if (version !== undefined && version !== target.version)
    report(['version'], `this was seen with version ${version}; ${versionOf(target)}`)
  const deviations: KnownDeviation[] = []
  const standing: KnownNote[] = []
  for (const [index, failure] of failures.entries()) {
    const path = ['failures', index]
    if (failure.standing === undefined) deviations.push(...deviationOf(failure, path, rules.scenarios, report))
    else standing.push(...noteOf(failure, path, rules.standing, report))
  }
  if (problems.length > 0) throw new TargetFileError(file, problems)
  return { deviations, standing }
}

function versionOf({ version }: Pick<TargetDocument, 'version'>): string {
  if (version === undefined) return 'the target file has no version: add it there, or remove it here'
  return `the target file says ${version}: check whether it still deviates`
}

/** JSON's own grammar: a comma too many is none of YAML's business. */
function syntaxError(text: string, yaml: YamlText): TargetProblem | undefined {
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    const [first] = yaml.errors
    const message = error instanceof Error ? error.message : String(error)
    // The engine says where only in its words.
    const offset = /at position (\d+)/.exec(message)?.[1]
    const place = offset === undefined ? (first ?? { line: 1, column: 1 }) : positionAt(text, Number(offset))
    return { line: place.line, column: place.column, path: '', message: `not valid JSON: ${message}` }
  }
}

function positionAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

type Report = (path: Path, message: string, key?: string) => void

/** An entry about a scenario; none where it says something wrong, which was reported. */
function deviationOf(
  failure: Failure,
  path: Path,
  scenarios: readonly KnownScenario[],
  report: Report,
): KnownDeviation[] {
  const { scenario, check, variant, rule, reason, method, transport } = failure
  for (const [key, value] of Object.entries({ method, transport }))
    if (value !== undefined) report([...path, key], `'${key}' is for entries with 'standing'; use 'variant' here`, key)
  if (scenario === undefined || check === undefined) {
    report(path, "expected 'scenario' and 'check', or 'standing' with the id of a standing check")
    return []
  }
  const known = scenarios.find(({ id }) => id === scenario)
  if (known === undefined) {
    const ids = scenarios.map(({ id }) => id)
    const advice = meant(scenario, ids) || '; of your own ones, name the folder with --scenarios'
    report([...path, 'scenario'], `there is no scenario '${scenario}'${advice}`)
    return []
  }
  if (!known.checks.includes(check)) {
    const among = meant(check, known.checks) || `; it has ${known.checks.join(', ')}`
    report([...path, 'check'], `'${scenario}' has no check '${check}'${among}`)
  }
  if (variant !== undefined && !known.variants.includes(variant))
    report([...path, 'variant'], `'${scenario}' is run on ${known.variants.join(', ')}, not on '${variant}'`)
  return [{ scenario, check, rule, reason, ...(variant === undefined ? {} : { variant }) }]
}

/** An entry about a standing check; none where it says something wrong, which was reported. */
function noteOf(failure: Failure, path: Path, known: readonly string[], report: Report): KnownNote[] {
  const { standing, scenario, check, variant, rule, reason, method, transport } = failure
  for (const [key, value] of Object.entries({ scenario, check, variant })) {
    if (value !== undefined)
      report([...path, key], `a standing check looks at all scenarios: remove '${key}', or 'standing'`, key)
  }
  if (standing === undefined) return []
  if (!known.includes(standing)) {
    report([...path, 'standing'], `there is no standing check '${standing}'${meant(standing, known)}`)
    return []
  }
  const limits = { ...(method === undefined ? {} : { method }), ...(transport === undefined ? {} : { transport }) }
  return [{ standing, rule, reason, ...limits }]
}

function meant(word: string, known: readonly string[]): string {
  const near = nearestWord(word, known)
  return near === undefined ? '' : `; did you mean '${near}'?`
}
