/** A row of runs, the oldest at the left: one band a run, or a stretch of runs that came to the same. SVG in percent, as all pictures are. */
import type { HistoryRun, HistoryStanding } from '../result/history.js'
import type { RunVerdict, Verdict } from '../result/terms.js'
import { html, type Html } from './html.js'
import { signOf } from './parts.js'
import { RUN_VERDICTS, slug, VERDICTS } from './verdicts.js'

/** What a band shows: its class, how high it is (told apart without colour), and in words. */
interface Band {
  readonly look: string
  readonly words: string
}

const HEIGHT = 18

const LOOKS: Readonly<Record<HistoryStanding, Band>> = {
  shown: { look: 'b-fail', words: 'there' },
  unsteady: { look: 'b-warn', words: 'seen once, and not again' },
  held: { look: 'b-pass', words: 'not there' },
  open: { look: 'b-none', words: 'not tested' },
}

/** What could decide nothing because nobody answered is an outage, and no gap. */
const UNREACHABLE: Band = { look: 'b-fail', words: 'not reached' }

/** Heights by look: what is wrong stands up, what is well lies low, what nobody looked at is a line. */
const HEIGHTS: Readonly<Record<string, number>> = {
  'b-fail': 18,
  'b-error': 18,
  'b-warn': 12,
  'b-inconclusive': 8,
  'b-pass': 5,
}
const LEAST = 1.5

export const verdictStrip = (runs: readonly HistoryRun[]): Html =>
  strip(
    runs,
    runs.map(({ verdict, unreachable }) =>
      unreachable === true ? UNREACHABLE : { look: lookOf(signOf(verdict)), words: wordsOf(verdict) },
    ),
  )

export const standingStrip = (runs: readonly HistoryRun[], standings: readonly HistoryStanding[]): Html =>
  strip(
    runs,
    standings.map((one) => LOOKS[one]),
  )

export const testStrip = (runs: readonly HistoryRun[], verdicts: readonly (Verdict | null)[]): Html =>
  strip(
    runs,
    verdicts.map((one) => (one === null ? LOOKS.open : { look: lookOf(one), words: VERDICTS[one].word })),
  )

const wordsOf = (verdict: RunVerdict): string => RUN_VERDICTS[verdict].toLowerCase()

const lookOf = (verdict: Verdict): string =>
  verdict === 'unsupported' || verdict === 'not applicable' ? 'b-none' : `b-${slug(verdict)}`

function strip(runs: readonly HistoryRun[], bands: readonly Band[]): Html {
  const at = (index: number) => `${((index / Math.max(1, bands.length)) * 100).toFixed(3)}%`
  const rects: Html[] = []
  for (let from = 0; from < bands.length; ) {
    const { look, words } = bands[from] ?? LOOKS.open
    let to = from + 1
    while (to < bands.length && bands[to]?.look === look && bands[to]?.words === words) to += 1
    const height = HEIGHTS[look] ?? LEAST
    rects.push(
      html`<rect class="${look}" x="${at(from)}" width="${at(to - from)}" y="${HEIGHT - height}" height="${height}"><title>${words}: ${spanOf(runs, from, to - 1)}</title></rect>`,
    )
    from = to
  }
  return html`<svg class="strip runs" height="${HEIGHT}" aria-hidden="true">${rects}</svg>`
}

function spanOf(runs: readonly HistoryRun[], from: number, to: number): string {
  const [first, last] = [runs[from], runs[to]]
  const begins = first === undefined ? '' : minuteOf(first.startedAt)
  return from === to || last === undefined ? begins : `${begins} to ${minuteOf(last.startedAt)} (${to - from + 1} runs)`
}

/** `2026-11-30 06:00`, in UTC. */
export const minuteOf = (iso: string): string => iso.slice(0, 16).replace('T', ' ')

/** What the bands mean. */
export function stripKey(): Html {
  const key = (look: string, words: string) => {
    const height = HEIGHTS[look] ?? LEAST
    return html`<span><svg width="14" height="${HEIGHT}" aria-hidden="true"><rect class="${look}" width="14" y="${HEIGHT - height}" height="${height}"/></svg> ${words}</span> `
  }
  return html`<p class="key">Each row is all runs, the oldest at the left: ${key('b-fail', 'fails')}${key('b-warn', 'warns, or was seen once and not again')}${key('b-inconclusive', 'not decided')}${key('b-pass', 'holds')}${key('b-none', 'not tested')}</p>`
}
