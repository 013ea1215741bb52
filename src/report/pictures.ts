/** Pictures where people look rather than read: who was reachable when, idle times, tables. SVG in percent, so that text keeps its size. */
import type { Picture } from '../result/scenario-result.js'
import type { RunResult } from '../result/result.js'
import { duration, number } from './format.js'
import { html, type Html } from './html.js'
import { sign, wire } from './parts.js'
import { scenarioHref, variantWords } from './places.js'

type Timeline = Extract<Picture, { kind: 'timeline' }>
type Idle = Extract<Picture, { kind: 'idle' }>
type Table = Extract<Picture, { kind: 'table' }>

export function pictureView(picture: Picture): Html {
  switch (picture.kind) {
    case 'timeline':
      return timeline(picture)
    case 'idle':
      return idle(picture)
    case 'table':
      return table(picture)
    default:
      return picture satisfies never
  }
}

/** All pictures of a run, each once where several variants have the same; undefined where there are none. */
export function pictureSection({ scenarios }: RunResult): Html | undefined {
  const seen = new Set<string>()
  const figures = scenarios.flatMap((scenario) =>
    (scenario.pictures ?? []).flatMap((picture) => {
      const key = `${scenario.id} ${JSON.stringify(picture)}`
      if (seen.has(key)) return []
      seen.add(key)
      return [
        html`<div class="picture">${pictureView(picture)}<p class="aside">From <a href="${scenarioHref(scenario)}">${wire(scenario.title, 160)}</a>, ${variantWords(scenario)}</p></div>`,
      ]
    }),
  )
  if (figures.length === 0) return undefined
  return html`<section id="pictures" aria-labelledby="pictures-h"><h2 id="pictures-h">Pictures</h2><div class="pictures">${figures}</div></section>`
}

const at = (ms: number, whole: number) =>
  `${Math.min(100, Math.max(0, whole > 0 ? (ms / whole) * 100 : 0)).toFixed(2)}%`

function timeline({ title, durationMs, lanes, marks }: Timeline): Html {
  const ticks = axisTicks(durationMs)
  const numbered = marks.map((mark, index) => ({ ...mark, number: index + 1 }))
  const rows = lanes.map(({ name, segments }) => {
    const bars = segments.map(
      ({ fromMs, toMs, state, note }) =>
        html`<rect class="s-${state}" x="${at(fromMs, durationMs)}" width="${at(toMs - fromMs, durationMs)}" y="3" height="16"><title>${name}: ${state}, ${duration(fromMs)} to ${duration(toMs)}${note ? `: ${note}` : ''}</title></rect>`,
    )
    const own = numbered.filter((mark) => mark.lane === undefined || mark.lane === name)
    const flags = own.map(
      (mark) =>
        html`<line class="flag" x1="${at(mark.atMs, durationMs)}" x2="${at(mark.atMs, durationMs)}" y1="0" y2="22"/>`,
    )
    return html`<div class="lane-name"><bdi>${name}</bdi></div><svg class="strip" height="22" aria-hidden="true">${bars}${flags}</svg>`
  })
  const spoken = lanes.map(
    ({ name, segments }) =>
      html`<li><bdi>${name}</bdi>: ${segments.map(({ state, fromMs, toMs }) => `${state} ${duration(fromMs)}–${duration(toMs)}`).join(', ')}</li>`,
  )
  return html`<figure><figcaption>${wire(title)}</figcaption>
<div class="timeline">${rows}<div></div>${axis(ticks, durationMs)}${numbered.length > 0 && html`<div></div>${markNumbers(numbered, durationMs)}`}</div>
<p class="key"><span><svg width="22" height="12" aria-hidden="true"><rect class="s-reachable" width="22" height="12"/></svg> reachable</span> <span><svg width="22" height="12" aria-hidden="true"><rect class="s-unreachable" width="22" height="12"/></svg> not reachable</span> <span><svg width="22" height="12" aria-hidden="true"><rect class="s-unknown" width="22" height="12"/></svg> unknown</span></p>
${numbered.length > 0 && html`<ol class="marks">${numbered.map((mark) => html`<li><span class="n">${duration(mark.atMs)}</span> ${mark.lane && html`<bdi>${mark.lane}</bdi>: `}${wire(mark.label)}</li>`)}</ol>`}
<details><summary>In words</summary><ul>${spoken}</ul></details></figure>`
}

function markNumbers(marks: readonly { atMs: number; number: number }[], whole: number): Html {
  const texts = marks.map(
    (mark) =>
      html`<text x="${at(mark.atMs, whole)}" y="11" text-anchor="${anchor(mark.atMs, whole)}">${mark.number}</text>`,
  )
  return html`<svg class="strip flags" height="14" aria-hidden="true">${texts}</svg>`
}

function axis(ticks: readonly number[], whole: number): Html {
  const lines = ticks.map(
    (tick) =>
      html`<line x1="${at(tick, whole)}" x2="${at(tick, whole)}" y1="0" y2="4"/><text x="${at(tick, whole)}" y="16" text-anchor="${anchor(tick, whole)}">${duration(tick).replace('0 ms', '0')}</text>`,
  )
  return html`<svg class="strip axis" height="20" aria-hidden="true"><line x1="0" x2="100%" y1="0.5" y2="0.5"/>${lines}</svg>`
}

function anchor(ms: number, whole: number): string {
  if (ms <= whole * 0.04) return 'start'
  return ms >= whole * 0.96 ? 'end' : 'middle'
}

/** Round steps, at most six. */
function axisTicks(whole: number): number[] {
  const steps = [1, 2, 5].flatMap((digit) => [1, 10, 100, 1000].map((power) => digit * power))
  const seconds = [...steps, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200].map((value) => value * 1000)
  const step = [100, 200, 500, ...seconds].sort((a, b) => a - b).find((value) => whole / value <= 5) ?? whole
  return Array.from({ length: Math.floor(whole / step) + 1 }, (_, index) => index * step)
}

function idle({ title, points }: Idle): Html {
  const sorted = points.toSorted((a, b) => a.idleMs - b.idleMs)
  const longest = sorted.at(-1)?.idleMs ?? 0
  const whole = longest * 1.05
  const answered = sorted.filter((point) => point.answered)
  const deaf = sorted.filter((point) => !point.answered)
  const dots = sorted.map(({ idleMs, answered: heard }) => {
    const words = html`<title>idle ${duration(idleMs)}: ${heard ? 'answered' : 'no answer'}</title>`
    const x = at(idleMs, whole)
    return heard
      ? html`<circle class="heard" cx="${x}" cy="10" r="5">${words}</circle>`
      : html`<svg class="deaf" x="${x}" y="4" width="12" height="12" overflow="visible"><path d="M-5 1 5 11M5 1-5 11"/>${words}</svg>`
  })
  const first = deaf[0]
  const last = answered.findLast((point) => !first || point.idleMs < first.idleMs)
  const told = first
    ? `No answer after ${duration(first.idleMs)} or more without traffic${last ? `; still answered after ${duration(last.idleMs)}` : ''}.`
    : `Answered after every idle time, the longest ${duration(longest)}.`
  return html`<figure><figcaption>${wire(title)}</figcaption>
<div class="idle"><svg class="strip" height="20" aria-hidden="true"><line class="base" x1="0" x2="100%" y1="10" y2="10"/>${dots}</svg>${axis(axisTicks(whole), whole)}</div>
<p class="key"><span><svg width="12" height="12" aria-hidden="true"><circle class="heard" cx="6" cy="6" r="5"/></svg> answered</span> <span><svg class="deaf" width="12" height="12" aria-hidden="true"><path d="M1 1 11 11M11 1 1 11"/></svg> no answer</span></p>
<p>${told}</p>
<details><summary>In words</summary><p>${sorted.map(({ idleMs, answered: heard }) => `${duration(idleMs)}: ${heard ? 'answered' : 'no answer'}`).join(' · ')}</p></details></figure>`
}

const YES = /^(yes|readable|open|clear)\b/i
const NO = /^(no|hidden|protected|encrypted)\b/i

function table({ title, columns, rows }: Table): Html {
  const cellOf = (text: string, index: number) => {
    if (index === 0) return html`<th scope="row">${wire(text)}</th>`
    if (YES.test(text)) return html`<td class="t-warn sealed">${sign('warn')} ${wire(text)}</td>`
    if (NO.test(text)) return html`<td class="t-pass sealed">${sign('pass')} ${wire(text)}</td>`
    return html`<td>${wire(text)}</td>`
  }
  return html`<figure><figcaption>${wire(title)}</figcaption><div class="scroll"><table><thead><tr>${columns.map((column) => html`<th scope="col">${wire(column)}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map(cellOf)}</tr>`)}</tbody></table></div></figure>`
}

/** A bar from 0 to `whole`, as wide as its place. */
export function bar(value: number, whole: number, kind = ''): Html {
  return html`<svg class="bar ${kind}" height="6" aria-hidden="true"><rect class="rail" width="100%" height="6"/><rect width="${at(value, whole)}" height="6"/></svg>`
}

/** A histogram: a column a bucket, the empty ends cut off. */
export function histogram(buckets: readonly { le: number; count: number }[], unit: string): Html | undefined {
  const first = buckets.findIndex((bucket) => bucket.count > 0)
  const last = buckets.findLastIndex((bucket) => bucket.count > 0)
  if (first < 0) return undefined
  const shown = buckets.slice(first, last + 1)
  const most = Math.max(...shown.map((bucket) => bucket.count))
  const width = 100 / shown.length
  const height = 64
  const label = (value: number | undefined) => (value === undefined || !Number.isFinite(value) ? '∞' : number(value, 2))
  const columns = shown.map(({ le, count }, index) => {
    const tall = count === 0 ? 0 : Math.max(1.5, (count / most) * height)
    const from = buckets[first + index - 1]?.le
    return html`<rect x="${(index * width).toFixed(2)}%" width="${Math.max(0.3, width - 0.5).toFixed(2)}%" y="${(height - tall).toFixed(1)}" height="${tall.toFixed(1)}"><title>${from === undefined ? 'up' : label(from)} to ${label(le)} ${unit}: ${number(count, 0)}</title></rect>`
  })
  return html`<svg class="histogram" height="${height}" aria-hidden="true">${columns}</svg><p class="ends"><span>${first > 0 ? `${label(buckets[first - 1]?.le)} ${unit}` : `0 ${unit}`}</span><span>${label(shown.at(-1)?.le)} ${unit}</span></p>`
}
