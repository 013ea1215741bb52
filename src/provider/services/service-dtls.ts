/** DTLS-SRTP of calls that end at a service: one certificate for all of them, a handshake for each. */
import { DtlsKeying } from '../../media/dtls-keying.js'
import { type DtlsIdentity, makeIdentity } from '../../media/dtls/certificate.js'
import { isDtlsProtocol } from '../../sdp/dtls-setup.js'
import type { SessionDescription } from '../../sdp/session-description.js'
import type { ProviderContext } from '../context.js'
import { MediaCipher } from '../media-cipher.js'
import type { MediaLeg } from '../media-leg.js'

/** Whether an offer asks for DTLS-SRTP, and it is spoken here. */
export function wantsDtls({ rules }: ProviderContext, offer: SessionDescription): boolean {
  const { meansKeying, refusesOtherKeying } = rules.encryption
  if (!meansKeying || !refusesOtherKeying) return false
  return offer.media.some((media) => isDtlsProtocol(media.protocol) && media.keyManagement.fingerprints.length > 0)
}

/** @param theirs what the device offers, and where its signalling comes from; absent: we offer */
export function keyingFor(
  context: ProviderContext,
  leg: MediaLeg,
  theirs?: { readonly offer: SessionDescription; readonly host: string },
): DtlsKeying {
  const { clock, random, rules } = context
  const { tellsOwnFingerprint, answersRole: _, ...careless } = rules.dtls
  const address = theirs?.offer.media.find(({ port }) => port !== 0)?.connection?.address
  return new DtlsKeying({
    ...careless,
    identity: identityOf(context),
    ...(tellsOwnFingerprint ? {} : { told: makeIdentity({ unixMs: clock.unixMs() }) }),
    // Behind a NAT only the device can begin.
    answers: address === theirs?.host ? 'active' : 'passive',
    clock,
    random: random.fork('dtls'),
    opensPath: false,
    send: (datagram) => leg.handshake(datagram),
    onChange: () => takeKeys(context, leg),
  })
}

/** Protects what a leg sends with the keys of its handshake, where there are any. */
export function takeKeys({ rules }: ProviderContext, leg: MediaLeg): void {
  const { crypto, state } = leg.keying ?? {}
  if (crypto === undefined) {
    if (state !== 'closed') leg.cipher = undefined
  } else if (leg.cipher?.usesForSending(crypto.send) !== true) {
    leg.cipher = new MediaCipher(crypto.receive, crypto.send, rules.encryption)
  }
}

const IDENTITIES = new WeakMap<ProviderContext, DtlsIdentity>()

/** The provider's certificate for media, as long as it runs. */
function identityOf(context: ProviderContext): DtlsIdentity {
  let identity = IDENTITIES.get(context)
  if (identity === undefined) {
    identity = makeIdentity({ unixMs: context.clock.unixMs() })
    IDENTITIES.set(context, identity)
  }
  return identity
}

/** Leaves open who begins the handshake, as only offers may. */
export function unsettled(answer: SessionDescription): void {
  for (const media of answer.media) if (media.attribute('setup') !== undefined) media.setAttribute('setup', 'actpass')
}
