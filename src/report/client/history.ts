/** The script of the page of many runs: shows one target or all of them, draws the figures. */
import { number } from '../format.js'
import type { HistoryData } from '../history-page.js'
import { page, view, type Plot } from './browser.js'
import { axis, coloursOf, CURVE_HEIGHT, keepDrawn } from './drawing.js'

function start(): void {
  page.documentElement.classList.add('js')
  const data: HistoryData = JSON.parse(page.getElementById('data')?.textContent ?? '{"targets":[]}')
  const redraw = startCurves(data)
  startFilter(redraw)
}

function startCurves({ targets }: HistoryData): () => void {
  const maker = view.uPlot
  if (!maker) return () => {}
  return keepDrawn((paper) =>
    [...page.querySelectorAll('[data-figure]')].flatMap((place) => {
      const target = targets[Number(place.dataset.target)]
      const figure = target?.figures[Number(place.dataset.figure)]
      if (target === undefined || figure === undefined || place.clientWidth === 0) return []
      const colours = coloursOf(paper)
      const options = {
        width: place.clientWidth,
        height: CURVE_HEIGHT,
        legend: { show: true, live: true },
        cursor: { sync: { key: `target ${place.dataset.target}` }, y: false, drag: { x: true, y: false } },
        scales: { x: { time: true }, y: { range: rangeOf(figure.unit === 'mos') } },
        tzDate: (seconds: number) => shiftedToUtc(seconds),
        axes: [
          { ...axis(colours), size: 40 },
          { ...axis(colours, (value) => number(value, 2)), size: 52 },
        ],
        series: [
          { label: 'at', value: (_plot: Plot, value: number | null) => (value === null ? '–' : minuteOf(value)) },
          {
            label: figure.unit === 'percent' ? '%' : figure.unit,
            stroke: colours.plot,
            width: 1.5,
            spanGaps: false,
            points: { show: figure.values.length < 60, size: 5 },
            value: (_plot: Plot, value: number | null) => (value === null ? '–' : number(value, 2)),
          },
        ],
      }
      return [{ plot: new maker(options, [target.at, figure.values], place), place }]
    }),
  )
}

/** A date whose local fields say what UTC is, as the rest of the page. */
function shiftedToUtc(seconds: number): Date {
  const date = new Date(seconds * 1000)
  return new Date(date.getTime() + date.getTimezoneOffset() * 60_000)
}

const minuteOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')

const rangeOf =
  (isMos: boolean) =>
  (_plot: Plot, _least: number | null, most: number | null): [number, number] =>
    isMos ? [1, 4.5] : [0, most === null || most <= 0 ? 1 : most * 1.1]

/** One target or all; the address keeps which. */
function startFilter(redraw: () => void): void {
  const select = page.getElementById('of-target')
  if (!select) return
  const apply = (told: boolean) => {
    for (const section of page.querySelectorAll('section.target'))
      section.hidden = select.value !== '' && section.getAttribute('id') !== select.value
    redraw()
    const said = page.getElementById('said')
    if (told && said) said.innerHTML = select.value === '' ? 'All targets are shown.' : 'One target is shown.'
  }
  const fromAddress = () => {
    const wanted = view.location.hash.slice(1)
    select.value = /^t-\d+$/.test(wanted) && page.getElementById(wanted) !== null ? wanted : ''
    apply(false)
  }
  select.addEventListener('change', () => {
    view.history.replaceState(null, '', select.value === '' ? '#' : `#${select.value}`)
    apply(true)
  })
  view.addEventListener('hashchange', fromAddress)
  fromAddress()
}

start()
