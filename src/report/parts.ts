/** Small pieces of the page that several sections use. */
import type { Gravity, RunVerdict, Verdict } from '../result/terms.js'
import type { ScenarioResult } from '../result/scenario-result.js'
import type { RunResult } from '../result/result.js'
import { GRAVITIES } from './gravities.js'
import { clip, html, type Html, type Part } from './html.js'
import { slug, VERDICTS } from './verdicts.js'

/** Signs by shape, so that none depends on a font or on colour: 16 × 16. */
const SHAPES: Readonly<Record<string, string>> = {
  pass: 'M3 8.6 6.5 12 13 4.5',
  fail: 'M4 4 12 12M12 4 4 12',
  warn: 'M8 3V9.2M8 12.6V13',
  inconclusive: 'M5 5.6C5 3.6 6.4 2.9 8 2.9S11 3.8 11 5.5C11 7.6 8 7.6 8 9.8M8 12.6V13',
  unsupported: 'M4 8H12',
  'not-applicable': 'M7.6 8H8.4',
  error: 'M8 2.5 14 13.2H2ZM8 6.6V9.4M8 11.3V11.4',
  // A circle struck through, an open padlock, arrows down, a sheet of paper.
  outage: 'M8 2A6 6 0 1 0 8 14A6 6 0 1 0 8 2ZM4 4 12 12',
  exposure: 'M3 7.5H13V14H3ZM5.5 7.5V5A2.6 2.6 0 0 1 10.6 4.2',
  harm: 'M3 3.5 8 8 13 3.5M3 8.5 8 13 13 8.5',
  letter: 'M4 2.5H9.5L12.5 5.5V13.5H4ZM6.5 8.2H10M6.5 10.8H10',
}

/** The signs, defined once a page. */
export function signDefinitions(): Html {
  const symbols = Object.entries(SHAPES).map(
    ([name, shape]) => html`<symbol id="sign-${name}" viewBox="0 0 16 16"><path d="${shape}"/></symbol>`,
  )
  return html`<svg class="defs" aria-hidden="true">${symbols}</svg>`
}

/** The scenario verdict whose sign and colour stand for a run's verdict. */
export function signOf(verdict: RunVerdict): Verdict {
  return verdict === 'invalid' || verdict === 'interrupted' ? 'inconclusive' : verdict
}

/** A verdict's or a gravity's sign alone; what it says must stand beside it in words. */
export function sign(of: Verdict | Gravity): Html {
  return html`<svg class="sign" aria-hidden="true"><use href="#sign-${of.replaceAll(' ', '-')}"/></svg>`
}

/** Sign and word on the verdict's colour. */
export function badge(verdict: Verdict, words?: string): Html {
  return html`<span class="badge v-${slug(verdict)}">${sign(verdict)}${words ?? VERDICTS[verdict].word}</span>`
}

/** Sign and word on the gravity's colour. */
export function gravityBadge(gravity: Gravity): Html {
  const { word, meaning } = GRAVITIES[gravity]
  return html`<span class="badge g-${gravity}" title="${meaning}">${sign(gravity)}${word}</span>`
}

/** Text that came from the network: escaped, kept apart from the direction of the text around it, and not endless. */
export function wire(text: string, most = 600): Html {
  return html`<bdi class="wire">${clip(text, most)}</bdi>`
}

/** Who notices what did not hold in a scenario: as the rules say that broke, or the scenario for those that say nothing of their own. */
export function harmOf({ checks, harm }: Pick<ScenarioResult, 'checks' | 'harm'>): string | undefined {
  const broken = checks.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn')
  const told = [...new Set(broken.flatMap((check) => check.harm ?? harm ?? []))]
  return told.length > 0 ? told.join(' ') : harm
}

/** Area titles by id, in the order of the matrix: as the result gives them, then what else occurs. */
export function areaTitles(result: Pick<RunResult, 'areas' | 'scenarios' | 'notRun'>): Map<string, string> {
  const titles = new Map((result.areas ?? []).map(({ id, title }) => [id, title]))
  for (const area of [...result.scenarios.map((one) => one.area), ...result.notRun.map((one) => one.area)])
    if (area !== undefined && !titles.has(area)) titles.set(area, area.charAt(0).toUpperCase() + area.slice(1))

  return titles
}

/** Links to evidence files that lie beside the report; anything that leads elsewhere is shown as text. */
export function evidenceLinks(paths: readonly string[]): Html[] {
  return paths.map((path) => {
    const name = (path.split('/').at(-1) ?? path).replace(/_attempt_(\d)\.pcapng$/, '.pcapng (attempt $1)')
    return isBeside(path)
      ? html`<a class="file" href="${path.split('/').map(encodeURIComponent).join('/')}">${name}</a> `
      : html`<code>${path}</code> `
  })
}

/** Whether a path leads to something in the report's folder. */
export function isBeside(path: string): boolean {
  return (
    path !== '' && path.split('/').every((part) => part !== '' && part !== '..' && part !== '.') && !/[\\:]/.test(path)
  )
}

/** A command or a text with a button that copies it; without JavaScript the text is there to be marked. */
export function copyable(text: string): Html {
  // Words stay whole, or a line would end between the two dashes of an option.
  const words = text.split(' ').map((word) => html`<span class="word">${word}</span> `)
  return html`<span class="copyable"><code>${words}</code><button type="button" class="js-only copy" data-copy="${text}">Copy</button></span>`
}

/** Text in which options of the command line stay whole: a line would end between their dashes. */
export function withOptions(text: string): Html[] {
  return text
    .split(/(?<=\s)/)
    .map((word) => (word.includes('--') ? html`<span class="word">${word}</span> ` : html`${word}`))
}

/** A row of a fact list; nothing where there is nothing to say. */
export function fact(name: string, value: Part): Html | undefined {
  if (value === undefined || value === false || value === '') return undefined
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`
}

/** The first `most` items of a list, the rest folded under how many more there are. */
export function folded(items: readonly Html[], most: number, more: (count: number) => string): Html {
  const rest = items.slice(most)
  return html`<ul class="plain">${items.slice(0, most)}</ul>${rest.length > 0 && html`<details><summary>${more(rest.length)}</summary><ul class="plain">${rest}</ul></details>`}`
}

/** Characters of markup that are worth being left out of a page until they are asked for. */
const BULKY = 5000

/** What stands behind a click. Where it is bulky it is text until then, which costs nothing; the script of the report makes markup of it. */
export function onDemand(words: Part, content: Html): Html {
  const bulky = content.toString().length > BULKY
  return html`<details${bulky && html` data-packed`}><summary>${words}</summary>${bulky ? html`<noscript>${content}</noscript>` : content}</details>`
}

/** Characters of a text that are shown unfolded. */
const LONG_TEXT = 320

/** A text of several sentences: where it is long, its first sentences, and the rest folded. */
export function foldedText(text: string): Html {
  if (text.length <= LONG_TEXT) return wire(text)
  const ends = [...text.matchAll(/[.!?](?=\s+\p{Lu})/gu)].map(({ index }) => index + 1)
  const end = ends.findLast((at) => at <= LONG_TEXT) ?? ends[0]
  if (end === undefined) return wire(text, 2000)
  return html`${wire(text.slice(0, end))}<details><summary>more</summary>${wire(text.slice(end).trim(), 4000)}</details>`
}

/** Things with the same key together, in the order of their first. */
export function groupBy<T, K>(things: readonly T[], keyOf: (thing: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const thing of things) {
    const key = keyOf(thing)
    const group = groups.get(key)
    if (group) group.push(thing)
    else groups.set(key, [thing])
  }
  return groups
}
