/** The page of one scenario, or of one vital sign. Rendered in the reader's browser from the data that the page carries. */
import type { CheckResult, LadderArrow, ScenarioResult } from '../result/scenario-result.js'
import type { Finding } from '../result/finding.js'
import type { VitalSign } from '../result/survey-result.js'
import { findingBadge } from './finding-view.js'
import { count, duration, offset } from './format.js'
import { html, type Html } from './html.js'
import { ladderView } from './ladder-view.js'
import { badge, copyable, evidenceLinks, fact, gravityBadge, harmOf, sign, wire } from './parts.js'
import { pictureView } from './pictures.js'
import { variantWords } from './places.js'
import { recordingsView } from './recordings-view.js'
import { REASONS } from './reasons.js'
import { slug, VERDICT_ORDER } from './verdicts.js'

export interface ScenarioContext {
  readonly areaTitle: string
  /** Provider rows by id. */
  readonly rows: ReadonlyMap<string, string>
  /** What standing checks found in it. */
  readonly noticed: readonly Finding[]
  /** The findings that it is part of, with their addresses on the page. */
  readonly findings: readonly { readonly finding: Finding; readonly anchor: string }[]
  /** Text for a bug tracker. */
  readonly text: string
  /** Addresses of the scenarios before and after this one in the list. */
  readonly previous?: string | undefined
  readonly next?: string | undefined
}

export function scenarioView(scenario: ScenarioResult | VitalSign, context: ScenarioContext): Html {
  const { title, verdict, reason, checks, pictures = [], ladder } = scenario
  const held = verdict === 'pass'
  // Of a vital sign that is missing, its card says the same, and who notices begins with it.
  const isTold = context.findings.some(({ finding }) => finding.title === reason)
  const all = harmOf(scenario)
  const harm = isTold && all?.startsWith(`${reason}. `) ? all.slice(reason.length + 2) : all
  const sorted = checks.toSorted((a, b) => VERDICT_ORDER.indexOf(a.verdict) - VERDICT_ORDER.indexOf(b.verdict))
  const broken = sorted.filter((check) => check.verdict !== 'pass' && check.verdict !== 'not applicable')
  const rest = sorted.filter((check) => !broken.includes(check))
  const arrows = ladder?.arrows ?? []
  return html`<article aria-labelledby="scenario-h">
<nav class="crumbs" aria-label="Scenarios"><a href="#/" data-back>← Report</a><span>${context.previous && html`<a href="${context.previous}">Previous</a>`} ${context.next && html`<a href="${context.next}">Next</a>`}</span></nav>
<header class="scenario-head"><p>${badge(verdict)} <code class="id">${scenario.id}</code> <span class="aside">${variantWords(scenario)}</span></p>
<h1 id="scenario-h" tabindex="-1">${wire(title, 400)}</h1>
${reason !== '' && !isTold && html`<p class="sentence t-${slug(verdict)}">${wire(reason, 1200)}</p>`}
${reasonWords(scenario)}
${context.findings.map(({ finding, anchor }) => html`<p>${findingBadge(finding)} <a href="#${anchor}">${wire(finding.title, 300)}</a></p>`)}</header>
<div class="columns"><div>
${!held && (harm || scenario.advice) && html`<dl class="facts harm">${fact(broken.some((check) => check.verdict !== 'inconclusive') ? 'Who notices' : 'If it breaks', harm && wire(harm, 1200))}${fact('What to do', scenario.advice && wire(scenario.advice))}</dl>`}
<section><h2>Rules</h2>
${broken.map((check) => brokenCheck(check, arrows))}
${rest.length > 0 && html`<ul class="held">${rest.map((check) => heldCheck(check, arrows))}</ul>`}
${checks.length === 0 && html`<p>No rule was checked.</p>`}</section>
${noticedView(context.noticed)}
${storyView(scenario)}
${recordingsView(scenario)}
${attemptsView(scenario)}
${repeatView(scenario, context)}
</div><div>
${pictures.map((picture) => html`<div class="picture">${pictureView(picture)}</div>`)}
${ladderSection(scenario, broken)}
</div></div></article>`
}

/** What the code of the reason means and what to do, where the verdict is about no rule. */
function reasonWords({ verdict, reasonCode }: ScenarioResult): Html | undefined {
  if (reasonCode === undefined || verdict === 'pass' || verdict === 'fail' || verdict === 'warn') return undefined
  const { what, remedy } = REASONS[reasonCode]
  return html`<p class="aside">${what}. ${remedy}</p>`
}

function brokenCheck(check: CheckResult, arrows: readonly LadderArrow[]): Html {
  const isBroken = check.verdict === 'fail' || check.verdict === 'warn'
  return html`<div class="finding e-${slug(check.verdict)}" id="check-${check.id}">
<h3>${badge(check.verdict)} ${isBroken && gravityBadge(check.gravity)} <span class="level">${check.level}</span> ${wire(check.rule)}</h3>
<dl>${fact('The rule', check.paraphrase && wire(check.paraphrase))}
${fact('Expected', wire(check.expected, 4000))}
${fact('Actual', html`<span class="t-${slug(check.verdict)}">${wire(check.actual, 4000)}</span>`)}
${fact('Line', check.line === undefined ? undefined : html`<code class="line">${wire(check.line, 4000)}</code>`)}
${fact('In', arrowLink(check, arrows))}
${fact('Known deviation', check.expectedFailure && wire(check.expectedFailure))}
${fact('Check', html`<code class="id">${check.id}</code>`)}</dl></div>`
}

function heldCheck(check: CheckResult, arrows: readonly LadderArrow[]): Html {
  return html`<li><details><summary>${sign(check.verdict)}<span class="hidden">${check.verdict}: </span><span class="level">${check.level}</span> ${wire(check.paraphrase ?? check.id, 300)} <span class="aside">${wire(check.rule)}</span></summary>
<dl>${fact('Expected', wire(check.expected, 2000))}${fact('Actual', wire(check.actual, 2000))}${fact('In', arrowLink(check, arrows))}${fact('Check', html`<code class="id">${check.id}</code>`)}</dl></details></li>`
}

function arrowLink(check: CheckResult, arrows: readonly LadderArrow[]): Html | undefined {
  const arrow = check.arrow === undefined ? undefined : arrows[check.arrow]
  if (!arrow) return undefined
  return html`<button type="button" class="link" data-open="${check.arrow}">${wire(arrow.label, 80)} at ${offset(arrow.atMs)} s</button>`
}

function noticedView(findings: readonly Finding[]): Html | undefined {
  if (findings.length === 0) return undefined
  const items = findings.map(({ id, severity, title, rule, expected, actual }) => {
    const verdict = severity === 'info' ? 'not applicable' : severity
    return html`<li><details><summary>${badge(verdict, severity === 'info' ? 'note' : severity)} ${wire(title, 300)} <span class="aside">${rule && wire(rule)}</span></summary>
<dl>${fact('Expected', expected && wire(expected, 2000))}${fact('Actual', actual && wire(actual, 2000))}${fact('Check', html`<code class="id">${id}</code>`)}</dl></details></li>`
  })
  return html`<section><h2>Standing checks</h2><p class="aside">They run on everything that the target sends, and found this in this scenario.</p><ul class="held">${items}</ul></section>`
}

/** Where it was run again: what each attempt came to. The rest of the page shows the one that tells most. */
function attemptsView({ attempts = [] }: ScenarioResult): Html | undefined {
  if (attempts.length === 0) return undefined
  const items = attempts.map(
    ({ verdict, reason, durationMs, evidence }) =>
      html`<li>${badge(verdict)} <span class="aside">${duration(durationMs)}</span> ${evidenceLinks(evidence)}${reason !== '' && html`<br>${wire(reason, 600)}`}</li>`,
  )
  return html`<section><h2>Attempts</h2><p class="aside">What fails is run again before it is reported.</p><ol>${items}</ol></section>`
}

function storyView({ story = [] }: ScenarioResult): Html | undefined {
  if (story.length === 0) return undefined
  return html`<section><h2>What happened</h2><ol class="story">${story.map(({ atMs, text }) => html`<li><span class="t">${offset(atMs)}</span> ${wire(text)}</li>`)}</ol></section>`
}

function ladderSection({ ladder, evidence }: ScenarioResult, broken: readonly CheckResult[]): Html | undefined {
  if (!ladder || ladder.arrows.length === 0)
    return evidence.length > 0 ? html`<section><h2>Packets</h2><p>${evidenceLinks(evidence)}</p></section>` : undefined
  return html`<section><h2>Messages</h2>
<p class="bar-line"><span>${count(ladder.arrows.length + (ladder.omitted ?? 0), 'entry', 'entries')}; click one to open it. <span class="aside">Dashed: retransmission. Arrow keys move.</span></span><span><button type="button" data-all="open">Open all</button> <button type="button" data-all="close">Close all</button></span></p>
${ladder.arrows.some(({ direct, kind }) => direct === true && kind === 'rtp') && html`<p class="aside">Audio whose arrow dives under ${wire(ladder.lanes[1] ?? 'the target')} goes directly from device to device: no relay is on its way.</p>`}
${ladderView(ladder, broken)}
${evidence.length > 0 && html`<p>Packets of this scenario: ${evidenceLinks(evidence)}</p>`}</section>`
}

function repeatView(scenario: ScenarioResult, { areaTitle, rows, text }: ScenarioContext): Html {
  const { provider, purposes, catches = [], durationMs, startedAtMs, repeat, file } = scenario
  const promises = provider.map((id) => html`<span class="tag">${id}</span> ${rows.get(id) ?? ''} `)
  return html`<section><h2>About this scenario</h2><dl class="facts">
${fact('Repeat', repeat ? copyable(repeat) : undefined)}
${fact('For a bug report', html`<button type="button" class="copy" data-copy="${text}">Copy as text</button><details class="as-text"><summary>Show the text</summary><pre tabindex="0" role="region" aria-label="The scenario as text">${text}</pre></details>`)}
${fact('Duration', html`${duration(durationMs)}${startedAtMs !== undefined && html` <span class="aside">started ${duration(startedAtMs)} into the run</span>`}`)}
${fact('Area', areaTitle)}
${fact('Promises', promises.length > 0 && promises)}
${fact('Test purposes', purposes.join(', '))}
${fact('Detects faults', catches.length > 0 ? html`${catches.map((name) => html`<code>${name}</code> `)}` : undefined)}
${fact('Source', file ? html`<code>${file}</code>` : undefined)}
</dl></section>`
}
