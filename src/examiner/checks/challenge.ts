/** EXAM-CHALLENGE: challenges ask for Digest with qop (RFC 3261 §22.4). */
import type { StandingCheck } from '../check.js'

export const challenge: StandingCheck = {
  id: 'EXAM-CHALLENGE',
  text: {
    severity: 'fail',
    gravity: 'exposure',
    cause: 'basic-offered',
    title: 'A challenge asks for Basic authentication',
    rule: 'RFC 3261 §22.4',
    provider: [],
    harm: 'Phones may send the password itself: whoever reads it on the way calls at the customer’s expense.',
    advice: 'Switch off Basic where challenges are written.',
  },
  violations: {
    'basic-forbidden': {},
    'challenge-qop-missing': {
      cause: 'qop-missing',
      title: 'A challenge has no qop',
      harm: 'Whoever reads a log-in on the way can use it again until the nonce ends.',
      advice: 'Switch on qop="auth" where challenges are written.',
    },
  },
}
