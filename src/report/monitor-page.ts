/** The monitor's page: what is wrong now, what was, how each test has fared, the last rounds. */
import type { HistoryTarget } from '../result/history.js'
import type { ClosedProblem, MonitorProblem, MonitorState } from '../result/monitor.js'
import type { RunVerdict } from '../result/terms.js'
import { count, duration } from './format.js'
import { trendPage, targetParts } from './history-page.js'
import { minuteOf, stripKey } from './history-strip.js'
import { html, type Html } from './html.js'
import { badge, fact, folded, foldedText, gravityBadge, signOf, wire } from './parts.js'

export interface MonitorView {
  readonly state: MonitorState
  readonly target: HistoryTarget | undefined
  readonly ringproof: string
  readonly everyMs: number
  /** Unix ms. */
  readonly nowMs: number
  /** When the next round begins, Unix ms; absent while one goes on. */
  readonly nextAtMs?: number | undefined
  /** Folders of rounds whose reports are still there. */
  readonly hasReport: (folder: string) => boolean
}

export function monitorPage(view: MonitorView): Promise<string> {
  const { state, target, ringproof } = view
  const open = state.problems.filter((one) => one.state === 'open')
  const verdict = verdictOf(view, open)
  const body = html`<header class="first"><p class="over">ringproof monitor</p>
<div class="headed"><h1>${wire(state.target, 120)}</h1><p class="verdict">${badge(signOf(verdict), wordsOf(view, open))}</p></div>
<p class="sentence">${wire(state.last?.sentence ?? 'No round has ended yet.', 400)}</p>
<ul class="inline run-line">${facts(view).map((one) => html`<li>${one}</li>`)}</ul>
</header>
<section aria-labelledby="open-h"><h2 id="open-h">Open problems</h2>
${open.length === 0 ? html`<p class="nothing">None.</p>` : open.map((one) => card(one, view))}
${suspicions(state)}</section>
${target !== undefined && html`<section class="target" aria-labelledby="time-h"><h2 id="time-h">Over time <span class="aside">${count(target.runs.length, 'round')}</span></h2>${stripKey()}${targetParts(target, 0, '')}</section>`}
${closedSection(state, view)}`
  return trendPage({
    title: `${open.length > 0 ? `(${open.length}) ` : ''}Monitor: ${state.target.slice(0, 60)}`,
    verdict,
    body,
    targets: target === undefined ? [] : [target],
    footer: html`ringproof ${ringproof} · times are UTC · <a href="/status.json">status.json</a> · <a href="/metrics">metrics</a>`,
  })
}

function verdictOf({ state }: MonitorView, open: readonly MonitorProblem[]): RunVerdict {
  if (open.length > 0) return 'fail'
  return state.blind !== undefined || state.last === undefined ? 'inconclusive' : 'pass'
}

function wordsOf({ state }: MonitorView, open: readonly MonitorProblem[]): string {
  if (open.length > 0) return count(open.length, 'open problem')
  if (state.blind !== undefined) return 'Cannot tell'
  return state.last === undefined ? 'Begins' : 'Well'
}

function facts({ state, everyMs, nowMs, nextAtMs }: MonitorView): Html[] {
  const { last, blind, pending, counters } = state
  return [
    html`as of ${minuteOf(new Date(nowMs).toISOString())} UTC`,
    ...(last === undefined ? [] : [html`last round ${minuteOf(last.endedAt)}`]),
    nextAtMs === undefined ? html`a round goes on` : html`next round in ${duration(Math.max(0, nextAtMs - nowMs))}`,
    html`every ${duration(everyMs)}`,
    html`${count(counters.decided, 'round')} told something, ${count(counters.blind, 'round')} could not`,
    ...(blind === undefined
      ? []
      : [
          html`<b class="t-inconclusive">says nothing of the target since ${minuteOf(blind.since)}</b>: ${wire(blind.why, 300)}`,
        ]),
    ...(pending.length === 0 ? [] : [html`<b class="t-warn">${count(pending.length, 'alert')} not delivered yet</b>`]),
  ]
}

function card(problem: MonitorProblem, view: MonitorView): Html {
  const { headline, gravity, rule, expected, actual, harm, advice, firstAt, lastAt, seen, well, needed, cause } =
    problem
  return html`<article class="finding e-fail"><h3>${gravityBadge(gravity)} ${wire(headline, 300)} <span class="id">${wire(cause, 120)}</span></h3>
<dl>${fact('Since', `${minuteOf(firstAt)}, seen in ${count(seen, 'round')}, last ${minuteOf(lastAt)}`)}
${fact('Well again?', well > 0 && `not seen in the last ${count(well, 'round')}; told after ${needed}`)}
${fact('Rule', rule && wire(rule))}${fact('Expected', expected && foldedText(expected))}${fact('Actual', actual && foldedText(actual))}
${fact('Who notices', harm && foldedText(harm))}${fact('What to do', advice && foldedText(advice))}
${fact('Evidence', links(problem, view))}</dl></article>`
}

/** To report and capture, as long as they are there. */
function links(
  { report, capture }: Pick<MonitorProblem, 'report' | 'capture'>,
  { hasReport }: MonitorView,
): Html | undefined {
  if (report === undefined || !hasReport(report)) return undefined
  return html`<a href="/${report}/index.html">report</a>${capture !== undefined && html` <a href="/${capture}">capture</a>`}`
}

function suspicions({ problems }: MonitorState): Html | undefined {
  const some = problems.filter((one) => one.state === 'suspected')
  if (some.length === 0) return undefined
  return html`<p class="aside">Seen once, looked at again at once: ${some.map(({ headline }) => html`${wire(headline, 200)} `)}</p>`
}

function closedSection({ closed }: MonitorState, view: MonitorView): Html | undefined {
  if (closed.length === 0) return undefined
  const items = closed.map((one: ClosedProblem) => {
    const { headline, gravity, openedAt, closedAt, times } = one
    return html`<li>${gravityBadge(gravity)} ${wire(headline, 240)} <span class="aside">${minuteOf(openedAt)} to ${minuteOf(closedAt)}${times > 1 && `, for the ${times}. time within a day`}</span> ${links(one, view)}</li>`
  })
  return html`<section aria-labelledby="closed-h"><h2 id="closed-h">Well again</h2>${folded(items, 20, (more) => count(more, 'more problem'))}</section>`
}
