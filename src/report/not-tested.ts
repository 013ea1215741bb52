/** The section of what this run says nothing about: by kind of reason, with what would get it tested. */
import type { RunResult } from '../result/result.js'
import { blockedAnchor, findingAnchor, findingById } from './finding-view.js'
import { count } from './format.js'
import { html, type Html } from './html.js'
import { groupBy, onDemand, wire, withOptions } from './parts.js'
import { placeWords } from './places.js'
import { untested, type Untested, type UntestedEntry, wholeParts } from './untested.js'

export function notTestedSection(result: RunResult): Html {
  const { notAskedFor = [] } = result
  const groups = [
    ...(notAskedFor.length > 0
      ? [html`<div><h3>Left out of the target file</h3><p>${notAskedFor.join(', ')}</p></div>`]
      : []),
    ...wholeParts(result).map((part) => html`<div><h3>${part}</h3></div>`),
    ...untested(result).flatMap((group) =>
      group.kind === 'blocked' ? blockedGroups(group, result) : [untestedGroup(group)],
    ),
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
  return html`<div><h3>${what}</h3>${remedy !== '' && html`<p>To get them tested: ${withOptions(`${remedy}.`)}</p>`}
${list.length > 0 && onDemand('Which', html`<ul>${list}</ul>`)}</div>`
}

/** What is blocked stands under what blocks it, a line each. */
function blockedGroups({ entries, remedy }: Untested, result: RunResult): Html[] {
  return [...groupBy(entries, ({ blockedBy }) => blockedBy)].map(([blockedBy, some]) => {
    const finding = findingById(blockedBy, result)
    const many = some.reduce((sum, one) => sum + one.count, 0)
    const by = finding
      ? html`<a href="#${findingAnchor(finding, result)}">${wire(finding.title, 300)}</a>`
      : html`${blockedBy ?? 'a basic function that does not work'}`
    return html`<div${finding && html` id="${blockedAnchor(finding, result)}"`}><h3>${count(many, 'test')}, because of: ${by}</h3><p>To get them tested: ${remedy}.</p>
${onDemand('Which', html`<ul>${[...groupBy(some, ({ name }) => name).values()].map(blockedLine)}</ul>`)}</div>`
  })
}

function blockedLine(same: readonly UntestedEntry[]): Html {
  const variants = same.flatMap((entry) => entry.variants ?? []).map(placeWords)
  return html`<li>${wire(same[0]?.name ?? '')}${variants.length > 0 && html` <span class="aside">${variants.join(', ')}</span>`}</li>`
}
