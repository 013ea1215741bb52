/** Load profiles: the k6 scripts of the package. */
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { filesBelow, packageFolder } from '../worlds/package-folder.js'

export interface Profile {
  readonly name: string
  /** Absolute path of the script. */
  readonly file: string
  /** First sentence of the comment that the script begins with. */
  readonly title: string
}

/** All profiles, sorted by name. */
export function loadProfiles(): Profile[] {
  const folder = join(packageFolder, 'k6', 'profiles')
  return filesBelow(folder, '.ts').map((file) => {
    const comment = /^(?:\/\*\*?([^]*?)\*\/|((?:\/\/.*\n)+))/.exec(readFileSync(file, 'utf8'))
    const text = (comment?.[1] ?? comment?.[2] ?? '').replace(/^\s*(?:\*|\/\/) ?/gm, '').trim()
    const title = /^[^]*?[.:](?=\s|$)/.exec(text)?.[0] ?? text
    return { name: relative(folder, file).replace(/\.ts$/, ''), file, title: title.replace(/\s+/g, ' ') }
  })
}
