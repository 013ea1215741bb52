/** The option `--hep`: who is told of every SIP message. */
import { type HepCollector, locateCollector } from '../worlds/hep-sender.js'
import type { Console } from './console.js'

/** The collector by its address. One whose name leads nowhere is away: that is said, and changes nothing. */
export async function collectorOf(
  named: HepCollector | undefined,
  console: Pick<Console, 'tell'>,
): Promise<HepCollector | undefined> {
  if (named === undefined) return undefined
  const found = await locateCollector(named)
  if (found === undefined) console.tell(`--hep: ${named.host} has no address here; nothing is sent to a collector.`)
  return found
}
