/** One thread of `npm run fuzz`: its share of the inputs for each decoder. */
import { parentPort, workerData } from 'node:worker_threads'
import { decoders } from './decoders.js'
import { fuzz } from './fuzz.js'

const { inputs, seed }: { inputs: number; seed: number } = workerData
for (const decoder of decoders) {
  const before = performance.now()
  const failures = fuzz(decoder, { inputs, seed }).map((one) => ({ ...one, input: one.input.toString('base64') }))
  parentPort?.postMessage({ name: decoder.name, inputs, seconds: (performance.now() - before) / 1000, failures })
}
