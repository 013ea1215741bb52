/** Loads that are split by k6's execution segments: `0,1/3,2/3,1` is a sequence, `1/3:2/3` the segment of its second part. */
import type { LoadPart } from '../result/load-result.js'
import type { TargetDocument } from '../target/target-schema.js'
import { LoadNotAllowedError } from './not-allowed.js'

/** One part of so many, counted from 1. */
export interface PartNumber {
  readonly index: number
  readonly of: number
}

/** The segment of a part, all parts being alike. */
export function segmentOf({ index, of }: PartNumber): LoadPart {
  const edge = (number: number) => (number === 0 ? '0' : number === of ? '1' : `${number}/${of}`)
  return {
    segment: `${edge(index - 1)}:${edge(index)}`,
    sequence: Array.from({ length: of + 1 }, (_, number) => edge(number)).join(','),
  }
}

/** Arguments of k6 that make it carry out a part only. */
export const segmentArgs = ({ segment, sequence }: LoadPart): string[] => [
  `--execution-segment=${segment}`,
  `--execution-segment-sequence=${sequence}`,
]

/** What of the whole load a part carries out, 0 to 1. */
export function shareOf({ segment }: LoadPart): number {
  const [from = 0, to = 1] = segment.includes(':') ? segment.split(':').map(numberOf) : [0, numberOf(segment)]
  return to - from
}

/**
 * The segments of a sequence in their order. Without a sequence, k6 knows that of the segment alone: halves, thirds and so on.
 */
export function segmentsOf({ segment, sequence }: LoadPart): string[] {
  const edges = sequence === '' ? edgesFor(segment) : sequence.split(',')
  return edges.slice(1).map((edge, index) => `${edges[index]}:${edge}`)
}

/** The part's number among those of its sequence, from 1; 0 where it is none of them. */
export function numberOfPart(part: LoadPart): number {
  const share = (one: string) => one.split(':').map(numberOf).join(':')
  const own = share(part.segment.includes(':') ? part.segment : `0:${part.segment}`)
  return segmentsOf(part).findIndex((segment) => share(segment) === own) + 1
}

/**
 * The target as one part may use it: accounts that no other part has, since two devices of one account would ring for each other's
 * calls, and its share of the limits, which hold for all parts together.
 * @throws LoadNotAllowedError where there is not enough for all parts
 */
export function documentOfPart(document: TargetDocument, part: PartNumber | undefined): TargetDocument {
  if (part === undefined || part.of === 1) return document
  const { index, of } = part
  const { accounts, limits } = document
  const isUsable = ({ roles }: TargetDocument['accounts'][number]) => roles.includes('any')
  const usable = accounts.filter(isUsable)
  if (usable.length < of) {
    throw new LoadNotAllowedError(
      `${document.name} has ${usable.length} accounts for any use, and each of the ${of} parts needs at least one of its own (two, to call between accounts): add accounts to the target file, or split it into fewer parts.`,
    )
  }
  if (limits.concurrentCalls < of) {
    throw new LoadNotAllowedError(
      `${document.name} allows ${limits.concurrentCalls} calls at a time (limits.concurrentCalls), which cannot be shared by ${of} parts.`,
    )
  }
  return {
    ...document,
    accounts: usable.filter((_, number) => number % of === index - 1),
    limits: {
      ...limits,
      concurrentCalls: Math.floor(limits.concurrentCalls / of),
      callsPerSecond: limits.callsPerSecond / of,
    },
  }
}

function edgesFor(segment: string): string[] {
  const size = shareOf({ segment, sequence: '' })
  const of = Math.max(1, Math.round(1 / size))
  return segmentOf({ index: 1, of }).sequence.split(',')
}

/** k6 takes `1/4`, `0.25` and `25%`. */
function numberOf(text: string): number {
  const [above = '', below = '1'] = text.trim().split('/')
  const number = above.endsWith('%') ? Number(above.slice(0, -1)) / 100 : Number(above)
  return Math.round((number / Number(below)) * 1e9) / 1e9
}
