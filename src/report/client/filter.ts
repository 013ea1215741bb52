/** The filter of the list of scenarios. It lives in the address, so that a view can be shared and survives a reload. */
import { page, view, type PageElement } from './browser.js'

const FIELDS = ['area', 'on', 'row', 'text'] as const

interface Filter {
  readonly verdicts: readonly string[]
  readonly fields: Readonly<Record<(typeof FIELDS)[number], string>>
}

const form = page.getElementById('filter')
const rows = [...page.querySelectorAll('#rows > tr[data-verdict]')].map((row) => ({
  row,
  fits: true,
  fold: row.dataset.in,
  verdict: row.dataset.verdict ?? '',
  area: row.dataset.area ?? '',
  on: row.dataset.on ?? '',
  promises: (row.dataset.row ?? '').split(' '),
  text: `${row.textContent} ${row.dataset.text ?? ''}`.toLowerCase(),
}))

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
  const words = fields.text.toLowerCase().split(/\s+/).filter(Boolean)
  let shown = 0
  for (const entry of rows) {
    const fits =
      (verdicts.length === 0 || verdicts.includes(entry.verdict)) &&
      (fields.area === '' || fields.area === entry.area) &&
      (fields.on === '' || fields.on === entry.on) &&
      (fields.row === '' || entry.promises.includes(fields.row)) &&
      words.every((word) => entry.text.includes(word))
    entry.fits = fits
    if (fits) shown += 1
  }
  fold()
  const told = page.getElementById('shown')
  if (told) told.innerHTML = shown === rows.length ? `all ${rows.length}` : `${shown} of ${rows.length}`
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
  if (!unfolded.delete(area)) unfolded.add(area)
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

/** The rows that fit the filter, folded ones too, in their order. */
export function shownRows(): PageElement[] {
  return rows.filter(({ fits }) => fits).map(({ row }) => row)
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
