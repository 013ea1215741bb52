/**
 * What a packet and a call cost from one call to more than these cores carry, in RTP and in SRTP: one load after the other, as the
 * benchmark `load` makes them. Cost is linear as long as µs a packet stay the same; the last rows show where it ends.
 */
import { measureLoad } from './load.bench.js'
import type { BenchResult } from './result.js'

const STEPS = {
  RTP: [1, 10, 50, 100, 200, 400, 800, 1200, 1600, 2000],
  SRTP: [1, 10, 50, 100, 200, 400, 600, 900, 1200],
}

/** Runs the benchmark; about a quarter of an hour. */
export async function run(): Promise<BenchResult[]> {
  const results: BenchResult[] = []
  for (const [kind, steps] of Object.entries(STEPS)) {
    console.log(`\n| calls at a time, ${kind} | agent + k6, µs a packet | late, p99, p99.9 | memory a call | lost | |`)
    console.log('| --- | --- | --- | --- | --- | --- |')
    for (const calls of steps) {
      const env = kind === 'SRTP' ? { RINGPROOF_SRTP: 'true' } : {}
      // oxlint-disable-next-line no-await-in-loop -- one at a time, or they would measure one another
      const seen = await measureLoad(calls, env)
      const cells = [
        String(calls),
        `${seen.agentUs.toFixed(2)} + ${seen.k6Us.toFixed(2)}`,
        `${seen.lateP99Ms.toFixed(1)}, ${seen.lateP999Ms.toFixed(1)} ms`,
        `${seen.memoryKb.toFixed(0)} KB`,
        `${seen.lost} of ${seen.sent}`,
        seen.problems[0] === undefined ? 'valid' : `INVALID: ${seen.problems[0]}`,
      ]
      console.log(`| ${cells.join(' | ')} |`)
      results.push({
        name: `${calls} calls, ${kind}${seen.problems.length === 0 ? '' : ' (INVALID)'}`,
        ours: seen.agentUs + seen.k6Us,
        unit: 'µs CPU per packet sent or received, k6 included',
        peers: [],
      })
    }
  }
  return results
}
