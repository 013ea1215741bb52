/** Asks the relays for their own counters before the first call and after the last one. */
import type { Random } from '../../clock/random.js'
import type { RelayCounts, RelayFacts, RelayReading } from '../../result/load-relays.js'
import type { TargetDocument } from '../../target/target-schema.js'
import { formatEndpoint, type Network } from '../../transport/network.js'
import { relayCountsOf } from '../../verdict/relay-counts.js'
import { type ControlledRelays, OwnTraffic } from './own-traffic.js'
import { askRtpengine } from './rtpengine.js'

export interface RelayWatchOptions {
  readonly document: Pick<TargetDocument, 'published'>
  /** Sends to whatever address: nothing but the question goes there, and nowhere but to the target file's control addresses. */
  readonly network: Network
  readonly random: Random
  /** Waits no longer. */
  readonly signal?: AbortSignal | undefined
  /** How long sessions that are still up are waited for when the calls are over, ms. Default: 33 s. Who waits less says of none that it is left. */
  readonly patienceMs?: number | undefined
  /** That it waits, in words. */
  readonly tell?: ((line: string) => void) | undefined
}

/** What is known when the calls are over. */
export interface CallsOver {
  readonly traffic: OwnTraffic
  readonly runs: number
  readonly dropped: number
  /** Whether all calls of ours have ended, and no thread has died with some of its own. */
  readonly settled: boolean
  /** Whether it was a part of a load. */
  readonly partial: boolean
}

const SECOND_MS = 1_000
/** rtpengine keeps a session for 30 s after its deletion unless it is told otherwise (`delete-delay`). */
const DELETED_MS = 33_000

/** By then a kernel module's last counts have been fetched. */
const FETCHED_MS = 2_500

type Opened = Pick<RelayFacts, 'before' | 'why' | 'movedBefore'>

export class RelayWatch {
  readonly #o: RelayWatchOptions
  readonly #opened: readonly (readonly [ControlledRelays, Opened])[]

  private constructor(o: RelayWatchOptions, opened: readonly (readonly [ControlledRelays, Opened])[]) {
    this.#o = o
    this.#opened = opened
  }

  /** Takes two seconds at most, and three where sessions are up. @returns undefined where no relay may be asked */
  static async open(o: RelayWatchOptions): Promise<RelayWatch | undefined> {
    const { controlled } = new OwnTraffic(o.document)
    if (controlled.length === 0) return undefined
    return new RelayWatch(o, await Promise.all(controlled.map(async (one) => [one, await opening(one, o)] as const)))
  }

  /** Waits for sessions that are still up, half a minute at most, and says that some are left only where it did. */
  async close(over: CallsOver): Promise<RelayCounts[]> {
    return Promise.all(this.#opened.map(async ([one, opened]) => relayCountsOf(await this.#closing(one, opened, over))))
  }

  async #closing({ at, relays, control }: ControlledRelays, opened: Opened, over: CallsOver): Promise<RelayFacts> {
    const { traffic, runs, dropped, settled, partial } = over
    const { signal, network, patienceMs = DELETED_MS } = this.#o
    const { clock } = network
    const { before } = opened
    const from = clock.now()
    const facts = { ...opened, relays: [...relays], control, settled, waitedMs: 0 }
    const ours = () => ({ ...traffic.counts(control), runs, dropped })
    const ofPart = partial ? { partial } : {}
    if (before === undefined) return { ...facts, ours: ours(), ...ofPart }
    let after = await this.#ask(at)
    let moved: number | undefined
    let isTold = false
    // What a kernel module counts is fetched once a second.
    while (!('why' in after) && (isMore(after, before) || (moved === undefined && after.inKernel > before.inKernel))) {
      if (!settled || signal?.aborted === true || clock.now() - from > patienceMs) break
      if (!isTold && clock.now() - from > 2 * SECOND_MS) {
        this.#o.tell?.(
          `waiting until ${formatEndpoint(at)} has ended its sessions (30 s unless its delete-delay is shorter)`,
        )
        isTold = true
      }
      await clock.sleep(SECOND_MS)
      const next = await this.#ask(at)
      if (!('why' in next)) moved = next.packets - after.packets
      after = next
      // Somebody else's calls go on: they may last for hours.
      if (moved !== undefined && moved > 0 && clock.now() - from > FETCHED_MS) break
    }
    if ('why' in after)
      return { ...facts, why: `it answered before the load, and now ${after.why}`, ours: ours(), ...ofPart }
    const waited = clock.now() - from
    const waitedMs = Math.round(waited)
    const movedAfter = moved !== undefined && isMore(after, before) ? { movedAfter: Math.max(0, moved) } : {}
    const isWaited = !isMore(after, before) || waited > DELETED_MS
    return { ...facts, settled: settled && isWaited, after, waitedMs, ...movedAfter, ours: ours(), ...ofPart }
  }

  #ask(at: ControlledRelays['at']): ReturnType<typeof askRtpengine> {
    return askRtpengine(at, this.#o)
  }
}

const isMore = (after: RelayReading, before: RelayReading): boolean => after.sessions > before.sessions

/** Where sessions are up, it is asked again: those that the survey left are silent, those of others are not. */
async function opening({ at }: ControlledRelays, o: RelayWatchOptions): Promise<Opened> {
  const first = await askRtpengine(at, o)
  if ('why' in first || first.sessions === 0) return 'why' in first ? first : { before: first }
  await o.network.clock.sleep(SECOND_MS)
  const second = await askRtpengine(at, o)
  return 'why' in second ? second : { before: second, movedBefore: Math.max(0, second.packets - first.packets) }
}
