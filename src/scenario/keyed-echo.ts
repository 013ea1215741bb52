/** A call to the echo test whose offer, keys and packets a story makes by hand. */
import type { CryptoAttribute } from '../sdp/crypto-attribute.js'
import type { MediaDescription } from '../sdp/section.js'
import type { Device } from './device.js'
import { type OfferOutcome, outcomeOfOffer } from './offer-outcome.js'
import type { RawRtp } from './raw-rtp.js'
import type { Rules } from './rule.js'
import type { StageTools } from './stage.js'

export type EchoTools = Pick<StageTools<Rules>, 'services' | 'random' | 'within' | 'clock'>

/** An echo that comes at all comes within this time; a welcome message may be before it. */
const ECHO_MS = 12_000
const HANG_UP_MS = 4_000

export interface KeyedEcho {
  readonly outcome: OfferOutcome
  /** Was the voice heard again, decrypted with the keys that were agreed on? */
  readonly heard: boolean
  /** How long it was spoken, ms. */
  readonly spokeMs: number
  /** What came: `its own voice`, or `12 packets that the key of the answer does not fit`. */
  readonly words: string
  /** Packets that could not be decrypted, by why. */
  readonly unread: ReadonlyMap<string, number>
}

const REASONS: Readonly<Record<string, string>> = {
  authentication: 'that the key of the answer does not fit',
  'unknown-mki': 'without the key identifier of the answer',
  'too-short': 'that are too short',
}

/**
 * Makes the offer, speaks where the answer agrees on keys, and hangs up: also a call that was answered with port 0. Answers that
 * are not about the offer end the scenario.
 * @param o.keysOf the keys that the answer's audio agrees on; undefined: there are none to speak with
 * @param o.withinMs so long it speaks at most
 */
export async function keyedEcho(
  { services, random, within, clock }: EchoTools,
  device: Device,
  o: {
    readonly audio: RawRtp
    readonly sdp: string
    readonly keysOf: (answered: MediaDescription) => { send: CryptoAttribute; receive: CryptoAttribute } | undefined
    readonly withinMs?: number | undefined
  },
): Promise<KeyedEcho> {
  const { audio, sdp, keysOf, withinMs = ECHO_MS } = o
  const call = await device.invites(services.echo ?? '', { sdp })
  const outcome = await outcomeOfOffer(call, { within })
  const answeredAt = clock.now()
  const keys = outcome.kind === 'taken' ? keysOf(outcome.audio) : undefined
  let heard = false
  if (keys !== undefined) {
    audio.follows(call.remoteSdp)
    audio.protects(keys.send, keys.receive)
    heard = await audio.speaksUntilHeard(random.int(2 ** 24), withinMs)
  }
  const spokeMs = clock.now() - answeredAt
  await within(call.hangUp(), HANG_UP_MS)
  const unread = new Map<string, number>()
  for (const { why } of audio.unread) unread.set(why, (unread.get(why) ?? 0) + 1)
  const strange = [...unread].map(([why, count]) => `${count} packets ${REASONS[why] ?? `that are no audio (${why})`}`)
  const words = heard ? 'its own voice' : audio.heard.length > 0 ? 'other sound' : strange.join(', ') || 'nothing'
  return { outcome, heard, spokeMs, words, unread }
}
