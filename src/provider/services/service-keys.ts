/** Keys from session descriptions, at the media end of a service. */
import type { NegotiatedAudio } from '../../sdp/audio-stream.js'
import { MediaCipher } from '../media-cipher.js'
import type { MediaLeg } from '../media-leg.js'
import type { EncryptionRules } from '../rules/encryption.js'

/** From now on the leg speaks SRTP with these keys; undefined: none. */
export function takeKeyLines(leg: MediaLeg, crypto: NegotiatedAudio['crypto'], rules: EncryptionRules): void {
  if (crypto === undefined) {
    leg.cipher = undefined
    return
  }
  if (leg.cipher !== undefined && !rules.takesNewKeys) return
  const ours = rules.usesOwnKeys
    ? crypto.send
    : { ...crypto.send, keys: crypto.receive.keys.map(({ keySalt }) => ({ keySalt })) }
  // RFC 4568 §7.1.4: a new key of theirs leaves our direction as it is.
  if (leg.cipher?.usesForSending(ours) === true) leg.cipher.setTheirs(crypto.receive)
  else leg.cipher = new MediaCipher(crypto.receive, ours, rules)
}
