/** What GitHub Actions shows beside the files of a pull request: workflow commands on a line each. */
import type { Finding } from '../result/finding.js'
import type { RunResult } from '../result/result.js'
import type { ScenarioResult } from '../result/scenario-result.js'
import { kindWord } from './finding-view.js'
import { clip } from './html.js'
import { sparingOf } from './spared.js'

/** GitHub keeps ten of a kind of each step. */
const MOST = 10

/** Errors for mistakes in the user's own scenarios, by file and line, then for what fails the run. */
export function annotations(result: RunResult): string[] {
  const defects = result.scenarios.filter(({ verdict }) => verdict === 'error').map(ofDefect)
  const failing = sparingOf(result).failing.map((finding) => ofFinding(finding, result))
  return [...defects, ...failing].slice(0, MOST)
}

function ofDefect({ id, reason, file, defect }: ScenarioResult): string {
  const place = { file: defect?.file ?? file, line: defect?.line, col: defect?.column }
  return command({ ...place, title: `ringproof: ${id}` }, defect?.message ?? reason)
}

function ofFinding(finding: Finding, { scenarios, selection }: RunResult): string {
  const { title, expected, actual, harm } = finding
  const [place] = finding.scenarios
  const own = selection?.own ?? []
  // A built-in scenario is no file of the repository.
  const file = scenarios.find(({ id }) => id === place?.scenario)?.file
  const isOwn = file !== undefined && own.some((folder) => file.startsWith(`${folder.replace(/\/+$/, '')}/`))
  const lines = [
    title,
    ...(expected === undefined ? [] : [`expected: ${clip(expected, 300)}`]),
    ...(actual === undefined ? [] : [`actual: ${clip(actual, 300)}`]),
    ...(harm === undefined ? [] : [clip(harm, 500)]),
  ]
  return command({ ...(isOwn ? { file } : {}), title: `ringproof: ${kindWord(finding)}` }, lines.join('\n'))
}

function command(properties: Readonly<Record<string, string | number | undefined>>, message: string): string {
  const told = Object.entries(properties).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${escaped(String(value)).replaceAll(':', '%3A').replaceAll(',', '%2C')}`],
  )
  return `::error ${told.join(',')}::${escaped(message)}`
}

/** As GitHub's own toolkit writes it, so that nothing that came from the network begins a command of its own. */
const escaped = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
