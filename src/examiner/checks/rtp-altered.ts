/** EXAM-RTP-ALTERED: what a relay passes on under the same payload type is what was sent. */
import { rtpHeaderBytes, uint32At } from '../../media/rtp.js'
import type { StandingCheck } from '../check.js'
import { EVENT, RECENT, type SentStream } from '../memory/legs.js'
import type { RtpSeen } from '../seen.js'

/** As many packets of a stream before it is noted. */
const PACKETS = 3

export const rtpAltered: StandingCheck = {
  id: 'EXAM-RTP-ALTERED',
  text: {
    severity: 'warn',
    gravity: 'harm',
    cause: 'audio-altered',
    title: 'The provider alters audio on its way',
    rule: 'BH-4',
    provider: ['BH-4', 'EP-4'],
    harm: 'Speech may crackle or be distorted; fax and modem calls fail.',
    advice: 'Look at the relay of the call: gain control or transcoding there and back, or defective memory.',
  },
  watch({ isThorough }, report) {
    if (!isThorough) return {}
    return {
      passedOn(seen) {
        const { stream } = seen
        if (stream.ours === undefined || stream.ours.imitated || !isAltered(seen, stream.ours)) return
        if (++stream.altered !== PACKETS) return
        report({
          expected: 'the payload as it was sent, under the same payload type',
          actual: `other octets in three packets of one stream, the first seen with sequence number ${seen.sequence}`,
        })
      },
    }
  },
}

function isAltered({ event: { plain }, leg, sequence, timestamp, type }: RtpSeen, ours: SentStream): boolean {
  const mine = ours.recent[sequence % RECENT]?.plain
  if (mine === undefined || plain === undefined) return false
  if ((((mine[2] ?? 0) << 8) | (mine[3] ?? 0)) !== sequence || uint32At(mine, 4) !== timestamp) return false
  // Another payload type or length: transcoded, which a relay may do.
  if (((mine[1] ?? 0) & 0x7f) !== type || mine.length !== plain.length) return false
  const at = rtpHeaderBytes(mine, mine.length)
  if (at < 0 || mine.subarray(at).equals(plain.subarray(at))) return false
  // RFC 4733 §2.3: volume and duration are the relay's to tell where it sends events of its own; the key is not.
  return !(leg.types[type] === EVENT && mine[at] === plain[at])
}
