/** What a service offers and accepts, and where it listens. */
import type { LocalAudio } from '../../sdp/audio-stream.js'
import type { SessionDescription } from '../../sdp/session-description.js'
import { srtpSuites } from '../../target/target-schema.js'
import type { ProviderContext } from '../context.js'
import type { MediaLeg } from '../media-leg.js'

/** @param mayEncrypt with keys in SDP @param offer that it answers; absent: it offers itself */
export function localAudio(
  { rules }: ProviderContext,
  leg: MediaLeg,
  mayEncrypt: boolean,
  offer?: SessionDescription,
): LocalAudio {
  const number = offer?.media
    .flatMap((media) => media.rtpMaps)
    .find(({ encoding }) => encoding.toLowerCase() === 'telephone-event')?.payloadType
  return {
    address: leg.port.address,
    port: leg.port.number,
    rtcpPort: leg.port.number + 1,
    rtcpMux: true,
    ...(leg.keying === undefined ? {} : { dtls: leg.keying.local }),
    codecs: ['PCMA', 'PCMU'],
    ...(rules.serviceMedia.takesEvents ? { dtmfPayloadType: rules.serviceMedia.eventType ?? number ?? 101 } : {}),
    // Keys on signalling that everybody reads protect nothing (RFC 4568 §8.3): such an offer is refused.
    suites: mayEncrypt ? srtpSuites : [],
  }
}
