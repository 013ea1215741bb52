/** Takes session descriptions: learns from those of our devices, and shows the checks those of the target. */
import { sessionBytesIn } from '../message/body-parts.js'
import type { Side } from './memory/calls.js'
import { EVENT, isSecure } from './memory/legs.js'
import type { Memory } from './memory/memory.js'
import { type ScannedMedia, type ScannedSdp, scanSdp } from './sdp-scan.js'
import type { DescriptionSeen } from './seen.js'
import type { SeenMessage } from './types.js'
import type { Watches } from './watches.js'

export class Descriptions {
  readonly #memory: Memory
  readonly #watches: Watches

  constructor(memory: Memory, watches: Watches) {
    this.#memory = memory
    this.#watches = watches
  }

  /** The session description in a message, alone or among other parts. */
  in({ message }: SeenMessage): ScannedSdp | undefined {
    const bytes = sessionBytesIn(message)
    return bytes === undefined ? undefined : scanSdp(bytes.toString('latin1'), this.#memory.isThorough)
  }

  /** A description of one of our devices. */
  sent(seen: SeenMessage, sdp: ScannedSdp, side: Side): void {
    const { ownKeys, legs, isThorough, sentDescriptions } = this.#memory
    for (const media of sdp.media) {
      for (const key of media.keys) {
        if (seen.transport !== 'tls') ownKeys.set(key, true)
        else if (ownKeys.get(key) === undefined) ownKeys.set(key, false)
      }
      if (media.port === 0) continue
      this.#memory.announce(media.address, media.port)
      if (media.kind !== 'audio') continue
      const leg = legs.at(media.address, media.port)
      if (!side.legs.includes(leg)) {
        // The port begins a new life in another call.
        leg.types.fill(0)
        leg.agreed = false
        leg.theirProtocol = ''
        leg.isSecure = false
        side.legs.push(leg)
      }
      leg.ourProtocol = media.protocol
      leg.isSecure = isSecure(media.protocol) && isSecure(leg.theirProtocol)
      leg.endedAt = Infinity
      leg.changedAt = seen.at
      learnTypes(leg.types, media)
    }
    if (isThorough) sentDescriptions.add(sdp.body, sessionBytesIn(seen.message) ?? seen.message.body)
  }

  /** A description from the target. */
  arrived(arrival: DescriptionSeen): void {
    const { seen, sdp, side, dialog } = arrival
    for (const leg of side.legs) {
      leg.changedAt = seen.at
      if (leg.ourProtocol !== '') leg.agreed = true
      for (const media of sdp.media) {
        if (media.kind !== 'audio' || media.port === 0) continue
        leg.theirProtocol = media.protocol
        leg.isSecure = isSecure(leg.ourProtocol) && isSecure(media.protocol)
        learnTypes(leg.types, media)
      }
    }
    this.#watches.judged.descriptions++
    for (const watch of this.#watches.on.description) watch(arrival)
    if (arrival.settled) {
      dialog.lastSdp = sdp
      dialog.lastSdpIn = arrival.carrier
    }
  }
}

function learnTypes(types: Uint8Array, media: ScannedMedia): void {
  for (const type of media.payloadTypes) if (types[type] === 0) types[type] = 1
  for (const type of media.eventTypes) types[type] = EVENT
}
