/**
 * `customers.html`: for somebody who knows telephony but not SIP. What customers notice, on which lines, what to do; and which of the
 * provider's promises hold. Rendered from `result.json` alone; no script, so that it can be passed on and printed.
 */
import type { Finding } from '../result/finding.js'
import { problemsOf } from '../result/problems.js'
import type { RunResult } from '../result/result.js'
import type { Verdict } from '../result/terms.js'
import { distinct, headline, sentencesOf } from '../result/texts.js'
import { variantsInWords } from '../result/variants.js'
import { textStyles } from './assets.js'
import { findingAnchor, findingBadge, whoNotices } from './finding-view.js'
import { count } from './format.js'
import { glossaryOf } from './glossary.js'
import { html, type Html } from './html.js'
import { plantedFaults, runLine } from './overview.js'
import { pageOf } from './page-head.js'
import { badge, fact, foldedText, signDefinitions, signOf, wire } from './parts.js'
import { type PromiseRow, type PromiseState, promisesOf } from './promises.js'
import { RUN_VERDICTS } from './verdicts.js'
import { linesOf, meanwhile, urgency, whoMends } from './who-mends.js'

/** Consequences that are told of a problem; its card has all. */
const MOST_FOLLOWING = 3

/** @returns the page's text */
export function customersPage(result: RunResult): string {
  const css = textStyles()
  const problems = problemsOf(result.findings)
  const main = html`${header(result)}
${noticed(problems, result)}
${promises(result, problems)}`
  const body = html`${signDefinitions()}
<main class="customers">
${main}
${words(main.toString())}
</main>
<footer>ringproof ${result.ringproof} · the whole report: <a href="index.html">index.html</a></footer>`
  return pageOf({ title: `What customers notice: ${result.target.name}`, verdict: result.verdict, css }, body)
}

function header(result: RunResult): Html {
  const { target, verdict, sentence } = result
  return html`<header class="first"><p class="over">What customers notice</p>
<div class="headed"><h1>${wire(target.name, 120)}</h1><p class="verdict">${badge(signOf(verdict), RUN_VERDICTS[verdict])}</p></div>
<p class="sentence">${wire(sentence ?? RUN_VERDICTS[verdict], 700)}</p>
${plantedFaults(result)}
${runLine(result, 'index.html')}</header>`
}

/** What is broken, numbered, the gravest first; what only a standard minds is a line each. */
function noticed(problems: readonly Finding[], result: RunResult): Html {
  const numbered = problems.map((finding, at) => ({ finding, nth: at + 1 }))
  const [formal, felt] = [numbered.filter(isFormal), numbered.filter((one) => !isFormal(one))]
  const cards = felt.map(({ finding, nth }) => card(finding, nth, result))
  const lines = formal.map(
    ({ finding, nth }) => html`<li id="problem-${nth}">${nth}. ${cardLink(finding, result)}</li>`,
  )
  return html`<section aria-labelledby="noticed-h"><h2 id="noticed-h">What customers notice</h2>
${cards.length > 0 ? html`<ol class="plain">${cards}</ol>` : html`<p class="nothing">Nothing that this run looked at.</p>`}
${lines.length > 0 && html`<h3>Formal: hardly anybody notices</h3><ul class="plain">${lines}</ul>`}</section>`
}

const isFormal = ({ finding: { gravity } }: { readonly finding: Finding }): boolean => gravity === 'letter'

function card(finding: Finding, nth: number, result: RunResult): Html {
  const who = whoMends(finding)
  const lines = linesOf(finding)
  const notice = noticedBy(finding)
  return html`<li class="finding g-${finding.gravity}" id="problem-${nth}"><h3>${nth}. ${findingBadge(finding)} ${wire(finding.title, 300)}</h3>
<dl>
${fact('Customers notice', notice !== '' && foldedText(notice))}
${fact('And because of it', followedBy(finding))}
${fact('On which lines', lines !== undefined && wire(lines))}
${fact('What to do', urgency(finding))}
${fact('Who mends it', who !== undefined && html`Give it to ${who}; where that is not you, to the provider’s support. They need ${cardLink(finding, result, 'this card')} of the report${finding.evidence.length > 0 && ' and its packets'}.`)}
${fact('Until then', meanwhile(finding, result))}
</dl></li>`
}

/** What they notice beside what the title says; empty where that is all. */
function noticedBy(finding: Finding): string {
  const { gravity, harm, title } = finding
  if (gravity === 'exposure' || harm === undefined) return whoNotices(finding)
  return sentencesOf(harm)
    .filter((one) => headline(one) !== headline(title))
    .join(' ')
}

/** What else broke because of it, and may be what customers notice first. */
function followedBy({ consequences = [], title }: Finding): Html | undefined {
  const titles = distinct(consequences.map((one) => one.title)).filter((one) => one !== '' && one !== title)
  if (titles.length === 0) return undefined
  const more = titles.length - MOST_FOLLOWING
  return html`${titles.slice(0, MOST_FOLLOWING).map((one) => html`${wire(one, 300)}. `)}${more > 0 && html`<span class="aside">and ${more} more, on its card</span>`}`
}

const cardLink = (finding: Finding, result: RunResult, words?: string): Html =>
  html`<a href="index.html#${findingAnchor(finding, result)}">${words ?? wire(finding.title, 300)}</a>`

const GROUPS: readonly { readonly prefix: string; readonly title: string }[] = [
  { prefix: 'EP', title: 'Servers and addresses' },
  { prefix: 'BH', title: 'How calls, devices and encryption behave' },
  { prefix: 'SC', title: 'Numbers and codes to dial' },
]

function promises(result: RunResult, problems: readonly Finding[]): Html | undefined {
  const rows = promisesOf(result)
  if (rows.length === 0) return undefined
  const groups = GROUPS.map(({ prefix, title }) => ({
    title,
    own: rows.filter(({ id }) => id.startsWith(`${prefix}-`)),
  }))
  return html`<section aria-labelledby="promises-h"><h2 id="promises-h">What is promised</h2>
<p>${tallied(rows)}</p>
<div><table class="promises"><thead><tr><th scope="col">Promise</th><th scope="col">State</th><th scope="col">On which lines, and why</th></tr></thead>
${groups.filter(({ own }) => own.length > 0).map(({ title, own }) => html`<tbody><tr class="group"><th colspan="3" scope="colgroup">${title}</th></tr>${own.map((row) => promise(row, problems))}</tbody>`)}</table></div></section>`
}

function promise(row: PromiseRow, problems: readonly Finding[]): Html {
  const { id, text, state } = row
  const { word, verdict } = STATES[state]
  return html`<tr><th scope="row"><span class="id">${id}</span> ${text}</th><td>${badge(verdict, word)}</td><td>${reasons(row, problems)}</td></tr>`
}

function reasons({ problems: own, holdsOn, why, kept, state }: PromiseRow, problems: readonly Finding[]): Html {
  const link = (finding: Finding) => {
    const nth = problems.indexOf(finding) + 1
    return html`<a href="#problem-${nth}">${nth}</a>`
  }
  const see = own.map((finding, at) => html`${at > 0 && ', '}${link(finding)}`)
  const lines = holdsOn.length > 0 && variantsInWords(holdsOn)
  return html`${see.length > 0 && html`See ${see}. `}${lines && (state === 'holds' ? lines : html`<span class="aside">nothing failed on ${lines}</span>`)}${lines && (why !== '' || kept) && '; '}${why !== '' && wire(why, 300)}${kept && html`not all could be tested${kept.on.length > 0 && ` on ${variantsInWords(kept.on)}`}, because of ${link(kept.by)}`}`
}

interface StateWords {
  readonly word: string
  /** After a number: `1 does not hold`, `3 do not hold`. */
  readonly one: string
  readonly many: string
  readonly verdict: Verdict
}

const STATES: Readonly<Record<PromiseState, StateWords>> = {
  broken: { word: 'does not hold', one: 'does not hold', many: 'do not hold', verdict: 'fail' },
  affected: {
    word: 'affected',
    one: 'is affected by what is broken elsewhere',
    many: 'are affected by what is broken elsewhere',
    verdict: 'fail',
  },
  reserved: {
    word: 'something to know',
    one: 'holds with something to know',
    many: 'hold with something to know',
    verdict: 'warn',
  },
  undecided: {
    word: 'could not be told',
    one: 'could not be told',
    many: 'could not be told',
    verdict: 'inconclusive',
  },
  'partly told': {
    word: 'holds, as far as told',
    one: 'holds as far as could be told',
    many: 'hold as far as could be told',
    verdict: 'inconclusive',
  },
  'not tested': { word: 'not tested', one: 'was not tested', many: 'were not tested', verdict: 'unsupported' },
  'not offered': {
    word: 'not offered',
    one: 'is not offered here',
    many: 'are not offered here',
    verdict: 'not applicable',
  },
  holds: { word: 'holds', one: 'holds', many: 'hold', verdict: 'pass' },
}

function tallied(rows: readonly PromiseRow[]): string {
  const parts = Object.entries(STATES).flatMap(([state, { one, many }]) => {
    const those = rows.filter((row) => row.state === state).length
    return those === 0 ? [] : [`${those} ${those === 1 ? one : many}`]
  })
  return `Of ${count(rows.length, 'promise')}: ${parts.join(', ')}.`
}

function words(text: string): Html | undefined {
  const all = glossaryOf(text.replace(/<[^>]*>/g, ' '))
  if (all.length === 0) return undefined
  return html`<section aria-labelledby="words-h"><h2 id="words-h">Words</h2><dl class="words">${all.map(({ word, meaning }) => html`<div><dt>${word}</dt><dd>${meaning}</dd></div>`)}</dl></section>`
}
