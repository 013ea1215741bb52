/** The ladder of a scenario: a row an arrow, which opens its message. Laid out by CSS classes alone, since the page allows no style attributes. */
import type { CheckResult, Ladder, LadderArrow } from '../result/scenario-result.js'
import { duration, offset } from './format.js'
import { html, type Html } from './html.js'
import { sign, wire } from './parts.js'

/** Lanes that there are classes for; what concerns lanes beyond is shown as a note. */
export const MOST_LANES = 16

/** A silence that is worth a row of its own, in ms. */
const LONG_SILENCE = 2000

/** Characters of a line of a message that are shown at once. */
const LONG_LINE = 2000

/** Where the target stands, in ladders with packets that go past it. */
const TARGET_LANE = 1

/** What marks an arrow: a check that did not hold there. */
type Mark = Pick<CheckResult, 'arrow' | 'verdict'>

/**
 * The ladder. `checks` are those whose arrows are marked: checks that did not hold.
 * @param inPlace messages stand in the page itself, folded: for pages without a script
 */
export function ladderView(ladder: Ladder, checks: readonly Mark[], inPlace = false): Html {
  const lanes = ladder.lanes.slice(0, MOST_LANES)
  const omittedAt = ladder.omitted ? Math.ceil(ladder.arrows.length / 2) : -1
  const rows = ladder.arrows.map((arrow, index) => {
    const before = ladder.arrows[index - 1]
    const silence = before && index !== omittedAt ? arrow.atMs - before.atMs : 0
    return html`${index === omittedAt && html`<li class="gap">${ladder.omitted} more omitted here; the capture file has all of them</li>`}${silence > LONG_SILENCE && html`<li class="gap">${duration(silence)} later</li>`}${row(arrow, index, lanes, ladder.arrows, checks, inPlace)}`
  })
  return html`<div class="ladder">
<div class="heads" aria-hidden="true"><span class="t">s</span><div class="lanes n${lanes.length}">${lanes.map((lane) => html`<b>${wire(lane, 40)}</b>`)}</div></div>
<ol class="arrows">${rows}</ol></div>`
}

function row(
  arrow: LadderArrow,
  index: number,
  lanes: readonly string[],
  all: readonly LadderArrow[],
  checks: readonly Mark[],
  inPlace: boolean,
): Html {
  const broken = checks.find((check) => check.arrow === index)
  const again = arrow.again ? sentAgain(arrow, index, all) : ''
  const extra = `${again}${arrow.lost ? `${again === '' ? '' : ', '}lost` : ''}`
  const classes = `arrow k-${arrow.kind}${arrow.again ? ' again' : ''}${arrow.lost ? ' lost' : ''}${arrow.direct ? ' direct' : ''}${broken ? ' broken' : ''}`
  const picture = html`<span class="t">${offset(arrow.atMs)}</span><span class="hidden"> s, ${arrow.from} to ${arrow.to}: ${broken && `${broken.verdict} here: `}</span><span class="lanes n${lanes.length}">${shaft(arrow, lanes, extra, broken)}</span>`
  if (inPlace) {
    if (arrow.message === undefined) return html`<li><div class="${classes}">${picture}</div></li>`
    return html`<li><details><summary class="${classes}">${picture}</summary><div class="opened">${messageView(arrow, [])}</div></details></li>`
  }
  return html`<li><button type="button" class="${classes}" id="arrow-${index}" data-arrow="${index}" aria-expanded="false">
${picture}</button></li>`
}

function shaft(arrow: LadderArrow, lanes: readonly string[], extra: string, broken: Mark | undefined): Html {
  const from = lanes.indexOf(arrow.from)
  const to = lanes.indexOf(arrow.to)
  const label = html`<span class="label">${broken && sign(broken.verdict)}${wire(arrow.label, 160)}${extra !== '' && html` <i>${extra}</i>`}</span>`
  if (arrow.kind === 'note' || from < 0 || to < 0 || from === to) return html`<span class="over-all">${label}</span>`
  const left = Math.min(from, to)
  const right = Math.max(from, to)
  const side = left + right + 1 > lanes.length ? 'on-right' : 'on-left'
  const past = arrow.direct === true && left < TARGET_LANE && right > TARGET_LANE && html`<span class="past"></span>`
  return html`<span class="shaft ${from < to ? 'right' : 'left'} ${side} a${left} b${right}">${label}</span>${past}`
}

/** How long after the one before it of the same kind. */
function sentAgain(arrow: LadderArrow, index: number, all: readonly LadderArrow[]): string {
  const before = all
    .slice(0, index)
    .findLast(
      (one) =>
        one.from === arrow.from && one.to === arrow.to && one.message === arrow.message && one.label === arrow.label,
    )
  return before ? `again after ${duration(arrow.atMs - before.atMs)}` : 'again'
}

/** What opens under an arrow: the way it went, and its message line by line, with the offending lines marked. */
export function messageView(arrow: LadderArrow, marked: readonly string[]): Html {
  const way = `${offset(arrow.atMs)} s · ${arrow.from} → ${arrow.to} · ${(arrow.transport ?? arrow.kind).toUpperCase()}${arrow.again ? ' · retransmission' : ''}${arrow.lost ? ' · dropped on purpose' : ''}${arrow.direct ? ' · from device to device: it does not pass the target' : ''}`
  if (arrow.message === undefined)
    return html`<p class="way">${wire(way)}</p><p class="way">The text is not in this page; the packets are in the capture file.</p>`
  const lines = arrow.message.replace(/\r?\n$/, '').split(/\r?\n/)
  return html`<p class="way">${wire(way)}</p><div class="message" dir="ltr" tabindex="0" role="group" aria-label="Its text">${lines.map((line) => messageLine(line, isMarked(line, marked)))}</div>`
}

function isMarked(line: string, marked: readonly string[]): boolean {
  const trimmed = line.trim()
  return marked.some(
    (one) => trimmed !== '' && (trimmed === one.trim() || (one.length > 8 && line.includes(one.trim()))),
  )
}

function messageLine(line: string, marked: boolean): Html {
  const name = /^[A-Za-z][\w.-]*(?=\s*:)|^[a-z](?==)/.exec(line.slice(0, 80))?.[0] ?? ''
  const rest = line.slice(name.length)
  const more = rest.length - LONG_LINE
  return html`<div class="ln${marked ? ' bad' : ''}">${marked && sign('fail')}${name !== '' && html`<b>${name}</b>`}<bdi>${rest.slice(0, LONG_LINE)}</bdi>${more > 0 && html`<details><summary>${more.toLocaleString('en-US')} more characters in this line</summary><bdi>${rest.slice(LONG_LINE)}</bdi></details>`}</div>`
}

/** The CSS classes that place arrows on lanes: `nX` lanes, from the middle of lane `aX` to the middle of lane `bX`. */
export function ladderCss(): string {
  const lanes = Array.from({ length: MOST_LANES }, (_, lane) => lane)
  return [
    ...lanes.map(
      (lane) =>
        `.n${lane + 1}{grid-template-columns:repeat(${2 * (lane + 1)},minmax(0,1fr));background-size:calc(100% / ${lane + 1}) 100%}`,
    ),
    ...lanes.map((lane) => `.a${lane}{grid-column-start:${2 * lane + 2}}.b${lane}{grid-column-end:${2 * lane + 2}}`),
  ].join('\n')
}
