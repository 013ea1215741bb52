/** `judge.html`: what a capture shows. What is wrong first, then calls, registrations and streams. Rendered from `judge.json` alone; no script. */
import type { JudgedFinding, JudgedSighting, JudgedStream, JudgedSubject, JudgeResult } from '../result/judge-result.js'
import { styles } from './assets.js'
import { count, duration, moment, number, offset, percent } from './format.js'
import { html, type Html } from './html.js'
import { ladderView } from './ladder-view.js'
import { pageOf } from './page-head.js'
import { badge, fact, folded, foldedText, gravityBadge, sign, signDefinitions, signOf, wire } from './parts.js'
import { RUN_VERDICTS } from './verdicts.js'

/** Sightings that a card shows unfolded. */
const MOST_SEEN = 3
/** Streams that the table shows. */
const MOST_STREAMS = 500

const WHO = {
  provider: 'the provider',
  telephone: 'the telephone',
  network: 'the network',
  unknown: 'not told by this capture',
} as const
const WHERE = {
  telephone: "the telephone's side",
  provider: "the provider's side",
  middle: 'in the middle',
  'one machine': 'one machine',
  unknown: 'not known',
} as const

/** @returns the page's text */
export function judgePage(result: JudgeResult): string {
  const css = styles(false)
  const body = html`${signDefinitions()}
<main>
${top(result)}
${attention(result)}
${limits(result)}
${subjects('Calls', 'calls', result.calls, result)}
${subjects('Registrations', 'registrations', result.registrations, result)}
${streams(result)}
</main>
<footer>ringproof ${result.ringproof} · rendered from <a href="judge.json">judge.json</a> · <a href="summary.md">summary.md</a></footer>`
  return pageOf({ title: `${result.file}: ${RUN_VERDICTS[result.verdict]}`, verdict: result.verdict, css }, body)
}

function top(result: JudgeResult): Html {
  const { file, verdict, sentence, startedAt, endedAt, packets, counts, servers, serversWhy, where, whereWhy } = result
  const lasted = duration(Date.parse(endedAt) - Date.parse(startedAt))
  return html`<header class="first"><p class="over">A capture, judged</p>
<div class="headed"><h1>${wire(file, 120)}</h1><span class="verdict">${badge(signOf(verdict), RUN_VERDICTS[verdict])}</span></div>
<p class="sentence">${wire(sentence, 700)}</p>
<p class="run-line">${moment(startedAt).utc} · ${lasted} · ${count(packets, 'packet')} · ${count(counts['messages'] ?? 0, 'SIP message')} · ${count(counts['calls'] ?? 0, 'call')} · ${count(counts['registrations'] ?? 0, 'registration')} · ${count(counts['streams'] ?? 0, 'stream')} of RTP</p>
<dl class="facts">${fact('The provider', servers.length > 0 ? html`${wire(servers.join(', '), 200)} <span class="aside">${wire(serversWhy, 200)}</span>` : html`not known <span class="aside">${wire(serversWhy, 200)}</span>`)}
${fact('Seen from', html`${WHERE[where]} <span class="aside">${wire(whereWhy, 300)}</span>`)}</dl></header>`
}

function attention(result: JudgeResult): Html {
  const { findings } = result
  const problems = findings.filter(({ severity }) => severity !== 'info')
  const notes = findings.filter(({ severity }) => severity === 'info')
  const card = (finding: JudgedFinding) => findingCard(finding, result)
  return html`<section aria-labelledby="attention-h"><h2 id="attention-h">What needs attention</h2>
${problems.length > 0 ? html`<ul class="plain">${problems.map(card)}</ul>` : html`<p class="nothing">Nothing.</p>`}
${notes.length > 0 && html`<details><summary>${count(notes.length, 'note')}: good to know</summary><ul class="plain">${notes.map(card)}</ul></details>`}</section>`
}

function findingCard(finding: JudgedFinding, result: JudgeResult): Html {
  const { id, severity, gravity, title, harm, advice, rule, expected, seen, count: times } = finding
  const isNote = severity === 'info'
  const tone = isNote ? 'not-applicable' : severity
  const [first] = seen
  return html`<li class="finding ${isNote ? 'e-not-applicable' : `g-${gravity}`}" id="finding-${result.findings.indexOf(finding)}">
<h3>${isNote ? badge('not applicable', 'note') : gravityBadge(gravity)} ${!isNote && html`<span class="severity t-${tone}">${sign(severity === 'fail' ? 'fail' : 'warn')}${severity}</span>`} ${wire(title, 300)}</h3>
<div class="twofold"><dl>
${fact('Who notices', foldedText(harm))}
${fact('What to do', foldedText(advice))}
${first && fact('Whose doing', html`${WHO[first.side.who]}: ${wire(first.side.why, 400)}`)}
${fact('How often', times > 1 && count(times, 'time'))}
</dl><div><dl>${fact('Rule', html`<code>${id}</code> <span class="aside">${wire(rule, 100)}</span>`)}${fact('Expected', wire(expected))}</dl></div></div>
${folded(
  seen.map((one) => sighting(one, first, result)),
  MOST_SEEN,
  (more) => `${more} more`,
)}</li>`
}

function sighting(one: JudgedSighting, first: JudgedSighting | undefined, { calls, registrations }: JudgeResult): Html {
  const { of, text, frames, filter, side } = one
  const subject = [...calls, ...registrations].find(({ key }) => key === of)
  const link = subject && html`<a href="#${subject.key}">${wire(subject.title, 80)}</a>: `
  const own =
    first !== one &&
    side.why !== first?.side.why &&
    html` <span class="aside">Whose doing: ${WHO[side.who]}: ${wire(side.why, 300)}</span>`
  return html`<li>${link}${wire(text, 800)}${own}
${frames.length > 0 && html`<br><span class="aside">${frames.length > 1 ? 'frames' : 'frame'} ${frames.join(', ')}</span>`}
${filter !== undefined && filter !== '' && html`<br><span class="aside">Wireshark:</span> <code>${filter}</code>`}</li>`
}

function limits({ limits: all }: JudgeResult): Html | undefined {
  if (all.length === 0) return undefined
  return html`<section aria-labelledby="limits-h"><h2 id="limits-h">What this capture does not show</h2><ul class="plain">${all.map((one) => html`<li>${wire(one, 600)}</li>`)}</ul></section>`
}

function subjects(title: string, id: string, all: readonly JudgedSubject[], result: JudgeResult): Html | undefined {
  if (all.length === 0) return undefined
  return html`<section aria-labelledby="${id}-h"><h2 id="${id}-h">${title}</h2>${all.map((one) => subjectView(one, result))}</section>`
}

/** Folded, but for what something was found in: a browser opens what a link leads into. */
function subjectView(subject: JudgedSubject, result: JudgeResult): Html {
  const { key, title, outcome, atMs, durationMs, transports, callIds, filter, ladder, legOf, pressed } = subject
  const found = result.findings.filter(({ seen, severity }) => severity !== 'info' && seen.some(({ of }) => of === key))
  const worst = found[0]
  const frames = new Map(
    found
      .toReversed()
      .flatMap(({ seen, severity }) =>
        seen
          .filter(({ of }) => of === key)
          .flatMap((one) => one.frames.map((frame) => [frame, severity === 'fail' ? 'fail' : 'warn'] as const)),
      ),
  )
  const marks = (ladder?.arrows ?? []).flatMap(({ frame }, arrow) => {
    const verdict = frames.get(frame)
    return verdict === undefined ? [] : [{ arrow, verdict }]
  })
  return html`<article class="finding e-${worst === undefined ? 'pass' : worst.severity}" id="${key}">
<h3>${worst && html`${badge(worst.severity === 'fail' ? 'fail' : 'warn')} `}${wire(title, 120)} <span class="aside">${wire(outcome, 200)}</span></h3>
<dl>${fact('When', `${offset(atMs)} s after the first packet, for ${duration(durationMs)}, over ${transports.join(', ').toUpperCase()}`)}
${fact('Found', found.length > 0 && html`<ul class="inline">${found.map((one) => html`<li><a href="#finding-${result.findings.indexOf(one)}">${wire(one.title, 120)}</a></li>`)}</ul>`)}
${fact('Call-ID', wire(callIds.slice(0, 4).join(', '), 400))}
${fact('Keypad', pressed !== undefined && wire(pressed.join('; '), 400))}
${fact('Other leg of', legOf !== undefined && html`<a href="#${legOf}">${wire(result.calls.find((one) => one.key === legOf)?.title ?? legOf, 80)}</a>`)}
${fact('Wireshark', html`<code>${filter}</code>`)}</dl>
${ladder && html`<details><summary>Ladder, ${count(ladder.arrows.length, 'arrow')}</summary>${ladderView(ladder, marks, true)}</details>`}</article>`
}

function streams({ streams: all, calls }: JudgeResult): Html | undefined {
  if (all.length === 0) return undefined
  const hasDigits = all.some(({ digits, tones }) => digits !== undefined || tones !== undefined)
  const rows = all.slice(0, MOST_STREAMS).map((one) => streamRow(one, calls, hasDigits))
  const heads = ['Packets', 'Lost', 'Out of order', 'Jitter', 'Begins, s', 'Lasts']
  return html`<section aria-labelledby="streams-h"><h2 id="streams-h">Streams of RTP</h2><div class="scroll" tabindex="0" role="region" aria-label="Streams, one a row"><table class="relays met"><thead><tr><th scope="col">From → to</th><th scope="col">Codec</th>${heads.map((head) => html`<th scope="col" class="n">${head}</th>`)}${hasDigits && html`<th scope="col">Digits</th>`}<th scope="col">Call</th></tr></thead><tbody>${rows}</tbody></table></div>${all.length > MOST_STREAMS && html`<p class="aside">and ${number(all.length - MOST_STREAMS, 0)} more, in judge.json</p>`}</section>`
}

function streamRow(stream: JudgedStream, calls: readonly JudgedSubject[], hasDigits: boolean): Html {
  const { from, to, codec, packets, lost, expected, reordered, jitterMs, atMs, durationMs, of } = stream
  const call = calls.find(({ key }) => key === of)
  const figure = (label: string, value: string) => html`<td class="n" data-label="${label}">${value}</td>`
  return html`<tr><th scope="row">${wire(from, 60)} → ${wire(to, 60)}</th><td data-label="Codec">${wire(codec, 60)}</td>${figure('Packets', number(packets, 0))}${figure('Lost', `${number(lost, 0)} (${percent(lost, expected)})`)}${figure('Out of order', number(reordered, 0))}${figure('Jitter', jitterMs === undefined ? '–' : duration(jitterMs))}${figure('Begins, s', offset(atMs))}${figure('Lasts', duration(durationMs))}${hasDigits && html`<td data-label="Digits">${digitsOf(stream)}</td>`}<td data-label="Call">${call ? html`<a href="#${call.key}">${wire(call.title, 60)}</a>` : '–'}</td></tr>`
}

function digitsOf({ digits, tones }: JudgedStream): Html {
  const [pressed, heard] = [
    digits !== undefined && wire(digits, 40),
    tones !== undefined && html`${wire(tones, 40)} <span class="aside">as tones</span>`,
  ]
  return html`${pressed}${pressed && heard && ', '}${heard}`
}
