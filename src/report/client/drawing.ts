/** What all curves of pages have in common: their colours, their axes, and when they are drawn anew. */
import { page, view, type PageElement, type Plot } from './browser.js'

export const CURVE_HEIGHT = 150

export interface Drawn {
  readonly plot: Plot
  readonly place: PageElement
}

/** Draws, and again when the colours change; follows the width. @param draw told whether it is for paper */
export function keepDrawn(draw: (paper: boolean) => Drawn[]): () => void {
  let drawn: Drawn[] = []
  const again = (paper: boolean) => {
    for (const { plot } of drawn) plot.destroy()
    drawn = draw(paper)
  }
  again(false)
  view.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => again(false))
  view.addEventListener('resize', () => {
    for (const { plot, place } of drawn)
      if (place.clientWidth > 0) plot.setSize({ width: place.clientWidth, height: CURVE_HEIGHT })
  })
  view.addEventListener('beforeprint', () => again(true))
  view.addEventListener('afterprint', () => again(false))
  return () => again(false)
}

export interface Colours {
  readonly text: string
  readonly line: string
  readonly plot: string
  readonly plotTwo: string
  readonly incident: string
}

/** Those of the page; on paper those of the light page. */
export function coloursOf(paper: boolean): Colours {
  if (paper) return { text: '#333333', line: '#dddddd', plot: '#2b6cb0', plotTwo: '#8a5a00', incident: '#a8142a' }
  const style = view.getComputedStyle(page.documentElement)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  return {
    text: colour('--muted'),
    line: colour('--line'),
    plot: colour('--plot'),
    plotTwo: colour('--plotTwo'),
    incident: colour('--fail-text'),
  }
}

/** @param words what a value is told as; absent: as uPlot tells times */
export function axis({ text, line }: Colours, words?: (value: number) => string) {
  return {
    stroke: text,
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1, size: 4 },
    font: '11px system-ui, sans-serif',
    ...(words === undefined ? {} : { values: (_plot: Plot, values: readonly number[]) => values.map(words) }),
  }
}
