/** A scenario as text for a bug tracker: section, case, rule, expected and actual, ladder, how to repeat it. */
import type { CheckResult, LadderArrow, ScenarioResult } from '../result/scenario-result.js'
import type { VitalSign } from '../result/survey-result.js'
import { duration, offset } from './format.js'
import { GRAVITIES } from './gravities.js'
import { clip, visible } from './html.js'
import { harmOf } from './parts.js'
import { REASONS } from './reasons.js'
import { SIGNS, VERDICTS } from './verdicts.js'

export interface RunWords {
  readonly ringproof: string
  readonly target: string
  readonly startedAt: string
}

const LONG = 400

/** @returns lines without markup; what the network sent is shown, with what is not to be seen replaced */
export function plainText(scenario: ScenarioResult | VitalSign, run: RunWords): string {
  const {
    id,
    title,
    variant,
    verdict,
    reason,
    checks,
    story = [],
    ladder,
    evidence,
    recordings = [],
    repeat,
  } = scenario
  const order = checks.toSorted((a, b) => Number(a.verdict === 'pass') - Number(b.verdict === 'pass'))
  const arrows = ladder?.arrows ?? []
  return [
    `${SIGNS[verdict]} ${VERDICTS[verdict].word.toUpperCase()}  ${id} [${variant.transport} ${variant.family}]`,
    `  ${text(title)}`,
    ...(reason === '' ? [] : [`  ${text(reason)}`]),
    ...undecided(scenario),
    `  target ${text(run.target)}, ${run.startedAt}, ringproof ${run.ringproof}`,
    ...noticed(scenario),
    '',
    'Rules',
    ...order.flatMap((check) => checkLines(check, arrows)),
    ...section(
      'What happened',
      story.map((one) => `  ${offset(one.atMs).padStart(8)} s  ${text(one.text)}`),
    ),
    ...section('Messages', arrows.map(arrowLine)),
    ...section(
      'Evidence',
      [...evidence, ...recordings.flatMap((one) => one.evidence)].map((path) => `  ${text(path)}`),
    ),
    ...section('Repeat', repeat === undefined ? [] : [`  ${text(repeat)}`]),
    '',
  ].join('\n')
}

/** Who notices that it failed, and what to do. */
function noticed(scenario: ScenarioResult): string[] {
  const { verdict, advice } = scenario
  const harm = harmOf(scenario)
  if (verdict !== 'fail' && verdict !== 'warn') return []
  return [
    ...(harm === undefined ? [] : [`  who notices: ${text(harm)}`]),
    ...(advice === undefined ? [] : [`  what to do: ${text(advice)}`]),
  ]
}

/** What the code of the reason means, where nothing was decided. */
function undecided({ verdict, reasonCode }: ScenarioResult): string[] {
  if (reasonCode === undefined || (verdict !== 'inconclusive' && verdict !== 'error')) return []
  const { what, remedy } = REASONS[reasonCode]
  return [`  ${what}.${remedy === '' ? '' : ` ${remedy}`}`]
}

function section(name: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', name, ...lines]
}

function checkLines(check: CheckResult, arrows: readonly LadderArrow[]): string[] {
  const head = `  ${SIGNS[check.verdict]} ${check.level} ${text(check.rule)}  ${text(check.paraphrase ?? check.id)}`
  if (check.verdict === 'pass') return [head]
  const { word, meaning } = GRAVITIES[check.gravity]
  const isBroken = check.verdict === 'fail' || check.verdict === 'warn'
  const arrow = check.arrow === undefined ? undefined : arrows[check.arrow]
  return [
    head,
    ...(isBroken ? [`      gravity   ${word}: ${meaning}`] : []),
    `      expected  ${text(check.expected)}`,
    `      actual    ${text(check.actual)}`,
    ...(check.line === undefined ? [] : [`      line      ${text(check.line)}`]),
    ...(arrow ? [`      in        ${text(arrow.label)} at ${offset(arrow.atMs)} s`] : []),
    ...(check.expectedFailure === undefined ? [] : [`      known deviation: ${text(check.expectedFailure)}`]),
    ...(arrow?.message === undefined ? [] : messageLines(arrow.message, check.line)),
  ]
}

function messageLines(message: string, bad: string | undefined): string[] {
  const lines = message.trimEnd().split(/\r?\n/)
  return lines.map((line) => `        ${bad !== undefined && line.trim() === bad.trim() ? '>' : '|'} ${text(line)}`)
}

function arrowLine(arrow: LadderArrow, index: number, all: readonly LadderArrow[]): string {
  const before = all[index - 1]
  const gap = before && arrow.atMs - before.atMs > 2000 ? `          ${duration(arrow.atMs - before.atMs)} later\n` : ''
  const notes = [...(arrow.again ? ['retransmission'] : []), ...(arrow.lost ? ['lost'] : [])]
  return `${gap}  ${offset(arrow.atMs).padStart(8)} s  ${text(arrow.from)} -> ${text(arrow.to)}  ${text(arrow.label)}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`
}

function text(value: string): string {
  return visible(clip(value, LONG)).replace(/[\n\t]+/g, ' ')
}
