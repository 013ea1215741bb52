/**
 * The little of a browser that the page's script uses, typed here: the project is compiled without the types of a browser, since in
 * all other files a name such as `document`, `name` or `status` must be a mistake.
 */

export interface PageEvent {
  readonly target: PageElement | null
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  preventDefault(): void
}

export interface PageElement {
  readonly dataset: Record<string, string | undefined>
  readonly classList: { add(name: string): void; toggle(name: string, on?: boolean): void }
  readonly parentElement: PageElement | null
  readonly nextElementSibling: PageElement | null
  readonly isConnected: boolean
  readonly clientWidth: number
  readonly textContent: string
  value: string
  checked: boolean
  innerHTML: string
  hidden: boolean
  open: boolean
  closest(selector: string): PageElement | null
  querySelector(selector: string): PageElement | null
  querySelectorAll(selector: string): Iterable<PageElement>
  getAttribute(name: string): string | null
  setAttribute(name: string, value: string): void
  addEventListener(type: string, listener: (event: PageEvent) => void): void
  insertAdjacentHTML(where: 'beforeend' | 'afterend', markup: string): void
  remove(): void
  focus(options?: { preventScroll?: boolean }): void
  scrollIntoView(options?: { block?: 'start' | 'center' | 'nearest' }): void
  select(): void
}

interface Media {
  readonly matches: boolean
  addEventListener(type: 'change', listener: () => void): void
}

/** What is used of uPlot, which a script of its own puts there. */
export interface Plot {
  readonly ctx: {
    save(): void
    restore(): void
    beginPath(): void
    moveTo(x: number, y: number): void
    lineTo(x: number, y: number): void
    stroke(): void
    setLineDash(dash: readonly number[]): void
    fillText(text: string, x: number, y: number): void
    measureText(text: string): { readonly width: number }
    strokeStyle: string
    fillStyle: string
    lineWidth: number
    font: string
    textAlign: string
  }
  readonly bbox: { left: number; top: number; width: number; height: number }
  valToPos(value: number, scale: string, canvas: boolean): number
  setSize(size: { width: number; height: number }): void
  destroy(): void
}

export type PlotMaker = new (options: object, data: readonly unknown[], into: PageElement) => Plot

interface Page {
  readonly documentElement: PageElement
  readonly body: PageElement
  readonly activeElement: PageElement | null
  title: string
  readonly readyState: 'loading' | 'interactive' | 'complete'
  getElementById(id: string): PageElement | null
  querySelector(selector: string): PageElement | null
  querySelectorAll(selector: string): Iterable<PageElement>
  addEventListener(type: string, listener: (event: PageEvent) => void, options?: { capture: boolean }): void
  execCommand(command: 'copy'): boolean
}

interface Window {
  readonly location: { hash: string; replace(url: string): void }
  readonly history: { replaceState(state: null, title: string, url: string): void }
  readonly navigator: { readonly clipboard?: { writeText(text: string): Promise<void> } }
  readonly performance: { mark(name: string): void }
  readonly scrollY: number
  scrollTo(x: number, y: number): void
  addEventListener(type: string, listener: () => void): void
  matchMedia(query: string): Media
  getComputedStyle(element: PageElement): { getPropertyValue(name: string): string }
  requestAnimationFrame(then: () => void): number
  readonly uPlot?: PlotMaker
}

declare const document: Page
declare const window: Window

export const page: Page = document
export const view: Window = window
