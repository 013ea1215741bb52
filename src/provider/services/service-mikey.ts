/** MIKEY of calls that end at a service (RFC 4567 §4.1): read as the a=crypto line that means the same. */
import { acceptMikey, type AcceptedMikey } from '../../media/mikey/mikey-exchange.js'
import { MikeyError } from '../../media/mikey/mikey-error.js'
import { parseMikey, payloadOf } from '../../media/mikey/mikey-message.js'
import type { ReplayCache } from '../../media/mikey/replay-cache.js'
import { formatCrypto } from '../../sdp/crypto-attribute.js'
import { SessionDescription } from '../../sdp/session-description.js'
import type { ProviderContext } from '../context.js'
import type { EncryptionRules } from '../rules/encryption.js'

/** An offer whose message of MIKEY is accepted. */
export interface ReadMikey {
  /** With a=crypto in place of a=key-mgmt. */
  readonly offer: SessionDescription
  /** As it came, and what it agrees on. */
  readonly message: Buffer
  readonly accepted: AcceptedMikey
  /** Master key and salt of what the service sends. */
  readonly ownKey: Buffer | undefined
  /** Puts the message of the answer in place of its a=crypto. @param ssrc of what the service sends */
  write(answer: SessionDescription, ssrc: number): void
}

/**
 * @param o.keysMayTravel are keys that are not encrypted taken?
 * @param o.seen messages of all calls
 * @param o.before of this call: an offer that leaves the keys as they are has the same message again
 * @returns undefined where there is no message that can be accepted
 */
export function readMikey(
  { clock, policy, rules }: ProviderContext,
  offer: SessionDescription,
  o: { readonly keysMayTravel: boolean; readonly seen: ReplayCache; readonly before: ReadMikey | undefined },
): ReadMikey | undefined {
  const { meansKeying, refusesOtherKeying, countsMikeyStreams } = rules.encryption
  if (!meansKeying || !refusesOtherKeying) return undefined
  const index = offer.media.findIndex(
    ({ port, protocol, keyManagement: { kinds } }) =>
      port !== 0 && protocol.toUpperCase() === 'RTP/SAVP' && kinds.includes('mikey') && !kinds.includes('sdes'),
  )
  const messages = offer.media[index]?.keyManagement.messages ?? []
  const bytes = messages.find(({ protocol }) => protocol === 'mikey')?.bytes
  if (bytes === undefined) return undefined
  const accepted =
    o.before?.message.equals(bytes) === true
      ? o.before.accepted
      : acceptedOf(bytes, {
          preSharedKey: policy.mikeyKey === undefined ? undefined : Buffer.from(policy.mikeyKey),
          allowsNull: o.keysMayTravel,
          unixMs: clock.unixMs(),
          protocols: messages.map(({ protocol }) => protocol).join(';'),
          seen: o.seen,
        })
  if (accepted === undefined) return undefined
  const { send, receive } = countsMikeyStreams ? accepted : { send: accepted.receive, receive: accepted.send }
  const copy = SessionDescription.parse(offer.toString())
  copy.media[index]?.removeAttribute('key-mgmt')
  copy.media[index]?.addAttribute('crypto', formatCrypto(receive))
  return {
    offer: copy,
    message: bytes,
    accepted,
    ownKey: send.keys[0]?.keySalt,
    write(answer, ssrc) {
      const media = answer.media[index]
      if (media?.attribute('crypto') === undefined) return
      media.removeAttribute('crypto')
      const message = messageOf(accepted, ssrc, bytes, rules.encryption)
      if (message !== undefined) media.addAttribute('key-mgmt', `mikey ${message.toString('base64')}`)
    },
  }
}

function acceptedOf(bytes: Buffer, o: Parameters<typeof acceptMikey>[1]): AcceptedMikey | undefined {
  try {
    return acceptMikey(bytes, o)
  } catch (error) {
    // RFC 4567 §4.1.1: the session is not set up; that it was MIKEY is in the reason of the refusal.
    if (error instanceof MikeyError) return undefined
    throw error
  }
}

/** The message of the answer as the rules have it. */
function messageOf(
  accepted: AcceptedMikey,
  ssrc: number,
  offered: Buffer,
  { mikeyAnswer }: EncryptionRules,
): Buffer | undefined {
  const message = accepted.answer(ssrc)
  if (message === undefined || mikeyAnswer === 'nothing') return undefined
  if (mikeyAnswer === 'copy of the offer') return offered
  if (mikeyAnswer === 'another bundle') message.writeUInt32BE((message.readUInt32BE(4) + 1) >>> 0, 4)
  // In null mode there is none that could be wrong.
  const mac = payloadOf(parseMikey(message), 'V')?.mac.value ?? message
  const last = message.length - 1
  if (mikeyAnswer === 'wrong MAC' && mac.length > 0) message.writeUInt8(message.readUInt8(last) ^ 0xff, last)
  return message
}
