import { expect, test } from 'vitest'
import type { Clock } from '../../../src/clock/clock.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { Lateness } from '../../../src/media/lateness.js'
import type { MediaGlance } from '../../../src/media/media-report.js'
import type { Leg } from '../../../src/load/leg.js'
import { type SampledCall, Sampler } from '../../../src/load/sampler.js'
import type { WorkerSample } from '../../../src/load/worker-protocol.js'

const PACKETS_A_SECOND = 50

/** A call of one end that hears itself, but for the packets of the seconds in which it hears nothing. */
function echoCall(clock: VirtualClock, silentSeconds: readonly number[]): SampledCall & { looks: number[] } {
  const looks: number[] = []
  const glance = (): MediaGlance => {
    const second = Math.floor(clock.now() / 1000)
    looks.push(clock.now())
    const heard = Array.from({ length: second }, (_, i) => i).filter((i) => !silentSeconds.includes(i)).length
    const isBack = !silentSeconds.includes(second - 1)
    const expected = PACKETS_A_SECOND * (isBack ? second : heard)
    const received = PACKETS_A_SECOND * heard
    const lost = expected - received
    const sent = PACKETS_A_SECOND * second
    const times = { firstAt: 5, lastAt: clock.now(), jitterMs: 1, roundTripMs: undefined }
    return { sent, errors: 0, received, expected, lost, reordered: 0, late: 0, ...times }
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as much of an end as the sampler looks at
  const leg = {
    seen: { begun: false, holes: 0, sent: 0, received: 0, expected: 0, lost: 0, late: 0, guessed: 0, errors: 0 },
    placeBeside: () => ({ relay: 'relay-1', relayAddress: '' }),
    session: { glance, hearsOnly: (id: number) => id === 7 },
  } as unknown as Leg
  return {
    up: true,
    relay: 'relay-1',
    legs: [leg],
    expects: () => 7,
    other: () => undefined,
    hearsNow: false,
    looks,
  }
}

async function sampled(
  seconds: number,
  stallMs: number,
  silentSeconds: readonly number[],
): Promise<{ samples: WorkerSample[]; looks: number[][] }> {
  const clock = new VirtualClock()
  // Timers that come late, as on a machine that is busy.
  const late: Clock = {
    kind: clock.kind,
    now: () => clock.now(),
    unixMs: () => clock.unixMs(),
    after: (delay, fire) => clock.after(delay + stallMs, fire),
    sleep: (ms) => clock.sleep(ms),
  }
  const calls = Array.from({ length: 250 }, () => echoCall(clock, silentSeconds))
  const samples = await samplesOf(calls, clock, late, seconds)
  return { samples, looks: calls.map((call) => call.looks) }
}

async function samplesOf(
  calls: readonly SampledCall[],
  clock: VirtualClock,
  timers: Clock,
  seconds: number,
): Promise<WorkerSample[]> {
  const samples: WorkerSample[] = []
  await clock.run(async () => {
    const sampler = new Sampler({
      clock: timers,
      mediaClock: { lateness: new Lateness() },
      runs: () => calls,
      thread: () => ({ lagP99Ms: 0, lagMaxMs: 0, busy: 0 }),
      send: (sample) => samples.push(sample),
    })
    sampler.start()
    await clock.sleep(seconds * 1000 + 5)
    sampler.stop()
  })
  return samples
}

/** A call between two ends: the first sends for so many seconds, the second for as long as it lasts, and hears nothing from then on. */
function callOfTwo(clock: VirtualClock, { sendsS, hearsS }: { sendsS: number; hearsS: number }): SampledCall {
  const end = (sendsFor: number, hearsFor: number) => {
    const glance = (): MediaGlance => {
      const second = Math.floor(clock.now() / 1000)
      const received = PACKETS_A_SECOND * Math.min(second, hearsFor)
      const times = { firstAt: 5, lastAt: clock.now(), jitterMs: 1, roundTripMs: undefined }
      const sent = PACKETS_A_SECOND * Math.min(second, sendsFor)
      return { sent, errors: 0, received, expected: received, lost: 0, reordered: 0, late: 0, ...times }
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as much of an end as the sampler looks at
    return {
      seen: { begun: false, holes: 0, sent: 0, received: 0, expected: 0, lost: 0, late: 0, guessed: 0, errors: 0 },
      placeBeside: () => ({ relay: 'relay-1', relayAddress: '' }),
      dueFrom: () => 5,
      delayFrom: () => 10,
      session: { glance, hearsOnly: () => true },
    } as unknown as Leg
  }
  const [first, second] = [end(sendsS, Infinity), end(Infinity, hearsS)]
  const other = (leg: Leg) => (leg === first ? second : first)
  return { up: true, relay: 'relay-1', legs: [first, second], expects: () => 7, other, hearsNow: false }
}

test.each([0, 3, 45])('each call is looked at once a second, also where timers are %i ms late', async (stallMs) => {
  const { samples, looks } = await sampled(10, stallMs, [])
  expect(samples.length).toBeGreaterThanOrEqual(10)
  for (const times of looks) expect(times.length).toBeGreaterThanOrEqual(9)
  expect(samples.slice(1, 9).map(({ hearing, relays }) => [hearing, relays['relay-1']?.calls])).toEqual(
    Array.from({ length: 8 }, () => [250, 250]),
  )
})

test('a silence is counted in the second in which it is, and not once more when packets come again', async () => {
  const { samples } = await sampled(8, 0, [3, 4])
  const lost = samples.reduce((sum, { relays }) => sum + (relays['relay-1']?.lost ?? 0), 0)
  expect(lost).toBe(2 * PACKETS_A_SECOND * 250)
})

test.each([
  ['in one second', [3], 1],
  ['at all: the second in which it begins is passed over', [0, 1, 2, 3, 4, 5, 6], 4],
])('what is sent to an end that hears nothing %s is missed', async (_when, silentSeconds, seconds) => {
  const { samples } = await sampled(6, 0, silentSeconds)
  const missed = samples.reduce((sum, { relays }) => sum + (relays['relay-1']?.missed ?? 0), 0)
  expect(missed / 250 / PACKETS_A_SECOND).toBeCloseTo(seconds, 1)
})

test.each([
  ['has hung up', { sendsS: 4, hearsS: 4 }, 0],
  ['still talks', { sendsS: 8, hearsS: 4 }, 3 * PACKETS_A_SECOND],
])('what an end does not hear whose other end %s', async (_what, call, lost) => {
  const clock = new VirtualClock()
  const samples = await samplesOf([callOfTwo(clock, call)], clock, clock, 8)
  expect(samples.reduce((sum, { relays }) => sum + (relays['relay-1']?.lost ?? 0), 0)).toBe(lost)
})
