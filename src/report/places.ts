/** Places where something ran: a scenario or a vital sign over one transport and address family; their addresses on the page, their names. */
import type { Place } from '../result/terms.js'
import type { ScenarioResult } from '../result/scenario-result.js'
import type { Finding } from '../result/finding.js'
import type { VitalSign } from '../result/survey-result.js'
import type { RunResult } from '../result/result.js'
import { html, type Html } from './html.js'
import { groupBy } from './parts.js'

/** What tells one execution from all others; vital signs of several accounts share id and variant. */
type Execution = Pick<ScenarioResult, 'id' | 'variant'> & { readonly account?: string | undefined }

/** Everything that has a page of its own: vital signs, then scenarios. */
export function executionsOf({
  survey,
  scenarios,
}: Pick<RunResult, 'survey' | 'scenarios'>): (VitalSign | ScenarioResult)[] {
  return [...(survey?.vitalSigns ?? []), ...scenarios]
}

/** What tells one execution from all others; also its address. */
export function keyOf({ id, variant, account }: Execution): string {
  const parts = [...id.split('/'), variant.transport, variant.family, ...(account === undefined ? [] : [account])]
  return parts.map(encodeURIComponent).join('/')
}

export function scenarioHref(execution: Execution): string {
  return `#/scenario/${keyOf(execution)}`
}

/** `udp/ipv4`; also a filter's value. */
export function variantKey({ variant }: Pick<ScenarioResult, 'variant'>): string {
  return `${variant.transport}/${variant.family}`
}

/** `UDP IPv4`, and the account where there is one. */
export function variantWords({ variant, account }: Pick<Execution, 'variant' | 'account'>): string {
  return `${placeWords(variant)}${account === undefined ? '' : ` ${account}`}`
}

/** `UDP IPv4`; the transport alone where there is no family. */
export function placeWords({ transport, family }: { readonly transport: string; readonly family: string }): string {
  return [transport.toUpperCase(), familyWord(family)].filter((word) => word !== '').join(' ')
}

export function familyWord(family: string): string {
  return family.replace(/^ipv/i, 'IPv')
}

/** Whether `place` is this execution of a scenario. */
export function isPlaceOf(place: Place, { id, variant }: Pick<ScenarioResult, 'id' | 'variant'>): boolean {
  return place.scenario === id && place.transport === variant.transport && place.family === variant.family
}

/** Findings of standing checks, by the scenario that they were noticed in. */
export function noticedIn(findings: readonly Finding[], scenario: ScenarioResult): Finding[] {
  return findings.filter(
    ({ kind, scenarios }) => kind === 'standing-check' && scenarios.some((place) => isPlaceOf(place, scenario)),
  )
}

/** A line a scenario, with a link for each transport and family; `load/PROFILE` leads to the load. */
export function placeLines(places: readonly Place[], result: RunResult): Html[] {
  const executions = executionsOf(result)
  return [...groupBy(places, ({ scenario }) => scenario)].map(([id, some]) => {
    if (result.load && id === `load/${result.load.profile}`) return html`<li><a href="#load">the load</a></li>`
    const links = some.flatMap((place) => {
      const found = executions.filter((one) => isPlaceOf(place, one))
      if (found.length === 0) return [html`<span>${placeWords(place)}</span>`]
      // Of a vital sign of several accounts, those that it is about.
      const failed = found.filter(({ verdict }) => verdict !== 'pass')
      return (failed.length > 0 ? failed : found).map(
        (one) => html`<a href="${scenarioHref(one)}">${variantWords(one)}</a>`,
      )
    })
    return html`<li><span class="id">${id}</span> <span class="links">${links}</span></li>`
  })
}
