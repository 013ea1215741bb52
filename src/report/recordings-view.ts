/** What the telephones of a call said and heard, to be played where the files lie beside the page. */
import type { Recording, ScenarioResult } from '../result/scenario-result.js'
import { duration } from './format.js'
import { html, type Html } from './html.js'
import { evidenceLinks, isBeside, wire } from './parts.js'

/** Without a script, and where a file is missing, the link is left. */
export function recordingsView({ recordings = [] }: ScenarioResult): Html | undefined {
  if (recordings.length === 0) return undefined
  return html`<section><h2>Audio</h2><p class="aside">Decrypted, as it was sent and as it arrived. Both directions of a call begin at the same moment.</p><ul class="recordings">${recordings.map((one) => html`<li>${recording(one)}</li>`)}</ul></section>`
}

function recording({ who, direction, seconds, leftOutMs = 0, evidence }: Recording): Html {
  const what = html`<b>${wire(who, 80)}</b> ${direction}`
  if (seconds === 0) return html`${what}: nothing that can be played`
  const middle = leftOutMs > 0 ? `, ${duration(leftOutMs)} in the middle left out` : ''
  const told = html`${what} <span class="aside">${duration(seconds * 1000)}${middle}</span>`
  const [path] = evidence
  if (path === undefined) return html`${told} <span class="aside">not kept</span>`
  if (!isBeside(path)) return html`${told} ${evidenceLinks(evidence)}`
  return html`${told} ${evidenceLinks(evidence)}<audio controls preload="metadata" src="${hrefOf(path)}" aria-label="${who} ${direction}"></audio>`
}

const hrefOf = (path: string): string => path.split('/').map(encodeURIComponent).join('/')
