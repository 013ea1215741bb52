/**
 * `junit.xml`: a testsuite for the survey, one per area, and those of `cases.ts`. Valid by the strictest schema that is in use,
 * junit-10.xsd of Jenkins' xUnit plugin.
 */
import type { RunResult } from '../result/result.js'
import type { ScenarioResult } from '../result/scenario-result.js'
import { type Case, casesOf } from './cases.js'
import { clip } from './html.js'
import { isBeside } from './parts.js'

/**
 * @param folder the report's, as a CI job names it from where it works: relative to that, or absolute. Attachments are named by it
 * @returns the document's text
 */
export function junit(result: RunResult, folder = ''): string {
  const cases = casesOf(result)
  const suites = [...new Set(cases.map(({ suite }) => suite))]
  const seconds = (Date.parse(result.endedAt) - Date.parse(result.startedAt)) / 1000 || 0
  const { tests, failures, errors } = counts(cases)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${xml(`ringproof ${result.target.name}`)}" tests="${tests}" failures="${failures}" errors="${errors}" time="${seconds.toFixed(3)}">`,
    ...suites.flatMap((suite) => {
      const own = cases.filter((one) => one.suite === suite)
      return suiteLines(result, own, { suite, folder })
    }),
    '</testsuites>',
    '',
  ].join('\n')
}

function suiteLines(
  result: RunResult,
  cases: readonly Case[],
  { suite, folder }: { readonly suite: string; readonly folder: string },
): string[] {
  const seconds = cases.reduce((sum, one) => sum + one.seconds, 0)
  const { tests, failures, errors, skipped } = counts(cases)
  const numbers = `tests="${tests}" failures="${failures}" errors="${errors}" skipped="${skipped}"`
  return [
    `  <testsuite name="${xml(suite)}" ${numbers} time="${seconds.toFixed(3)}" timestamp="${xml(result.startedAt)}">`,
    '    <properties>',
    ...properties(result).map(([name, value]) => `      <property name="${name}" value="${xml(clip(value, 500))}"/>`),
    '    </properties>',
    ...cases.flatMap((one) => caseLines(one, `${result.target.name}.${suite}`, folder)),
    '  </testsuite>',
  ]
}

/** What was tested, by what, and how. */
function properties({ ringproof, command, target, clock, seed, selection, comparison, repeat }: RunResult) {
  const all: readonly (readonly [string, string | undefined])[] = [
    ['ringproof', ringproof],
    ['command', command],
    ['target', target.name],
    ['target.file', target.file],
    ['target.software', target.software?.join(', ')],
    ['clock', clock],
    ['seed', String(seed)],
    ['shard', selection?.shard],
    ['baseline', comparison?.base.name],
    ['repeat', repeat],
  ]
  return all.flatMap(([name, value]): [string, string][] =>
    value === undefined || value === '' ? [] : [[name, value]],
  )
}

function caseLines(one: Case, classname: string, folder: string): string[] {
  const head = `    <testcase classname="${xml(classname)}" name="${xml(one.name)}" time="${one.seconds.toFixed(3)}"`
  const told = outputOf(one, folder)
  const output = told === '' ? [] : [`      <system-out>${xml(told)}</system-out>`]
  if (one.state === 'passed') return output.length === 0 ? [`${head}/>`] : [`${head}>`, ...output, '    </testcase>']
  const message = `message="${xml(clip(one.message, 500))}"`
  const type = one.state === 'skipped' ? '' : ` type="${one.state}"`
  const inner = one.text === '' || one.state === 'skipped' ? '/>' : `>${xml(one.text)}</${one.state}>`
  return [`${head}>`, `      <${one.state} ${message}${type}${inner}`, ...output, '    </testcase>']
}

/** What stands beside a verdict: of what is skipped the details, all attempts where there were several, captures as attachments. */
function outputOf({ state, text, of }: Case, folder: string): string {
  const details = state === 'skipped' && text !== '' ? [text] : []
  const attempts = of === undefined ? [] : attemptLines(of)
  const told = [...details, ...attempts].map((line) => line.replaceAll('[[ATTACHMENT|', '[[ATTACHMENT |'))
  const isAttached = state === 'failure' || state === 'error' || details.length > 0
  return [...told, ...(of === undefined || !isAttached ? [] : attachments(of, folder))].join('\n')
}

function attemptLines({ attempts = [] }: ScenarioResult): string[] {
  return attempts.map(
    ({ verdict, reason }, index) => `attempt ${index + 1}: ${verdict}${reason === '' ? '' : `: ${clip(reason, 1000)}`}`,
  )
}

/** As Jenkins' JUnit Attachments plugin and GitLab read them, a line each; GitLab shows the first. */
function attachments({ evidence }: ScenarioResult, folder: string): string[] {
  return evidence
    .filter((path) => isBeside(path) && !/[|\]\n\r]/.test(path))
    .map((path) => `[[ATTACHMENT|${folder === '' ? path : `${folder}/${path}`}]]`)
}

function counts(cases: readonly Case[]) {
  const of = (state: Case['state']) => cases.filter((one) => one.state === state).length
  return { tests: cases.length, failures: of('failure'), errors: of('error'), skipped: of('skipped') }
}

/** Text for XML: what XML 1.0 cannot hold at all is replaced by U+FFFD, the rest escaped; line breaks stay. */
export function xml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
    .replace(/\r/g, '&#13;')
}
