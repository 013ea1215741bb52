/** EXAM-KEY-REUSE: every SRTP session, and each direction of it, has a key of its own (RFC 3711 §9.1, RFC 4568 §6.1, §7.1.2). */
import type { StandingCheck } from '../check.js'
import { BoundedMap } from '../memory/bounded-map.js'
import { isOfferIn } from '../seen.js'

/** Where a key of the target was seen first. */
interface KeySighting {
  readonly callId: string
  readonly device: string
  readonly isOffer: boolean
  readonly origin: string
  readonly at: number
}

/** ms within which one offer rings several devices. */
const FORKING_MS = 5_000

export const keyReuse: StandingCheck = {
  id: 'EXAM-KEY-REUSE',
  text: {
    severity: 'fail',
    gravity: 'exposure',
    cause: 'key-reused',
    title: 'An SRTP key is used twice',
    rule: 'RFC 3711 §9.1',
    provider: ['BH-6'],
    harm: 'Encrypted calls are not confidential: two streams under one key can be decrypted without it.',
    advice:
      'Every direction of every call needs a new random key; look at the media relay and at restored configurations.',
  },
  watch({ limit, ownKeys }, report) {
    const sightings = new BoundedMap<string, KeySighting>(limit)
    const reused = (rule: string, expected: string, actual: string): void =>
      report({ title: `An SRTP key is used twice: ${actual}`, rule, expected, actual })

    const elsewhere = (key: string, now: KeySighting): void => {
      const before = sightings.get(key)
      if (before === undefined) {
        sightings.set(key, now)
      } else if (before.callId !== now.callId) {
        // One offer that rings two devices may have two Call-IDs behind a back-to-back user agent.
        const forked = before.isOffer && now.isOffer && before.origin === now.origin && now.at - before.at < FORKING_MS
        if (!forked) reused('RFC 3711 §9.1', 'a key of its own for each session', 'the same key in two calls')
      } else if (before.device !== now.device && before.isOffer !== now.isOffer) {
        reused('RFC 3711 §9.1', 'a key of its own for each direction', 'one key towards caller and callee')
      }
    }
    return {
      description({ seen, sdp, callId, side: { device }, sent }) {
        if (!sdp.media.some(({ keys }) => keys.length > 0)) return
        const isOffer = isOfferIn(seen, sent)
        const inThis = new Set<string>()
        for (const key of sdp.media.flatMap(({ keys }) => keys)) {
          if (!isOffer && sent?.sdp?.media.some(({ keys }) => keys.includes(key)) === true)
            reused('RFC 4568 §7.1.2', 'a key in the answer that differs from those of the offer', 'the same key')

          if (ownKeys.has(key)) continue
          if (inThis.has(key))
            reused('RFC 4568 §6.1', 'a key of its own on each line', 'the same key on two lines of a description')

          inThis.add(key)
          elsewhere(key, { callId, device, isOffer, origin: sdp.origin, at: seen.at })
        }
      },
    }
  },
}
