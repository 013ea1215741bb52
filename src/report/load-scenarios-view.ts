/** Scenarios that were run as load: how many runs came to which verdict, which checks did not hold how often, and the first captures. */
import type { Verdict } from '../result/terms.js'
import type { LoadResult, RunsOfScenario } from '../result/load-result.js'
import { count, duration, number, percent } from './format.js'
import { html, type Html } from './html.js'
import { badge, evidenceLinks, sign, wire } from './parts.js'

const SHOWN: readonly Verdict[] = ['pass', 'warn', 'fail', 'inconclusive']

export function scenariosView({ scenarios = [], runs }: LoadResult): Html | undefined {
  if (runs === undefined) return undefined
  const failed = scenarios.filter(({ verdicts }) => (verdicts['fail'] ?? 0) > 0)
  const others = scenarios.filter((one) => !failed.includes(one))
  const table = (rows: readonly RunsOfScenario[]) =>
    html`<div class="scroll" tabindex="0" role="region" aria-label="Scenarios under load"><table><thead><tr><th scope="col">Scenario</th><th scope="col">Variant</th><th scope="col" class="n">Runs</th>${['Pass', 'Warn', 'Fail', 'Not decided'].map((head) => html`<th scope="col" class="n">${head}</th>`)}<th scope="col" class="n">Takes, p95</th></tr></thead><tbody>${rows.map(row)}</tbody></table></div>`
  return html`<h3>Scenarios as load</h3><dl class="figures">
${figure('Runs', number(runs.ended, 0))}
${figure('Most at a time', number(runs.peakConcurrent, 0))}
${runs.interrupted > 0 && figure('Broken off', number(runs.interrupted, 0))}
${runs.begunLate > 0 && figure('Begun late', number(runs.begunLate, 0))}
${runs.harnessLate > 0 && figure('Not decided: ringproof was late', number(runs.harnessLate, 0))}
${figure('Threads late, at worst', duration(runs.worstLagMs))}
</dl>
${failed.length > 0 && html`${table(failed)}${failed.flatMap(failures)}`}
${others.length > 0 && html`<details${failed.length === 0 && others.length <= 12 ? html` open` : ''}><summary>${failed.length > 0 ? `${count(others.length, 'scenario')} in which nothing failed` : 'By scenario and variant'}</summary>${table(others)}${others.flatMap(failures)}</details>`}`
}

function figure(name: string, value: string): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`
}

function row({ id, title, variant, runs, verdicts, durationMs }: RunsOfScenario): Html {
  const bad = (verdicts['fail'] ?? 0) > 0
  const cells = SHOWN.map((verdict) => {
    const many = (verdicts[verdict] ?? 0) + (verdict === 'inconclusive' ? restOf(verdicts) : 0)
    const told = number(many, 0)
    return html`<td class="n">${many > 0 && verdict !== 'pass' ? html`<b class="t-${verdict}">${sign(verdict)} ${told}</b>` : told}</td>`
  })
  return html`<tr class="${bad ? 'bad' : ''}"><th scope="row"><code class="id">${id}</code><br>${wire(title, 160)}</th><td>${variant.transport.toUpperCase()}, ${variant.family === 'ipv6' ? 'IPv6' : 'IPv4'}</td><td class="n">${number(runs, 0)}</td>${cells}<td class="n">${durationMs ? duration(durationMs.p95) : '–'}</td></tr>`
}

/** Runs in error, and those that did not apply. */
const restOf = (verdicts: RunsOfScenario['verdicts']): number =>
  Object.entries(verdicts).reduce((sum, [verdict, many]) => sum + (SHOWN.some((one) => one === verdict) ? 0 : many), 0)

/** Which checks did not hold, how often, as first seen and with its capture. */
function failures({ id, variant, checks, first, runs, firstFailAtMs, reasons }: RunsOfScenario): Html[] {
  const broken = checks.filter(({ failed, warned }) => failed + warned > 0)
  const open = first.filter(({ verdict }) => verdict === 'inconclusive' || verdict === 'error')
  if (broken.length === 0 && open.length === 0) return []
  const codes = Object.entries(reasons).map(([code, many]) => `${code}: ${number(many, 0)}`)
  return [
    html`<h4><code class="id">${id}</code> ${variant.transport}/${variant.family}${firstFailAtMs !== undefined && html` <span class="aside">first at ${duration(firstFailAtMs)}</span>`}</h4><ul class="plain">${broken.map(
      (check) => {
        const many = check.failed > 0 ? check.failed : check.warned
        const verdict = check.failed > 0 ? 'fail' : 'warn'
        const shown = first.find((one) =>
          one.checks.some((other) => other.id === check.id && other.verdict === verdict),
        )
        const seen = shown?.checks.find((other) => other.id === check.id)
        return html`<li>${badge(verdict, `${number(many, 0)} of ${count(runs, 'run')} (${percent(many, runs)})`)} ${check.level} ${check.rule}: ${wire(check.paraphrase, 200)}${seen && html`<br><span class="aside">expected</span> ${wire(seen.expected, 200)} <span class="aside">actual</span> ${wire(seen.actual, 300)}`} ${shown && evidenceLinks(shown.evidence)}</li>`
      },
    )}${open.map((one) => html`<li>${badge(one.verdict)} ${wire(one.reason, 300)} ${evidenceLinks(one.evidence)}</li>`)}</ul>${codes.length > 0 && html`<p class="aside">By reason: ${codes.join(' · ')}</p>`}`,
  ]
}
