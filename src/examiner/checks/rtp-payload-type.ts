/** EXAM-RTP-PAYLOAD-TYPE: RTP has a payload type of the session descriptions (RFC 3264 §6.1). */
import { rtpHeaderBytes } from '../../media/rtp.js'
import type { StandingCheck } from '../check.js'

/** As many packets of any such type, in one call, before it is noted. */
const PACKETS = 3

export const rtpPayloadType: StandingCheck = {
  id: 'EXAM-RTP-PAYLOAD-TYPE',
  text: {
    severity: 'fail',
    gravity: 'harm',
    cause: 'payload-type-wrong',
    title: 'RTP comes with a payload type that was not agreed on',
    rule: 'RFC 3264 §6.1',
    provider: ['BH-4'],
    harm: 'Phones ignore such packets: silence, or digits that are not heard.',
    advice:
      'Let the sender use the numbers of the description that it was given; look at transcoding and DTMF settings.',
  },
  watch(_, report) {
    return {
      unlistedType({ event: { raw }, leg, type, progress }) {
        // RFC 3550 A.1: a source is one where two packets follow one another; random octets are none.
        if (progress === 'first') return
        // RFC 6263 §4.2, §4.6: comfort noise, and packets without payload of a type that nobody knows, keep a path open.
        if (type === 13 || type === 19 || raw.length === rtpHeaderBytes(raw, raw.length)) return
        if (++leg.unknownTypes !== PACKETS) return
        const agreed = [...leg.types.keys()].filter((one) => leg.types[one] !== 0)
        report({ expected: `one of ${agreed.join(', ')}`, actual: String(type) })
      },
    }
  },
}
