/** The search for the most that is carried: what each relay and the signalling carry, what gave way first, each step. */
import type { LoadResult } from '../result/load-result.js'
import { count, duration, number } from './format.js'
import { html, type Html } from './html.js'
import { badge, sign, wire } from './parts.js'

type Breakpoint = NonNullable<LoadResult['breakpoint']>
type Step = Breakpoint['steps'][number]

export function breakpointView({ breakpoint }: LoadResult): Html | undefined {
  if (breakpoint === undefined) return undefined
  const { searches, steps } = breakpoint
  const relays = searches.flatMap(({ relays: own }) => own)
  return html`<h3>The most that is carried</h3>
<dl class="figures">${searches.map(({ what, carried, brokeAt, recovered, recoveredAfterS = 0 }) => html`<div><dt>${what === 'calls a second' ? 'Calls a second' : 'Calls at a time'}</dt><dd>${brokeAt === undefined && 'at least '}${number(carried, 0)}</dd></div>${recovered !== undefined && html`<div class="${recovered ? '' : 't-fail'}"><dt>All well again</dt><dd>${recovered ? (recoveredAfterS < 1 ? 'at once' : `after ${duration(recoveredAfterS * 1000)}`) : 'not within two minutes'}</dd></div>`}`)}</dl>
${
  relays.length > 0 &&
  html`<div class="scroll" tabindex="0" role="region" aria-label="The most that each relay carries"><table><thead><tr><th scope="col">Relay</th><th scope="col" class="n">Carried, calls at a time</th><th scope="col" class="n">Gave way at</th><th scope="col">What gave way</th></tr></thead>
<tbody>${relays.map(({ name, carried, brokeAt, gaveWay }) => html`<tr class="${brokeAt === undefined ? '' : 'bad'}"><th scope="row">${wire(name, 60)}</th><td class="n">${brokeAt === undefined && 'at least '}${number(carried, 0)}</td><td class="n">${brokeAt === undefined ? '–' : number(brokeAt, 0)}</td><td>${gaveWay ? crossing(gaveWay) : '–'}</td></tr>`)}</tbody></table></div>`
}
<details><summary>${count(steps.length, 'step')}</summary><div class="scroll" tabindex="0" role="region" aria-label="Steps"><table><thead><tr><th scope="col" class="n">At</th><th scope="col" class="n">Level</th><th scope="col"><span class="hidden">State</span></th><th scope="col">What gave way</th></tr></thead>
<tbody>${steps.map(stepRow)}</tbody></table></div></details>`
}

function stepRow({ atMs, what, level, recovery, ok, crossed, generator }: Step): Html {
  const state =
    generator.length > 0
      ? badge('inconclusive', 'not sound')
      : ok
        ? badge('pass', recovery === true ? 'well again' : 'carried')
        : badge('fail', recovery === true ? 'not well again' : 'gave way')
  const why =
    generator.length > 0 ? generator.map((one) => html`${wire(one)} `) : crossed.map((one) => html`${crossing(one)} `)
  return html`<tr><td class="n">${duration(atMs)}</td><td class="n">${number(level, 0)} <span class="aside">${what}</span></td><td>${state}</td><td>${why}</td></tr>`
}

function crossing({ metric, condition, measured, relay }: Step['crossed'][number]): Html {
  return html`<span>${sign('fail')} ${relay !== undefined && html`<b>${wire(relay, 60)}</b> `}<code>${metric} ${condition}</code>: ${number(measured, 3)}</span>`
}
