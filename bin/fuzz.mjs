import './lib/node-version.mjs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { at } from './lib/paths.mjs'
import { endWithSignals } from './lib/run.mjs'
import { setUp } from './lib/set-up.mjs'

// Mutated inputs through every decoder of what others send, on all cores: `npm run fuzz -- --inputs 1000000 --seed 7`.
// What fails is printed as Base64, reduced; it belongs into test/unit/tooling/fuzz.test.ts. Exit 1 where anything failed.
const { values } = parseArgs({
  options: { inputs: { type: 'string', default: '10000000' }, seed: { type: 'string', default: '1' } },
})
const inputs = Number(values.inputs)
const seed = Number(values.seed)
if (!Number.isInteger(inputs) || inputs < 1 || !Number.isInteger(seed)) {
  console.error('usage: npm run fuzz -- [--inputs NUMBER] [--seed NUMBER]')
  process.exit(2)
}
endWithSignals()
await setUp()

const { decoders } = await import(at('dist', 'bench', 'fuzz', 'decoders.js'))
const { growth, PIECES } = await import(at('dist', 'bench', 'fuzz', 'fuzz.js'))
const threads = availableParallelism()
const each = Math.ceil(inputs / decoders.length / threads)
const totals = new Map(decoders.map(({ name }) => [name, { inputs: 0, seconds: 0, failures: [] }]))
await Promise.all(
  Array.from({ length: threads }, (_, thread) => {
    const workerData = { inputs: each, seed: seed * 1000 + thread }
    const worker = new Worker(at('dist', 'bench', 'fuzz', 'worker.js'), { workerData })
    worker.on('message', ({ name, ...one }) => {
      const total = totals.get(name)
      total.inputs += one.inputs
      total.seconds += one.seconds
      total.failures.push(...one.failures)
    })
    return new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject))
  }),
)
let failed = 0
for (const [name, { inputs: count, seconds, failures }] of totals) {
  console.log(`${name.padEnd(16)} ${count} inputs, ${seconds.toFixed(1)} s of a core, ${failures.length} failures`)
  for (const { why, input } of failures) console.log(`  ${why}\n  ${input}`)
  failed += failures.length
}
// With the machine to itself by now: squared, 64 kB take 64 times as long as 8 kB, an exponent of 2.
for (const decoder of decoders) {
  for (const piece of PIECES) {
    const { exponent, largestMs } = growth(decoder, piece)
    if (exponent <= 1.6 || largestMs <= 30) continue
    console.log(
      `${decoder.name}: ${JSON.stringify(piece.toString('latin1'))} over and over takes ${largestMs.toFixed(0)} ms at 64 kB, exponent ${exponent.toFixed(1)}`,
    )
    failed += 1
  }
}
process.exitCode ||= failed > 0 ? 1 : 0
