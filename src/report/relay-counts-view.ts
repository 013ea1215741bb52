/** Relays' own counters beside those of the call agents. */
import type { RelayCounts } from '../result/load-relays.js'
import type { LoadResult } from '../result/load-result.js'
import { number } from './format.js'
import { html, type Html } from './html.js'
import { badge, wire } from './parts.js'

const STATES: Readonly<Record<RelayCounts['state'], Html>> = {
  agree: badge('pass', 'agree'),
  lost: badge('warn', 'packets lost'),
  shared: badge('inconclusive', 'shared'),
  differ: badge('inconclusive', 'differ'),
  restarted: badge('warn', 'started again'),
  'not-reached': badge('inconclusive', 'not reached'),
}

export function relayCountsView({ relayCounts = [] }: LoadResult): Html | undefined {
  if (relayCounts.length === 0) return undefined
  return html`<h3>Relays’ own counts against the call agents’</h3><div class="scroll" tabindex="0" role="region" aria-label="Relays’ own counts"><table class="relays">
<thead><tr><th scope="col">Relay</th><th scope="col" class="n">Sent to it</th><th scope="col" class="n">It took in</th><th scope="col" class="n">Its errors</th><th scope="col" class="n">Came back</th><th scope="col" class="n">Sessions</th><th scope="col"><span class="hidden">State</span></th><th scope="col">Which means</th></tr></thead>
<tbody>${relayCounts.map(row)}</tbody></table></div>
<p class="aside">RTP and RTCP. What a relay took in is counted before it is sent on; beginnings and ends of calls make a few packets’ difference for each.</p>`
}

function row({ relays, control, state, ours, took, errors, sessions, left = 0, text }: RelayCounts): Html {
  const own = (label: string, value: number | undefined) =>
    html`<td class="n" data-label="${label}">${value === undefined ? '–' : number(value, 0)}</td>`
  return html`<tr class="${state === 'lost' || left > 0 ? 'bad' : ''}"><th scope="row">${wire(relays.join(', '), 120)}<br><code class="id">${control}</code></th>
${own('Sent to it', ours.sent + ours.rtcpSent)}${own('It took in', took)}${own('Its errors', errors)}${own('Came back', ours.received + ours.rtcpReceived)}${own('Sessions', sessions)}<td>${STATES[state]}</td><td class="worst">${wire(text, 700)}</td></tr>`
}
