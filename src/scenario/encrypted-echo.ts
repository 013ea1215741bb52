/** An encrypted call to the echo test, key line and packets by hand. */
import type { CryptoAttribute, CryptoLine } from '../sdp/crypto-attribute.js'
import type { Device } from './device.js'
import { type EchoTools, type KeyedEcho, keyedEcho } from './keyed-echo.js'
import type { RawRtp } from './raw-rtp.js'

/** How the echo test took one crypto line. */
export interface EncryptedEcho extends Omit<KeyedEcho, 'unread'> {
  /** The first crypto line of the answer. */
  readonly line: CryptoLine | undefined
  /** How many packets came that could be read, and how many not for their key identifier. */
  readonly read: number
  readonly withoutMki: number
}

/**
 * Offers these crypto lines, speaks where the answer takes the first of them, and hangs up. Whether the refusal of an offer is
 * right is the caller's to say; answers that are not about the offer end the scenario.
 * @param withinMs so long it speaks at most
 */
export async function encryptedEcho(
  tools: EchoTools,
  device: Device,
  offered: (audio: RawRtp) => { readonly line: string; readonly attribute: CryptoAttribute },
  withinMs?: number,
): Promise<EncryptedEcho> {
  const audio = await device.speaksByHand()
  const { line: text, attribute } = offered(audio)
  let line: CryptoLine | undefined
  const { unread, ...echo } = await keyedEcho(tools, device, {
    audio,
    sdp: audio.describes({ crypto: [text] }),
    keysOf: ({ crypto }) => {
      line = crypto[0]
      const theirs = line?.attribute
      return theirs?.suite === attribute.suite ? { send: attribute, receive: theirs } : undefined
    },
    withinMs,
  })
  return { ...echo, line, read: audio.heard.length, withoutMki: unread.get('unknown-mki') ?? 0 }
}
