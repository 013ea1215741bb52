/** What changed since an earlier run or a baseline: a section of the page, and a line of the summary. */
import type { ComparedFigure, ComparedFinding, Comparison, FindingState } from '../result/comparison.js'
import type { RunResult } from '../result/result.js'
import type { Verdict } from '../result/terms.js'
import { sideInWords } from '../result/compared-sides.js'
import { findingAnchor } from './finding-view.js'
import { count } from './format.js'
import { html, type Html } from './html.js'
import { badge, folded, gravityBadge, wire } from './parts.js'

/** Tests and findings that are listed unfolded. */
const MOST = 8

interface Words {
  /** Heading where the comparison can tell what changed, and where it only tells what differs. */
  readonly head: string
  readonly apart: string
  readonly verdict: Verdict
}

const STATES: Readonly<Record<FindingState, Words>> = {
  new: { head: 'New', apart: 'Only now', verdict: 'fail' },
  worse: { head: 'Worse than before', apart: 'Worse now', verdict: 'fail' },
  fixed: { head: 'Fixed', apart: 'Only before', verdict: 'pass' },
  unsteady: { head: 'Varies from run to run', apart: 'Varies from run to run', verdict: 'inconclusive' },
  'newly-tested': {
    head: 'Seen for the first time: it was not tested before',
    apart: 'Not tested before',
    verdict: 'warn',
  },
  'not-tested': {
    head: 'Not tested any more, so perhaps still there',
    apart: 'Not tested now',
    verdict: 'inconclusive',
  },
  still: { head: 'Unchanged', apart: 'In both', verdict: 'warn' },
}
/** In the order in which a reader wants to know of them. */
const ORDER: readonly FindingState[] = ['new', 'worse', 'fixed', 'unsteady', 'newly-tested', 'not-tested', 'still']

export function comparisonSection(result: RunResult): Html | undefined {
  const { comparison } = result
  if (comparison === undefined) return undefined
  const { limits, sentence } = comparison
  const notes = limits.map(({ text }) => html`<li>${wire(text, 800)}</li>`)
  return html`<section id="comparison" aria-labelledby="comparison-h"><h2 id="comparison-h">What changed <span class="aside">since ${wire(sideInWords(comparison.base, comparison.new), 300)}, ${count(comparison.base.tests, 'test')}</span></h2>
<p class="compared">${wire(sentence, 1000)}</p>
${notes.length > 0 && html`<ul class="limits" aria-label="What this comparison cannot tell">${notes}</ul>`}
${ORDER.map((state) => findingsIn(state, comparison, result)).filter((one) => one !== undefined)}
${changedFigures(comparison)}
${untestedNow(comparison)}
${unsteadyTests(comparison)}
${allFigures(comparison)}
</section>`
}

function findingsIn(state: FindingState, { findings, conclusive }: Comparison, result: RunResult): Html | undefined {
  const some = findings.filter((one) => one.state === state)
  if (some.length === 0) return undefined
  const { head, apart, verdict } = STATES[state]
  const items = some.map((one) => item(one, result))
  const title = html`${badge(verdict, conclusive ? head : apart)} <span class="aside">${count(some.length, 'problem')}</span>`
  const list = folded(items, MOST, (more) => count(more, 'more problem'))
  // What has not changed is told by the cards.
  if (state === 'still')
    return html`<details class="change" data-state="${state}"><summary>${title}</summary>${list}</details>`
  return html`<div class="change" data-state="${state}"><h3>${title}</h3>${list}</div>`
}

function item({ id, title, gravity, why, tests }: ComparedFinding, result: RunResult): Html {
  const card = result.findings.find((one) => one.id.replace(/^UNSTEADY /, '') === id)
  const words = wire(title, 300)
  return html`<li>${gravityBadge(gravity)} ${card ? html`<a href="#${findingAnchor(card, result)}">${words}</a>` : words} <span class="aside">${wire(why, 400)}</span>${testList(tests)}</li>`
}

function testList(tests: readonly string[]): Html | undefined {
  if (tests.length === 0) return undefined
  return html`<details><summary>${count(tests.length, 'test')}</summary><ul class="plain">${tests.map((one) => html`<li><span class="id">${one}</span></li>`)}</ul></details>`
}

function changedFigures({ figures }: Comparison): Html | undefined {
  const changed = figures.filter(({ state }) => state === 'worse' || state === 'better')
  if (changed.length === 0) return undefined
  const items = changed.map(
    ({ state, label, text }) =>
      html`<li>${badge(state === 'worse' ? 'fail' : 'pass', state)} ${wire(label)}: ${wire(text)}</li>`,
  )
  return html`<div class="change" data-state="figures"><h3>Beyond the noise from run to run</h3><ul class="plain">${items}</ul></div>`
}

function untestedNow({ untested }: Comparison): Html | undefined {
  if (untested.length === 0) return undefined
  const all = untested.reduce((sum, { tests }) => sum + tests.length, 0)
  const items = untested.map(({ why, tests }) => html`<li>${wire(why, 300)} ${testList(tests)}</li>`)
  return html`<div class="change" data-state="untested"><h3>${badge('inconclusive', 'No longer tested')} <span class="aside">${count(all, 'test')} decided before</span></h3><ul class="plain">${items}</ul></div>`
}

function unsteadyTests({ unsteady }: Comparison): Html | undefined {
  if (unsteady.length === 0) return undefined
  const items = unsteady.map(({ test, text }) => html`<li><span class="id">${test}</span> ${wire(text)}</li>`)
  return html`<details class="change"><summary>${count(unsteady.length, 'test')} came to different verdicts in repeated runs</summary>${folded(items, 40, (more) => count(more, 'more test'))}</details>`
}

const STATE_WORDS: Readonly<Record<ComparedFigure['state'], string>> = {
  worse: 'worse',
  better: 'better',
  within: 'within the noise',
  untold: 'cannot be told',
}

function allFigures({ figures }: Comparison): Html | undefined {
  if (figures.length === 0) return undefined
  const rows = figures.map(
    ({ label, state, text }) =>
      html`<tr><td>${wire(label)}</td><td>${STATE_WORDS[state]}</td><td>${wire(text)}</td></tr>`,
  )
  return html`<details class="change"><summary>All figures that were compared (${figures.length})</summary><div class="scroll"><table><thead><tr><th scope="col">Figure</th><th scope="col">Change</th><th scope="col">Values</th></tr></thead><tbody>${rows}</tbody></table></div></details>`
}
