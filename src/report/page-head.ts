/** A page around its body: what stands in the head of every one. */
import { createHash } from 'node:crypto'
import type { RunVerdict } from '../result/terms.js'
import { type Html, html } from './html.js'
import { LIGHT } from './palette.js'
import { signOf } from './parts.js'

export interface PageHead {
  readonly title: string
  readonly verdict: RunVerdict
  readonly css: string
  /** Run in this order, behind the body. */
  readonly scripts?: readonly string[]
  /** What the scripts read. */
  readonly data?: unknown
  /** Base64 that they read when it is asked for: it stands behind them, so that nobody waits until all of it is there. */
  readonly pieces?: readonly string[]
  /** Whether it plays sound files that lie beside it. */
  readonly plays?: boolean
}

/** The element around a piece, by the number of the piece. */
const PIECE = { before: (index: number) => `<script type="text/plain" id="piece-${index}">`, after: '</script>' }

/** Characters of a piece on the page beside its own. */
export const PIECE_MARKUP = PIECE.before(9999).length + PIECE.after.length + 1

/** The text of a page that needs nothing beside itself. */
export function pageOf(
  { title, verdict, css, scripts = [], data, pieces = [], plays = false }: PageHead,
  body: Html,
): string {
  const json = data === undefined ? [] : [JSON.stringify(data).replaceAll('<', String.raw`\u003c`)]
  const behind = [
    ...json.map((text) => `<script type="application/json" id="data">${text}</script>`),
    ...scripts.map((script) => `<script>${script}</script>`),
    ...pieces.map((piece, index) => `${PIECE.before(index)}${piece}${PIECE.after}`),
  ]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(scripts, css, plays)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${html`${title}`.toString()}</title>
<link rel="icon" href="${icon(verdict)}">
<style>${css}</style>
</head>
<body>
${[body.toString(), ...behind].join('\n')}
</body>
</html>
`
}

/** Nothing is loaded from anywhere; only these scripts and these styles count. */
function policy(scripts: readonly string[], css: string, plays: boolean): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  return [
    "default-src 'none'",
    `script-src ${scripts.length === 0 ? "'none'" : scripts.map(hash).join(' ')}`,
    `style-src ${hash(css)}`,
    'img-src data:',
    // Recordings beside the page, from a disk as well as from a server.
    ...(plays ? ["media-src 'self' file:"] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
}

/** The verdict as a dot in the browser's tab. */
function icon(verdict: RunVerdict): string {
  const { fill, text } = LIGHT.verdicts[signOf(verdict)]
  const colour = signOf(verdict) === 'fail' || signOf(verdict) === 'error' ? fill : text
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${colour}"/></svg>`
  return `data:image/svg+xml,${encodeURIComponent(svg)}`
}
