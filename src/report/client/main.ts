/** The page's script: shows a scenario by its address, filters the list, opens messages, copies texts, draws curves. */
import { findingAnchor, findingsAt } from '../finding-view.js'
import { messageView } from '../ladder-view.js'
import type { PackedData, PageData, Piece } from '../page-data.js'
import { keyOf, noticedIn, scenarioHref } from '../places.js'
import { plainText } from '../plain-text.js'
import { scenarioView } from '../scenario-view.js'
import { moment } from '../format.js'
import { page, view, type PageElement, type PageEvent } from './browser.js'
import { applyAddress, currentAddress, findBy, isFiltered, shownHrefs, startFilter, toggleFold } from './filter.js'
import { startPlots } from './plots.js'

const overview = page.getElementById('overview')
const place = page.getElementById('scenario')
const title = page.title

let data: PageData | undefined
let shown: Piece[number] | undefined
/** Where the reader was in the overview. */
let left: { scroll: number; focus: PageElement | null } | undefined

const packed: PackedData['data'] = JSON.parse(page.getElementById('data')?.textContent ?? '""')

/** When the pieces are there: they stand behind this script, so that it need not wait for them. */
const read = new Promise<void>((resolve) => {
  if (page.readyState === 'loading') page.addEventListener('DOMContentLoaded', () => resolve())
  else resolve()
})

/** @returns JSON */
async function unpacked(base64: string): Promise<string> {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
  return await new Response(stream).text()
}

/** An execution by its key, out of the piece that it is in. */
async function execution(path: string): Promise<Piece[number] | undefined> {
  const fits = ({ key }: { readonly key: string }) => key === path || decoded(key) === decoded(path)
  const index = data?.pieces.findIndex((piece) => piece.some(fits)) ?? -1
  if (index < 0) return undefined
  await read
  const text = page.getElementById(`piece-${index}`)?.textContent ?? ''
  const piece: Piece = JSON.parse(await unpacked(text))
  return piece.find((one) => fits({ key: keyOf(one) }))
}

async function route(): Promise<void> {
  const { hash } = view.location
  // Whoever jumps to a place on the page gets there, and not where it seemed to be before what lies above it was laid out.
  if (hash !== '') page.documentElement.classList.add('laid-out')
  if (hash.startsWith('#/scenario/')) {
    const [path = '', query = ''] = hash.slice('#/scenario/'.length).split('?')
    const found = await execution(path)
    // The reader may have gone on meanwhile.
    if (view.location.hash === hash) showScenario(found, query)
    return
  }
  const came = showOverview()
  if (!hash.startsWith('#/')) {
    // The browser looked for the section while it was hidden.
    if (came) page.getElementById(hash.slice(1))?.scrollIntoView({ block: 'start' })
    return
  }
  applyAddress(hash)
  // Who follows a cell or a count wants to see what it leads to; who comes back wants to be where they were.
  if (isFiltered() && !came) page.getElementById('scenarios')?.scrollIntoView({ block: 'start' })
}

/** @returns whether a scenario was left for it */
function showOverview(): boolean {
  if (!overview || !place || !overview.hidden) return false
  overview.hidden = false
  place.hidden = true
  place.innerHTML = ''
  shown = undefined
  page.title = title
  view.scrollTo(0, left?.scroll ?? 0)
  if (left?.focus?.isConnected) left.focus.focus({ preventScroll: true })
  return true
}

function showScenario(found: Piece[number] | undefined, query: string): void {
  if (!data || !overview || !place) return
  if (!overview.hidden) left = { scroll: view.scrollY, focus: page.activeElement }
  overview.hidden = true
  place.hidden = false
  shown = found
  if (!found) {
    place.innerHTML = '<p>This run has no such scenario. <a href="#/">All scenarios</a></p>'
    return
  }
  const { ringproof, target, startedAt, areas, rows, findings } = data
  const hrefs = shownHrefs()
  const here = hrefs.indexOf(scenarioHref(found))
  place.innerHTML = scenarioView(found, {
    areaTitle: new Map(areas).get(found.area) ?? found.area,
    rows: new Map(rows.map(({ id, text }) => [id, text])),
    noticed: noticedIn(findings, found),
    findings: findingsAt(found, data)
      .filter(({ kind, severity }) => kind !== 'standing-check' && severity !== 'info')
      .map((finding) => ({ finding, anchor: findingAnchor(finding, { findings }) })),
    text: plainText(found, { ringproof, target, startedAt }),
    previous: here > 0 ? hrefs[here - 1] : undefined,
    next: here < 0 ? undefined : hrefs[here + 1],
  }).toString()
  for (const player of place.querySelectorAll('audio')) player.addEventListener('error', () => player.remove())
  place.querySelector('[data-back]')?.setAttribute('href', currentAddress())
  page.title = `${found.verdict}: ${found.id} ${found.variant.transport}/${found.variant.family} – ${target}`
  const arrow = new URLSearchParams(query).get('arrow')
  if (arrow !== null) {
    openAndShow(arrow)
  } else {
    view.scrollTo(0, 0)
    page.getElementById('scenario-h')?.focus({ preventScroll: true })
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Opens or closes the message of an arrow. */
function toggleArrow(button: PageElement, open = button.getAttribute('aria-expanded') !== 'true'): void {
  const isOpen = button.getAttribute('aria-expanded') === 'true'
  if (open === isOpen) return
  button.setAttribute('aria-expanded', String(open))
  if (!open) return button.nextElementSibling?.remove()
  const index = Number(button.dataset.arrow)
  const arrow = shown?.ladder?.arrows[index]
  if (!arrow) return
  const marked = (shown?.checks ?? []).flatMap((check) =>
    check.arrow === index && check.verdict !== 'pass' && check.line !== undefined ? [check.line] : [],
  )
  button.setAttribute('aria-controls', `message-${index}`)
  button.insertAdjacentHTML(
    'afterend',
    `<div class="opened" id="message-${index}">${messageView(arrow, marked).toString()}</div>`,
  )
}

function openAndShow(index: string): void {
  const button = page.getElementById(`arrow-${index}`)
  if (!button) return
  toggleArrow(button, true)
  button.scrollIntoView({ block: 'center' })
  button.focus({ preventScroll: true })
}

function clicked(event: PageEvent): void {
  const target = event.target?.closest('button, a')
  if (!target) return
  const { arrow, open, all, copy, fold } = target.dataset
  if (arrow !== undefined) {
    toggleArrow(target)
    rememberArrow(target)
  } else if (open !== undefined) {
    openAndShow(open)
  } else if (all !== undefined) {
    for (const one of arrows()) toggleArrow(one, all === 'open')
  } else if (copy !== undefined) {
    void copyText(copy, target)
  } else if (fold !== undefined) {
    toggleFold(fold)
  } else {
    page.documentElement.classList.add('laid-out')
    keepFilter(event, target.getAttribute('href') ?? '')
  }
}

/** A link to a section would take the filter out of the address. */
function keepFilter(event: PageEvent, href: string): void {
  if (!/^#[\w-]+$/.test(href) || !isFiltered()) return
  event.preventDefault()
  page.getElementById(href.slice(1))?.scrollIntoView({ block: 'start' })
}

/** The address leads to the message that was opened last, so that it can be sent to somebody. */
function rememberArrow(button: PageElement): void {
  if (!shown) return
  const open = button.getAttribute('aria-expanded') === 'true'
  view.history.replaceState(null, '', `${scenarioHref(shown)}${open ? `?arrow=${button.dataset.arrow}` : ''}`)
}

function arrows(): PageElement[] {
  return [...(place?.querySelectorAll('.arrow') ?? [])]
}

function pressed(event: PageEvent): void {
  const { target, key } = event
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const button = target?.closest('.arrow') ?? target?.closest('.opened')?.parentElement?.querySelector('.arrow')
  if (key === 'Escape') return escaped(button)
  if (!button) return
  const step = { ArrowDown: 1, ArrowUp: -1 }[key]
  const list = arrows()
  const next =
    key === 'Home' ? list[0] : key === 'End' ? list.at(-1) : step ? list[list.indexOf(button) + step] : undefined
  if (!next || target?.closest('.opened')) return
  event.preventDefault()
  next.focus()
}

/** From a message to its arrow, and from a scenario back to the list; the address follows. */
function escaped(button: PageElement | null | undefined): void {
  if (button?.getAttribute('aria-expanded') === 'true') {
    toggleArrow(button, false)
    rememberArrow(button)
    button.focus()
  } else if (overview?.hidden === true) {
    view.location.hash = currentAddress()
  }
}

/** Makes markup of what stood behind a click as text. */
function unpack(details: PageElement | null): void {
  if (details?.dataset.packed === undefined) return
  delete details.dataset.packed
  const text = details.querySelector('noscript')
  text?.insertAdjacentHTML('afterend', text.textContent)
  text?.remove()
}

/** On paper nothing can be opened any more. */
function openForPrint(): void {
  let closed: PageElement[] = []
  view.addEventListener('beforeprint', () => {
    for (const one of page.querySelectorAll('details[data-packed]')) unpack(one)
    closed = [...page.querySelectorAll('details:not([open])')]
    for (const one of closed) one.open = true
  })
  view.addEventListener('afterprint', () => {
    for (const one of closed) one.open = false
  })
}

async function copyText(text: string, button: PageElement): Promise<void> {
  const done = await toClipboard(text)
  const said = page.getElementById('said')
  const words = button.textContent
  if (said) said.innerHTML = done ? 'Copied' : 'Could not be copied'
  button.innerHTML = done ? 'Copied' : 'Mark the text and copy it'
  await new Promise((resolve) => setTimeout(resolve, 1500))
  if (button.isConnected) button.innerHTML = words
}

async function toClipboard(text: string): Promise<boolean> {
  try {
    if (!view.navigator.clipboard) throw new Error('no clipboard here')
    await view.navigator.clipboard.writeText(text)
    return true
  } catch {
    // Pages from plain HTTP have no clipboard of the modern kind; the old way works there.
    page.body.insertAdjacentHTML('beforeend', '<textarea id="to-copy" class="hidden" aria-hidden="true"></textarea>')
    const area = page.getElementById('to-copy')
    if (!area) return false
    area.value = text
    area.select()
    const done = page.execCommand('copy')
    area.remove()
    return done
  }
}

/** The reader's own time beside that of the machine that ran. */
function localTimes(): void {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  for (const time of page.querySelectorAll('[data-time]')) {
    const { local } = moment(time.dataset.time ?? '', zone)
    if (local) time.setAttribute('title', `${local} where you are`)
  }
}

async function start(): Promise<void> {
  page.documentElement.classList.add('js')
  startFilter()
  localTimes()
  openForPrint()
  page.addEventListener('click', clicked)
  page.addEventListener('keydown', pressed)
  // It does not bubble.
  page.addEventListener('toggle', (event) => unpack(event.target), { capture: true })
  view.addEventListener('hashchange', () => void route())
  try {
    data = JSON.parse(await unpacked(packed))
    findBy(new Map(data?.pieces.flatMap((piece) => piece.map(({ key, text }) => [key, text]))))
  } catch {
    page
      .getElementById('filter')
      ?.insertAdjacentHTML(
        'beforeend',
        '<p>This browser is too old to show a scenario by itself; all of it is in result.json.</p>',
      )
  }
  if (data?.opens !== undefined && view.location.hash === '') view.location.replace(`#/scenario/${data.opens}`)
  await route()
  startPlots(data?.load)
  page.documentElement.setAttribute('data-ready', 'true')
  view.performance.mark('ready')
}

void start()
