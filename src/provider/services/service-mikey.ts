/** MIKEY of calls that end at a service (RFC 4567 §4.1): read as the a=crypto line that means the same. */
import { acceptMikey, type AcceptedMikey } from '../../media/mikey/mikey-exchange.js'
import { MikeyError } from '../../media/mikey/mikey-error.js'
import { parseMikey, payloadOf } from '../../media/mikey/mikey-message.js'
import type { ReplayCache } from '../../media/mikey/replay-cache.js'
import { formatCrypto } from '../../sdp/crypto-attribute.js'
import { SessionDescription } from '../../sdp/session-description.js'
import type { ProviderContext } from '../context.js'
import type { EncryptionRules } from '../rules/encryption.js'

/** MIKEY of one call: what its last offer has agreed on. */
export class CallMikey {
  readonly #context: ProviderContext
  readonly #seen: ReplayCache
  #agreed: Agreed | undefined

  /** @param seen messages of all calls */
  constructor(context: ProviderContext, seen: ReplayCache) {
    this.#context = context
    this.#seen = seen
  }

  /** Do the keys of the call come of MIKEY? */
  get isAgreed(): boolean {
    return this.#agreed !== undefined
  }

  /** Master key and salt of what the service sends. */
  get ownKey(): Buffer | undefined {
    return this.#agreed?.send.keys[0]?.keySalt
  }

  /**
   * Takes the message of an offer, where there is one that can be accepted.
   * @param keysMayTravel are keys that are not encrypted taken?
   * @returns the offer with a=crypto in its place, or as it is
   */
  read(offer: SessionDescription, keysMayTravel: boolean): SessionDescription {
    const before = this.#agreed
    this.#agreed = undefined
    const { clock, policy, rules } = this.#context
    const { meansKeying, refusesOtherKeying, countsMikeyStreams } = rules.encryption
    if (!meansKeying || !refusesOtherKeying) return offer
    const index = offer.media.findIndex(
      ({ port, protocol, keyManagement: { kinds } }) =>
        port !== 0 && protocol.toUpperCase() === 'RTP/SAVP' && kinds.includes('mikey') && !kinds.includes('sdes'),
    )
    const messages = offer.media[index]?.keyManagement.messages ?? []
    const message = messages.find(({ protocol }) => protocol === 'mikey')?.bytes
    if (message === undefined) return offer
    // An offer that leaves the keys as they are has the same message again.
    const accepted =
      before?.message.equals(message) === true
        ? before.accepted
        : acceptedOf(message, {
            preSharedKey: policy.mikeyKey === undefined ? undefined : Buffer.from(policy.mikeyKey),
            allowsNull: keysMayTravel,
            unixMs: clock.unixMs(),
            protocols: messages.map(({ protocol }) => protocol).join(';'),
            seen: this.#seen,
          })
    if (accepted === undefined) return offer
    const { send, receive } = countsMikeyStreams ? accepted : { send: accepted.receive, receive: accepted.send }
    this.#agreed = { index, message, accepted, send }
    const copy = SessionDescription.parse(offer.toString())
    copy.media[index]?.removeAttribute('key-mgmt')
    copy.media[index]?.addAttribute('crypto', formatCrypto(receive))
    return copy
  }

  /** Puts the message of the answer in place of its a=crypto. @param ssrc of what the service sends */
  write(answer: SessionDescription, ssrc: number): void {
    if (this.#agreed === undefined) return
    const { index, accepted, message: offered } = this.#agreed
    const media = answer.media[index]
    if (media?.attribute('crypto') === undefined) return
    media.removeAttribute('crypto')
    const message = messageOf(accepted, ssrc, offered, this.#context.rules.encryption)
    if (message !== undefined) media.addAttribute('key-mgmt', `mikey ${message.toString('base64')}`)
  }

  /** The next description is an offer of the service's own. */
  forget(): void {
    this.#agreed = undefined
  }
}

interface Agreed {
  /** Of the m= line. */
  readonly index: number
  /** As it came. */
  readonly message: Buffer
  readonly accepted: AcceptedMikey
  /** What the service sends with. */
  readonly send: AcceptedMikey['send']
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
