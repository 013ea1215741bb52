/** A time in which calls failed, in words. */
import type { LoadResult } from '../result/load-result.js'
import { counted } from '../result/texts.js'

const seconds = (ms: number): string => (ms / 1000).toFixed(ms < 9_950 ? 1 : 0)

/** `From 20 s on calls through relay-3 failed for 15 s: 12 of 60 that began; 3 of 5 that were up lost their audio.` */
export function outageInWords(outage: NonNullable<LoadResult['outages']>[number]): string {
  const { fromMs, lastedMs, calls, failed, cut, survived, relay } = outage
  const through = relay === undefined ? '' : ` through ${relay}`
  const up = cut + survived
  const lost =
    up === 0 ? '' : `; ${cut} of ${counted(up, 'call')} that ${up === 1 ? 'was' : 'were'} up lost their audio`
  return `From ${seconds(fromMs)} s on calls${through} failed for ${seconds(lastedMs)} s: ${failed} of ${calls} that began${lost}.`
}
