/** What the threads counted within a second, put together by relay. */
import type { RelaySample, WorkerSample } from './worker-protocol.js'

/** @param lists the samples of each thread, oldest first */
export function relaySecond(lists: readonly (readonly WorkerSample[])[]): Map<string, RelaySample> {
  const byRelay = new Map<string, RelaySample>()
  for (const list of lists) {
    for (const sample of list) {
      for (const [relay, one] of Object.entries(sample.relays)) {
        const { calls, received, lost, missed } = byRelay.get(relay) ?? { calls: 0, received: 0, lost: 0, missed: 0 }
        byRelay.set(relay, {
          // A thread's latest sample tells how many calls are up; what it counted adds up.
          calls: calls + (list.at(-1) === sample ? one.calls : 0),
          received: received + one.received,
          lost: lost + one.lost,
          missed: missed + one.missed,
        })
      }
    }
  }
  return byRelay
}
