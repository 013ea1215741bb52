/** What needs attention: a card a finding, in the run's order; then defects of ringproof, what could not be decided, known deviations. */
import type { Gravity } from '../result/terms.js'
import type { ScenarioResult } from '../result/scenario-result.js'
import type { Finding } from '../result/finding.js'
import type { RunResult } from '../result/result.js'
import { findingCard } from './finding-view.js'
import { count } from './format.js'
import { GRAVITIES, GRAVITY_ORDER } from './gravities.js'
import { html, type Html } from './html.js'
import { knownDeviations } from './known-deviations.js'
import { badge, folded, gravityBadge, groupBy, wire, withOptions } from './parts.js'
import { executionsOf, isPlaceOf, scenarioHref, variantWords } from './places.js'
import { REASON_ORDER, REASONS } from './reasons.js'
import { untestedWords } from './untested.js'
import { problemsOf } from '../result/problems.js'

/** Scenarios that are listed unfolded under a reason. */
const MOST_LINES = 8

export function attentionSection(result: RunResult): Html {
  const { findings } = result
  const problems = problemsOf(result.findings)
  const infos = findings.filter(({ severity, kind }) => severity === 'info' && kind !== 'defect')
  const others = [defects(result), undecided(result), deviations(result)].filter((card) => card !== undefined)
  return html`<section id="attention" aria-labelledby="attention-h"><h2 id="attention-h">What needs attention</h2>
${gravityLegend(problems)}
${problems.length + others.length === 0 && html`<p class="nothing">${nothingWrong(result)}</p>`}
${problems.length > 0 && html`<ol class="findings">${problems.map((finding) => findingCard(finding, result))}</ol>`}
${others}
${infos.length > 0 && html`<details class="infos"><summary>Worth knowing (${infos.length})</summary><ol class="findings">${infos.map((finding) => findingCard(finding, result))}</ol></details>`}
${untestedLine(result)}
</section>`
}

function gravityLegend(problems: readonly Finding[]): Html | undefined {
  if (problems.length === 0) return undefined
  const entry = (gravity: Gravity) => html`<li>${gravityBadge(gravity)} ${GRAVITIES[gravity].meaning}</li>`
  return html`<ul class="gravities" aria-label="What the gravities mean">${GRAVITY_ORDER.map(entry)}</ul>`
}

/** In one line what the run says nothing about. */
function untestedLine(result: RunResult): Html {
  const parts = untestedWords(result).map((words) => html`<li>${withOptions(words)}</li>`)
  if (parts.length === 0) return html`<p class="untested-line"><b>Not tested:</b> nothing was left out.</p>`
  return html`<div class="untested-line"><b>Not tested:</b> <ul class="inline">${parts}</ul> <a href="#not-tested">Details</a></div>`
}

function nothingWrong(result: RunResult): Html {
  const { load, verdict } = result
  const tested = executionsOf(result).some((one) => one.verdict === 'pass' || one.verdict === 'warn')
  if (!tested && !load) return html`Nothing was tested, so nothing can be said about the target.`
  if (load && !load.valid)
    return html`The load is not valid: see <a href="#load">Load</a>. ${tested && 'No test found a problem.'}`
  if (verdict === 'interrupted') return html`No problem was found before the run was interrupted.`
  if (verdict === 'fail') return html`No test found a problem; the load did: see <a href="#load">Load</a>.`
  return html`${badge('pass', 'No problem')} was found in what was tested.`
}

/** One card for all that went wrong on our side: it says nothing about the target, and hides nothing that does. */
function defects(result: RunResult): Html | undefined {
  const errors = executionsOf(result).filter(({ verdict }) => verdict === 'error')
  const told = result.findings.filter(
    ({ kind, scenarios }) =>
      kind === 'defect' && !errors.some((one) => scenarios.some((place) => isPlaceOf(place, one))),
  )
  if (errors.length + told.length === 0) return undefined
  const lines = [
    ...errors.map(
      (one) =>
        html`<li><a href="${scenarioHref(one)}">${one.id} <span class="aside">${variantWords(one)}</span></a> ${wire(one.defect?.message ?? one.reason)} ${defectPlace(one)}</li>`,
    ),
    ...told.map(
      ({ title, actual }) =>
        html`<li>${wire(title)} ${actual && html`<span class="aside">${wire(actual)}</span>`}</li>`,
    ),
  ]
  return html`<div class="finding e-error" id="defects"><h3>${badge('error', 'defect')} Defects of ringproof or of a scenario (${lines.length})</h3>
<p>They say nothing about the target. What they concern was not tested.</p>${folded(lines, MOST_LINES, (more) => `${more} more`)}</div>`
}

/** File and line of a mistake, where they are known. */
function defectPlace({ defect, file }: ScenarioResult): Html | undefined {
  const where = defect?.file ?? file
  if (where === undefined) return undefined
  return html`<code class="id">${[where, defect?.line, defect?.column].filter((part) => part !== undefined).join(':')}</code>`
}

/** What could not be decided, by the code of its reason; the reason that each gives itself stands beside it. */
function undecided(result: RunResult): Html | undefined {
  const open = executionsOf(result).filter(({ verdict }) => verdict === 'inconclusive')
  if (open.length === 0) return undefined
  const groups = groupBy(open, ({ reasonCode = 'not-reached' }) => reasonCode)
  const items = REASON_ORDER.flatMap((code) => {
    const some = groups.get(code)
    if (!some) return []
    const { what, remedy } = REASONS[code]
    return [
      html`<li data-reason="${code}"><b>${what}</b> (${some.length}) ${remedy !== '' && html`<span class="aside">${remedy}</span>`}${folded(reasonLines(some), MOST_LINES, (more) => count(more, 'more scenario'))}</li>`,
    ]
  })
  return html`<div class="finding e-inconclusive" id="undecided"><h3>${badge('inconclusive')} Could not be decided (${open.length})</h3><ul class="reasons">${items}</ul></div>`
}

/** A line a scenario: its variants, and the reason that it gives. */
function reasonLines(executions: readonly ScenarioResult[]): Html[] {
  return [...groupBy(executions, ({ id }) => id)].map(([id, some]) => {
    const reasons = [...groupBy(some, ({ reason }) => reason)].map(
      ([reason, same]) =>
        html`<span class="links">${same.map((one) => html`<a href="${scenarioHref(one)}">${variantWords(one)}</a>`)}</span>${wire(reason, 300)} `,
    )
    return html`<li><span class="id">${id}</span> ${reasons}</li>`
  })
}

function deviations(result: RunResult): Html | undefined {
  const known = knownDeviations(result)
  if (known.length === 0) return undefined
  const items = known.map(({ check, reason, id, executions }) => {
    const links = executions.map((one) => html`<a href="${scenarioHref(one)}">${variantWords(one)}</a>`)
    return html`<li><span class="level">${check.level}</span> ${wire(check.paraphrase ?? check.id)} <span class="aside">${wire(check.rule)}</span><br>Known: ${wire(reason)}<br><span class="id">${id}</span> <span class="links">${links}</span></li>`
  })
  return html`<div class="finding e-warn" id="known-deviations"><h3>${badge('warn', 'known')} Known deviations of this target (${known.length})</h3>${folded(items, MOST_LINES, (more) => `${more} more`)}</div>`
}
