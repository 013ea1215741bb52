import type { RunResult } from '../result/result.js'
import { html } from './html.js'

/** `index.html`: one page that needs nothing but itself. */
export async function page(result: RunResult): Promise<string> {
  return `<!doctype html>\n${html`<html lang="en"><meta charset="utf-8"><title>${result.target.name}</title><h1>${result.target.name}</h1><p>${result.sentence}</p></html>`.toString()}`
}
