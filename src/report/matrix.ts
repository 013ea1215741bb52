/** The matrix: what was tested over which transport and address family, by area and by the provider's own rows. */
import type { ScenarioResult } from '../result/scenario-result.js'
import type { Finding } from '../result/finding.js'
import type { RunResult } from '../result/result.js'
import { count } from './format.js'
import { html, type Html } from './html.js'
import { areaTitles, sign } from './parts.js'
import { familyWord, noticedIn, scenarioHref, variantKey, variantWords } from './places.js'
import { slug, VERDICT_ORDER, VERDICTS, worst } from './verdicts.js'

interface Row {
  /** What the scenarios are filtered by when a cell is followed. */
  readonly filter: 'area' | 'row'
  readonly id: string
  readonly title: string
  readonly scenarios: readonly ScenarioResult[]
  readonly notRun: number
  /** What standing checks found, wherever it was. */
  readonly findings: readonly Finding[]
}

const TRANSPORTS = ['udp', 'tcp', 'tls']
const FAMILIES = ['ipv4', 'ipv6']
const GROUPS: Readonly<Record<string, string>> = {
  EP: 'Endpoints',
  BH: 'Behaviour',
  SC: 'Service numbers and codes',
}

export function matrixSection(result: RunResult): Html {
  const columns = columnsOf(result.scenarios)
  const empty = columns.length === 0
  return html`<section id="matrix" aria-labelledby="matrix-h"><h2 id="matrix-h">Matrix</h2>
${empty && html`<p>No test was run.</p>`}
${
  !empty &&
  html`<div class="matrices">
${table('By area', areaRows(result), columns)}
${(result.providerRows ?? []).length > 0 && table('By the provider’s promises', providerRows(result), columns)}
</div>`
}
${legend()}</section>`
}

function areaRows({ scenarios, notRun, areas, findings }: RunResult): Row[] {
  // Vital signs have a table of their own.
  const titles = [...areaTitles({ scenarios, notRun, ...(areas ? { areas } : {}) })].filter(([id]) => id !== 'survey')
  return titles.map(([id, title]) => ({
    filter: 'area',
    id,
    title,
    scenarios: scenarios.filter(({ area }) => area === id),
    notRun: notRun.filter(({ area }) => area === id).reduce((sum, { count: many = 1 }) => sum + many, 0),
    findings,
  }))
}

function providerRows({ scenarios, findings, providerRows: rows = [] }: RunResult): Row[] {
  return rows.map(({ id, text }) => ({
    filter: 'row',
    id,
    title: text,
    scenarios: scenarios.filter(({ provider }) => provider.includes(id)),
    notRun: 0,
    findings,
  }))
}

/** `udp/ipv4`, … in a fixed order, what occurs only. */
function columnsOf(scenarios: readonly ScenarioResult[]): string[] {
  const place = (list: readonly string[], word: string | undefined) => {
    const index = list.indexOf(word ?? '')
    return index < 0 ? list.length : index
  }
  const weight = (key: string) => {
    const [transport, family] = key.split('/')
    return place(TRANSPORTS, transport) * 10 + place(FAMILIES, family)
  }
  return [...new Set(scenarios.map(variantKey))].sort((a, b) => weight(a) - weight(b))
}

function table(caption: string, rows: readonly Row[], columns: readonly string[]): Html {
  let group = ''
  const body = rows.flatMap((row) => {
    const title = row.filter === 'row' ? (GROUPS[row.id.split('-')[0] ?? ''] ?? '') : ''
    const head =
      title === group || title === ''
        ? []
        : [html`<tr class="group"><th colspan="${columns.length + 1}" scope="colgroup">${title}</th></tr>`]
    group = title
    return [...head, tableRow(row, columns)]
  })
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Matrix ${caption.toLowerCase()}"><table class="matrix">
<caption>${caption}</caption>
<thead><tr><td></td>${columns.map(columnHead)}</tr></thead><tbody>${body}</tbody></table></div>`
}

function columnHead(column: string): Html {
  const [transport = '', family = ''] = column.split('/')
  return html`<th scope="col">${transport.toUpperCase()} <span>${familyWord(family)}</span></th>`
}

function tableRow(row: Row, columns: readonly string[]): Html {
  const { filter, id, title, scenarios, notRun } = row
  const late = notRun > 0 && html` <a class="aside" href="#not-tested">${notRun} not tested</a>`
  const link =
    scenarios.length > 0 ? html`<a href="#/?${filter}=${encodeURIComponent(id)}">${title}</a>` : html`${title}`
  const name = filter === 'row' ? html`<span class="id">${id}</span> ${link}` : link
  if (scenarios.length === 0)
    return html`<tr class="untested"><th scope="row">${name}</th><td colspan="${columns.length}">${late || 'not tested'}</td></tr>`
  return html`<tr><th scope="row">${name}${late}</th>${columns.map((column) => cell(row, column))}</tr>`
}

function cell({ filter, id, title, scenarios, findings }: Row, column: string): Html {
  const here = scenarios.filter((scenario) => variantKey(scenario) === column)
  const [only] = here
  const verdict = worst(here.map((scenario) => scenario.verdict))
  if (!only || verdict === undefined) return html`<td class="none"></td>`
  const checks = here.flatMap((scenario) => scenario.checks)
  const bad = checks.filter((check) => check.verdict === verdict).length
  const all = checks.length > 0 ? String(checks.length) : ''
  const shown = (verdict === 'fail' || verdict === 'warn') && bad > 0 ? `${bad}/${all}` : all
  const telling = findings.filter(({ severity }) => severity !== 'info')
  const noticed = here.some((scenario) => noticedIn(telling, scenario).length > 0)
  const href =
    here.length === 1 ? scenarioHref(only) : `#/?${filter}=${encodeURIComponent(id)}&on=${encodeURIComponent(column)}`
  const label = `${title}, ${variantWords(only)}: ${verdict}, ${count(checks.length, 'check')} in ${count(here.length, 'test')}${noticed ? ', and a finding of a standing check' : ''}`
  return html`<td><a class="cell v-${slug(verdict)}" href="${href}" title="${label}"><span class="hidden">${label} </span>${sign(verdict)}<span>${shown}${noticed && '*'}</span></a></td>`
}

function legend(): Html {
  const entries = VERDICT_ORDER.map(
    (verdict) =>
      html`<div><dt><span class="badge v-${slug(verdict)}">${sign(verdict)}${VERDICTS[verdict].word}</span></dt><dd>${VERDICTS[verdict].meaning}</dd></div>`,
  )
  return html`<aside class="legend" aria-label="Legend"><p>A cell shows the worst verdict of its tests and the number of checks; <i>2/9</i> means that two of nine checks have that verdict. An asterisk: a standing check (run on everything the target sends) found something there, see <a href="#attention">What needs attention</a>. No number: the tests ended before their first check. Empty: no scenario covers it.</p><dl>${entries}</dl></aside>`
}
