/**
 * Looks at the calls of a worker once a second each, a hundredth of them at a time so that the looking itself makes no packet
 * late, and sends what it saw every second.
 */
import type { Clock, Timer } from '../clock/clock.js'
import type { MediaClock } from '../media/media-clock.js'
import type { MediaGlance } from '../media/media-report.js'
import { lateBeginning, packetTimeOf, qualityHeard } from './call-record.js'
import type { Leg } from './leg.js'
import type { RelaySample, WorkerSample } from './worker-protocol.js'

const SLICES = 100
const SLICE_MS = 10

/** A call, as far as it is looked at. */
export interface SampledCall {
  /** Answered and not over. */
  readonly up: boolean
  /** Name of the relay, once known. */
  readonly relay: string
  readonly legs: readonly Leg[]
  /** The pattern that an end should hear. */
  expects(leg: Leg): number | undefined
  /** The other end, where that is ours. */
  other(leg: Leg): Leg | undefined
  /** Set here: at the last look, whether every end heard what it should. */
  hearsNow: boolean
}

export interface SamplerOptions {
  readonly clock: Clock
  readonly mediaClock: Pick<MediaClock, 'lateness'>
  readonly runs: () => Iterable<SampledCall>
  readonly thread: () => { lagP99Ms: number; lagMaxMs: number; busy: number }
  readonly send: (sample: WorkerSample) => void
}

export class Sampler {
  readonly #o: SamplerOptions
  #timer: Timer | undefined
  #slice = 0
  /** Those that are looked at in this second. */
  #calls: readonly SampledCall[] = []
  #relays: Record<string, RelaySample> = {}
  #jitterMs: number[] = []
  #mos: number[] = []
  #sent = 0
  #sendErrors = 0
  #dueAt = 0

  constructor(o: SamplerOptions) {
    this.#o = o
  }

  start(): void {
    this.#dueAt = this.#o.clock.now()
    this.#arm()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#flush()
  }

  #arm(): void {
    const { clock } = this.#o
    this.#timer = clock.after(this.#dueAt + SLICE_MS - clock.now(), () => {
      const now = clock.now()
      // A second has its hundred slices, also where the timer comes late; after a longer stall it begins anew.
      this.#dueAt = Math.max(this.#dueAt, now - SLICES * SLICE_MS)
      for (; this.#dueAt + SLICE_MS <= now; this.#dueAt += SLICE_MS) this.#lookAtSlice()
      this.#arm()
    })
  }

  #lookAtSlice(): void {
    if (this.#slice === 0) this.#calls = [...this.#o.runs()]
    for (let i = this.#slice; i < this.#calls.length; i += SLICES) {
      const run = this.#calls[i]
      if (run?.up === true) this.#lookAt(run)
    }
    this.#slice = (this.#slice + 1) % SLICES
    if (this.#slice === 0) this.#flush()
  }

  #lookAt(run: SampledCall): void {
    let hears = true
    const { legs } = run
    const glances = legs.map(({ session }) => session?.glance())
    const sent = legs.map(({ seen }, nth) => (glances[nth]?.sent ?? 0) - seen.sent)
    for (const [nth, leg] of legs.entries()) {
      const [glance, expects, other] = [glances[nth], run.expects(leg), run.other(leg)]
      hears &&= expects !== undefined && leg.session?.hearsOnly(expects) === true
      // An echo sends what it gets. Our other end may have hung up: what it does not send is not missed.
      if (glance !== undefined) this.#look(run, leg, glance, sent[legs.indexOf(other ?? leg)] ?? 0)
    }
    run.hearsNow = hears
  }

  #relay(name: string): RelaySample {
    return (this.#relays[name] ??= { calls: 0, received: 0, lost: 0, missed: 0 })
  }

  /** @param fed packets that the far end has sent since, as far as we know */
  #look(run: SampledCall, leg: Leg, glance: MediaGlance, fed: number): void {
    const { seen } = leg
    const sent = glance.sent - seen.sent
    const received = glance.received - seen.received
    const expected = glance.expected - seen.expected
    const late = glance.late - seen.late
    // The hole that a silence leaves is counted when it happens, not once more when packets come again.
    const found = holesOf(glance, seen) - seen.lost
    const corrected = Math.max(0, found - seen.guessed)
    seen.guessed = Math.max(0, seen.guessed - Math.max(0, found))
    // An end that sends no more has hung up, and listens no more.
    const hearsNothing = received === 0 && sent > 0 && fed > 0
    const silent = hearsNothing && seen.received > 0
    // An end that has just begun may not have been heard of yet.
    const missed = hearsNothing && seen.sent > 0 ? fed : 0
    const other = run.other(leg)
    const packetMs = packetTimeOf(glance)
    // What was due before the first packet came has no numbers, and is missed all the same: in the second in which audio begins.
    const begins = !seen.begun && glance.firstAt !== undefined
    const missing = begins ? Math.floor(lateBeginning(glance, other && leg.dueFrom(other)) / packetMs) : 0
    seen.begun ||= begins
    const lost = (silent ? fed : corrected) + missing
    if (silent) seen.guessed += fed
    seen.sent += sent
    seen.received += received
    seen.expected += expected
    seen.late += late
    seen.lost += found
    this.#sent += sent
    const relay = this.#relay(leg.placeBeside(other)?.relay ?? run.relay)
    relay.received += received
    relay.lost += lost
    relay.missed += missed
    if (glance.jitterMs !== undefined) this.#jitterMs.push(glance.jitterMs)
    const delayMs = (other && leg.delayFrom(other)) ?? (glance.roundTripMs ?? 0) / 2
    // What was counted as lost in an earlier second is expected in none of the later ones.
    const due = expected + missing - Math.max(0, found - corrected)
    const quality = qualityHeard({ received, expected: due, lost, late }, delayMs, packetMs)
    if (quality !== undefined) this.#mos.push(quality.mos)
    this.#sendErrors += glance.errors - seen.errors
    seen.errors = glance.errors
  }

  #flush(): void {
    const { mediaClock, runs, thread, send } = this.#o
    let active = 0
    let hearing = 0
    for (const run of runs()) {
      if (!run.up) continue
      active += 1
      if (run.hearsNow) hearing += 1
      this.#relay(run.relay).calls += 1
    }
    send({
      active,
      sent: this.#sent,
      hearing,
      relays: this.#relays,
      jitterMs: this.#jitterMs,
      mos: this.#mos,
      lateness: mediaClock.lateness.drain(),
      ...thread(),
      sendErrors: this.#sendErrors,
    })
    this.#relays = {}
    this.#jitterMs = []
    this.#mos = []
    this.#sent = 0
    this.#sendErrors = 0
  }
}

/**
 * Packets that did not come. Where packets overtake one another, the latest are still under way: a hole counts when it was there at
 * the last look too.
 */
function holesOf({ lost, reordered }: MediaGlance, seen: Leg['seen']): number {
  const before = seen.holes
  seen.holes = lost
  return reordered === 0 ? lost : Math.max(seen.lost, Math.min(lost, before))
}
