/** The list of all scenarios of a run, the worst verdict first, with the filter above it. */
import type { ScenarioResult } from '../result/scenario-result.js'
import type { RunResult } from '../result/result.js'
import { duration } from './format.js'
import { clip, html, type Html } from './html.js'
import { areaTitles, badge, groupBy, sign, wire } from './parts.js'
import { scenarioHref, variantKey, variantWords } from './places.js'
import { slug, tally, VERDICT_ORDER, VERDICTS } from './verdicts.js'

export function scenarioSection(result: RunResult): Html | undefined {
  if (result.scenarios.length === 0) return undefined
  const areas = areaTitles(result)
  const order = [...areas.keys()]
  const sorted = result.scenarios.toSorted(
    (a, b) =>
      VERDICT_ORDER.indexOf(a.verdict) - VERDICT_ORDER.indexOf(b.verdict) ||
      order.indexOf(a.area) - order.indexOf(b.area) ||
      (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  )
  return html`<section id="scenarios" aria-labelledby="scenarios-h"><h2 id="scenarios-h">Scenarios</h2>
${filterForm(result, areas)}
<noscript><p>The filter and the page of each scenario need JavaScript. All data is in <code>result.json</code> beside this file, the packets in <code>evidence/</code>.</p></noscript>
<div class="scroll"><table class="list"><thead><tr><th scope="col">Verdict</th><th scope="col">Scenario</th><th scope="col">Transport</th><th scope="col" class="n">Checks</th><th scope="col" class="n">Duration</th></tr></thead>
<tbody id="rows" data-all="${sorted.length}">${rows(sorted, areas)}</tbody></table></div>${foldedRows(sorted, areas)}</section>`
}

/** More rows of passes than this are folded by area: what did not pass is to be seen without scrolling past them. */
const MOST_OPEN = 20

/** Passes by area, where they are folded. */
function passesOf(sorted: readonly ScenarioResult[]): Map<string, ScenarioResult[]> {
  const passed = sorted.filter(({ verdict }) => verdict === 'pass')
  return groupBy(passed.length <= MOST_OPEN ? [] : passed, ({ area }) => area)
}

function rows(sorted: readonly ScenarioResult[], areas: ReadonlyMap<string, string>): Html[] {
  const passes = passesOf(sorted)
  if (passes.size === 0) return sorted.map((scenario) => row(scenario))
  const rest = sorted.filter(({ verdict }) => verdict !== 'pass').map((scenario) => row(scenario))
  const groups = [...passes].map(
    ([area, some]) =>
      html`<tr class="fold" data-head="${area}"><th scope="rowgroup" colspan="5"><button type="button" class="fold" data-fold="${area}" aria-expanded="false">${sign('pass')} ${areas.get(area) ?? area}: <b>${some.length}</b> passed</button></th></tr>`,
  )
  // Passes stand where the order of harm has them: after what warns, before what was not tested.
  const after = sorted.findIndex(({ verdict }) => verdict === 'pass')
  return [...rest.slice(0, after), ...groups, ...rest.slice(after)]
}

/** Rows that are folded, a table an area. The script puts them into the list when they are asked for; until then they cost nothing. */
function foldedRows(sorted: readonly ScenarioResult[], areas: ReadonlyMap<string, string>): Html[] {
  return [...passesOf(sorted)].map(
    ([area, some]) =>
      html`<noscript class="rows" data-in="${area}"><table class="list"><caption>${areas.get(area) ?? area}: passed</caption><tbody>${some.map((scenario) => row(scenario, area))}</tbody></table></noscript>`,
  )
}

function filterForm(result: RunResult, areas: ReadonlyMap<string, string>): Html {
  const verdicts = tally(result.scenarios.map(({ verdict }) => verdict)).map(
    ({ verdict, count }) =>
      html`<label class="toggle v-${slug(verdict)}"><input type="checkbox" name="verdict" value="${verdict}">${sign(verdict)}${VERDICTS[verdict].word} <b>${count}</b></label>`,
  )
  const used = [...areas].filter(([id]) => result.scenarios.some(({ area }) => area === id))
  const variants = new Map(result.scenarios.map((scenario) => [variantKey(scenario), variantWords(scenario)]))
  const rows = (result.providerRows ?? []).filter(({ id }) =>
    result.scenarios.some(({ provider }) => provider.includes(id)),
  )
  const option = (value: string, text: string) => html`<option value="${value}">${text}</option>`
  return html`<form id="filter" class="js-only filter" role="search" aria-label="Filter of scenarios">
<fieldset><legend>Verdict</legend>${verdicts}</fieldset>
<label>Area <select name="area">${option('', 'all')}${used.map(([id, title]) => option(id, title))}</select></label>
<label>Transport <select name="on">${option('', 'all')}${[...variants].map(([key, words]) => option(key, words))}</select></label>
${rows.length > 0 && html`<label>Promise <select name="row">${option('', 'all')}${rows.map(({ id, text }) => option(id, `${id} ${text}`))}</select></label>`}
<label>Text <input type="search" name="text" placeholder="title, id, rule, reason" autocomplete="off" spellcheck="false"></label>
<button type="reset">Show all</button>
<output id="shown" aria-live="polite"></output>
</form>`
}

/** What the filter finds a scenario by, beside what its row shows. */
export function searchText(
  { checks, purposes, provider, area }: ScenarioResult,
  areas: ReadonlyMap<string, string>,
): string {
  const rules = checks.map((check) => `${check.id} ${check.rule}`).join(' ')
  return clip([purposes.join(' '), provider.join(' '), areas.get(area) ?? area, rules].join(' '), 2000).toLowerCase()
}

function row(scenario: ScenarioResult, fold?: string): Html {
  const { id, title, verdict, reason, checks, durationMs, area, provider } = scenario
  return html`<tr data-verdict="${verdict}" data-area="${area}" data-on="${variantKey(scenario)}" data-row="${provider.join(' ')}"${fold !== undefined && html` data-in="${fold}"`}>
<td>${badge(verdict)}</td>
<td><a href="${scenarioHref(scenario)}">${wire(title, 300)}</a> <code class="id">${id}</code>${reason !== '' && html`<p class="reason">${wire(reason, 300)}</p>`}</td>
<td class="on">${variantWords(scenario)}</td><td class="n">${checks.length}</td><td class="n">${duration(durationMs)}</td></tr>`
}
