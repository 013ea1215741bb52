/** A call to the echo test whose keys come of MIKEY (RFC 3830, RFC 4567), message and packets by hand. */
import { MikeyError } from '../media/mikey/mikey-error.js'
import { offerMikey } from '../media/mikey/mikey-exchange.js'
import type { Device } from './device.js'
import { type OfferOutcome, outcomeOfOffer } from './offer-outcome.js'
import type { Rules } from './rule.js'
import type { StageTools } from './stage.js'

/** An echo that comes at all comes within this time; a welcome message may be before it. */
const ECHO_MS = 12_000
const HANG_UP_MS = 4_000

/** How the echo test took a message of MIKEY. */
export interface MikeyEcho {
  readonly outcome: OfferOutcome
  /** `RTP/SAVP` or another profile; `refused`: by status, port 0 or an error message of MIKEY. */
  readonly answered: string
  /** Is there a message of MIKEY in the answer? */
  readonly keyed: boolean
  /** What is wrong with that message; undefined: nothing. */
  readonly wrong: string | undefined
  /** Was the voice heard again, decrypted with the key that the message gives? */
  readonly heard: boolean
  /** What came instead. */
  readonly words: string
}

/** Offers RTP/SAVP with MIKEY, speaks where that is accepted, and hangs up. @param preSharedKey undefined: null mode */
export async function mikeyEcho(
  { services, random, within, clock }: Pick<StageTools<Rules>, 'services' | 'random' | 'within' | 'clock'>,
  device: Device,
  preSharedKey: string | undefined,
): Promise<MikeyEcho> {
  const audio = await device.speaksByHand()
  const echo = services.echo ?? ''
  const offer = offerMikey({
    random,
    unixMs: clock.unixMs(),
    ssrc: audio.ssrc,
    preSharedKey: preSharedKey === undefined ? undefined : Buffer.from(preSharedKey),
    identities: [device.aor, `sip:${echo}@${device.domain}`],
  })
  const lines = [`a=key-mgmt:mikey ${offer.bytes.toString('base64')}`]
  const call = await device.invites(echo, { sdp: audio.describes({ protocol: 'RTP/SAVP', lines }) })
  const outcome = await outcomeOfOffer(call, { within })
  const nothing = { outcome, keyed: false, wrong: undefined, heard: false, words: 'nothing' }
  if (outcome.kind === 'refused') return { ...nothing, answered: 'refused' }
  const { protocol, keyManagement } = outcome.audio
  const message = keyManagement.messages.find((one) => one.protocol === 'mikey')
  const hangsUp = async (seen: Omit<MikeyEcho, 'outcome'>) => {
    await within(call.hangUp(), HANG_UP_MS)
    return { outcome, ...seen }
  }
  if (message === undefined || protocol !== 'RTP/SAVP') return hangsUp({ ...nothing, answered: protocol })
  let wrong: string | undefined
  try {
    if (offer.check(message.bytes) !== undefined) return await hangsUp({ ...nothing, answered: 'refused' })
  } catch (error) {
    if (!(error instanceof MikeyError)) throw error
    wrong = error.message
  }
  audio.follows(call.remoteSdp)
  audio.protects(offer.send, offer.receive)
  const heard = await audio.speaksUntilHeard(random.int(2 ** 24), ECHO_MS)
  const unread = audio.unread.length > 0 ? `${audio.unread.length} packets that this key does not decrypt` : 'nothing'
  const words = heard ? 'its own voice' : audio.heard.length > 0 ? 'other sound' : unread
  return hangsUp({ answered: protocol, keyed: true, wrong, heard, words })
}
