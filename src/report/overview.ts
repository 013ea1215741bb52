/** The first screen: what was tested, whether it is fit, what needs attention, and what was not tested. */
import type { Finding, LoadResult, RunResult, ScenarioResult, Verdict } from '../result/result.js'
import { count, duration, moment, number, percent } from './format.js'
import { html, type Html } from './html.js'
import { worstRelay } from './worst-relay.js'
import {
  badge,
  copyable,
  evidenceLinks,
  fact,
  groupBy,
  isPlaceOf,
  scenarioHref,
  sign,
  signOf,
  variantWords,
  wire,
} from './parts.js'
import { untested, untestedWords, wholeParts, type Untested } from './untested.js'
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
${plantedFaults(result)}
${otherProblems(result)}
${(counts.length > 0 || load !== undefined) && html`<ul class="counts">${counts}${load && html`<li><a href="#load">${load.valid ? html`${count(load.calls.started, 'call')} under load` : html`<span class="t-inconclusive">${sign('inconclusive')} load not valid</span>`}</a></li>`}<li><a href="#not-tested">${untestedCount(result)}</a></li></ul>`}
${facts(result)}
</header>`
}

function untestedCount(result: RunResult): Html {
  const many = untested(result).reduce((sum, one) => sum + one.count, 0)
  return many > 0 ? html`${number(many, 0)} not tested` : html`Not tested`
}

const MOST_HEADLINES = 5
/** Captures that a finding links to itself. */
const MOST_PACKETS = 3

/** Whoever is shown this must not take a trial of ringproof for the state of a network. */
function plantedFaults({ target }: RunResult): Html | undefined {
  const { faults = [] } = target
  if (faults.length === 0) return undefined
  return html`<p class="planted"><b class="t-warn">${count(faults.length, 'fault')} planted on purpose</b> in the embedded provider: this shows what ringproof notices, and says nothing about a network in use.</p>`
}

/** The problems and warnings that the sentence only counts, so that nobody has to scroll to know them. */
function otherProblems({ findings, verdict }: RunResult): Html | undefined {
  const at = new Map(findings.map((finding, index) => [finding, index]))
  const failed = findings.filter(({ severity }) => severity === 'fail')
  // The sentence tells the first of these, unless it has to tell that ringproof itself went wrong.
  const untold = verdict === 'error' ? failed : failed.slice(1)
  const others = [...untold, ...findings.filter(({ severity }) => severity === 'warn')]
  if (others.length === 0) return undefined
  const more = others.length - MOST_HEADLINES
  const items = others
    .slice(0, MOST_HEADLINES)
    .map(
      (finding) =>
        html`<li><span class="t-${finding.severity}">${sign(finding.severity === 'fail' ? 'fail' : 'warn')}</span> <a href="#finding-${at.get(finding)}">${wire(finding.title, 200)}</a></li>`,
    )
  return html`<ul class="headlines" aria-label="More problems">${items}${more > 0 && html`<li><a href="#attention">and ${more} more</a></li>`}</ul>`
}

function facts(result: RunResult): Html {
  const { target, environment, startedAt, endedAt, clock } = result
  const began = moment(startedAt, environment?.timezone)
  const when = html`<time datetime="${startedAt}" data-time="${startedAt}">${began.local && html`${began.local} <span class="aside">(${began.utc})</span>`}${!began.local && began.utc}</time>`
  const took = duration(Date.parse(endedAt) - Date.parse(startedAt))
  const simulated = clock === 'virtual'
  const repeatsSeed = result.repeat?.includes('--seed') ?? false
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
${fact('When', simulated ? 'simulated (virtual time): no date' : when)}
${fact('How long', html`${took}${simulated && ' of simulated time, all scenarios added up'}`)}
${fact('Seen from', simulated ? 'a simulated network' : seen)}
${fact('Planted faults', faults.length > 0 ? html`<b class="t-warn">${faults.join(', ')}</b>` : undefined)}
${fact('Load', result.load ? loadFact(result.load) : 'none in this run')}
${fact('Endpoints', target.endpoints?.length ? html`${wire(target.endpoints.join(' · '))}` : undefined)}
${fact('Calls itself', target.software?.length ? wire(target.software.join(' · '), 300) : undefined)}
${fact('Target file', html`<code>${target.file}</code>`)}
${fact('Versions', versions.join(', '))}
${fact('Seed', repeatsSeed || result.scenarios.length === 0 ? undefined : String(result.seed))}
${fact('Repeat', result.repeat ? copyable(result.repeat) : undefined)}
</dl>`
}

/** Whether the load can be believed, what became of its calls, and which relay was worst. */
function loadFact(load: LoadResult): Html {
  if (!load.valid)
    return html`<b class="t-inconclusive">${sign('inconclusive')} not valid</b>: the generator was too slow`
  const both = load.calls.twoWay
  const bad = worstRelay(load.relays)
  return html`<b class="t-pass">${sign('pass')} valid</b>: ${count(load.calls.started, 'call')}${both !== undefined && html`, ${both === load.calls.started ? 'all' : number(both, 0)} with audio both ways`}${bad && html`; worst relay: <a href="#load">${wire(bad.name, 60)}</a>, ${bad.why}`}`
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
function untestedLine(result: RunResult): Html {
  const parts = untestedWords(result).map((words) => html`<li>${words}</li>`)
  if (parts.length === 0) return html`<p class="untested-line"><b>Not tested:</b> nothing was left out.</p>`
  return html`<div class="untested-line"><b>Not tested:</b> <ul class="inline">${parts}</ul> <a href="#not-tested">All of it</a></div>`
}

function nothingWrong(result: RunResult): Html {
  const { scenarios, load, verdict } = result
  const tested = scenarios.some((one) => one.verdict === 'pass' || one.verdict === 'warn')
  if (!tested && !load) return html`Nothing was tested, so nothing can be said about the target.`
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
  // A headline that says who notices what need not be followed by the same once more.
  const { harm = '', title } = finding
  const more = harm.startsWith(title) ? harm.slice(title.length).replace(/^[.!?]?\s*/, '') : harm
  return html`<li class="finding e-${slug(verdict)}" id="finding-${result.findings.indexOf(finding)}">
<h3>${badge(verdict, words)} ${wire(title, 300)}</h3>
<div class="twofold"><dl>
${fact('Who notices', more !== '' && wire(more))}
${fact('What to do', finding.advice && wire(finding.advice))}
${fact('Seen in', seenIn(finding, result))}
${fact('Packets', finding.evidence.length > 0 && html`${evidenceLinks(finding.evidence.slice(0, MOST_PACKETS))}${finding.evidence.length > MOST_PACKETS && html` <span class="aside">and ${finding.evidence.length - MOST_PACKETS} more, with the scenarios</span>`}`)}
${fact('Promise', rows.length > 0 && rows.map(({ id, text }) => html`<span class="tag">${id}</span> ${text} `))}
</dl><div>${rulesOf(finding, verdict)}</div></div></li>`
}

const MOST_RULES = 3

/** What did not hold, for whoever has to mend it. */
function rulesOf(finding: Finding, verdict: Verdict): Html {
  const { broken = [], rule, expected, actual } = finding
  const tone = `t-${slug(verdict)}`
  const values = (one: { expected?: string | undefined; actual?: string | undefined; line?: string | undefined }) =>
    html`${fact('Expected', one.expected && wire(one.expected))}
${fact('Actual', one.actual && html`<span class="${tone}">${wire(one.actual)}</span>`)}
${fact('Line', one.line && html`<code class="line">${wire(one.line)}</code>`)}`
  if (broken.length === 0) return html`<dl>${fact('Rule', rule && wire(rule))}${values({ expected, actual })}</dl>`
  const items = broken.map(
    (
      one,
    ) => html`<dl class="broken">${fact('Does not hold', html`${wire(one.paraphrase)} <span class="aside"><span class="level">${one.level}</span> ${wire(one.rule)}</span>`)}
${values(one)}${fact('Known', one.expectedFailure && wire(one.expectedFailure))}</dl>`,
  )
  const rest = items.slice(MOST_RULES)
  return html`${items.slice(0, MOST_RULES)}${rest.length > 0 && html`<details><summary>and ${count(rest.length, 'more rule')}</summary>${rest}</details>`}`
}

const MOST_LINKS = 6

function seenIn(finding: Finding, { scenarios, load }: RunResult): Html | undefined {
  const names = finding.scenarios
  const times = (finding.count ?? 0) > names.length ? ` (${count(finding.count ?? 0, 'time')})` : ''
  if (names.length === 0) return times === '' ? undefined : html`${times}`
  const groups = [...groupBy(names, ({ scenario }) => scenario)].map(([id, some]) => {
    if (load && id === `load/${load.profile}`) return html`<li><a href="#load">the load</a></li>`
    const links = some.map((place) => {
      const found = scenarios.find((one) => isPlaceOf(place, one))
      return found
        ? html`<a href="${scenarioHref(found)}">${variantWords(found)}</a>`
        : html`<span>${place.transport}/${place.family}</span>`
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

/** What this run says nothing about: by kind of reason, with what would get it tested. */
export function notTestedSection(result: RunResult): Html {
  const { notAskedFor = [] } = result
  const groups = [
    ...(notAskedFor.length > 0
      ? [html`<div><h3>Left out of the target file</h3><p>${notAskedFor.join(', ')}</p></div>`]
      : []),
    ...wholeParts(result).map((part) => html`<div><h3>${part}</h3></div>`),
    ...untested(result).map(untestedGroup),
  ]
  return html`<section id="not-tested" aria-labelledby="not-tested-h"><h2 id="not-tested-h">Not tested</h2>
${groups.length > 0 ? html`<div class="untold">${groups}</div>` : html`<p>Nothing was left out.</p>`}</section>`
}

function untestedGroup({ what, remedy, entries }: Untested): Html {
  const named = entries.filter(({ name }) => name !== '')
  const reasons = [...groupBy(named, ({ why }) => why || 'no reason given')]
  const list =
    reasons.length === named.length
      ? named.map(({ name, why }) => html`<li>${wire(name)} <span class="aside">${wire(why)}</span></li>`)
      : reasons.map(
          ([why, some]) => html`<li>${wire(why)}<ul>${some.map(({ name }) => html`<li>${wire(name)}</li>`)}</ul></li>`,
        )
  return html`<div><h3>${what}</h3>${remedy !== '' && html`<p>To get them tested: ${remedy}.</p>`}
${list.length > 0 && html`<details><summary>Which</summary><ul>${list}</ul></details>`}</div>`
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
