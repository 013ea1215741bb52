/** Waits for the end of what a service says. */
import type { Clock } from '../clock/clock.js'
import type { Device } from './device.js'
import { soundAt } from './sound.js'

/** A greeting has ended where nothing sounds for so long (ms). */
const PAUSE_MS = 600

/** Waits until something sounds, for services that take a while to speak; false where nothing does in time. */
export async function beginsToSound(device: Device, clock: Clock, withinMs: number): Promise<boolean> {
  const since = clock.now()
  while (soundAt(device, since).sounding === 0) {
    if (clock.now() >= since + withinMs) return false
    await clock.sleep(100)
  }
  return true
}

/** Waits until nothing has sounded for a while; false where that does not come in time. */
export async function fallsSilent(
  device: Device,
  clock: Clock,
  o: { readonly withinMs: number; readonly pauseMs?: number },
): Promise<boolean> {
  const { pauseMs = PAUSE_MS } = o
  const end = clock.now() + o.withinMs
  await clock.sleep(pauseMs)
  while (soundAt(device, clock.now() - pauseMs).sounding > 0) {
    if (clock.now() >= end) return false
    await clock.sleep(100)
  }
  return true
}
