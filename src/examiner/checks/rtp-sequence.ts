/** EXAM-RTP-SEQUENCE: each packet of a source has the next number (RFC 3550 §5.1), and a source keeps its SSRC (§8). */
import type { Kind, StandingCheck } from '../check.js'
import { isSettled, MOST_STREAMS } from '../memory/legs.js'

const SAME_NUMBER: Kind = {
  severity: 'fail',
  title: 'Several RTP packets carry the same sequence number',
  harm: 'Phones drop packets as duplicates: gaps in the audio. With SRTP: silence.',
}

const NEW_SOURCES: Kind = {
  title: 'The source of RTP (SSRC) changes all the time',
  harm: 'Phones begin anew with each: clicks, gaps, and wrong figures in quality reports.',
}

export const rtpSequence: StandingCheck = {
  id: 'EXAM-RTP-SEQUENCE',
  text: {
    severity: 'warn',
    gravity: 'harm',
    title: 'Sequence numbers of RTP jump',
    rule: 'RFC 3550 §5.1',
    provider: ['BH-4'],
    harm: 'Phones take it for loss or for a restart: clicks, gaps, and wrong figures in quality reports. With SRTP: silence.',
    advice: 'Look at the media server or relay that originates the stream.',
  },
  watch(_, report) {
    return {
      outOfOrder({ event: { at }, leg, stream, progress, timestamp, isAudio }) {
        if (progress === 'same number') {
          // The wire may double a packet, but not change it.
          if (timestamp === stream.timestamp || !isAudio || !stream.comparable || ++stream.repeated !== 5) return
          report({
            ...SAME_NUMBER,
            expected: 'a sequence number one higher for each packet',
            actual: 'the same number with another timestamp, five times',
          })
        } else if (isSettled(leg, at) && ++stream.restarts === 3) {
          report({
            expected: 'consecutive numbers, or a new SSRC',
            actual: 'numbers that began anew under the same SSRC, three times, with no new offer before',
          })
        }
      },
      newStream(leg) {
        if (leg.streams.size < MOST_STREAMS) return
        report({
          ...NEW_SOURCES,
          expected: 'one SSRC for a source (RFC 3550 §8)',
          actual: `more than ${MOST_STREAMS} at one port`,
        })
      },
    }
  },
}
