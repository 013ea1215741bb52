/** The load: whether the generator was sound, what became of the calls, the relays side by side, distributions and thresholds. */
import { meantAnswered, meantUnanswered } from '../result/load-calls.js'
import type { RelayResult } from '../result/load-relays.js'
import type { Distribution, LoadResult } from '../result/load-result.js'
import { breakpointView } from './breakpoint-view.js'
import { count, duration, number, percent } from './format.js'
import { html, type Html } from './html.js'
import { badge, evidenceLinks, sign, wire } from './parts.js'
import { bar, histogram } from './pictures.js'
import { relayCountsView } from './relay-counts-view.js'
import { CURVES, hasCurve } from './curves.js'
import { scenariosView } from './load-scenarios-view.js'

export function loadSection(load: LoadResult | undefined): Html | undefined {
  if (!load) return undefined
  return html`<section id="load" aria-labelledby="load-h"><h2 id="load-h">Load <span class="aside">${wire(load.profile, 80)}${orderWords(load)}</span></h2>
${kindsView(load)}
${partsView(load)}
${generatorView(load)}
${breakpointView(load)}
${callsView(load)}
${scenariosView(load)}
${outagesView(load)}
${registrationsView(load)}
${curvesView(load)}
${relaysView(load)}
${distributionsView(load)}
${thresholdsView(load)}
${relayCountsView(load)}
</section>`
}

function orderWords({ order }: LoadResult): string {
  if (!order) return ''
  const { calls, rate, holdS, durationS, transport, codec, srtp, to } = order
  const parts = [
    calls !== undefined && count(calls, 'call'),
    rate !== undefined && `${number(rate)} a second`,
    holdS !== undefined && `${duration(holdS * 1000)} each`,
    durationS !== undefined && `for ${duration(durationS * 1000)}`,
    transport !== undefined && transport.toUpperCase(),
    codec !== undefined && `${codec}${srtp ? ' in SRTP' : ''}`,
    to !== undefined && `to ${to}`,
  ].filter((part) => part !== false)
  return parts.length > 0 ? `: ${parts.join(', ')}` : ''
}

function kindsView({ order }: LoadResult): Html | undefined {
  const { kinds = [] } = order ?? {}
  if (kinds.length === 0) return undefined
  return html`<p class="aside">Calls: ${kinds.map((kind, index) => html`${index > 0 && ' · '}${wire(kind, 200)}`)}</p>`
}

function partsView({ part, joined = [] }: LoadResult): Html | undefined {
  if (part !== undefined)
    return html`<p class="aside">One part of a load: execution segment ${part.segment}. <code>ringproof merge</code> joins the parts into one verdict.</p>`
  if (joined.length === 0) return undefined
  return html`<p class="aside">Joined from ${count(joined.length, 'part')}: ${joined.map((one, index) => html`${index > 0 && ' · '}${one.segment} ${wire(one.folder, 120)} (${count(one.calls, 'call')})`)}. Curves show the worst part of each second.</p>`
}

function generatorView({ valid, generator, k6 }: LoadResult): Html {
  const { problems = [], cpuPercent, socketDrops, workers } = generator
  return html`<div class="finding e-${valid ? 'pass' : 'inconclusive'} generator">
<h3>${valid ? badge('pass', 'The generator kept up') : badge('inconclusive', 'Not valid')} ${!valid && (generator.sound === true ? 'The numbers below are not the whole truth.' : 'The load generator was too slow or did not finish; the numbers below say nothing about the target.')}</h3>
${problems.length > 0 && html`<ul class="plain">${problems.map((problem) => html`<li class="t-inconclusive">${wire(problem)}</li>`)}</ul>`}
<dl class="figures">
${figure('Audio sent late, p99', duration(generator.sendLatenessP99Ms))}
${generator.sendLatenessP999Ms !== undefined && figure('Audio sent late, p99.9', duration(generator.sendLatenessP999Ms))}
${figure('Event loop lag, p99', duration(generator.eventLoopLagP99Ms))}
${socketDrops !== undefined && figure('Packets dropped by our sockets', number(socketDrops, 0))}
${cpuPercent !== undefined && figure('CPU', `${number(cpuPercent, 0)} %`)}
${workers !== undefined && figure('Workers', number(workers, 0))}
${k6 && figure('k6', `${k6.version.replace(/^v/, '')}, exit ${k6.exitCode}`)}
${k6?.droppedIterations !== undefined && figure('Iterations dropped by k6', number(k6.droppedIterations, 0))}
</dl></div>`
}

function figure(name: string, value: string, tone = ''): Html {
  return html`<div class="${tone}"><dt>${name}</dt><dd>${value}</dd></div>`
}

function callsView({ calls, setupDelayMs, jitterMs, runs }: LoadResult): Html | undefined {
  if (calls.started === 0 && runs !== undefined) return undefined
  const { started, completed, failed, oneWay, twoWay, wrongAudio, interrupted, peakConcurrent, byStatus = {} } = calls
  const { dialled, heldBack = 0 } = calls
  const whom: [string, number | undefined][] = [
    ['To the echo test', dialled?.echo],
    ['Between accounts', dialled?.account],
    ['To other numbers', dialled?.other],
  ]
  const bad = (amount: number | undefined) => ((amount ?? 0) > 0 ? 't-fail' : '')
  const statuses = Object.entries(byStatus)
  return html`<h3>Calls</h3><dl class="figures">
${figure('Started', number(started, 0))}
${figure('Completed', `${number(completed, 0)} (${percent(completed, started)})`)}
${figure('Failed', number(failed, 0), bad(failed))}
${whom.flatMap(([name, many = 0]) => (many > 0 ? [figure(name, number(many, 0))] : []))}
${meantUnanswered(calls).map(([how, many]) => figure(`Meant to be ${how}`, number(many, 0)))}
${twoWay !== undefined && figure('Audio in both directions', `${number(twoWay, 0)} (${percent(twoWay, meantAnswered(calls))})`)}
${figure('One-way audio', number(oneWay, 0), bad(oneWay))}
${wrongAudio !== undefined && figure('Wrong audio', number(wrongAudio, 0), bad(wrongAudio))}
${heldBack > 0 && figure('Held back by the limits', number(heldBack, 0))}
${interrupted !== undefined && interrupted > 0 && figure('Interrupted', number(interrupted, 0))}
${peakConcurrent !== undefined && figure('Peak concurrent calls', number(peakConcurrent, 0))}
${setupDelayMs && setupDelayMs.count > 0 && figure('Setup, p95', duration(setupDelayMs.p95))}
${jitterMs && jitterMs.count > 0 && figure('Jitter, p95', duration(jitterMs.p95))}
</dl>${statuses.length > 0 && html`<p class="aside">By final response: ${statuses.map(([status, many]) => `${status}: ${number(many, 0)}`).join(' · ')}</p>`}`
}

function outagesView({ outages = [] }: LoadResult): Html | undefined {
  if (outages.length === 0) return undefined
  return html`<h3>Outages</h3><div class="scroll" tabindex="0" role="region" aria-label="Outages"><table><thead><tr><th scope="col" class="n">From</th><th scope="col" class="n">Lasted</th><th scope="col">Through</th><th scope="col" class="n">New calls failed</th><th scope="col" class="n">Calls up that lost their audio</th></tr></thead>
<tbody>${outages.map(({ fromMs, lastedMs, relay, calls, failed, cut, survived }) => html`<tr class="bad"><td class="n">${duration(fromMs)}</td><td class="n">${duration(lastedMs)}</td><td>${relay === undefined ? 'all' : wire(relay, 60)}</td><td class="n">${number(failed, 0)} of ${number(calls, 0)}</td><td class="n">${number(cut, 0)} of ${number(cut + survived, 0)}</td></tr>`)}</tbody></table></div>`
}

function registrationsView({ registrations = [] }: LoadResult): Html | undefined {
  if (registrations.length === 0) return undefined
  const rows = registrations.map(({ kind, devices, registered, tries, refused, tookMs, delayMs }) => {
    const missing = registered < devices
    const refusals = Object.entries(refused).map(([status, many]) => `${status}: ${number(many, 0)}`)
    return html`<tr class="${missing ? 'bad' : ''}"><th scope="row">${kind === 'again' ? 'All devices at once' : 'Two devices of each account by turns'}</th>
<td class="n">${missing ? html`<b class="t-fail">${sign('fail')} ${number(registered, 0)}</b>` : number(registered, 0)} of ${number(devices, 0)}</td>
<td class="n">${duration(tookMs)}</td><td class="n">${delayMs ? duration(delayMs.p95) : '–'}</td><td class="n">${number(tries, 0)}</td><td>${refusals.length === 0 ? 'none' : refusals.join(' · ')}</td></tr>`
  })
  return html`<h3>Registrations</h3><div class="scroll"><table><thead><tr><th scope="col">What</th><th scope="col" class="n">Registered</th><th scope="col" class="n">Time until the last</th><th scope="col" class="n">Each, p95</th><th scope="col" class="n">Tries</th><th scope="col">Rejected</th></tr></thead><tbody>${rows}</tbody></table></div>`
}

function curvesView({ series = [], incidents = [] }: LoadResult): Html | undefined {
  if (series.length < 2 && incidents.length === 0) return undefined
  const plots = CURVES.map((curve, index) => ({ curve, index })).filter(({ curve }) => hasCurve(curve, series))
  return html`<h3>Over time</h3>
${
  series.length > 1 &&
  html`<div class="curves js-only">${plots.map(({ curve, index }) => html`<figure><figcaption>${curve.title} <span class="aside">${curve.unit}</span></figcaption><div class="curve" data-curve="${index}"></div></figure>`)}</div>
<noscript><p>The curves need JavaScript; their figures are in <code>result.json</code>.</p></noscript>`
}
${incidents.length > 0 && html`<ol class="incidents" aria-label="Incidents">${incidents.map(({ atMs, text, relay, also }) => html`<li><span class="n">${duration(atMs)}</span> ${relay && html`<b><bdi>${relay}</bdi></b> `}${wire(text)}${also !== undefined && html` <span class="aside">${wire(also)}</span>`}</li>`)}</ol>`}`
}

function relaysView({ relays }: LoadResult): Html | undefined {
  if (relays.length === 0) return undefined
  const lossOf = (relay: RelayResult) => ratio(relay.packetsLost, relay.packetsReceived + relay.packetsLost)
  const most = {
    calls: Math.max(1, ...relays.map((relay) => relay.calls)),
    loss: Math.max(0.01, ...relays.map(lossOf)),
    jitter: Math.max(5, ...relays.map((relay) => relay.jitterP95Ms)),
  }
  const rows = relays.map((relay) => relayRow(relay, lossOf(relay), most))
  return html`<h3>Relays side by side</h3><div class="scroll" tabindex="0" role="region" aria-label="Relays"><table class="relays">
<thead><tr><th scope="col">Relay</th><th scope="col">Calls</th><th scope="col" class="n">Packets to / from it</th><th scope="col">Lost</th><th scope="col">Jitter p95</th><th scope="col" class="n">One-way</th><th scope="col" class="n">Wrong audio</th><th scope="col" class="n">MOS p5</th><th scope="col">Worst call</th></tr></thead>
<tbody>${rows}</tbody></table></div><p class="aside">Bars are relative to the largest value of their column (at least 1 % loss, 5 ms jitter). MOS p5: the worst 5 % of calls, estimated by G.107; none where no audio was received.</p>`
}

const ratio = (part: number, whole: number) => (whole > 0 ? part / whole : 0)

function relayRow(relay: RelayResult, loss: number, most: { calls: number; loss: number; jitter: number }): Html {
  const { name, address, calls, packetsSent, packetsReceived, packetsLost, jitterP95Ms, published, mosP5 } = relay
  const silent = calls > 0 && packetsReceived === 0
  const bad = silent || relay.oneWayCalls > 0 || (relay.wrongAudioCalls ?? 0) > 0 || published === false || loss >= 0.01
  const alarm = (amount: number) =>
    amount > 0 ? html`<b class="t-fail">${sign('fail')} ${number(amount, 0)}</b>` : html`0`
  const tone = loss >= 0.01 ? 'bad' : ''
  return html`<tr class="${bad ? 'bad' : ''}"><th scope="row">${wire(name, 60)}<br><code class="id">${address}</code>${published === false && html`<br><b class="t-fail">${sign('fail')} not a published address</b>`}</th>
<td class="b" data-label="Calls">${number(calls, 0)}${bar(calls, most.calls)}</td>
<td class="n" data-label="Packets to / from it">${number(packetsSent, 0)} / <br>${silent ? html`<b class="t-fail">${sign('fail')} nothing received</b>` : number(packetsReceived, 0)}</td>
<td class="b" data-label="Lost">${percent(packetsLost, packetsReceived + packetsLost)} <span class="aside">${number(packetsLost, 0)}${lossBySide(relay)}</span>${bar(loss, most.loss, tone)}</td>
<td class="b" data-label="Jitter p95">${packetsReceived > 0 ? html`${duration(jitterP95Ms)}${bar(jitterP95Ms, most.jitter)}` : '–'}</td>
<td class="n" data-label="One-way">${alarm(relay.oneWayCalls)}</td><td class="n" data-label="Wrong audio">${relay.wrongAudioCalls === undefined ? '–' : alarm(relay.wrongAudioCalls)}</td>
<td class="n" data-label="MOS p5">${mosP5 === undefined || packetsReceived === 0 ? '–' : number(mosP5, 2)}</td><td class="worst" data-label="Worst call">${worstCall(relay) ?? '–'}</td></tr>`
}

/** In each direction, where something was lost and calls had both ends here. */
function lossBySide({ directions = [], packetsLost }: RelayResult): string {
  const sides = (['caller', 'called'] as const).map((to) => directions.filter((one) => one.to === to))
  if (packetsLost === 0 || sides.some((rows) => rows.length === 0)) return ''
  const [caller, called] = sides.map((rows) => {
    const sum = (of: 'lost' | 'expected') => rows.reduce((all, row) => all + row[of], 0)
    return percent(sum('lost'), sum('expected'))
  })
  return `; to the caller ${caller}, to the called party ${called}`
}

function worstCall({ worst }: RelayResult): Html | undefined {
  if (!worst) return undefined
  const { id, why, packetsReceived, packetsLost, jitterMs, mos, startedAtMs, evidence } = worst
  const facts = [
    `${percent(packetsLost, packetsReceived + packetsLost)} lost in all`,
    ...(jitterMs === undefined ? [] : [`jitter ${duration(jitterMs)}`]),
    ...(mos === undefined || packetsReceived === 0 ? [] : [`MOS ${number(mos, 2)}`]),
    ...(startedAtMs === undefined ? [] : [`at ${duration(startedAtMs)}`]),
  ]
  return html`${wire(why, 200)} <span class="aside">${facts.join(', ')}</span><br><code class="id">${id}</code> ${evidenceLinks(evidence)}`
}

function distributionsView(load: LoadResult): Html | undefined {
  const figures = [
    distribution('Setup delay', load.setupDelayMs),
    distribution('Jitter of each call', load.jitterMs),
    distribution('Round trip', load.roundTripMs),
    distribution('Mouth to ear', load.mouthToEarMs),
  ].filter((one) => one !== undefined)
  if (figures.length === 0) return undefined
  return html`<h3>Distributions</h3><div class="distributions">${figures}</div>`
}

function distribution(name: string, it: Distribution | undefined): Html | undefined {
  if (!it || it.count === 0) return undefined
  const cells = [it.min, it.p50, it.p90, it.p95, it.p99, it.max]
  return html`<figure><figcaption>${name} <span class="aside">ms, ${count(it.count, 'value')}</span></figcaption>${histogram(it.buckets, 'ms')}
<table class="percentiles"><thead><tr>${['min', 'p50', 'p90', 'p95', 'p99', 'max'].map((head) => html`<th scope="col" class="n">${head}</th>`)}</tr></thead><tbody><tr>${cells.map((value) => html`<td class="n">${duration(value)}</td>`)}</tr></tbody></table></figure>`
}

function thresholdsView({ thresholds = [], reconciliation = [] }: LoadResult): Html | undefined {
  if (thresholds.length + reconciliation.length === 0) return undefined
  const measured = thresholds.some((one) => one.measured !== undefined)
  const verdictOf = ({ ok, empty, whole }: (typeof thresholds)[number]) => {
    if (whole === true) return html`<span class="aside">judged over all parts</span>`
    if (!ok) return badge('fail', 'not met')
    return empty === true ? html`<span class="aside">nothing was counted</span>` : badge('pass', 'met')
  }
  return html`<div class="pairs">
${
  thresholds.length > 0 &&
  html`<div><h3>Thresholds</h3><div class="scroll"><table><thead><tr><th scope="col">Metric</th><th scope="col">Condition</th>${measured && html`<th scope="col" class="n">Measured</th>`}<th scope="col"><span class="hidden">State</span></th></tr></thead>
<tbody>${thresholds.map((one) => html`<tr><td><code>${one.metric}</code></td><td><code>${one.condition}</code></td>${measured && html`<td class="n">${one.measured === undefined ? '–' : number(one.measured, 3)}</td>`}<td>${verdictOf(one)}</td></tr>`)}</tbody></table></div></div>`
}
${
  reconciliation.length > 0 &&
  html`<div><h3>k6’s counts against the call agents’</h3><div class="scroll"><table><thead><tr><th scope="col">Counted</th><th scope="col" class="n">k6</th><th scope="col" class="n">Agents</th><th scope="col"><span class="hidden">State</span></th></tr></thead>
<tbody>${reconciliation.map(({ what, k6, agents, ok }) => html`<tr><td>${wire(what)}</td><td class="n">${number(k6, 0)}</td><td class="n">${number(agents, 0)}</td><td>${ok ? badge('pass', 'agree') : badge('fail', 'differ')}</td></tr>`)}</tbody></table></div></div>`
}</div>`
}
