/** How long an echo goes on after its caller fell silent: what a story waits for before it says that something did not come back. */
import type { Clock } from '../clock/clock.js'
import type { RawRtp } from './raw-rtp.js'

/** Nothing for so long (ms) is the end of it. */
const QUIET_MS = 300
/** An echo that is later is none that a test can wait for. */
const MOST_MS = 3_000
/** Packets of G.711 with fewer values are silence. */
const FEW_VALUES = 6

/** Says nothing until nothing comes back any more. Returns by how much (ms) the echo is late. */
export async function echoTail(audio: RawRtp, clock: Clock): Promise<number> {
  const silentAt = clock.now()
  const lastAt = () => audio.heard.findLast(({ packet }) => new Set(packet.payload).size > FEW_VALUES)?.at ?? 0
  let lasted = 0
  do {
    await clock.sleep(100)
    lasted = clock.now() - silentAt
    // The first echo may still be under way.
  } while (lasted < MOST_MS && (lasted < QUIET_MS || lastAt() > clock.now() - QUIET_MS))
  return Math.max(0, lastAt() - silentAt)
}
