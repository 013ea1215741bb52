/** EXAM-RTP-TIMING: timestamps advance as the audio does, monotonic and linear in time (RFC 3550 §5.1). */
import type { Kind, Report, StandingCheck } from '../check.js'
import { isSettled } from '../memory/legs.js'
import type { RtpSeen } from '../seen.js'

const TICKS_PER_MS = 8
/** How much timestamps may run ahead of the time, ms. */
const AHEAD_MS = 200

const AHEAD: Kind = {
  severity: 'warn',
  title: 'Timestamps of RTP jump ahead of the time',
  harm: 'Some phones delay the audio, or leave gaps.',
}

const WRONG_RATE: Kind = {
  title: 'The clock of RTP timestamps runs at the wrong rate',
  harm: 'Some phones play the audio choppily, or with growing delay.',
}

export const rtpTiming: StandingCheck = {
  id: 'EXAM-RTP-TIMING',
  text: {
    severity: 'fail',
    gravity: 'harm',
    readsClock: true,
    title: 'Timestamps of RTP stand still or run backwards',
    rule: 'RFC 3550 §5.1',
    provider: ['BH-4'],
    harm: 'Some phones play the audio choppily, or not at all: their jitter buffers go by the timestamps.',
    advice: 'Look at the clock rate and packet time of the media server or relay that originates the stream.',
  },
  watch(_, report) {
    return {
      originated(seen) {
        const { progress } = seen
        if (progress === 'same number' || progress === 'overtaken') return
        if (progress === 'next' && seen.isAudio && seen.stream.comparable) pace(seen, report)
        rate(seen, report)
      },
    }
  },
}

/** Two audio packets, one right behind the other. */
function pace({ event: { at }, leg, stream, timestamp }: RtpSeen, report: Report): void {
  const ticks = (timestamp - stream.timestamp) | 0
  if (ticks <= 0) {
    if (!isSettled(leg, at) || ++stream.backwards !== 5) return
    report({
      expected: 'each packet of audio later than the one before',
      actual: `${ticks} ticks from one packet to the next, five times`,
    })
    return
  }
  const ahead = ticks / TICKS_PER_MS - (at - stream.at)
  if (ahead <= AHEAD_MS || !isSettled(leg, at) || ++stream.jumps !== 5) return
  report({
    ...AHEAD,
    expected: 'timestamps that advance as time does',
    actual: `${Math.round(ahead)} ms more than went by, five times in one stream`,
  })
}

/** Of narrow-band audio, 8000 ticks a second: looked at by the second. */
function rate({ event: { at }, stream, timestamp, isAudio }: RtpSeen, report: Report): void {
  if (!isAudio) {
    stream.windowAt = -1
    return
  }
  if (stream.windowAt < 0) {
    stream.windowAt = at
    stream.windowTimestamp = timestamp
    return
  }
  const elapsed = at - stream.windowAt
  if (elapsed < 1000) return
  const ticks = (timestamp - stream.windowTimestamp) | 0
  stream.windowAt = at
  stream.windowTimestamp = timestamp
  // After a pause some senders go on where they stopped.
  if (elapsed > 1500) return
  stream.windows++
  const perMs = ticks / elapsed
  if (perMs >= 0.7 * TICKS_PER_MS && perMs <= 1.4 * TICKS_PER_MS) return
  // A stall of the harness can spoil a second, not all of them.
  if (++stream.wrongWindows !== 4 || stream.windows !== 4) return
  report({ ...WRONG_RATE, expected: '8000 ticks a second', actual: `${Math.round(perMs * 1000)} ticks a second` })
}
