/** EXAM-SRTP-CLEAR: where encryption was agreed on, packets of audio and of RTCP are encrypted (RFC 3711 §3.3, §3.4). */
import { isClearAudio } from '../../media/clear-audio.js'
import { isClearRtcp } from '../../media/rtcp.js'
import { uint32At } from '../../media/rtp.js'
import type { StandingCheck } from '../check.js'

/** As many packets of a call before it is noted. */
const PACKETS = 3

export const srtpClear: StandingCheck = {
  id: 'EXAM-SRTP-CLEAR',
  text: {
    severity: 'fail',
    gravity: 'exposure',
    cause: 'encryption-dropped',
    title: 'Audio comes unencrypted although encryption was agreed on',
    rule: 'RFC 3711 §3.3',
    provider: ['BH-5', 'BH-7'],
    harm: 'Customers who rely on encryption can be listened to; phones that insist on it hear nothing.',
    advice: 'Look at the relay that joins an encrypted and an unencrypted leg.',
  },
  watch({ legs }, report) {
    return {
      onSecureLeg({ event: { raw }, leg }) {
        if (!isClearAudio(raw) || ++leg.clear !== PACKETS) return
        report({
          expected: `packets with an authentication tag, as ${leg.ourProtocol} was agreed on`,
          actual: 'packets of audio in clear',
        })
      },
      rtcp({ leg: own, event: { local, remote, raw } }) {
        // RTCP has the port of its RTP, or the next.
        const leg = own.ourProtocol === '' ? legs.at(local.address, local.port - 1) : own
        // By source and SSRC it is that of this call, and not of the port's last one.
        if (!leg.isSecure || leg.lastRemote?.address !== remote.address || !isClearRtcp(raw)) return
        if (!leg.streams.has(uint32At(raw, 4))) return
        report({
          cause: 'rtcp-in-clear',
          rule: 'RFC 3711 §3.4',
          title: 'RTCP comes unencrypted although encryption was agreed on',
          expected: `SRTCP, as ${leg.ourProtocol} was agreed on`,
          actual: 'RTCP in clear: no index and no authentication tag behind the reports',
          harm: 'Whoever is on the path reads and forges the quality reports of encrypted calls.',
        })
      },
    }
  },
}
