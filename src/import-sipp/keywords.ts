/** Keywords of SIPp, `[service]` and its like, as values of a story. */
import type { Part } from './quoting.js'

/** What a keyword stands for: code; undefined where a story has nothing in its place. */
export type Meaning = (keyword: string, line: string) => string | undefined

const KEYWORD = /\[([$A-Za-z_][^[\]\n]*)\]/g

/** Divides a text. `unknown`: keywords that have no meaning, and stand in the parts as they are. */
export function partsOf(text: string, meaning: Meaning): { readonly parts: Part[]; readonly unknown: string[] } {
  const parts: Part[] = []
  const unknown: string[] = []
  let at = 0
  for (const found of text.matchAll(KEYWORD)) {
    const code = meaning(found[1] ?? '', text)
    if (code === undefined) {
      unknown.push(found[0])
      continue
    }
    if (found.index > at) parts.push({ text: text.slice(at, found.index) })
    parts.push({ code })
    at = found.index + found[0].length
  }
  if (at < text.length || parts.length === 0) parts.push({ text: text.slice(at) })
  return { parts, unknown }
}

export const keywordsIn = (text: string): string[] => [...text.matchAll(KEYWORD)].map(([, keyword]) => keyword ?? '')

/** User part of a SIP URI or of a bare one; undefined where there is none. */
export const userOf = (uri: string): string | undefined =>
  /^(?:sips?|tel):([^@;>]*)@/i.exec(uri.trim())?.[1] ?? /^tel:([^;>]+)/i.exec(uri.trim())?.[1]
