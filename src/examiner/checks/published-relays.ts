/** EXAM-PUBLISHED-RELAYS: media comes from, and is asked for at, addresses that customers' firewalls let through. */
import { canonicalAddress, formatEndpoint, isNumericAddress } from '../../transport/network.js'
import type { StandingCheck } from '../check.js'

/** A single stray packet from anywhere in the Internet is not the provider's. */
const PACKETS = 3

export const publishedRelays: StandingCheck = {
  id: 'EXAM-PUBLISHED-RELAYS',
  text: {
    severity: 'fail',
    gravity: 'outage',
    cause: 'relay-unpublished',
    title: 'Media comes from an address or port that is not published',
    rule: 'BH-13, EP-4, EP-5',
    provider: ['BH-13', 'EP-4', 'EP-5'],
    harm: 'Customers whose firewall follows the published list have one-way or silent calls.',
    advice: 'Publish the relay, or take it out of the pool until it is published.',
  },
  watch(memory, report) {
    return {
      description({ sdp }) {
        for (const { address, port, kind } of sdp.media) {
          if (port === 0 || !isNumericAddress(address) || address === '0.0.0.0' || address === '::') continue
          // A target that relays no media hands on what our devices announced.
          if (memory.wasAnnounced(address, port)) continue
          const endpoint = { address: canonicalAddress(address), port }
          if (memory.isListedRelay(endpoint) || memory.isOwn(endpoint)) continue
          report({
            // What is answered without a codec in common leads no stream.
            follows: ['media/no-common-codec'],
            title: 'SDP announces a media address or port that is not published',
            expected: 'the address and port of a published relay in SDP',
            actual: `m=${kind} at ${formatEndpoint(endpoint)}`,
          })
        }
      },
      unlistedSource({ leg, remote }) {
        if (++leg.unpublished !== PACKETS) return
        report({ expected: 'RTP from a published relay', actual: `RTP from ${formatEndpoint(remote)}` })
      },
    }
  },
}
