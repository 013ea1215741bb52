/** EXAM-CONTACT: who sets up a call says where requests within it are to go (RFC 3261 §8.1.1.8, §12.1.1). */
import type { Kind, StandingCheck } from '../check.js'

const IN_A_REQUEST: Kind = {
  title: 'INVITE has no Contact',
  rule: 'RFC 3261 §8.1.1.8',
  harm: 'Phones reject the call (400), or cannot hang up: the other end stays in the call and is billed on.',
}

// §12.2.2 leaves it out of the answer to a re-INVITE; §20's table does not.
const TO_A_REINVITE: Kind = {
  severity: 'warn',
  gravity: 'letter',
  title: 'The answer to a re-INVITE has no Contact',
  rule: 'RFC 3261 §20.10',
  harm: 'Hardly any phone notices: the address from the beginning of the call stays in use.',
}

export const contact: StandingCheck = {
  id: 'EXAM-CONTACT',
  text: {
    severity: 'fail',
    gravity: 'outage',
    cause: 'route-lost',
    title: 'The answer to a call has no Contact',
    rule: 'RFC 3261 §12.1.1',
    provider: [],
    harm: 'Calls drop after 32 seconds or cannot be ended: phones do not know where to send ACK and BYE.',
    advice: 'Look at scripts and border controllers that remove Contact.',
  },
  violations: {
    'contact-missing': 'own look',
    'contact-repeated': {
      gravity: 'harm',
      title: 'A call is set up with several Contacts',
      harm: 'Phones may send requests within the call to the wrong one: calls cannot be ended.',
    },
  },
  watch(_, report) {
    return {
      request({ request, odd }) {
        if (odd || request.method !== 'INVITE' || request.headers.has('contact')) return
        report({ ...IN_A_REQUEST, expected: 'Contact in INVITE', actual: 'none' })
      },
      response({ response, sent, differences, odd }) {
        const { status } = response
        if (differences.length > 0 || odd || sent.method !== 'INVITE' || status < 200 || status >= 300) return
        if (response.headers.has('contact')) return
        const kind = sent.to.tag === undefined ? {} : TO_A_REINVITE
        report({ ...kind, expected: `Contact in ${status} to INVITE`, actual: 'none' })
      },
    }
  },
}
