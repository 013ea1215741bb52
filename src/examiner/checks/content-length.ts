/** EXAM-CONTENT-LENGTH: Content-Length is there on streams and fits the body (RFC 3261 §18.3, §20.14). */
import type { Kind, StandingCheck } from '../check.js'
import type { SeenMessage } from '../types.js'

/** In a datagram, RFC 3261 §18.3 has a request of that kind rejected, and a response dropped. */
const IN_A_DATAGRAM: Kind = {
  gravity: 'harm',
  title: 'Content-Length does not fit the datagram',
  harm: 'Phones reject such requests (400) and drop such responses.',
}

const ON_A_STREAM: Kind = { cause: 'content-length-missing' }

const wrong = ({ transport }: SeenMessage): Kind => (transport === 'udp' ? IN_A_DATAGRAM : ON_A_STREAM)

export const contentLength: StandingCheck = {
  id: 'EXAM-CONTENT-LENGTH',
  text: {
    severity: 'fail',
    gravity: 'outage',
    title: 'Content-Length is missing or wrong on TCP or TLS',
    rule: 'RFC 3261 §18.3',
    provider: ['BH-3'],
    harm: 'Phones on TCP and TLS lose their place in the stream: the connection breaks, and with it every call on it.',
    advice: 'Look at scripts and session border controllers that rewrite bodies without counting them again.',
  },
  violations: {
    'content-length-missing': wrong,
    'content-length-malformed': wrong,
    'content-length-conflict': wrong,
    'body-truncated': wrong,
    'body-excess': {
      severity: 'warn',
      gravity: 'letter',
      title: 'A datagram is longer than its Content-Length says',
      harm: 'Hardly any phone notices: what is beyond is discarded.',
    },
  },
}
