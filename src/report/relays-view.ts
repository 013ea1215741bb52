/** The relays side by side, as the calls of the tests met them: what each led to which end, and how it arrived. */
import type { RelayOfRun } from '../result/audio.js'
import type { RunResult } from '../result/result.js'
import { count, duration, number, percent } from './format.js'
import { html, type Html } from './html.js'
import { sign, wire } from './parts.js'

type Direction = RelayOfRun['directions'][number]

/** A target that lets relays use any address would fill the page. */
const MOST_RELAYS = 100
/** From this share on lost packets are heard. */
const LOSSY = 0.01

export function relaysSection({ relays = [] }: RunResult): Html | undefined {
  if (relays.length === 0) return undefined
  const shown = relays.slice(0, MOST_RELAYS)
  const more = relays.length - shown.length
  return html`<section id="relays" aria-labelledby="relays-h"><h2 id="relays-h">Relays <span class="aside">as the calls of the tests met them</span></h2>
<div class="scroll" tabindex="0" role="region" aria-label="Relays of the tests"><table class="relays met">
<thead><tr><th scope="col">Relay</th><th scope="col">Audio to</th><th scope="col" class="n">Calls</th><th scope="col" class="n">Listened</th><th scope="col" class="n">Lost</th><th scope="col" class="n">Jitter</th><th scope="col" class="n">One-way</th><th scope="col" class="n">Wrong audio</th><th scope="col" class="n">Altered</th><th scope="col" class="n">Not recognised</th></tr></thead>
<tbody>${shown.map(relayRows)}</tbody></table></div>
<p class="aside">${more > 0 && html`${count(more, 'more relay')} in result.json. `}Listened: calls of which it is known what was to be heard. Lost: with the range that the number of packets leaves open (99.9 % confidence). Jitter: the largest of a call.</p></section>`
}

function relayRows({ name, published, directions }: RelayOfRun): Html {
  const head = html`<th scope="row" rowspan="${Math.max(1, directions.length)}">${wire(name, 60)}${published === false && html`<br><b class="t-warn">${sign('warn')} not a published relay</b>`}</th>`
  if (directions.length === 0)
    return html`<tr class="unmet">${head}<td colspan="9" class="t-inconclusive">${sign('inconclusive')} no call was led over it</td></tr>`
  return html`${directions.map((one, index) => html`<tr class="${isBad(one) ? 'bad' : ''}">${index === 0 && head}${cells(one)}</tr>`)}`
}

function cells(one: Direction): Html {
  const { to, calls, listened, oneWay, wrong, altered, unrecognised, expected, jitterMs } = one
  const alarm = (amount: number, tone: 'fail' | 'inconclusive' = 'fail') =>
    listened === 0 ? html`–` : amount > 0 ? html`<b class="t-${tone}">${sign(tone)} ${number(amount, 0)}</b>` : html`0`
  const cell = (label: string, value: Html | string) => html`<td class="n" data-label="${label}">${value}</td>`
  return html`<td data-label="to">${to === 'caller' ? 'caller' : 'called party'}</td>${cell('Calls', number(calls, 0))}${cell('Listened', number(listened, 0))}${cell('Lost', expected === 0 ? '–' : lossOf(one))}${cell('Jitter', jitterMs === undefined ? '–' : duration(jitterMs))}${cell('One-way', alarm(oneWay))}${cell('Wrong audio', alarm(wrong))}${cell('Altered', alarm(altered))}${cell('Not recognised', alarm(unrecognised, 'inconclusive'))}`
}

function lossOf({ lost, expected, lossAtLeast = 0, lossAtMost = 1 }: Direction): Html {
  const share = percent(lost, expected)
  const range = `${number(100 * lossAtLeast, 1)}–${number(100 * lossAtMost, 1)} %`
  const isLossy = lossAtLeast >= LOSSY
  return html`${isLossy ? html`<b class="t-fail">${sign('fail')} ${share}</b>` : share} <span class="aside">${number(lost, 0)} of ${number(expected, 0)}; ${range}</span>`
}

const isBad = ({ oneWay, wrong, altered, lossAtLeast = 0 }: Direction): boolean =>
  oneWay + wrong + altered > 0 || lossAtLeast >= LOSSY

/** What a relay did wrong, a phrase for each: `7 of 10 calls one-way to the caller`. Empty where it did well. */
export function troublesOf({ directions }: RelayOfRun): string[] {
  return directions.flatMap((one) => {
    const to = one.to === 'caller' ? 'to the caller' : 'to the called party'
    const of = `of ${count(one.listened, 'call')}`
    const counts: [number, string][] = [
      [one.oneWay, `one-way ${to}`],
      [one.wrong, `with wrong audio ${to}`],
      [one.altered, `with altered audio ${to}`],
      [one.unrecognised, `with audio ${to} that was not recognised`],
    ]
    return [
      ...counts.flatMap(([amount, what]) => (amount > 0 ? [`${number(amount, 0)} ${of} ${what}`] : [])),
      ...((one.lossAtLeast ?? 0) >= LOSSY ? [`${percent(one.lost, one.expected)} of packets lost ${to}`] : []),
    ]
  })
}
