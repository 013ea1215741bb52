/** A finding as a card: what is wrong, who notices, what to do, where and how often, the broken rules, what else is broken because of it. */
import type { Step, Verdict } from '../result/terms.js'
import type { Finding } from '../result/finding.js'
import type { RunResult } from '../result/result.js'
import { count } from './format.js'
import { GRAVITIES } from './gravities.js'
import { html, type Html } from './html.js'
import { badge, evidenceLinks, fact, folded, foldedText, gravityBadge, onDemand, sign, wire } from './parts.js'
import { executionsOf, isPlaceOf, placeLines } from './places.js'
import { slug } from './verdicts.js'

/** Captures that a card links to itself. */
const MOST_PACKETS = 2
/** Promises that a card says in words; of others it shows the number. */
const MOST_PROMISES = 2
/** Broken rules that a card shows unfolded. */
const MOST_RULES = 1
/** Scenarios that are listed unfolded under a consequence. */
const MOST_PLACES = 4

const STEPS: Readonly<Record<Step, string>> = {
  register: 'registering',
  call: 'calling',
  talk: 'talking',
  'hang up': 'hanging up',
}

/** Where the card of a finding is on the page. */
export function findingAnchor(finding: Finding, { findings }: Pick<RunResult, 'findings'>): string {
  return `finding-${findings.indexOf(finding)}`
}

/** Where what a finding blocks is listed. */
export function blockedAnchor(finding: Finding, result: Pick<RunResult, 'findings'>): string {
  return `blocked-by-${findingAnchor(finding, result)}`
}

/** What the edge and the signs of a finding are coloured by. */
function severityVerdict({ severity }: Finding): Verdict {
  return severity === 'info' ? 'not applicable' : severity
}

/** What a card and a headline begin with: the gravity, or what else kind of finding it is. */
export function findingBadge(finding: Finding): Html {
  const word = kindWord(finding)
  switch (finding.kind) {
    case 'vital-sign':
    case 'rule':
    case 'standing-check':
    case 'load':
      return finding.severity === 'info' ? badge('not applicable', word) : gravityBadge(finding.gravity)
    case 'unsteady':
      return html`${badge('inconclusive', word)} ${gravityBadge(finding.gravity)}`
    case 'foreign-hands':
      return badge('inconclusive', word)
    case 'unexpected-pass':
      return badge('warn', word)
    case 'defect':
      return badge('error', word)
    default:
      return finding.kind satisfies never
  }
}

/** The same in a word. */
export function kindWord({ kind, severity, gravity }: Finding): string {
  if (kind === 'unsteady') return 'not confirmed'
  if (kind === 'foreign-hands') return 'accounts in use'
  if (kind === 'unexpected-pass') return 'unexpected pass'
  if (kind === 'defect') return 'defect'
  return severity === 'info' ? 'note' : GRAVITIES[gravity].word
}

function edge(finding: Finding): string {
  if (finding.severity === 'info') return 'e-not-applicable'
  if (finding.kind === 'foreign-hands' || finding.kind === 'unsteady') return 'e-inconclusive'
  return finding.kind === 'unexpected-pass' ? 'e-warn' : `g-${finding.gravity}`
}

export function findingCard(finding: Finding, result: RunResult): Html {
  const verdict = severityVerdict(finding)
  const rows = finding.provider.flatMap((id) => result.providerRows?.find((row) => row.id === id) ?? { id, text: '' })
  const { title, evidence, severity } = finding
  return html`<li class="finding ${edge(finding)}" id="${findingAnchor(finding, result)}">
<h3>${findingBadge(finding)} ${severity !== 'info' && html`<span class="severity t-${slug(verdict)}">${sign(verdict)}${severity}</span>`} ${wire(title, 300)}</h3>
<div class="twofold"><dl>
${fact('Who notices', foldedText(whoNotices(finding)))}
${fact('What to do', adviceOf(finding))}
${fact('Where', whereWords(finding))}
${fact('Seen in', seenIn(finding, result))}
${fact('Not tested', notRunBecause(finding, result))}
${fact('Undecided', undecidedBecause(finding, result))}
</dl><div>${rulesOf(finding, verdict)}<dl class="also">
${fact('Promise', rows.length > 0 && rows.map(({ id, text }, index) => html`<span class="tag" title="${text}">${id}</span> ${index < MOST_PROMISES && text} `))}
${fact('Packets', evidence.length > 0 && html`${evidenceLinks(evidence.slice(0, MOST_PACKETS))}${evidence.length > MOST_PACKETS && html` <span class="aside">and ${evidence.length - MOST_PACKETS} more, with the scenarios</span>`}`)}
</dl>${consequencesOf(finding, result)}</div></div></li>`
}

/** Whom a card concerns: the title says what happens, and what it says is not said once more. */
export function whoNotices({ id, harm = '', title, gravity, reach, kind }: Finding): string {
  // What heads a card of what was not confirmed is told with that.
  const end = /[.!?](?=\s+\p{Lu})|[.!?]?$/u.exec(harm)?.index ?? harm.length
  if (harm !== '' && !title.endsWith(harm.slice(0, end))) return harm
  const more = harm.slice(end).replace(/^[.!?]?\s*/, '')
  // A vital sign says whom it concerns.
  if (kind === 'vital-sign' && more !== '') return more
  return [(gravity === 'exposure' ? EXPOSED[id] : undefined) ?? concerned(gravity, reach?.step), more]
    .filter((part) => part !== '')
    .join(' ')
}

/** What opens the service and is noticed all the same, by cause. */
const EXPOSED: Readonly<Record<string, string>> = {
  'privacy-broken': 'Customers who withhold their number, once those whom they call know it.',
  'lamp-shows-withheld': 'Customers who withhold their number, once those whom they call are known to others.',
  'code-without-effect': 'Customers who hide their number, once those whom they call know it.',
  'code-on-other-account': 'Customers whose services change although they dialled nothing.',
  'wrong-audio': 'Customers in calls: they hear strangers.',
  'mailbox-of-others': 'Customers who listen to their mailbox, and those whose messages are heard there.',
}

export function concerned(gravity: Finding['gravity'], step: Step | undefined): string {
  if (gravity === 'exposure') return 'Nobody, until somebody abuses it.'
  if (gravity === 'letter') return 'Hardly anybody: devices that insist on the standard.'
  return step === undefined ? 'The customers whom the title names.' : CONCERNED[step]
}

const CONCERNED: Readonly<Record<Step, string>> = {
  register: 'Customers: their devices register, and are called, by this.',
  call: 'Customers who call or are called.',
  talk: 'Customers in calls.',
  'hang up': 'Customers, when one side hangs up.',
}

/** As the gravest rule says; what others say is a click away. */
function adviceOf({ advice, moreAdvice = [] }: Finding): Html | undefined {
  if (advice === undefined) return undefined
  const rest = moreAdvice.map((one) => html`<li>${wire(one, 2000)}</li>`)
  return html`${foldedText(advice)}${rest.length > 0 && html`<details><summary>more advice, for the other rules</summary><ul class="plain">${rest}</ul></details>`}`
}

function whereWords({ where, reach, kind }: Finding): Html | undefined {
  if (where) return wire(where.text)
  const everywhere = reach !== undefined && reach.of > 1 && reach.showed === reach.of && kind !== 'load'
  return everywhere ? html`everywhere it was tested` : undefined
}

function seenIn(finding: Finding, result: RunResult): Html | undefined {
  const { scenarios, reach, count: times = 0 } = finding
  const step = reach?.step === undefined ? '' : ` (${STEPS[reach.step]})`
  const often = times > scenarios.length ? `, ${count(times, 'time')}` : ''
  if (scenarios.length === 0) return often === '' ? undefined : html`${count(times, 'time')}`
  const lines = placeLines(scenarios, result)
  const share = reach
    ? `${reach.showed} of ${count(reach.of, 'test')}${step}${often}`
    : `${count(scenarios.length, 'test')}${often}`
  if (lines.length === 1) return html`<ul class="inline">${lines}</ul> <span class="aside">${share}</span>`
  return onDemand(`${share}, in ${count(lines.length, 'scenario')}`, html`<ul class="plain">${lines}</ul>`)
}

function notRunBecause(finding: Finding, result: RunResult): Html | undefined {
  const blocks = blockedBy(finding, result)
  if (blocks === 0) return undefined
  return html`<a href="#${blockedAnchor(finding, result)}">${count(blocks, 'test')} because of this</a>`
}

/** How many executions were not run because of a finding: as many as are listed under Not tested. */
export function blockedBy({ id, blocks = 0 }: Finding, { notRun }: Pick<RunResult, 'notRun'>): number {
  const listed = notRun.filter((entry) => entry.kind === 'blocked' && entry.blockedBy === id)
  return listed.length === 0 ? blocks : listed.reduce((sum, { count: many = 1 }) => sum + many, 0)
}

/** What somebody else's use of the accounts spoiled. */
function undecidedBecause({ kind }: Finding, result: RunResult): Html | undefined {
  if (kind !== 'foreign-hands') return undefined
  const spoiled = executionsOf(result).filter(({ reasonCode }) => reasonCode === 'foreign-hands')
  if (spoiled.length === 0) return undefined
  return html`<a href="#undecided">${count(spoiled.length, 'test')} could not be decided because of this</a>`
}

/** What is broken, for whoever has to mend it. */
function rulesOf(finding: Finding, verdict: Verdict): Html {
  const { broken = [], rule, expected, actual, title } = finding
  const tone = `t-${slug(verdict)}`
  const values = (one: { expected?: string | undefined; actual?: string | undefined; line?: string | undefined }) =>
    html`${fact('Expected', one.expected && wire(one.expected))}
${fact('Actual', one.actual && one.actual !== title && html`<span class="${tone}">${wire(one.actual)}</span>`)}
${fact('Line', one.line && html`<code class="line">${wire(one.line)}</code>`)}`
  if (broken.length === 0) return html`<dl>${fact('Rule', rule && wire(rule))}${values({ expected, actual })}</dl>`
  const items = broken.map(
    (
      one,
    ) => html`<dl class="broken">${fact('The rule says', html`${wire(one.paraphrase)} <span class="aside"><span class="level">${one.level}</span> ${wire(one.rule)}</span>`)}
${values(one)}${fact('Known', one.expectedFailure && wire(one.expectedFailure))}</dl>`,
  )
  const rest = items.slice(MOST_RULES)
  return html`${items.slice(0, MOST_RULES)}${rest.length > 0 && html`<details><summary>${count(rest.length, 'more rule that was broken', 'more rules that were broken')}</summary>${rest}</details>`}`
}

function consequencesOf({ consequences = [] }: Finding, result: RunResult): Html | undefined {
  if (consequences.length === 0) return undefined
  const items = consequences.map(
    ({ title, scenarios }) =>
      html`<li>${wire(title, 300)}${folded(placeLines(scenarios, result), MOST_PLACES, (more) => count(more, 'more scenario'))}</li>`,
  )
  return html`<details class="consequences"><summary>Also broken because of this (${consequences.length})</summary><ul>${items}</ul></details>`
}

/** The finding of a vital sign, or another by its id. */
export function findingById(id: string | undefined, { findings }: Pick<RunResult, 'findings'>): Finding | undefined {
  return id === undefined ? undefined : findings.find((finding) => finding.id === id)
}

/** The findings that an execution is part of, in the run's order. */
export function findingsAt(
  execution: Parameters<typeof isPlaceOf>[1],
  { findings }: Pick<RunResult, 'findings'>,
): Finding[] {
  return findings.filter(({ scenarios }) => scenarios.some((place) => isPlaceOf(place, execution)))
}
