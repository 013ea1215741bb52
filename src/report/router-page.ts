/** The page of a router test: what telephones behind it notice, what to set, and what was measured. Rendered from `router.json` alone. */
import type { RouterAlgFinding, RouterFinding, RouterLifetime, RouterResult } from '../result/router-result.js'
import type { Verdict } from '../result/terms.js'
import { styles } from './assets.js'
import { html, type Html } from './html.js'
import { pageOf } from './page-head.js'
import { badge, fact, signDefinitions, signOf, wire } from './parts.js'
import { pictureView } from './pictures.js'
import { RUN_VERDICTS } from './verdicts.js'

export function routerPage(result: RouterResult): string {
  const css = styles(false)
  const body = html`${signDefinitions()}
<main>
${top(result)}
${attention(result)}
${settings(result)}
${measured(result)}
${rewritten(result)}
</main>
<footer>ringproof ${result.ringproof} · rendered from <a href="router.json">router.json</a></footer>`
  return pageOf({ title: `Router test: ${routerSentence(result)}`, verdict: result.verdict, css }, body)
}

/** The result in a sentence. */
export function routerSentence({ findings, verdict }: RouterResult): string {
  const [first] = findings.filter(({ severity }) => severity !== 'info')
  if (first !== undefined) return `${first.title}.`
  return verdict === 'inconclusive'
    ? 'How long flows live could not be measured: the reflector stopped answering.'
    : 'Telephones behind this router can register, be called and talk.'
}

function top(result: RouterResult): Html {
  const { verdict, reflector, local, outside, isTranslated, startedAt, endedAt } = result
  const seconds = Math.round((Date.parse(endedAt) - Date.parse(startedAt)) / 1000)
  const way = isTranslated ? html`${local}, seen as ${outside}` : html`${local}, not translated`
  return html`<header class="first"><p class="over">Router test</p>
<div class="headed"><h1>Telephones behind this router</h1><span class="verdict">${badge(signOf(verdict), RUN_VERDICTS[verdict])}</span></div>
<p class="sentence">${routerSentence(result)}</p>
<p class="run-line">${startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')} · ${seconds} s · from ${way} · reflector ${wire(reflector.named)} (${reflector.address}, ports ${reflector.ports.join(', ')})</p></header>`
}

const EDGES: Readonly<Record<RouterFinding['severity'], Verdict>> = {
  fail: 'fail',
  warn: 'warn',
  info: 'not applicable',
}

function attention({ findings }: RouterResult): Html {
  const cards = findings.map(
    ({
      id,
      severity,
      title,
      detail,
      advice,
    }) => html`<article class="finding e-${EDGES[severity].replaceAll(' ', '-')}" id="${id}">
<h3>${badge(EDGES[severity], severity === 'info' ? 'note' : severity)} ${title}</h3>
<dl>${fact('Measured', detail)}${fact('What to do', advice)}</dl></article>`,
  )
  return html`<section aria-labelledby="attention-h"><h2 id="attention-h">What needs attention</h2>
${cards.length > 0 ? cards : html`<p class="nothing">Nothing.</p>`}</section>`
}

function settings({ keepAlive: { udpSeconds, tcpSeconds } }: RouterResult): Html | undefined {
  if (udpSeconds === undefined && tcpSeconds === undefined) return undefined
  return html`<section aria-labelledby="set-h"><h2 id="set-h">What to set in telephones</h2><dl class="facts">
${fact('UDP', udpSeconds !== undefined && `keep-alives every ${udpSeconds} s are safe`)}
${fact('TCP and TLS', tcpSeconds !== undefined && `keep-alives every ${tcpSeconds} s are safe`)}
</dl></section>`
}

const FLOWS: Readonly<Record<RouterLifetime['flow'], string>> = {
  udp: 'UDP, one request and its answer',
  'udp-in-use': 'UDP, in use for some seconds',
  tcp: 'TCP connections',
}

function lifetimeWords({ heldMs, lostMs }: RouterLifetime): string {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
  if (lostMs === undefined) return heldMs === undefined ? 'not measured' : `more than ${seconds(heldMs)}`
  return heldMs === undefined ? `less than ${seconds(lostMs)}` : `${seconds(heldMs)} to ${seconds(lostMs)}`
}

function measured(result: RouterResult): Html {
  const { isTranslated, mapping, filtering, ports, hairpin, lifetimes, sizes } = result
  const kindOf = (word: string | undefined) => word ?? 'not known: the reflector has one port or does not answer'
  const side = (largest: number | undefined, lost: number | undefined) =>
    largest === undefined ? undefined : `${largest} bytes pass${lost === undefined ? '' : `, ${lost} do not`}`
  return html`<section aria-labelledby="measured-h"><h2 id="measured-h">What was measured</h2><dl class="facts">
${fact('Translation', isTranslated ? 'addresses or ports are translated (NAT)' : 'none')}
${fact('Mapping', isTranslated && html`${kindOf(mapping)} <span class="aside">RFC 4787 §4.1</span>`)}
${fact('Filtering', html`${kindOf(filtering)} <span class="aside">RFC 4787 §5</span>`)}
${fact('Ports', isTranslated && `${ports.kept} of ${ports.of} flows kept their port`)}
${fact('Hairpin', hairpin !== undefined && (hairpin ? 'packets to the own outside address come back' : 'packets to the own outside address do not come back'))}
${lifetimes.map((one) => html`${fact(FLOWS[one.flow], `remembered for ${lifetimeWords(one)}`)}`)}
${fact('Sent', side(sizes.upLargest, sizes.upLost))}
${fact('Received', side(sizes.downLargest, sizes.downLost))}
${fact('Fragments', sizes.fragments !== undefined && (sizes.fragments ? 'pass' : 'do not pass'))}
</dl>
<h3>How long a silent flow is remembered</h3>
<div class="pictures">${lifetimes.map((one) => html`<div class="picture">${pictureView({ kind: 'idle', title: `${FLOWS[one.flow]}: silence against whether something came in`, points: [...one.points] })}</div>`)}</div></section>`
}

const OUTCOMES: Readonly<Record<RouterAlgFinding['outcome'], { readonly verdict: Verdict; readonly words: string }>> = {
  untouched: { verdict: 'pass', words: 'untouched, byte by byte' },
  changed: { verdict: 'fail', words: 'changed' },
  lost: { verdict: 'fail', words: 'did not arrive' },
  unknown: { verdict: 'inconclusive', words: 'not known' },
}

function rewritten({ alg }: RouterResult): Html | undefined {
  if (alg.length === 0) return undefined
  const rows = alg.map(({ direction, what, outcome, changes }) => {
    const { verdict, words } = OUTCOMES[outcome]
    const lines = changes.map(
      ({ sent, arrived }) => html`<li>${wire(sent || '(nothing)')} → ${wire(arrived || '(nothing)')}</li>`,
    )
    return html`<article class="finding e-${verdict}"><h3>${badge(verdict, words)} ${what}, ${direction === 'out' ? 'sent' : 'received'}</h3>${lines.length > 0 && html`<ul class="plain">${lines}</ul>`}</article>`
  })
  return html`<section aria-labelledby="sip-h"><h2 id="sip-h">SIP on its way <span class="aside">what was sent → what has arrived</span></h2>${rows}</section>`
}
