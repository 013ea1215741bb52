/** How faults misread the a=crypto lines of an offer, and miswrite that of the answer. */
import { keyOctets } from '../../sdp/crypto-attribute.js'
import { SessionDescription } from '../../sdp/session-description.js'
import type { EncryptionRules } from '../rules/encryption.js'

/** What a line may have behind its key (RFC 4568 §6.3), and what may be ignored there (§6.3.7). Any other word makes it invalid. */
const KNOWN = /^(?:KDR|FEC_ORDER|FEC_KEY|WSH)=|^(?:UNENCRYPTED_SRTP|UNENCRYPTED_SRTCP|UNAUTHENTICATED_SRTP)$|^-/i

/** The offer as the rules have it read; where they are the right ones, the offer itself. */
export function misreadOffer(offer: SessionDescription, rules: EncryptionRules): SessionDescription {
  const { takesLifetimes, checksKeyLength, heedsParameters } = rules
  if (takesLifetimes && checksKeyLength && heedsParameters) return offer
  const copy = SessionDescription.parse(offer.toString())
  for (const media of copy.media) {
    const lines = media.attributes('crypto')
    media.removeAttribute('crypto')
    for (const line of lines) {
      if (!takesLifetimes && /\|(?:2\^)?\d+(?:[|;\s]|$)/.test(line)) continue
      const whole = checksKeyLength ? line : withWholeKey(line)
      media.addAttribute('crypto', heedsParameters ? whole : withoutUnknown(whole))
    }
  }
  return copy
}

/** Fills a short key up with zeroes, as who decodes it into a field of the right size does. */
function withWholeKey(line: string): string {
  const [, suite = ''] = line.split(/\s+/)
  return line.replace(/inline:([A-Za-z0-9+/]+)={0,2}/, (_, text: string) => {
    const key = Buffer.from(text, 'base64')
    const whole = Buffer.alloc(keyOctets(suite) ?? key.length)
    key.copy(whole)
    return `inline:${whole.toString('base64')}`
  })
}

function withoutUnknown(line: string): string {
  const [tag = '', suite = '', key = '', ...parameters] = line.split(/\s+/)
  return [tag, suite, key, ...parameters.filter((word) => KNOWN.test(word))].join(' ')
}

/** The answer's line as the rules have it. @param offered the line that it answers */
export function miswritten(line: string, offered: string | undefined, rules: EncryptionRules): string {
  const fields = /inline:[^|\s]+(\|[^;\s]+)/.exec(offered ?? '')?.[1] ?? ''
  return line.replace(/inline:([^|\s]+)/, (_, key: string) => {
    const octets = Buffer.from(key, 'base64')
    // What fits the usual suite: 16 octets of key, 14 of salt.
    const written = rules.answersWholeKey || octets.length <= 30 ? key : octets.subarray(0, 30).toString('base64')
    return `inline:${written}${rules.declaresOwnFields ? '' : fields}`
  })
}
