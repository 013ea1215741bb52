/** Load profiles: the k6 scripts of the package. */
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { K6Script } from './k6-run.js'
import { filesBelow, packageFolder } from '../worlds/package-folder.js'

export interface Profile {
  readonly name: string
  /** The script; of a user's own as he named it. */
  readonly file: string
  /** First sentence of the comment that the script begins with. */
  readonly title: string
  /** What k6 runs. */
  readonly script: K6Script
  /** Absent: one of the package. */
  readonly own?: boolean
}

/** All profiles, sorted by name. */
export function loadProfiles(): Profile[] {
  const folder = join(packageFolder, 'k6', 'profiles')
  return filesBelow(folder, '.ts').map((file) => ({
    name: relative(folder, file).replace(/\.ts$/, ''),
    file,
    title: titleOf(readFileSync(file, 'utf8')),
    script: { file },
  }))
}

/** First sentence of the comment that a script begins with; empty where there is none. */
export function titleOf(source: string): string {
  const comment = /^(?:\/\*\*?([^]*?)\*\/|((?:\/\/.*\n)+))/.exec(source)
  const text = (comment?.[1] ?? comment?.[2] ?? '').replace(/^\s*(?:\*|\/\/) ?/gm, '').trim()
  return (/^[^]*?[.:](?=\s|$)/.exec(text)?.[0] ?? text).replace(/\s+/g, ' ')
}
