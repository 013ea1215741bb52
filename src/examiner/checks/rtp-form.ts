/**
 * EXAM-RTP-FORM: what comes to a port of audio is RTP (RFC 3550 §5.1), RTCP (§6.1) or what may share the port with them
 * (RFC 7983 §7), and its telephone-events have the form of RFC 4733 §2.3.
 */
import { rtpHeaderBytes, uint32At } from '../../media/rtp.js'
import { looksLikeStun } from '../../nat/stun.js'
import { type Endpoint, formatEndpoint } from '../../transport/network.js'
import type { Kind, Report, StandingCheck } from '../check.js'
import { EVENT, isSecure, type Leg } from '../memory/legs.js'

/** What keeps a path open is sometimes a datagram of no meaning, every few seconds (RFC 6263 §4): so many, within so many ms. */
const DATAGRAMS = 10
const WITHIN_MS = 5_000
/** As many events of a call before they are noted. */
const EVENTS = 3
/** Octets of a report of a telephone-event; several may be packed into one packet (RFC 4733 §2.5.1.5). */
const REPORT_BYTES = 4

const EVENT_FORM: Kind = {
  title: 'Telephone-events are malformed',
  rule: 'RFC 4733 §2.3',
  harm: 'Digits that are sent in this form are not understood.',
  advice: 'Look at what sends telephone-events to this port: a service, or the far end of the call.',
}

export const rtpForm: StandingCheck = {
  id: 'EXAM-RTP-FORM',
  text: {
    severity: 'warn',
    gravity: 'letter',
    title: 'What comes to a port of audio is not RTP',
    rule: 'RFC 3550 §5.1',
    provider: [],
    harm: 'Phones drop such datagrams. Where nothing else comes the call is silent; floods of them cost line and battery.',
    advice:
      'Look at what sends from this address and port. A relay only passes on what the far end of the call sends: then it is that telephone, gateway or media server.',
  },
  watch({ legs }, report) {
    return {
      malformed({ leg, event: { at, raw, remote, fault } }) {
        if (!sharesPort(raw)) count(leg, at, remote, fault ?? 'rtp-version', report)
      },
      rtcp({ leg, event: { at, raw, remote, fault } }) {
        // EXAM-RTCP judges the sources that are known. What is encrypted is not readable.
        if (fault === undefined || isSecure(leg.ourProtocol) || leg.ourProtocol === '') return
        const source = raw.length < 8 ? -1 : uint32At(raw, 4)
        if (!leg.streams.has(source) && !legs.isOurs(source)) count(leg, at, remote, fault, report)
      },
      originated({ leg, type, event: { plain, remote } }) {
        if (leg.types[type] !== EVENT || plain === undefined) return
        const octets = plain.length - rtpHeaderBytes(plain, plain.length)
        if ((octets > 0 && octets % REPORT_BYTES === 0) || ++leg.malformedEvents !== EVENTS) return
        report({
          ...EVENT_FORM,
          expected: 'reports of four octets each',
          actual: `${octets} octets of payload, from ${formatEndpoint(remote)}`,
        })
      },
    }
  },
}

function count(leg: Leg, at: number, remote: Endpoint, fault: string, report: Report): void {
  // Anybody may throw something at a port: only what comes from where audio comes from is looked at.
  if (leg.lastRemote?.address !== remote.address || leg.lastRemote.port !== remote.port) return
  if (at - leg.malformedAt > WITHIN_MS) {
    leg.malformedAt = at
    leg.malformed = 0
  }
  if (++leg.malformed !== DATAGRAMS) return
  report({
    expected: 'RTP or RTCP',
    actual: `${DATAGRAMS} datagrams within ${Math.round(at - leg.malformedAt)} ms from ${formatEndpoint(remote)} (${fault})`,
  })
}

/** RFC 7983 §7: STUN, ZRTP and DTLS come to the same port; RFC 6263 §4.1: empty datagrams keep a path open. */
function sharesPort(raw: Buffer): boolean {
  const [first = 0, second] = raw
  if (raw.length === 0 || looksLikeStun(raw)) return true
  // RFC 3489 §11.1: STUN of old has no cookie, but its length.
  if (first < 2 && raw.length >= 20 && raw.readUInt16BE(2) === raw.length - 20) return true
  const isDtls = first >= 20 && first <= 63 && second === 254
  return isDtls || (first >= 16 && first <= 19 && raw.toString('latin1', 4, 8) === 'ZRTP')
}
