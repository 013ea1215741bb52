/** The page of many runs: how a target has fared. Rendered from a history alone; loads nothing, opens from disk, and prints. */
import { count, duration, number } from './format.js'
import { historyScript, historyStyles, plotScript } from './assets.js'
import { minuteOf, standingStrip, stripKey, testStrip, verdictStrip } from './history-strip.js'
import { html, type Html } from './html.js'
import { pageOf } from './page-head.js'
import { badge, folded, gravityBadge, signDefinitions, signOf, wire } from './parts.js'
import { RUN_VERDICTS } from './verdicts.js'
import type { RunVerdict } from '../result/terms.js'
import type { History, HistoryFigure, HistoryFinding, HistoryRun, HistoryTarget } from '../result/history.js'

/** Runs, findings and tests that are shown unfolded. */
const MOST_RUNS = 30
const MOST_FINDINGS = 40
const MOST_TESTS = 30
/** Runs that are listed at all: a monitor makes thousands. */
const MOST_LISTED = 400

/** What the page carries for its script: x of each run in Unix seconds, and the figures. */
export interface HistoryData {
  readonly targets: readonly { readonly at: readonly number[]; readonly figures: readonly HistoryFigure[] }[]
}

/** @param base the folder that was read, seen from the page: links to reports begin there @returns the page's text */
export function historyPage(history: History, base: string): Promise<string> {
  const { targets, unread, ringproof } = history
  const latest = targets.flatMap(({ runs }) => runs.at(-1) ?? [])
  const runs = targets.reduce((sum, one) => sum + one.runs.length, 0)
  const body = html`<header class="first"><p class="over">ringproof history</p>
<h1>${count(runs, 'run')} of ${count(targets.length, 'target')}</h1>
${filter(targets)}
${stripKey()}</header>
${targets.map((target, index) => targetSection(target, index, base))}
${unreadSection(unread)}`
  return trendPage({
    title: `History of ${targets.map(({ name }) => name.slice(0, 60)).join(', ')}`,
    verdict: latest.find(({ verdict }) => verdict === 'fail')?.verdict ?? latest[0]?.verdict ?? 'inconclusive',
    body,
    targets,
    footer: html`ringproof ${ringproof} · times are UTC · made from the results alone`,
  })
}

export interface TrendPage {
  readonly title: string
  readonly verdict: RunVerdict
  readonly body: Html
  /** Those whose figures are drawn. */
  readonly targets: readonly HistoryTarget[]
  readonly footer: Html
}

/** A page with curves over many runs. */
export async function trendPage({ title, verdict, body, targets, footer }: TrendPage): Promise<string> {
  const scripts = [plotScript(), await historyScript()]
  const css = historyStyles()
  const data: HistoryData = {
    targets: targets.map((one) => ({
      at: one.runs.map(({ startedAt }) => Math.round(Date.parse(startedAt) / 1000)),
      figures: one.figures,
    })),
  }
  const page = html`<a class="skip" href="#main">Skip to the content</a>
${signDefinitions()}
<main id="main">
${body}
</main>
<p id="said" class="hidden" role="status"></p>
<footer>${footer}</footer>`
  return pageOf({ title, verdict, css, scripts, data }, page)
}

function filter(targets: readonly HistoryTarget[]): Html | undefined {
  if (targets.length < 2) return undefined
  const options = targets.map(({ name }, index) => html`<option value="t-${index}">${name.slice(0, 80)}</option>`)
  return html`<form class="filter js-only"><label>Target <select id="of-target"><option value="">all</option>${options}</select></label></form>
<noscript><ul class="plain">${targets.map(({ name }, index) => html`<li><a href="#t-${index}">${name.slice(0, 80)}</a></li>`)}</ul></noscript>`
}

function targetSection(target: HistoryTarget, index: number, base: string): Html {
  const { name, runs } = target
  const [first, last] = [runs[0], runs.at(-1)]
  if (first === undefined || last === undefined) return html``
  return html`<section class="target" id="t-${index}" aria-labelledby="t-${index}-h"><h2 id="t-${index}-h">${wire(name, 120)} <span class="aside">${count(runs.length, 'run')}, ${minuteOf(first.startedAt)} to ${minuteOf(last.startedAt)}</span></h2>
<p class="sentence">${badge(signOf(last.verdict), RUN_VERDICTS[last.verdict])} ${wire(last.sentence, 400)}</p>
${targetParts(target, index, base)}
</section>`
}

/** Strips, curves and runs of a target. */
export function targetParts(target: HistoryTarget, index: number, base: string): Html {
  const { runs } = target
  return html`${verdictStrip(runs)}
${axis(runs)}
${findingList(target)}
${testList('Basic functions', runs, target.signs)}
${testList('Tests that changed', runs, target.changed, target.steady)}
${curves(target, index)}
${runList(runs, base)}`
}

/** The dates at the ends and in the middle, under the strips. */
function axis(runs: readonly HistoryRun[]): Html {
  const places = runs.length < 3 ? [0, runs.length - 1] : [0, Math.floor(runs.length / 2), runs.length - 1]
  const dates = [...new Set(places)].map((place) => html`<span>${minuteOf(runs[place]?.startedAt ?? '')}</span>`)
  return html`<p class="dates" aria-hidden="true">${dates}</p>`
}

const STATES: Readonly<Record<HistoryFinding['state'], string>> = {
  there: 'there now',
  gone: 'gone',
  unknown: 'not tested since',
}

function findingList({ findings, runs }: HistoryTarget): Html {
  if (findings.length === 0) return html`<h3>Findings</h3><p class="nothing">None in any run.</p>`
  const items = findings.map((finding) => {
    const { id, title, gravity, standings, state } = finding
    return html`<li class="trend is-${state}"><div class="what">${gravityBadge(gravity)} ${wire(title, 240)} <span class="id">${wire(id, 120)}</span><p class="aside"><b class="${state === 'there' ? 't-fail' : ''}">${STATES[state]}</b>: ${spellWords(finding, runs)}</p></div>${standingStrip(runs, standings)}</li>`
  })
  return html`<h3>Findings <span class="aside">${count(findings.filter(({ state }) => state === 'there').length, 'is', 'are')} there now</span></h3>${folded(items, MOST_FINDINGS, (more) => count(more, 'more finding'))}`
}

function spellWords(
  { first, last, since, shown, unsteady, spells, state }: HistoryFinding,
  runs: readonly HistoryRun[],
): string {
  const dateOf = (index: number) => minuteOf(runs[index]?.startedAt ?? '')
  const often = [
    ...(shown > 0 ? [`in ${count(shown, 'run')}`] : []),
    ...(unsteady > 0 ? [`seen once and not again in ${count(unsteady, 'run')}`] : []),
    ...(spells > 1 ? [`came ${spells} times, the first time ${dateOf(first)}`] : []),
  ]
  const when = state === 'there' ? `since ${dateOf(since)}` : `last seen ${dateOf(last)}, first ${dateOf(since)}`
  return [when, ...often].join(', ')
}

function testList(
  title: string,
  runs: readonly HistoryRun[],
  tests: HistoryTarget['signs'],
  steady = 0,
): Html | undefined {
  const more =
    steady > 0 ? html` <span class="aside">${count(steady, 'other')} came to the same each time</span>` : undefined
  if (tests.length === 0) return more && html`<h3>${title}</h3><p class="nothing">None.${more}</p>`
  const items = tests.map(
    ({ id, verdicts }) =>
      html`<li class="trend"><div class="what"><span class="id">${wire(id, 120)}</span> <span class="aside">${tallyWords(verdicts)}</span></div>${testStrip(runs, verdicts)}</li>`,
  )
  return html`<h3>${title}${more}</h3>${folded(items, MOST_TESTS, (rest) => count(rest, 'more test'))}`
}

function tallyWords(verdicts: HistoryTarget['signs'][number]['verdicts']): string {
  const counts = new Map<string, number>()
  for (const one of verdicts) if (one !== null) counts.set(one, (counts.get(one) ?? 0) + 1)
  return [...counts].map(([verdict, many]) => `${verdict} ${many}`).join(', ')
}

const UNITS: Readonly<Record<HistoryFigure['unit'], string>> = { ms: 'ms', mos: 'MOS', percent: '%', count: '', s: 's' }

function curves({ figures, runs }: HistoryTarget, target: number): Html | undefined {
  const some = figures.filter(({ values }) => values.filter((one) => one !== null).length > 1)
  if (some.length === 0) return undefined
  const plots = some.map(
    (figure) =>
      html`<figure><figcaption>${wire(figure.label, 160)} <span class="aside">${UNITS[figure.unit]}</span></figcaption><div class="curve" data-target="${target}" data-figure="${figures.indexOf(figure)}"></div></figure>`,
  )
  const rows = some.map(({ label, unit, values }) => {
    const known = values.filter((one) => one !== null)
    const shown = (value: number) => `${number(value, 2)} ${UNITS[unit]}`.trim()
    return html`<tr><th scope="row">${wire(label, 160)}</th><td class="n">${shown(known[0] ?? 0)}</td><td class="n">${shown(known.at(-1) ?? 0)}</td><td class="n">${shown(Math.min(...known))}</td><td class="n">${shown(Math.max(...known))}</td><td class="n">${known.length}</td></tr>`
  })
  return html`<h3>Figures</h3><div class="curves js-only">${plots}</div>
<details class="figures"><summary>In numbers</summary><div class="scroll"><table><thead><tr><th scope="col">Figure</th><th scope="col" class="n">First</th><th scope="col" class="n">Last</th><th scope="col" class="n">Least</th><th scope="col" class="n">Most</th><th scope="col" class="n">Of ${count(runs.length, 'run')}</th></tr></thead><tbody>${rows}</tbody></table></div></details>`
}

function runList(runs: readonly HistoryRun[], base: string): Html {
  const items = runs
    .slice(-MOST_LISTED)
    .toReversed()
    .map((run) => {
      const { startedAt, simulated, verdict, sentence, command, durationMs, report, faults = [] } = run
      const when = html`<time datetime="${startedAt}">${minuteOf(startedAt)}</time>`
      const about = [
        command,
        duration(durationMs),
        ...(simulated ? ['simulated'] : []),
        ...(faults.length > 0 ? [`${count(faults.length, 'fault')} planted`] : []),
      ].join(', ')
      return html`<li>${badge(signOf(verdict), RUN_VERDICTS[verdict])} ${report === undefined ? when : html`<a href="${hrefOf(base, report)}">${when}</a>`} ${wire(sentence, 200)} <span class="aside">${about}</span></li>`
    })
  const older = runs.length - items.length
  return html`<h3>Runs${older > 0 && html` <span class="aside">the last ${items.length}; ${number(older, 0)} earlier ones are in the rows above</span>`}</h3>${folded(items, MOST_RUNS, (more) => count(more, 'earlier run'))}`
}

/** Each part by itself, so that no name of a folder can lead elsewhere. */
function hrefOf(base: string, report: string): string {
  const parts = [...base.split('/').filter((part) => part !== '' && part !== '.'), ...report.split('/')]
  return parts.map((part) => (part === '..' ? part : encodeURIComponent(part))).join('/')
}

function unreadSection(unread: History['unread']): Html | undefined {
  if (unread.length === 0) return undefined
  const items = unread.map(({ path, why }) => html`<li><code>${path}</code> ${wire(why, 300)}</li>`)
  return html`<section aria-labelledby="unread-h"><h2 id="unread-h">Left out <span class="aside">${count(unread.length, 'file')} that could not be read</span></h2>${folded(items, 10, (more) => count(more, 'more file'))}</section>`
}
