/** The filter of the list of scenarios. It lives in the address, so that a view can be shared and survives a reload. */
import { page, view, type PageElement } from './browser.js'

const FIELDS = ['area', 'on', 'row', 'text'] as const

interface Filter {
  readonly verdicts: readonly string[]
  readonly fields: Readonly<Record<(typeof FIELDS)[number], string>>
}

const form = page.getElementById('filter')
interface Row {
  readonly row: PageElement
  fits: boolean
  readonly fold: string | undefined
  readonly verdict: string
  readonly area: string
  readonly on: string
  readonly promises: readonly string[]
}

const table = page.getElementById('rows')
let rows = readRows()

function readRows(): Row[] {
  return [...(table?.querySelectorAll('tr[data-verdict]') ?? [])].map((row) => ({
    row,
    fits: true,
    fold: row.dataset.in,
    verdict: row.dataset.verdict ?? '',
    area: row.dataset.area ?? '',
    on: row.dataset.on ?? '',
    promises: (row.dataset.row ?? '').split(' '),
  }))
}

/** Rows of passes that were not asked for yet, by their area: each the markup of a table. */
const waiting = new Map(
  [...page.querySelectorAll('noscript.rows')].map((one) => [one.dataset.in ?? '', one.textContent]),
)

/** Puts rows that were folded into the list: those of an area, or all. */
function unpackRows(areas: Iterable<string> = waiting.keys()): void {
  const heads = new Map([...(table?.querySelectorAll('tr[data-head]') ?? [])].map((head) => [head.dataset.head, head]))
  const before = waiting.size
  for (const area of areas) {
    const markup = /<tbody>([^]*)<\/tbody>/.exec(waiting.get(area) ?? '')?.[1]
    if (markup !== undefined) heads.get(area)?.insertAdjacentHTML('afterend', markup)
    waiting.delete(area)
  }
  if (waiting.size < before) rows = readRows()
}

/** What rows are found by beside what they show, by their addresses. */
let more: ReadonlyMap<string, string> = new Map()
const texts = new Map<PageElement, string>()

/** All that a row is found by; put together when it is first looked for. */
function textOf(row: PageElement): string {
  const known = texts.get(row)
  if (known !== undefined) return known
  const href = row.querySelector('a')?.getAttribute('href') ?? ''
  const text = `${row.textContent} ${more.get(href.slice('#/scenario/'.length)) ?? ''}`.toLowerCase()
  texts.set(row, text)
  return text
}

/** @param byKey what scenarios are found by beside what their rows show */
export function findBy(byKey: ReadonlyMap<string, string>): void {
  more = byKey
  texts.clear()
}

/** The filter that an address such as `#/?verdict=fail,warn&area=nat` asks for. */
function fromAddress(hash: string): Filter {
  const query = new URLSearchParams(hash.includes('?') ? hash.slice(hash.indexOf('?') + 1) : '')
  const field = (name: string) => query.get(name) ?? ''
  return {
    verdicts: field('verdict').split(',').filter(Boolean),
    fields: { area: field('area'), on: field('on'), row: field('row'), text: field('text') },
  }
}

function toAddress({ verdicts, fields }: Filter): string {
  const query = new URLSearchParams()
  if (verdicts.length > 0) query.set('verdict', verdicts.join(','))
  for (const name of FIELDS) if (fields[name] !== '') query.set(name, fields[name])
  return [...query.keys()].length > 0 ? `#/?${query.toString().replaceAll('%2C', ',').replaceAll('%2F', '/')}` : '#/'
}

function inputs(selector: string): PageElement[] {
  return [...(form?.querySelectorAll(selector) ?? [])]
}

function fromForm(): Filter {
  const value = (name: string) => inputs(`[name=${name}]`)[0]?.value ?? ''
  return {
    verdicts: inputs('[name=verdict]').flatMap((box) => (box.checked ? [box.value] : [])),
    fields: { area: value('area'), on: value('on'), row: value('row'), text: value('text') },
  }
}

function show(filter: Filter): void {
  const { verdicts, fields } = filter
  const all = Number(table?.dataset.all ?? 0)
  if (isFiltered()) unpackRows()
  const words = fields.text.toLowerCase().split(/\s+/).filter(Boolean)
  let shown = 0
  for (const entry of rows) {
    const fits =
      (verdicts.length === 0 || verdicts.includes(entry.verdict)) &&
      (fields.area === '' || fields.area === entry.area) &&
      (fields.on === '' || fields.on === entry.on) &&
      (fields.row === '' || entry.promises.includes(fields.row)) &&
      words.every((word) => textOf(entry.row).includes(word))
    entry.fits = fits
    if (fits) shown += 1
  }
  fold()
  const told = page.getElementById('shown')
  if (told) told.innerHTML = isFiltered() ? `${shown} of ${all}` : `all ${all}`
}

/** Areas whose passes are shown although nothing is filtered. */
const unfolded = new Set<string>()

/** Hides what does not fit, and what is folded; a filter shows all that fits it. */
function fold(): void {
  const filtered = isFiltered()
  for (const entry of rows)
    entry.row.hidden = !entry.fits || (!filtered && entry.fold !== undefined && !unfolded.has(entry.fold))

  for (const head of page.querySelectorAll('#rows > tr[data-head]')) {
    head.hidden = filtered
    head.querySelector('button')?.setAttribute('aria-expanded', String(unfolded.has(head.dataset.head ?? '')))
  }
}

/** Shows or hides the passes of an area. */
export function toggleFold(area: string): void {
  if (!unfolded.delete(area)) {
    unfolded.add(area)
    unpackRows([area])
  }
  fold()
}

/** The address of the list as it is filtered now. */
export function currentAddress(): string {
  return toAddress(fromForm())
}

/** Whether the list shows less than all. */
export function isFiltered(): boolean {
  return currentAddress() !== '#/'
}

/** Sets the form and the list to what the address asks for. */
export function applyAddress(hash: string): void {
  const filter = fromAddress(hash)
  for (const box of inputs('[name=verdict]')) box.checked = filter.verdicts.includes(box.value)
  for (const name of FIELDS) for (const input of inputs(`[name=${name}]`)) input.value = filter.fields[name]
  show(filter)
}

/** Of what is escaped in them, `encodeURIComponent` leaves one character alone. */
function hrefsIn(markup: string): string[] {
  return [...markup.matchAll(/<a href="(#\/scenario\/[^"]*)"/g)].map(([, href = '']) => href.replaceAll('&#39;', "'"))
}

/** Addresses of the scenarios that fit the filter, folded ones too, in the order of their rows. */
export function shownHrefs(): string[] {
  const isShown = new Set(rows.flatMap(({ row, fits }) => (fits ? [row] : [])))
  return [...(table?.querySelectorAll('tr') ?? [])].flatMap((row) => {
    const { head } = row.dataset
    const hidden = head === undefined ? undefined : waiting.get(head)
    if (hidden !== undefined) return hrefsIn(hidden)
    return head === undefined && isShown.has(row) ? [row.querySelector('a')?.getAttribute('href') ?? ''] : []
  })
}

/** Lets the form filter the list, and the address follow. */
export function startFilter(): void {
  const changed = () => {
    show(fromForm())
    view.history.replaceState(null, '', currentAddress())
  }
  form?.addEventListener('input', changed)
  form?.addEventListener('submit', (event) => event.preventDefault())
  form?.addEventListener('reset', (event) => {
    event.preventDefault()
    applyAddress('#/')
    view.history.replaceState(null, '', '#/')
  })
  show(fromForm())
}
