/** EXAM-RTCP: RTCP comes in compound packets that begin with a report and name their source (RFC 3550 §6.1). */
import { uint32At } from '../../media/rtp.js'
import type { Endpoint } from '../../transport/network.js'
import type { StandingCheck } from '../check.js'
import { isSecure } from '../memory/legs.js'

export const rtcp: StandingCheck = {
  id: 'EXAM-RTCP',
  text: {
    severity: 'warn',
    gravity: 'letter',
    cause: 'rtcp-malformed',
    title: 'RTCP packets are malformed',
    rule: 'RFC 3550 §6.1',
    provider: ['BH-4'],
    harm: 'Quality figures of phones and monitoring may be missing or wrong.',
    advice: 'Look at the media server or relay that writes RTCP.',
  },
  watch({ legs }, report) {
    return {
      rtcp({ leg: own, event: { local, remote, raw, plain, fault, srtcp } }) {
        if (fault === undefined) return
        // RTCP has the port of its RTP, or the next.
        const leg = own.ourProtocol === '' ? legs.at(local.address, local.port - 1) : own
        // What was not decrypted is not readable: no key yet, or none any more. What is of ours was only passed on.
        if (isSecure(leg.ourProtocol) && plain === raw) return
        // No form at all after decryption: that is the keys', which EXAM-SRTCP looks at.
        if (srtcp?.encrypted === true && (fault === 'rtcp-version' || fault === 'rtcp-length')) return
        const source = uint32At(raw, 4)
        if (plain === undefined || raw.length < 8 || legs.isOurs(source)) return
        // What was on its way to the port's last user (SRTCP under other keys, SIP, STUN) comes from strangers.
        if (!leg.streams.has(source) && (leg === own || !isBeside(remote, leg.lastRemote))) return
        report({ expected: 'a compound packet in the form of the section', actual: fault })
      },
    }
  },
}

/** RTCP leaves from the port of its RTP, or from the next (RFC 3550 §11). */
function isBeside({ address, port }: Endpoint, rtp: Endpoint | undefined): boolean {
  return rtp !== undefined && address === rtp.address && (port === rtp.port || port === rtp.port + 1)
}
