/** The first screen: what was tested, whether it is fit, what needs attention, and what was not tested. */
import type { Finding, RunResult, ScenarioResult, Verdict } from '../result/result.js'
import { count, duration, moment, number, percent } from './format.js'
import { html, type Html } from './html.js'
import {
  badge,
  copyable,
  evidenceLinks,
  fact,
  groupBy,
  scenarioHref,
  sign,
  signOf,
  variantKey,
  variantWords,
  wire,
} from './parts.js'
import { RUN_VERDICTS, slug, tally, VERDICTS } from './verdicts.js'

export function firstScreen(result: RunResult): Html {
  const { target, verdict, sentence, scenarios, load } = result
  const counts = tally(scenarios.map((scenario) => scenario.verdict)).map(
    ({ verdict: one, count: many }) =>
      html`<li><a class="v-${slug(one)} tint" href="#/?verdict=${encodeURIComponent(one)}">${sign(one)}<b>${many}</b> ${VERDICTS[one].word}</a></li>`,
  )
  return html`<header class="first">
<p class="over">Report of ringproof on</p>
<h1>${wire(target.name, 120)}</h1>
<p class="verdict">${badge(signOf(verdict), RUN_VERDICTS[verdict])}</p>
<p class="sentence">${wire(sentence ?? RUN_VERDICTS[verdict], 700)}</p>
${(counts.length > 0 || load !== undefined) && html`<ul class="counts">${counts}${load && html`<li><a href="#load">${load.valid ? html`${count(load.calls.started, 'call')} under load` : 'Load not valid'}</a></li>`}<li><a href="#not-tested">Not tested</a></li></ul>`}
${facts(result)}
</header>`
}

function facts(result: RunResult): Html {
  const { target, environment, startedAt, endedAt, clock } = result
  const began = moment(startedAt, environment?.timezone)
  const when = html`<time datetime="${startedAt}" data-time="${startedAt}">${began.local && html`${began.local} <span class="aside">(${began.utc})</span>`}${!began.local && began.utc}</time>`
  const took = duration(Date.parse(endedAt) - Date.parse(startedAt))
  const seenFrom = environment?.seenFrom ?? []
  const seen = html`${seenFrom.length > 0 ? html`${wire(seenFrom.join(', '))}` : 'not known: the target did not say'}${environment?.nat ? html`; ${wire(environment.nat)}` : ''}`
  const versions = [
    `ringproof ${result.ringproof}`,
    ...(environment ? [`Node ${environment.node.replace(/^v/, '')}`] : []),
    ...(environment?.k6 ? [`k6 ${environment.k6.replace(/^v/, '')}`] : []),
    ...(environment ? [environment.platform] : []),
  ]
  const faults = target.faults ?? []
  return html`<dl class="facts">
${fact('When', clock === 'virtual' ? 'in virtual time, which has no date' : when)}
${fact('How long', html`${took}${clock === 'virtual' && ' of protocol time'}`)}
${fact('Seen from', clock === 'virtual' ? 'an in-memory network' : seen)}
${fact('Endpoints', target.endpoints?.length ? html`${wire(target.endpoints.join(' · '))}` : undefined)}
${fact('The target calls itself', target.software?.length ? wire(target.software.join(' · '), 300) : undefined)}
${fact('Planted faults', faults.length > 0 ? html`<b class="t-warn">${faults.join(', ')}</b>` : undefined)}
${fact('Target file', html`<code>${target.file}</code>`)}
${fact('Versions', versions.join(', '))}
${fact('Seed', String(result.seed))}
${fact('Repeat', result.repeat ? copyable(result.repeat) : undefined)}
</dl>`
}

/** Findings by cause, the most harmful first; what could not be decided; or that nothing is wrong. Always what was not tested. */
export function attentionSection(result: RunResult): Html {
  const { findings, scenarios } = result
  const telling = findings.filter(({ severity }) => severity !== 'info')
  const infos = findings.filter(({ severity }) => severity === 'info')
  const errors = scenarios.filter(({ verdict }) => verdict === 'error')
  const open = scenarios.filter(({ verdict }) => verdict === 'inconclusive')
  const nothing = telling.length + errors.length + open.length === 0
  return html`<section id="attention" aria-labelledby="attention-h"><h2 id="attention-h">What needs attention</h2>
${nothing && html`<p class="nothing">${nothingWrong(result)}</p>`}
${telling.length > 0 && html`<ol class="findings">${telling.map((finding) => findingItem(finding, result))}</ol>`}
${undecided('ringproof itself went wrong', 'error', errors)}
${undecided('Could not be decided', 'inconclusive', open)}
${infos.length > 0 && html`<details class="infos"><summary>Worth knowing (${infos.length})</summary><ol class="findings">${infos.map((finding) => findingItem(finding, result))}</ol></details>`}
${untestedLine(result)}
</section>`
}

/** In one line what the run says nothing about. */
function untestedLine({ notRun, notAskedFor = [], scenarios }: RunResult): Html {
  const of = (verdict: Verdict) => scenarios.filter((one) => one.verdict === verdict).length
  const parts = [
    notAskedFor.length > 0 && `left out of the target file: ${notAskedFor.join(', ')}`,
    of('unsupported') > 0 && `${of('unsupported')} unsupported`,
    of('not applicable') > 0 && `${of('not applicable')} not applicable`,
    notRun.length > 0 && `${notRun.length} not run`,
  ].filter((part) => part !== false)
  if (parts.length === 0) return html`<p class="untested-line"><b>Not tested:</b> nothing was left out.</p>`
  return html`<p class="untested-line"><b>Not tested:</b> ${parts.join(' · ')}. <a href="#not-tested">All of it</a></p>`
}

function nothingWrong(result: RunResult): Html {
  const { scenarios, load, verdict } = result
  const tested = scenarios.some((one) => one.verdict === 'pass' || one.verdict === 'warn')
  if (!tested && !load)
    return html`Nothing was tested, so nothing can be said about the target. ${result.sentence ?? ''}`
  if (load && !load.valid)
    return html`The load is not valid: see <a href="#load">Load</a>. ${tested && 'All scenarios held.'}`
  if (verdict === 'interrupted') return html`Nothing in what was tested until the interruption.`
  if (verdict === 'fail') return html`No scenario found anything wrong; the load did: see <a href="#load">Load</a>.`
  return html`${badge('pass', 'Nothing')} is wrong in what was tested.`
}

function findingItem(finding: Finding, result: RunResult): Html {
  const verdict: Verdict =
    finding.severity === 'fail' ? 'fail' : finding.severity === 'warn' ? 'warn' : 'not applicable'
  const words = finding.severity === 'info' ? 'note' : finding.severity
  const rows = finding.provider.flatMap((id) => result.providerRows?.find((row) => row.id === id) ?? { id, text: '' })
  return html`<li class="finding e-${slug(verdict)}">
<h3>${badge(verdict, words)} ${wire(finding.title, 300)}</h3>
<div class="twofold"><dl>
${fact('Who notices', finding.harm && wire(finding.harm))}
${fact('What to do', finding.advice && wire(finding.advice))}
${fact('Seen in', seenIn(finding, result.scenarios))}
${fact('Packets', finding.evidence.length > 0 && evidenceLinks(finding.evidence.slice(0, 3)))}
</dl><dl>
${fact('Rule', finding.rule && wire(finding.rule))}
${fact('Expected', finding.expected && wire(finding.expected))}
${fact('Actual', finding.actual && html`<span class="t-${slug(verdict)}">${wire(finding.actual)}</span>`)}
${fact('Promise', rows.length > 0 && rows.map(({ id, text }) => html`<span class="tag">${id}</span> ${text} `))}
</dl></div></li>`
}

const MOST_LINKS = 6

function seenIn(finding: Finding, scenarios: readonly ScenarioResult[]): Html | undefined {
  const names = finding.scenarios ?? []
  const times = (finding.count ?? 0) > names.length ? ` (${count(finding.count ?? 0, 'time')})` : ''
  if (names.length === 0) return times === '' ? undefined : html`${times}`
  const groups = [...groupBy(names, (name) => name.split(' ')[0] ?? '')].map(([id, some]) => {
    const links = some.map((name) => {
      const found = scenarios.find((one) => one.id === id && `${id} ${variantKey(one)}` === name)
      return found
        ? html`<a href="${scenarioHref(found)}">${variantWords(found)}</a>`
        : html`<span>${name.slice(id.length + 1)}</span>`
    })
    return html`<li><span class="id">${id}</span> <span class="links">${links}</span></li>`
  })
  const rest = groups.slice(MOST_LINKS)
  return html`<ul class="plain">${groups.slice(0, MOST_LINKS)}</ul>${rest.length > 0 && html`<details><summary>and ${rest.length} more</summary><ul class="plain">${rest}</ul></details>`}${times}`
}

function undecided(title: string, verdict: Verdict, scenarios: readonly ScenarioResult[]): Html | undefined {
  if (scenarios.length === 0) return undefined
  const groups = [...groupBy(scenarios, ({ reason }) => reason || 'no reason given')].map(
    ([reason, some]) =>
      html`<li>${wire(reason)} <span class="links">${some.map((one) => html`<a href="${scenarioHref(one)}">${one.id} <span class="aside">${variantWords(one)}</span></a>`)}</span></li>`,
  )
  return html`<div class="finding e-${slug(verdict)}"><h3>${badge(verdict)} ${title}</h3><ul class="plain">${groups}</ul></div>`
}

/** What this run says nothing about. */
export function notTestedSection({ notRun, notAskedFor = [], scenarios }: RunResult): Html {
  const lacking = scenarios.filter(({ verdict }) => verdict === 'unsupported')
  const elsewhere = scenarios.filter(({ verdict }) => verdict === 'not applicable')
  const groups = [
    notAskedFor.length > 0 && html`<div><h3>Left out of the target file</h3><p>${notAskedFor.join(', ')}</p></div>`,
    byReason(
      'The target says that it lacks it',
      lacking.map((one) => ({ why: one.reason, name: `${one.id} ${variantWords(one)}` })),
    ),
    byReason(
      'Not a role of this target',
      elsewhere.map((one) => ({ why: one.reason, name: `${one.id} ${variantWords(one)}` })),
    ),
    byReason(
      'Not run',
      notRun.map(({ id, why, title }) => ({ why, name: title ? `${id}: ${title}` : id })),
    ),
  ].filter((group) => group !== undefined && group !== false)
  return html`<section id="not-tested" aria-labelledby="not-tested-h"><h2 id="not-tested-h">Not tested</h2>
${groups.length > 0 ? html`<div class="untold">${groups}</div>` : html`<p>Nothing was left out.</p>`}</section>`
}

function byReason(title: string, all: readonly { why: string; name: string }[]): Html | undefined {
  if (all.length === 0) return undefined
  const groups = [...groupBy(all, ({ why }) => why || 'no reason given')].map(
    ([why, some]) =>
      html`<li>${some.length < 4 ? html`${wire(why)} <span class="aside">${some.map(({ name }) => html`<bdi>${name}</bdi> `)}</span>` : html`<details><summary>${wire(why)} <b>(${some.length})</b></summary><ul>${some.map(({ name }) => html`<li><bdi>${name}</bdi></li>`)}</ul></details>`}</li>`,
  )
  return html`<div><h3>${title} <span class="aside">(${all.length})</span></h3><ul class="plain">${groups}</ul></div>`
}

/** Garbage, stray messages and the like. */
export function noiseSection({ noise = [] }: RunResult): Html | undefined {
  if (noise.length === 0) return undefined
  const rows = noise.map(
    ({ what, count: many, evidence }) =>
      html`<tr><td>${wire(what)}</td><td class="n">${number(many, 0)}</td><td>${evidenceLinks(evidence.slice(0, 3))}</td></tr>`,
  )
  return html`<section id="noise"><h2>Also heard</h2><div class="scroll"><table><thead><tr><th scope="col">What</th><th scope="col" class="n">Times</th><th scope="col">Evidence</th></tr></thead><tbody>${rows}</tbody></table></div></section>`
}

/** Share of scenarios that held, for the page's title. */
export function titleOf(result: RunResult): string {
  const held = result.scenarios.filter(({ verdict }) => verdict === 'pass' || verdict === 'warn').length
  const share = result.scenarios.length > 0 ? `, ${percent(held, result.scenarios.length)} held` : ''
  return `${RUN_VERDICTS[result.verdict]}: ${result.target.name}${share} – ringproof`
}
