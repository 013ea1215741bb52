/** What the page carries for its script: packed, since ladders with the text of their messages are bulky and repeat themselves. */
import { promisify } from 'node:util'
import { deflateRaw } from 'node:zlib'
import type { ScenarioResult } from '../result/scenario-result.js'
import type { Finding } from '../result/finding.js'
import type { SurveyResult } from '../result/survey-result.js'
import type { LoadResult } from '../result/load-result.js'
import type { RunResult } from '../result/result.js'
import { areaTitles } from './parts.js'

/** The data behind a page, as its script finds it. */
export interface PageData {
  readonly ringproof: string
  readonly target: string
  readonly startedAt: string
  readonly areas: readonly (readonly [string, string])[]
  readonly rows: readonly { readonly id: string; readonly text: string }[]
  readonly findings: Finding[]
  readonly scenarios: ScenarioResult[]
  readonly survey?: SurveyResult
  /** Key of the scenario that is shown first. */
  readonly opens?: string
  readonly load?: Pick<LoadResult, 'series' | 'incidents'>
}

/** What each says of the relays is summed up on the page. */
const withoutAudio = ({ audio: _audio, ...scenario }: ScenarioResult): ScenarioResult => scenario

/**
 * The data as Base64 of raw DEFLATE of JSON. Where that is too much, texts of messages are left out, of scenarios that passed first;
 * they are in `result.json` and in the capture files.
 * @param most characters that it may have, where that can be done
 * @param opens key of the scenario that is shown first
 */
export async function packData(result: RunResult, most: number, opens?: string): Promise<string> {
  const { load } = result
  const base: PageData = {
    ringproof: result.ringproof,
    target: result.target.name,
    startedAt: result.startedAt,
    areas: [...areaTitles(result)],
    rows: result.providerRows ?? [],
    findings: result.findings,
    scenarios: [],
    ...(opens === undefined ? {} : { opens }),
    ...(result.survey ? { survey: result.survey } : {}),
    ...(load
      ? {
          load: {
            ...(load.series ? { series: load.series } : {}),
            ...(load.incidents ? { incidents: load.incidents } : {}),
          },
        }
      : {}),
  }
  const harmless = (scenario: ScenarioResult) => scenario.verdict !== 'fail' && scenario.verdict !== 'error'
  const steps: ((scenario: ScenarioResult) => ScenarioResult)[] = [
    (scenario) => scenario,
    (scenario) => (scenario.verdict === 'pass' ? withoutMessages(scenario) : scenario),
    (scenario) => (harmless(scenario) ? withoutMessages(scenario) : scenario),
    withoutMessages,
    ({ ladder: _ladder, ...scenario }) => scenario,
  ]
  let packed = ''
  for (const step of steps) {
    // oxlint-disable-next-line no-await-in-loop -- each step only where the one before was not enough
    packed = await pack({ ...base, scenarios: result.scenarios.map(withoutAudio).map(step) })
    if (packed.length <= most) break
  }
  return packed
}

const deflated = promisify(deflateRaw)

/** On a thread of its own: an interruption is heard meanwhile. */
async function pack(data: PageData): Promise<string> {
  const bytes = await deflated(JSON.stringify(data), { level: 9 })
  return bytes.toString('base64')
}

function withoutMessages(scenario: ScenarioResult): ScenarioResult {
  if (!scenario.ladder) return scenario
  const arrows = scenario.ladder.arrows.map(({ message: _message, ...arrow }) => arrow)
  return { ...scenario, ladder: { ...scenario.ladder, arrows } }
}
