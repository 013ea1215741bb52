/** What a page is made of beside the result: its script, its styles, the curve plotter. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ladderCss } from './ladder-view.js'
import { paletteCss } from './palette.js'

const here = dirname(fileURLToPath(import.meta.url))

/** The scripts of pages: made when dist/ is built; from the sources where those are run directly. */
export const clientScript = (): Promise<string> => scriptOf('main')
export const historyScript = (): Promise<string> => scriptOf('history')

async function scriptOf(entry: string): Promise<string> {
  const built = join(here, 'client', `${entry}.bundle.js`)
  return safeInScript(
    existsSync(built) ? readFileSync(built, 'utf8') : await bundle(join(here, 'client', `${entry}.ts`)),
  )
}

async function bundle(entry: string): Promise<string> {
  const { build } = await import('esbuild')
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    logLevel: 'error',
  })
  return result.outputFiles[0]?.text ?? ''
}

/** The style sheets, in the order in which they override each other. */
const SHEETS = [
  'base',
  'verdicts',
  'top',
  'cards',
  'comparison',
  'survey',
  'matrix',
  'list',
  'not-tested',
  'load',
  'pictures',
  'scenario',
  'ladder',
  'customers',
  'wide',
  'narrow',
  'print',
] as const

export function styles(withPlot: boolean): string {
  return [
    paletteCss(),
    ...SHEETS.map(sheet),
    ladderCss(),
    withPlot ? readFileSync(plotFile('uPlot.min.css'), 'utf8') : '',
  ].join('\n')
}

/** What a page of text, cards and tables needs of it. */
export const textStyles = (): string =>
  [
    paletteCss(),
    ...(['base', 'verdicts', 'top', 'cards', 'customers', 'wide', 'narrow', 'print'] as const).map(sheet),
  ].join('\n')

/** What a page of many runs needs. */
export const historyStyles = (): string =>
  [
    paletteCss(),
    ...(
      [
        'base',
        'verdicts',
        'top',
        'cards',
        'matrix',
        'list',
        'load',
        'pictures',
        'history',
        'wide',
        'narrow',
        'print',
      ] as const
    ).map(sheet),
    readFileSync(plotFile('uPlot.min.css'), 'utf8'),
  ].join('\n')

const sheet = (name: (typeof SHEETS)[number] | 'history'): string =>
  readFileSync(join(here, 'styles', `${name}.css`), 'utf8')

/** uPlot, which draws the curves, with its licence. */
export function plotScript(): string {
  const licence = readFileSync(join(dirname(plotFile('uPlot.min.css')), '..', 'LICENSE'), 'utf8').trim()
  return safeInScript(`/*! uPlot\n${licence}\n*/\n${readFileSync(plotFile('uPlot.iife.min.js'), 'utf8')}`)
}

function plotFile(name: string): string {
  return createRequire(import.meta.url).resolve(`uplot/dist/${name}`)
}

function safeInScript(script: string): string {
  if (/<\/script|<!--/i.test(script)) throw new Error('a script of the page would end itself')
  return script.trim()
}
