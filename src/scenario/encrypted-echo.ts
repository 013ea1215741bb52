/** An encrypted call to the echo test, key line and packets by hand. */
import type { CryptoAttribute, CryptoLine } from '../sdp/crypto-attribute.js'
import type { Device } from './device.js'
import { type OfferOutcome, outcomeOfOffer } from './offer-outcome.js'
import type { StageTools } from './stage.js'
import type { Rules } from './rule.js'

/** An echo that comes at all comes within this time; a welcome message may be before it. */
const ECHO_MS = 12_000
const HANG_UP_MS = 4_000

/** How the echo test took one crypto line. */
export interface EncryptedEcho {
  readonly outcome: OfferOutcome
  /** The first crypto line of the answer. */
  readonly line: CryptoLine | undefined
  /** Was the voice heard again, decrypted with the key of the answer? */
  readonly heard: boolean
  /** How long it was spoken, ms. */
  readonly spokeMs: number
  /** Packets that could not be decrypted, and why: `12 packets with a wrong tag`; or that none came. */
  readonly words: string
  /** How many packets came that could be read, and how many not for their key identifier. */
  readonly read: number
  readonly withoutMki: number
}

const REASONS: Readonly<Record<string, string>> = {
  authentication: 'that the key of the answer does not fit',
  'unknown-mki': 'without the key identifier of the answer',
  'too-short': 'that are too short',
}

/**
 * Offers these crypto lines, speaks where the answer takes the first of them, and hangs up. Whether the refusal of an offer is
 * right is the caller's to say; answers that are not about the offer end the scenario.
 * @param withinMs so long it speaks at most
 */
export async function encryptedEcho(
  { services, random, within, clock }: Pick<StageTools<Rules>, 'services' | 'random' | 'within' | 'clock'>,
  device: Device,
  offered: (audio: Awaited<ReturnType<Device['speaksByHand']>>) => {
    readonly line: string
    readonly attribute: CryptoAttribute
  },
  withinMs = ECHO_MS,
): Promise<EncryptedEcho> {
  const audio = await device.speaksByHand()
  const { line: text, attribute } = offered(audio)
  const call = await device.invites(services.echo ?? '', { sdp: audio.describes({ crypto: [text] }) })
  const outcome = await outcomeOfOffer(call, { within })
  const line = outcome.kind === 'taken' ? outcome.audio.crypto[0] : undefined
  const theirs = line?.attribute
  const answeredAt = clock.now()
  let heard = false
  if (theirs !== undefined && theirs.suite === attribute.suite) {
    audio.follows(call.remoteSdp)
    audio.protects(attribute, theirs)
    heard = await audio.speaksUntilHeard(random.int(2 ** 24), withinMs)
  }
  const spokeMs = clock.now() - answeredAt
  await within(call.hangUp(), HANG_UP_MS)
  const counts = new Map<string, number>()
  for (const { why } of audio.unread) counts.set(why, (counts.get(why) ?? 0) + 1)
  const unread = [...counts].map(([why, count]) => `${count} packets ${REASONS[why] ?? `that are no audio (${why})`}`)
  const words = heard ? 'its own voice' : audio.heard.length > 0 ? 'other sound' : unread.join(', ') || 'nothing'
  return { outcome, line, heard, spokeMs, words, read: audio.heard.length, withoutMki: counts.get('unknown-mki') ?? 0 }
}
