/** Whether results are the parts of one and the same load. */
import type { LoadResult } from '../result/load-result.js'
import type { RunResult } from '../result/result.js'
import { nameOf, type Part } from './merged-load.js'
import { numberOfPart, segmentsOf } from './parts.js'

/** Results that were read, with the folder that each comes from. */
export interface ReadResult {
  readonly folder: string
  readonly result: RunResult
}

/** They are not, or none of them is one. The message is a sentence that names the folder. */
export class NotTogetherError extends Error {
  override readonly name = 'NotTogetherError'
}

/** What was found of a load's parts. */
export interface Together {
  /** In the order of their segments. */
  readonly parts: readonly [Part, ...Part[]]
  /** Parts that are not there, or of which there is nothing to be added up: a sentence each. */
  readonly missing: readonly string[]
}

/** What parts of one load have in common, by the words for it. */
const COMMON: readonly (readonly [string, (result: RunResult, load: LoadResult) => unknown])[] = [
  ['version of ringproof', ({ ringproof }) => ringproof],
  ['target', ({ target }) => target.name],
  ['addresses of the target', ({ target }) => (target.endpoints ?? []).toSorted().join(', ')],
  ['profile', (_, { profile }) => profile],
  ['execution segment sequence', (_, { part }) => part?.sequence],
  ['seed', (_, { seed }) => seed],
  ['numbers that were ordered', (_, { order }) => JSON.stringify(order ?? {})],
  ['thresholds', (_, { thresholds = [] }) => conditionsOf(thresholds)],
]

const conditionsOf = (thresholds: NonNullable<LoadResult['thresholds']>): string =>
  thresholds
    .map(({ metric, condition }) => `${metric} ${condition}`)
    .toSorted()
    .join('; ')

/** Orders the parts and finds out which are missing. @throws NotTogetherError where one is of another load */
export function together(results: readonly ReadResult[]): Together {
  const without = results.filter(({ result }) => result.load === undefined)
  const parts = results.flatMap(({ folder, result }): (Part & { result: RunResult })[] => {
    const { load } = result
    if (load === undefined) return []
    if (load.part === undefined) {
      throw new NotTogetherError(
        load.joined === undefined
          ? `${folder} is a whole load and no part of one: parts are made with --shard, or by k6's --execution-segment.`
          : `${folder} was joined from parts already: name the parts themselves.`,
      )
    }
    return [{ folder, part: load.part, load, result }]
  })
  const [first, ...others] = parts.toSorted((a, b) => numberOfPart(a.part) - numberOfPart(b.part))
  if (first === undefined)
    throw new NotTogetherError(`${results[0]?.folder ?? 'Nothing'} holds no load: ${whyNoLoad(results[0]?.result)}.`)
  for (const other of others) assertSame(first, other)
  const all = [first, ...others] as const
  return { parts: [first, ...others], missing: [...gaps(all, without), ...broken(all)] }
}

/** @throws NotTogetherError */
function assertSame(one: Part & { result: RunResult }, other: Part & { result: RunResult }): void {
  for (const [what, of] of COMMON) {
    const [own, others] = [of(one.result, one.load), of(other.result, other.load)]
    if (own !== others) {
      throw new NotTogetherError(
        `${one.folder} and ${other.folder} are not parts of one load: their ${what} differ (${shown(own)} and ${shown(others)}).`,
      )
    }
  }
  if (numberOfPart(one.part) === numberOfPart(other.part)) throw twice(one, other)
}

const twice = (one: Part, other: Part): NotTogetherError =>
  new NotTogetherError(
    `${one.folder} and ${other.folder} are the same part of the load (execution segment ${one.part.segment}): its calls would count twice.`,
  )

/** Parts of the sequence that are not there. @throws NotTogetherError where one is there twice, or belongs to no sequence */
function gaps(parts: readonly [Part, ...Part[]], without: readonly ReadResult[]): string[] {
  const seen = new Map<number, Part>()
  for (const one of parts) {
    const number = numberOfPart(one.part)
    const known = seen.get(number)
    if (known !== undefined) throw twice(known, one)
    if (number === 0) {
      throw new NotTogetherError(
        `${one.folder}: its execution segment ${one.part.segment} is none of the sequence ${one.part.sequence}.`,
      )
    }
    seen.set(number, one)
  }
  const whys = without.map(({ folder, result }) => ` (${folder} holds no load: ${whyNoLoad(result)})`)
  const segments = segmentsOf(parts[0].part)
  return segments.flatMap((segment, index) =>
    seen.has(index + 1)
      ? []
      : [`part ${index + 1} of ${segments.length} (execution segment ${segment}) is missing${whys.shift() ?? ''}`],
  )
}

/** Parts that did not come to their end. */
function broken(parts: readonly (Part & { result: RunResult })[]): string[] {
  return parts.flatMap((one) => (one.result.verdict === 'interrupted' ? [`${nameOf(one)} was interrupted`] : []))
}

function whyNoLoad(result: RunResult | undefined): string {
  if (result === undefined) return 'there is no result'
  if (result.command === 'run') return "it is a conformance run, and 'merge' joins the parts of a load"
  const [why] = result.notRun.filter(({ kind }) => kind === 'load' || kind === 'blocked')
  return (why?.why ?? result.sentence ?? 'no load was made').replace(/\.$/, '')
}

const shown = (value: unknown): string =>
  value === undefined ? 'none' : typeof value === 'string' ? value : JSON.stringify(value)
