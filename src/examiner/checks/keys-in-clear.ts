/** EXAM-KEYS-IN-CLEAR: SRTP keys go over encrypted signalling only (RFC 4568 §8.3). */
import type { StandingCheck } from '../check.js'

export const keysInClear: StandingCheck = {
  id: 'EXAM-KEYS-IN-CLEAR',
  text: {
    severity: 'warn',
    gravity: 'exposure',
    cause: 'keys-in-clear',
    title: 'The provider sends SRTP keys over unencrypted signalling',
    rule: 'RFC 4568 §8.3',
    provider: ['BH-6'],
    harm: 'Calls look encrypted and are not: anyone on the path reads the key and listens.',
    advice: 'Offer and accept a=crypto on TLS connections only.',
  },
  watch({ ownKeys }, report) {
    return {
      description({ seen: { transport }, sdp }) {
        if (transport === 'tls') return
        for (const { keys } of sdp.media) {
          for (const key of keys) {
            const own = ownKeys.get(key)
            // Blame for keys that the target sends: its own, and ours if we kept them from the line.
            if (own === true) continue
            report({
              expected: 'a=crypto over TLS only',
              actual: `a=crypto with a key over ${transport.toUpperCase()}${own === false ? ', which our device had sent over TLS' : ''}`,
            })
          }
        }
      },
    }
  },
}
