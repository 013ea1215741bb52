/** Small pieces of the page that several sections use. */
import type { Finding, RunResult, RunVerdict, ScenarioResult, Verdict, Place } from '../result/result.js'
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

/** A verdict's sign alone; what it says must stand beside it in words. */
export function sign(verdict: Verdict): Html {
  return html`<svg class="sign" aria-hidden="true"><use href="#sign-${slug(verdict)}"/></svg>`
}

/** Sign and word on the verdict's colour. */
export function badge(verdict: Verdict, words?: string): Html {
  return html`<span class="badge v-${slug(verdict)}">${sign(verdict)}${words ?? VERDICTS[verdict].word}</span>`
}

/** Text that came from the network: escaped, kept apart from the direction of the text around it, and not endless. */
export function wire(text: string, most = 600): Html {
  return html`<bdi class="wire">${clip(text, most)}</bdi>`
}

/** What tells one scenario and variant from all others; also its address. */
export function keyOf({ id, variant }: Pick<ScenarioResult, 'id' | 'variant'>): string {
  return [...id.split('/'), variant.transport, variant.family].map(encodeURIComponent).join('/')
}

export function scenarioHref(scenario: Pick<ScenarioResult, 'id' | 'variant'>): string {
  return `#/scenario/${keyOf(scenario)}`
}

/** `udp/ipv4`; also a filter's value. */
export function variantKey({ variant }: Pick<ScenarioResult, 'variant'>): string {
  return `${variant.transport}/${variant.family}`
}

/** `UDP IPv4`. */
export function variantWords({ variant }: Pick<ScenarioResult, 'variant'>): string {
  return `${variant.transport.toUpperCase()} ${familyWord(variant.family)}`
}

export function familyWord(family: string): string {
  return family.replace(/^ipv/i, 'IPv')
}

/** Findings of standing checks, by the scenario that they were noticed in. */
export function noticedIn(findings: readonly Finding[], scenario: ScenarioResult): Finding[] {
  return findings.filter(
    ({ kind, scenarios }) => kind === 'standing-check' && scenarios.some((place) => isPlaceOf(place, scenario)),
  )
}

/** Whether `place` is this execution of a scenario. */
export function isPlaceOf(place: Place, { id, variant }: Pick<ScenarioResult, 'id' | 'variant'>): boolean {
  return place.scenario === id && place.transport === variant.transport && place.family === variant.family
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
    const name = path.split('/').at(-1) ?? path
    return isBeside(path)
      ? html`<a class="file" href="${path.split('/').map(encodeURIComponent).join('/')}">${name}</a> `
      : html`<code>${path}</code> `
  })
}

function isBeside(path: string): boolean {
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

/** A row of a fact list; nothing where there is nothing to say. */
export function fact(name: string, value: Part): Html | undefined {
  if (value === undefined || value === false || value === '') return undefined
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`
}

/** Things with the same key together, in the order of their first. */
export function groupBy<T>(things: readonly T[], keyOf: (thing: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const thing of things) {
    const key = keyOf(thing)
    const group = groups.get(key)
    if (group) group.push(thing)
    else groups.set(key, [thing])
  }
  return groups
}
