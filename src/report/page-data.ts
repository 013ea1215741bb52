/**
 * What the page carries for its script: packed, since ladders with the text of their messages are bulky and repeat themselves; and in
 * pieces, so that a reader waits for the piece with the scenario that is opened, and never for all of them.
 */
import { promisify } from 'node:util'
import { deflateRaw } from 'node:zlib'
import type { ScenarioResult } from '../result/scenario-result.js'
import type { Finding } from '../result/finding.js'
import type { VitalSign } from '../result/survey-result.js'
import type { LoadResult } from '../result/load-result.js'
import type { RunResult } from '../result/result.js'
import { PIECE_MARKUP } from './page-head.js'
import { areaTitles } from './parts.js'
import { keyOf } from './places.js'
import { searchText } from './scenario-list.js'

/** The data behind a page, as its script finds it. */
export interface PageData {
  readonly ringproof: string
  readonly target: string
  readonly startedAt: string
  readonly areas: readonly (readonly [string, string])[]
  readonly rows: readonly { readonly id: string; readonly text: string }[]
  readonly findings: Finding[]
  /** Of each piece: the keys of what is in it, with what the filter finds it by beside what its row shows. */
  readonly pieces: readonly (readonly { readonly key: string; readonly text: string }[])[]
  /** Key of the scenario that is shown first. */
  readonly opens?: string
  readonly load?: Pick<LoadResult, 'series' | 'incidents'>
}

/** One piece, unpacked. */
export type Piece = (ScenarioResult | VitalSign)[]

/** What stands in the page: each is Base64 of raw DEFLATE of JSON, `data` of `PageData`, the pieces of `Piece`. */
export interface PackedData {
  readonly data: string
  readonly pieces: string[]
}

/** Characters of JSON of a piece: unpacked in a few milliseconds, and enough for what repeats itself to be found. */
const PIECE = 400_000

/** What each says of the relays is summed up on the page. */
function withoutAudio<T extends ScenarioResult>({ audio: _audio, ...scenario }: T): Omit<T, 'audio'> {
  return scenario
}

type Execution = Piece[number]

const passed = ({ verdict }: Execution) => verdict === 'pass'
const harmless = ({ verdict }: Execution) => verdict !== 'fail' && verdict !== 'error'

/** What is left out where all is too much, one after the other. */
const STEPS: readonly ((one: Execution) => Execution)[] = [
  (one) => (passed(one) ? withoutMessages(one) : one),
  (one) => (harmless(one) ? withoutMessages(one) : one),
  withoutMessages,
  ({ ladder: _ladder, ...rest }) => rest,
]

/**
 * Where all is too much, texts of messages are left out, of scenarios that passed first, and of no more than has to be; they are in
 * `result.json` and in the capture files.
 * @param most characters that it may have, where that can be done
 * @param opens key of the scenario that is shown first
 */
export async function packData(result: RunResult, most: number, opens?: string): Promise<PackedData> {
  const { load, survey, scenarios } = result
  // What belongs together is packed together.
  const sorted = scenarios.map(withoutAudio).toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
  const pieces = inPieces([...(survey?.vitalSigns.map(withoutAudio) ?? []), ...sorted])
  const areas = areaTitles(result)
  const base: PageData = {
    ringproof: result.ringproof,
    target: result.target.name,
    startedAt: result.startedAt,
    areas: [...areas],
    rows: result.providerRows ?? [],
    findings: result.findings,
    pieces: pieces.map((piece) => piece.map((one) => ({ key: keyOf(one), text: searchText(one, areas) }))),
    ...(opens === undefined ? {} : { opens }),
    ...(load
      ? {
          load: {
            ...(load.series ? { series: load.series } : {}),
            ...(load.incidents ? { incidents: load.incidents } : {}),
          },
        }
      : {}),
  }
  const [data, packed] = await Promise.all([pack(base), Promise.all(pieces.map(pack))])
  let excess = data.length + packed.reduce((sum, piece) => sum + piece.length + PIECE_MARKUP, 0) - most
  for (const step of STEPS) {
    for (const [index, piece] of pieces.entries()) {
      if (excess <= 0) return { data, pieces: packed }
      const less = piece.map(step)
      if (less.every((one, at) => one === piece[at])) continue
      // oxlint-disable-next-line no-await-in-loop -- each only where those before were not enough
      const text = await pack(less)
      excess -= (packed[index]?.length ?? 0) - text.length
      pieces[index] = less
      packed[index] = text
    }
  }
  return { data, pieces: packed }
}

function inPieces(executions: readonly Execution[]): Piece[] {
  const pieces: Piece[] = []
  let size = Infinity
  for (const one of executions) {
    const length = JSON.stringify(one).length
    if (size + length > PIECE) {
      pieces.push([])
      size = 0
    }
    pieces.at(-1)?.push(one)
    size += length
  }
  return pieces
}

const deflated = promisify(deflateRaw)

/** On a thread of its own: an interruption is heard meanwhile. */
async function pack(data: PageData | Piece): Promise<string> {
  const bytes = await deflated(JSON.stringify(data), { level: 9 })
  return bytes.toString('base64')
}

function withoutMessages<T extends Execution>(scenario: T): T {
  if (!scenario.ladder?.arrows.some(({ message }) => message !== undefined)) return scenario
  const arrows = scenario.ladder.arrows.map(({ message: _message, ...arrow }) => arrow)
  return { ...scenario, ladder: { ...scenario.ladder, arrows } }
}
