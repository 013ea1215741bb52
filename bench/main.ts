/** Runs the benchmark named on the command line and prints its figures beside its peers' (called by `npm run bench`). */
import { pathToFileURL } from 'node:url'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BenchResult } from './result.js'

const name = process.argv[2] ?? ''
const file = join(dirname(fileURLToPath(import.meta.url)), `${name}.bench.js`)
const module: { run(): Promise<BenchResult[]> } = await import(pathToFileURL(file).href)
for (const { name: what, ours, unit, peers, target } of await module.run()) {
  const met = target ? `   target ${target.text}: ${target.met ? 'met' : 'MISSED'}` : ''
  console.log(`  ${what}: ${ours.toFixed(2)} ${unit}${met}`)
  for (const peer of peers)
    console.log(`      ${peer.name}: ${peer.value.toFixed(2)} (${(peer.value / ours).toFixed(2)} × ours)`)
}
// A benchmark may leave sockets or native handles open.
process.exit()
