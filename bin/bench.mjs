import './lib/node-version.mjs'
import { existsSync, readdirSync } from 'node:fs'
import { at } from './lib/paths.mjs'
import { endWithSignals, run } from './lib/run.mjs'
import { setUp } from './lib/set-up.mjs'

// Runs every benchmark of bench/, or those whose names are given, one after the other in a process of its own.
endWithSignals()
await setUp()

const folder = at('dist', 'bench')
const all = existsSync(folder)
  ? readdirSync(folder)
      .filter((name) => name.endsWith('.bench.js'))
      .map((name) => name.replace(/\.bench\.js$/, ''))
  : []
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))
const options = process.argv.slice(2).filter((argument) => argument.startsWith('-'))
const unknown = wanted.filter((name) => !all.includes(name))
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}; there are: ${all.join(', ')}`)
  process.exit(2)
}
for (const name of wanted.length > 0 ? wanted : all) {
  console.log(`\n${name}`)
  const { code } = await run(process.execPath, [at('dist', 'bench', 'main.js'), name, ...options], { show: true })
  if (code !== 0) {
    console.log(`${name} ended with ${code}`)
    process.exitCode ||= 1
  }
}
