/** How many packets of a stream did not arrive, and through which relay it came. */
import type { MediaReport } from '../media/media-report.js'
import type { AudioLoss } from '../result/audio.js'
import type { Target } from './target.js'

/** @param before counted from here: what came earlier may have had numbers of its own */
export function audioLoss(
  { received, remote }: Pick<MediaReport, 'received' | 'remote'>,
  before: Pick<MediaReport['received'], 'expected' | 'lost' | 'gaps'>,
  { published }: Pick<Target, 'published'>,
): AudioLoss {
  const relay = remote === undefined ? undefined : (published.relayOf(remote.address, remote.port) ?? remote.address)
  return {
    relay: relay ?? 'unknown',
    expected: Math.max(0, received.expected - before.expected),
    // Fewer than none are lost where the network doubles packets.
    lost: Math.max(0, received.lost - before.lost),
    gaps: Math.max(0, received.gaps - before.gaps),
  }
}
