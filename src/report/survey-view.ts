/** What we learned about the target: its vital signs by transport and address family, and facts with how each was learned. */
import type { Fact, VitalSign } from '../result/survey-result.js'
import type { RunResult } from '../result/result.js'
import { count, duration } from './format.js'
import { html, type Html } from './html.js'
import { groupBy, sign, wire } from './parts.js'
import { placeWords, scenarioHref, variantKey, variantWords } from './places.js'
import { slug, worst } from './verdicts.js'

export function surveySection(result: RunResult): Html | undefined {
  const { survey } = result
  if (!survey) return undefined
  const { vitalSigns, facts, durationMs } = survey
  return html`<section id="target" aria-labelledby="target-h"><h2 id="target-h">What we learned about the target <span class="aside">before the scenarios, in ${duration(durationMs)}</span></h2>
<div class="survey">
${vitalSigns.length > 0 && vitalSignTable(vitalSigns)}
${facts.length > 0 && factList(facts)}
</div></section>`
}

/** What a vital sign is called: the last part of its id, `survey/log-in`. */
export function vitalSignName({ id }: Pick<VitalSign, 'id'>): string {
  const name = (id.split('/').at(-1) ?? id).replaceAll('-', ' ')
  return name.charAt(0).toUpperCase() + name.slice(1)
}

function vitalSignTable(vitalSigns: readonly VitalSign[]): Html {
  const signs = [...groupBy(vitalSigns, ({ id }) => id).values()]
  const variants = [...groupBy(vitalSigns, variantKey).values()]
  // Accounts and services are tried over one transport only: columns of their own would be empty.
  const isOnce = (some: readonly VitalSign[]) => variants.length > 1 && groupBy(some, variantKey).size === 1
  const columns = signs.filter((some) => !isOnce(some)).flatMap(([first]) => first ?? [])
  const rows = variants.flatMap((here) => {
    const [first] = here
    const cells = columns.map(({ id }) => vitalSignCell(here.filter((one) => one.id === id)))
    return first ? [html`<tr><th scope="row">${placeWords(first.variant)}</th>${cells}</tr>`] : []
  })
  const once = signs.filter(isOnce)
  return html`<div class="vitals">${
    columns.length > 0 &&
    html`<div class="scroll" tabindex="0" role="region" aria-label="Basic functions"><table class="vital">
<caption>Basic functions <span class="aside">(–: not tried)</span></caption>
<thead><tr><td></td>${columns.map((column) => html`<th scope="col" title="${column.title}">${vitalSignName(column)}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`
  }
${once.length > 0 && html`<table class="vital once"><caption>Accounts and services <span class="aside">over one transport</span></caption><tbody>${once.map(onceRow)}</tbody></table>`}</div>`
}

function onceRow(some: readonly VitalSign[]): Html {
  return html`<tr><th scope="row">${wire(some[0]?.title ?? '', 80)}</th>${vitalSignCell(some)}</tr>`
}

function vitalSignCell(signs: readonly VitalSign[]): Html {
  const verdict = worst(signs.map((one) => one.verdict))
  const first = signs.find((one) => one.verdict === verdict)
  if (!first || verdict === undefined) return html`<td class="none"></td>`
  const bad = signs.filter((one) => one.verdict === verdict)
  const share = signs.length > 1 ? ` ${bad.length}/${signs.length}` : ''
  const words = verdict === 'pass' ? share : `${(first.code ?? verdict).replaceAll('-', ' ')}${share}`
  const label = `${vitalSignName(first)}, ${variantWords(first)}: ${verdict}${first.reason === '' ? '' : `, ${first.reason}`}`
  return html`<td><a class="cell v-${slug(verdict)}" href="${scenarioHref(first)}" title="${label}"><span class="hidden">${label} </span>${sign(verdict)}${words !== '' && html`<span>${words}</span>`}</a></td>`
}

/** A row a fact; where it was learned for each transport, those with the same value together. */
function factList(facts: readonly Fact[]): Html {
  const rows = [...groupBy(facts, ({ id, label }) => `${id} ${label}`).values()].map((some) => {
    const values = [...groupBy(some, ({ value }) => value)].map(([value, same]) => {
      const places = same.flatMap(({ transport = '', family = '' }) => placeWords({ transport, family }) || [])
      const on = places.length === 0 || same.length === some.length ? '' : `${places.join(', ')}: `
      return html`<li><span class="aside">${on}</span>${wire(value, 300)}</li>`
    })
    const how = [...new Set(some.map((one) => one.how))].join('; ')
    return html`<div><dt>${some[0]?.label}</dt><dd><ul class="inline">${values}</ul> <span class="how">${wire(how, 300)}</span></dd></div>`
  })
  return html`<div><h3>Facts <span class="aside">${count(rows.length, 'fact')}, each with how it was learned</span></h3><dl class="facts learned">${rows}</dl></div>`
}
