/** The first screen: what was tested, whether it is fit for release, every problem in one line; and the facts about the run itself. */
import { meantAnswered } from '../result/load-calls.js'
import type { LoadResult } from '../result/load-result.js'
import type { RunResult } from '../result/result.js'
import { findingAnchor, findingBadge } from './finding-view.js'
import { count, duration, moment, number, percent } from './format.js'
import { html, type Html } from './html.js'
import { knownDeviations } from './known-deviations.js'
import { badge, copyable, evidenceLinks, fact, sign, signOf, wire } from './parts.js'
import { ownLag } from './own-lag.js'
import { RUN_VERDICTS, slug, tally, VERDICTS } from './verdicts.js'
import { worstRelay } from './worst-relay.js'
import { problemsOf } from '../result/problems.js'

export function firstScreen(result: RunResult): Html {
  const { target, verdict, sentence } = result
  return html`<header class="first">
<p class="over">ringproof report</p>
<div class="headed"><h1>${wire(target.name, 120)}</h1><p class="verdict">${badge(signOf(verdict), RUN_VERDICTS[verdict])}</p></div>
<p class="sentence">${wire(sentence ?? RUN_VERDICTS[verdict], 700)}</p>
${plantedFaults(result)}
${counts(result)}
${runLine(result)}
${result.providerRows !== undefined && html`<p class="run-line">For people who do not know SIP: <a href="customers.html">what customers notice, and what to do</a></p>`}
${result.repeat !== undefined && html`<p class="run-line">Repeat: ${copyable(result.repeat)}</p>`}
${headlines(result)}
</header>`
}

/** Whoever is shown this must not take a trial of ringproof for the state of a network. */
export function plantedFaults({ target }: RunResult): Html | undefined {
  const { faults = [] } = target
  if (faults.length === 0) return undefined
  return html`<p class="planted"><b class="t-warn">${count(faults.length, 'fault')} planted on purpose</b> in the embedded provider: this shows what ringproof notices, and says nothing about a network in use.</p>`
}

/** How many tests came to what; each count leads to what it counts, and together they are all that there were. */
function counts(result: RunResult): Html | undefined {
  const { scenarios, load } = result
  const missing = result.notRun.reduce((sum, { count: many = 1 }) => sum + many, 0)
  const known = knownDeviations(result).length
  const items = [
    ...tally(scenarios.map((scenario) => scenario.verdict)).map(
      ({ verdict, count: many }) =>
        html`<li><a class="v-${slug(verdict)} tint" href="#/?verdict=${encodeURIComponent(verdict)}">${sign(verdict)}<b>${number(many, 0)}</b> ${VERDICTS[verdict].word}</a></li>`,
    ),
    ...(known > 0 ? [html`<li><a href="#known-deviations">${count(known, 'known deviation')}</a></li>`] : []),
    ...(load
      ? [
          html`<li><a href="#load">${load.valid ? html`${loadCount(load)} under load` : html`<span class="t-inconclusive">${sign('inconclusive')} load not valid</span>`}</a></li>`,
        ]
      : []),
  ]
  if (items.length === 0 && missing === 0) return undefined
  return html`<ul class="counts"><li>Tests:</li>${items}<li><a href="#not-tested">${missing > 0 ? html`<b>${number(missing, 0)}</b> not tested` : html`Not tested`}</a></li></ul>`
}

/** When, how long, from where, with what. @param page where the report is, seen from the page that this stands on */
export function runLine(result: RunResult, page = ''): Html {
  const { environment, startedAt, endedAt, clock } = result
  const took = duration(Date.parse(endedAt) - Date.parse(startedAt))
  const parts =
    clock === 'virtual'
      ? [html`simulated network and time`, html`${took} of simulated time`]
      : [when(startedAt, environment?.timezone), html`took ${took}`, html`seen from ${seenFrom(result)}`]
  const lag = ownLag(result)
  if (lag !== undefined) parts.push(html`this machine ${lag}`)
  const [ringproof = '', node = ''] = versions(result)
  const all = [...parts, html`${[ringproof, node].filter(Boolean).join(', ')}`].map((part) => html`<li>${part}</li>`)
  return html`<ul class="inline run-line">${all}<li><a href="${page}#about">About this run</a></li></ul>`
}

function when(startedAt: string, timezone: string | undefined): Html {
  const began = moment(startedAt, timezone)
  return html`<time datetime="${startedAt}" data-time="${startedAt}">${began.local && html`${began.local} <span class="aside">(${began.utc})</span>`}${!began.local && began.utc}</time>`
}

function seenFrom({ environment }: RunResult): Html {
  const addresses = environment?.seenFrom ?? []
  return html`${addresses.length > 0 ? wire(addresses.join(', ')) : 'an unknown address'}${environment?.nat && html`; ${wire(environment.nat)}`}`
}

function versions({ ringproof, environment }: RunResult): string[] {
  if (!environment) return [`ringproof ${ringproof}`]
  const { node, k6, platform, network } = environment
  return [
    `ringproof ${ringproof}`,
    `Node ${node.replace(/^v/, '')}`,
    ...(network ? [`behind an access line with ${network}`] : []),
    ...(k6 ? [`k6 ${k6.replace(/^v/, '')}`] : []),
    platform,
  ]
}

const MOST_HEADLINES = 10

/** Every problem in one line, in the order of the cards below, so that nobody has to scroll to know them. */
function headlines(result: RunResult): Html | undefined {
  const problems = problemsOf(result.findings)
  if (problems.length < 2) return undefined
  const items = problems
    .slice(0, MOST_HEADLINES)
    .map(
      (finding) =>
        html`<li>${findingBadge(finding)} <a href="#${findingAnchor(finding, result)}">${wire(finding.title, 200)}</a>${finding.severity === 'warn' && html` <span class="t-warn">${sign('warn')}<span class="hidden">warning</span></span>`}</li>`,
    )
  const next = problems[MOST_HEADLINES]
  const more =
    next &&
    html`<li><a href="#${findingAnchor(next, result)}">and ${problems.length - MOST_HEADLINES} more below</a></li>`
  return html`<ol class="headlines" aria-label="All problems, the gravest first">${items}${more}</ol>`
}

/** The facts about the run itself. */
export function aboutSection(result: RunResult): Html {
  const { target, startedAt, endedAt, clock, environment } = result
  const took = duration(Date.parse(endedAt) - Date.parse(startedAt))
  const simulated = clock === 'virtual'
  const faults = target.faults ?? []
  return html`<section id="about" aria-labelledby="about-h"><h2 id="about-h">About this run</h2><dl class="facts">
${fact('Started', simulated ? 'simulated (virtual time): no date' : when(startedAt, environment?.timezone))}
${fact('Duration', html`${took}${simulated && ' of simulated time, the sum of all scenarios'}`)}
${fact('Seen from', simulated ? 'a simulated network' : seenFrom(result))}
${fact('Planted faults', faults.length > 0 ? html`<b class="t-warn">${faults.join(', ')}</b>` : undefined)}
${fact('Load', result.load ? loadFact(result.load) : 'none in this run')}
${fact('Endpoints', target.endpoints?.length ? html`${wire(target.endpoints.join(' · '))}` : undefined)}
${fact('Server software', target.software?.length ? wire(target.software.join(' · '), 300) : undefined)}
${fact('Target file', html`<code>${target.file}</code>`)}
${fact('Versions', versions(result).join(', '))}
${fact('This machine', ownLag(result))}
${fact('Seed', String(result.seed))}
${fact('Repeat', result.repeat && copyable(result.repeat))}
</dl></section>`
}

/** `20 calls and 300 runs of scenarios`. */
function loadCount({ calls, runs }: LoadResult): string {
  const ran = runs === undefined ? [] : [`${count(runs.ended, 'run')} of scenarios`]
  return [...(calls.started === 0 && runs !== undefined ? [] : [count(calls.started, 'call')]), ...ran].join(' and ')
}

/** Whether the load can be believed, what became of its calls, and which relay was worst. */
function loadFact(load: LoadResult): Html {
  if (!load.valid)
    return html`<b class="t-inconclusive">${sign('inconclusive')} not valid</b>: the generator was too slow`
  const both = load.calls.twoWay
  const bad = worstRelay(load.relays)
  return html`<b class="t-pass">${sign('pass')} valid</b>: ${loadCount(load)}${both !== undefined && load.calls.started > 0 && html`, ${both === meantAnswered(load.calls) ? 'all' : number(both, 0)} with audio both ways`}${bad && html`; worst relay: <a href="#load">${wire(bad.name, 60)}</a>, ${bad.why}`}`
}

/** Garbage, stray messages and the like. */
export function noiseSection({ noise = [] }: RunResult): Html | undefined {
  if (noise.length === 0) return undefined
  const rows = noise.map(
    ({ what, count: many, evidence }) =>
      html`<tr><td>${wire(what)}</td><td class="n">${number(many, 0)}</td><td>${evidenceLinks(evidence.slice(0, 3))}</td></tr>`,
  )
  return html`<section id="noise"><h2>Unexpected packets</h2><div class="scroll"><table><thead><tr><th scope="col">What</th><th scope="col" class="n">Times</th><th scope="col">Evidence</th></tr></thead><tbody>${rows}</tbody></table></div></section>`
}

/** The page's title: verdict, target, share of scenarios that passed. */
export function titleOf(result: RunResult): string {
  const passed = result.scenarios.filter(({ verdict }) => verdict === 'pass' || verdict === 'warn').length
  const share = result.scenarios.length > 0 ? `, ${percent(passed, result.scenarios.length)} passed` : ''
  return `${RUN_VERDICTS[result.verdict]}: ${result.target.name}${share} – ringproof`
}
