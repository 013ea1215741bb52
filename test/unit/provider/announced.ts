import { readdirSync } from 'node:fs'
import { isFault, isRtcp, parseRtp } from '../../../src/media/rtp.js'
import { recording } from '../../../src/provider/services/speech.js'
import type { Town } from './town.js'

const names = readdirSync('src/provider/speech/en').map((file) => file.replace('.wav', ''))
/** Frames that one recording alone has: some begin with the same words. */
const frames = new Map<string, string | undefined>()
for (const name of names) {
  const spoken = recording('en', name)
  for (let index = 0; index < spoken.frames; index++) {
    const frame = spoken.frame(index, 'PCMA')?.toString('latin1') ?? ''
    frames.set(frame, frames.has(frame) && frames.get(frame) !== name ? undefined : name)
  }
}

/** Which announcement the provider's telephones were sent since a moment (ms of the clock). */
export function announced(town: Town, since = 0): string | undefined {
  for (const { at, from, data } of town.parcels) {
    if (at < since || !from.address.startsWith('127.') || (data[0] ?? 0) >>> 6 !== 2 || isRtcp(data)) continue
    const packet = parseRtp(data)
    const name = isFault(packet) ? undefined : frames.get(packet.payload.toString('latin1'))
    if (name !== undefined) return name
  }
  return undefined
}
