/** EXAM-RESPONSE-SOURCE: responses come from where the request was sent (RFC 3581 §4). */
import { formatEndpoint, sameEndpoint } from '../../transport/network.js'
import type { StandingCheck } from '../check.js'

export const responseSource: StandingCheck = {
  id: 'EXAM-RESPONSE-SOURCE',
  text: {
    severity: 'fail',
    gravity: 'outage',
    cause: 'reply-source-wrong',
    title: 'Responses come from another address or port than the request was sent to',
    rule: 'RFC 3581 §4',
    provider: ['BH-9'],
    harm: 'Devices behind NAT or a firewall do not get the response: registrations and calls time out there.',
    advice: 'Let the server answer from the socket that the request came in on (multihomed servers, load balancers).',
  },
  watch(_, report) {
    return {
      response({ seen, sent, differences }) {
        if (differences.length > 0 || seen.transport !== 'udp' || sent.transport !== 'udp') return
        if (sameEndpoint(seen.remote, sent.remote)) return
        const { rport, params } = sent.vias[0] ?? {}
        if (rport === undefined || params?.has('maddr') === true) return
        report({
          expected: `a response from ${formatEndpoint(sent.remote)}`,
          actual: `${sent.method} answered from ${formatEndpoint(seen.remote)}`,
        })
      },
    }
  },
}
