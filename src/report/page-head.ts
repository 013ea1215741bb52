/** What stands in the head of every page. */
import { createHash } from 'node:crypto'
import type { RunVerdict } from '../result/terms.js'
import { LIGHT } from './palette.js'
import { signOf } from './parts.js'

/** Nothing is loaded from anywhere; only these scripts and these styles count. */
export function policy(scripts: readonly string[], css: string): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  return [
    "default-src 'none'",
    `script-src ${scripts.length === 0 ? "'none'" : scripts.map(hash).join(' ')}`,
    `style-src ${hash(css)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
}

/** The verdict as a dot in the browser's tab. */
export function icon(verdict: RunVerdict): string {
  const { fill, text } = LIGHT.verdicts[signOf(verdict)]
  const colour = signOf(verdict) === 'fail' || signOf(verdict) === 'error' ? fill : text
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${colour}"/></svg>`
  return `data:image/svg+xml,${encodeURIComponent(svg)}`
}
