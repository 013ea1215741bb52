/** The curves of a load, drawn by uPlot, with incidents marked and one cursor over all of them. */
import { CURVES, incidentLabels } from '../curves.js'
import { number } from '../format.js'
import type { PageData } from '../page-data.js'
import { page, view, type Plot } from './browser.js'
import { axis, type Colours, coloursOf, CURVE_HEIGHT, keepDrawn } from './drawing.js'

/** Draws all curves, and again when the colours or the width change. */
export function startPlots(load: PageData['load']): void {
  const maker = view.uPlot
  const { series = [], incidents = [] } = load ?? {}
  if (!maker || series.length < 2) return
  keepDrawn((paper) =>
    [...page.querySelectorAll('[data-curve]')].flatMap((place) => {
      const curve = CURVES[Number(place.dataset.curve)]
      if (!curve || place.clientWidth === 0) return []
      const colours = coloursOf(paper)
      const lines = curve.lines.filter(({ key }) => series.some((sample) => sample[key] !== undefined))
      const data = [
        series.map((sample) => sample.atMs / 1000),
        ...lines.map(({ key }) => series.map((sample) => sample[key] ?? null)),
      ]
      const options = {
        width: place.clientWidth,
        height: CURVE_HEIGHT + (lines.length > 1 ? 24 : 0),
        legend: { show: true, live: true },
        cursor: { sync: { key: 'load' }, y: false, drag: { x: true, y: false } },
        scales: { x: { time: false }, y: { range: rangeOf(curve.title === 'MOS') } },
        axes: [
          { ...axis(colours, (value) => `${number(value)} s`), size: 30 },
          { ...axis(colours, (value) => number(value, 2)), size: 48 },
        ],
        series: [
          { label: 'at', value: (_plot: Plot, value: number | null) => (value === null ? '–' : `${number(value)} s`) },
          ...lines.map(({ label }, index) => ({
            label,
            stroke: index === 0 ? colours.plot : colours.plotTwo,
            width: 1.5,
            ...(index === 0 ? {} : { dash: [5, 3] }),
            points: { show: false },
            value: (_plot: Plot, value: number | null) => (value === null ? '–' : number(value, 2)),
          })),
        ],
        hooks: { draw: [(plot: Plot) => markIncidents(plot, incidents, colours)] },
      }
      return [{ plot: new maker(options, data, place), place }]
    }),
  )
}

/** From nought, so that small changes do not look large; MOS has a scale of its own. */
function rangeOf(mos: boolean) {
  return (_plot: Plot, _least: number | null, most: number | null): [number, number] =>
    mos ? [1, 4.5] : [0, Math.max(1, (most ?? 0) * 1.1)]
}

function markIncidents(plot: Plot, incidents: readonly { atMs: number }[], colours: Colours): void {
  const { ctx, bbox } = plot
  const ratio = Math.max(1, bbox.width / 600)
  ctx.save()
  ctx.strokeStyle = colours.incident
  ctx.fillStyle = colours.incident
  ctx.lineWidth = 1
  ctx.setLineDash([4, 3])
  ctx.font = `${Math.round(11 * Math.min(2, ratio))}px system-ui, sans-serif`
  ctx.textAlign = 'left'
  const places = incidents.map(({ atMs }) => {
    const x = Math.round(plot.valToPos(atMs / 1000, 'x', true)) + 0.5
    return x < bbox.left || x > bbox.left + bbox.width ? undefined : x
  })
  for (const x of new Set(places)) {
    if (x === undefined) continue
    ctx.beginPath()
    ctx.moveTo(x, bbox.top)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
  }
  const size = Math.round(11 * Math.min(2, ratio))
  for (const { x, text } of incidentLabels(places, (label) => ctx.measureText(label).width + 6))
    ctx.fillText(text, x + 3, bbox.top + size + 1)
  ctx.restore()
}
