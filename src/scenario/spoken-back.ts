/** Digits that a service speaks, counted. */
import type { Clock } from '../clock/clock.js'
import { spokenDigits } from '../media/spoken-digits.js'
import type { Device } from './device.js'
import { fallsSilent } from './silence.js'
import { type Frame, framesOf, isSounding, samplesOf } from './sound.js'

/** So long (ms) a service may speak, and is silent when it has ended. */
const [LONGEST_MS, ENDS_MS] = [25_000, 1_500]
/** Samples. */
const SHORT_GAP = 800
const LONGEST_GAP = 16_000
/** Packets. */
const MOST = 1_500

/** Lets a service finish, and counts the digits that it has spoken since a moment (ms of the clock). Undefined: that cannot be told. */
export async function digitsSpokenAt(device: Device, clock: Clock, sinceMs: number): Promise<number | undefined> {
  if (!(await fallsSilent(device, clock, { withinMs: LONGEST_MS, pauseMs: ENDS_MS }))) return undefined
  const received = device.packets.filter(
    ({ direction, kind, at }) => direction === 'in' && kind === 'rtp' && at >= sinceMs,
  )
  const begins = received.findIndex(isSounding)
  return begins < 0 ? undefined : spokenDigits(samplesOf(inTime(framesOf(received.slice(begins), MOST))))
}

/** In the order of their timestamps; what was lost is the frame before once more, what was not sent is silence. */
export function inTime(frames: readonly Frame[]): Frame[] {
  const [first] = frames
  if (first === undefined) return []
  const place = ({ timestamp }: Frame) => (timestamp - first.timestamp) | 0
  const sorted = frames.filter(({ ssrc }) => ssrc === first.ssrc).toSorted((a, b) => place(a) - place(b))
  return sorted.flatMap((frame, n) => {
    const before = sorted[n - 1]
    if (before === undefined) return [frame]
    const gap = place(frame) - place(before) - before.payload.length
    if (gap < 0) return []
    if (gap === 0 || gap > LONGEST_GAP) return [frame]
    const wasSent = ((frame.sequenceNumber - before.sequenceNumber) & 0xffff) > 1
    const octet = before.codec === 'PCMA' ? 0xd5 : 0xff
    const filling =
      wasSent && gap <= SHORT_GAP
        ? Uint8Array.from({ length: gap }, (_, i) => before.payload[i % before.payload.length] ?? octet)
        : new Uint8Array(gap).fill(octet)
    return [{ ...before, payload: filling }, frame]
  })
}
