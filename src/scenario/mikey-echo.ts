/** A call to the echo test whose keys come of MIKEY (RFC 3830, RFC 4567), message and packets by hand. */
import { MikeyError } from '../media/mikey/mikey-error.js'
import { offerMikey } from '../media/mikey/mikey-exchange.js'
import type { Device } from './device.js'
import { type EchoTools, keyedEcho } from './keyed-echo.js'
import type { OfferOutcome } from './offer-outcome.js'

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
  tools: EchoTools,
  device: Device,
  preSharedKey: string | undefined,
): Promise<MikeyEcho> {
  const audio = await device.speaksByHand()
  const offer = offerMikey({
    random: tools.random,
    unixMs: tools.clock.unixMs(),
    ssrc: audio.ssrc,
    preSharedKey: preSharedKey === undefined ? undefined : Buffer.from(preSharedKey),
    identities: [device.aor, `sip:${tools.services.echo ?? ''}@${device.domain}`],
  })
  const lines = [`a=key-mgmt:mikey ${offer.bytes.toString('base64')}`]
  let answered = 'refused'
  let keyed = false
  let wrong: string | undefined
  const { outcome, heard, words } = await keyedEcho(tools, device, {
    audio,
    sdp: audio.describes({ protocol: 'RTP/SAVP', lines }),
    keysOf: ({ protocol, keyManagement }) => {
      const message = keyManagement.messages.find((one) => one.protocol === 'mikey')
      if (message === undefined || protocol !== 'RTP/SAVP') {
        answered = protocol
        return undefined
      }
      try {
        if (offer.check(message.bytes) !== undefined) return undefined
      } catch (error) {
        if (!(error instanceof MikeyError)) throw error
        wrong = error.message
      }
      answered = protocol
      keyed = true
      return { send: offer.send, receive: offer.receive }
    },
  })
  return { outcome, answered, keyed, wrong, heard, words }
}
