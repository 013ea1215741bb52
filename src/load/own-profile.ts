/**
 * A user's own profile: a k6 script in TypeScript or JavaScript that may import `ringproof/k6`. k6 resolves no packages, so the
 * script and what it imports become one file; k6's own modules stay k6's.
 */
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { packageFolder } from '../worlds/package-folder.js'
import type { LoadShape } from './load-run.js'
import { type Profile, titleOf } from './profiles.js'

/** The script cannot be read or compiled. The message names file and line. */
export class ProfileError extends Error {
  override readonly name = 'ProfileError'
}

/** Whether `--profile` names a file and no profile of the package. */
export const isProfileFile = (profile: string): boolean => /[\\/]|\.[cm]?[jt]s$/.test(profile)

/** Reads a script. @throws ProfileError */
export async function ownProfile(path: string): Promise<Profile> {
  const file = resolve(path)
  let source: string
  try {
    source = readFileSync(file, 'utf8')
  } catch (error) {
    throw new ProfileError(
      `Cannot read the load profile ${path}: ${existsSync(file) ? (error instanceof Error ? error.message : String(error)) : 'no such file'}`,
    )
  }
  return {
    name: basename(file, extname(file)),
    file: path,
    title: titleOf(source),
    script: { text: await bundled(file), folder: dirname(file) },
    own: true,
  }
}

/** Options of the command line, and what a script calls that looks at them. What is not used is not compiled into it. */
const HEARD: readonly [option: string, given: keyof LoadShape, by: 'asked' | 'askedCall'][] = [
  ['--calls', 'calls', 'asked'],
  ['--rate', 'rate', 'asked'],
  ['--hold', 'hold', 'asked'],
  ['--duration', 'duration', 'asked'],
  ['--to', 'to', 'askedCall'],
  ['--transport', 'transports', 'askedCall'],
  ['--family', 'families', 'askedCall'],
]

/** Options that a script does not look at, so that they have no effect: a sentence for each. */
export function unheardOptions(shape: LoadShape): string[] {
  const { script, own, name, file } = shape.profile
  const text = 'text' in script ? script.text : readFileSync(script.file, 'utf8')
  const whose = own === true ? `${file} does not ask for it, by` : `the profile ${name} does not ask for it by`
  return HEARD.flatMap(([option, given, by]) => {
    const isHeard = new RegExp(`\\b${by}\\(`).test(text) || text.includes(`RINGPROOF_${option.slice(2).toUpperCase()}`)
    if (shape[given] === undefined || isHeard) return []
    return [`${option} has no effect: ${whose} ${by}() of ringproof/k6.`]
  })
}

/**
 * What k6 runs in the script's place: all that it exports, a summary where ringproof looks for it (beside its own), and the
 * statistics that the report shows.
 */
const wrapper = (file: string): string => `
import * as script from ${JSON.stringify(file)}
import { handleSummary as ours, withStatistics } from 'ringproof/k6'
export * from ${JSON.stringify(file)}
const main = script['default']
export { main as default }
export const options = withStatistics(script['options'])
export function handleSummary(data) {
  return { ...script['handleSummary']?.(data), ...ours(data) }
}
`

async function bundled(file: string): Promise<string> {
  const { build, stop } = await import('esbuild')
  try {
    const { outputFiles } = await build({
      stdin: { contents: wrapper(file), resolveDir: dirname(file), sourcefile: 'ringproof-profile.js' },
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'neutral',
      target: 'es2022',
      external: ['k6', 'k6/*', 'https://*'],
      alias: { 'ringproof/k6': join(packageFolder, 'k6', 'lib', 'index.ts') },
      logLevel: 'silent',
      // So that what k6 says of a mistake names the script and its line.
      sourcemap: 'inline',
      sourcesContent: false,
    })
    return outputFiles[0]?.text ?? ''
  } catch (error) {
    throw new ProfileError(`Cannot compile the load profile: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    // Its service would go on for as long as this process.
    await stop()
  }
}
