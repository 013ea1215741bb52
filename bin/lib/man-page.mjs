import { mkdirSync, writeFileSync } from 'node:fs'
import { at } from './paths.mjs'
import { run } from './run.mjs'

/** Writes dist/man/ringproof.1, which package.json names: what `ringproof man` prints. */
export async function writeManPage() {
  const { code, output } = await run(process.execPath, [at('bin', 'ringproof.mjs'), 'man'])
  if (code !== 0) throw new Error(`ringproof man ended with ${code}: ${output}`)
  mkdirSync(at('dist', 'man'), { recursive: true })
  writeFileSync(at('dist', 'man', 'ringproof.1'), output)
}
