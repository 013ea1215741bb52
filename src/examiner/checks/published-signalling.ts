/** EXAM-PUBLISHED-SIGNALLING: SIP comes from where customers' firewalls let it in. */
import { formatEndpoint } from '../../transport/network.js'
import type { StandingCheck } from '../check.js'
import type { SeenMessage } from '../types.js'

export const publishedSignalling: StandingCheck = {
  id: 'EXAM-PUBLISHED-SIGNALLING',
  text: {
    severity: 'fail',
    gravity: 'outage',
    cause: 'signalling-unpublished',
    title: 'Signalling comes from an address or port that is not published',
    rule: 'BH-13, EP-3',
    provider: ['BH-13', 'EP-3'],
    harm: 'Customers whose firewall follows the published list miss incoming calls or lose calls in progress.',
    advice: 'Publish the address and port, or let the server send from one that is published.',
  },
  watch({ published }, report) {
    if (published?.listsSignalling !== true) return {}
    const look = ({ remote, transport }: SeenMessage): void => {
      if (published.isPublished(remote.address, remote.port, transport)) return
      report({
        expected: 'SIP from a published address and port',
        actual: `${transport.toUpperCase()} from ${formatEndpoint(remote)}`,
      })
    }
    return { request: ({ seen }) => look(seen), response: ({ seen }) => look(seen) }
  },
}
