/** EXAM-SRTCP: encrypted RTCP has the tag of its key, the E flag, and an index that grows (RFC 3711 §3.4, §4.2). */
import type { MediaPacketEvent, SrtcpSeen } from '../../media/media-events.js'
import { isClearRtcp } from '../../media/rtcp.js'
import { uint32At } from '../../media/rtp.js'
import type { Endpoint } from '../../transport/network.js'
import type { Kind, Report, StandingCheck } from '../check.js'
import { isSettled, type Leg, MOST_STREAMS } from '../memory/legs.js'

/** What was on its way when keys changed has come by then, ms. */
const SETTLING_MS = 2_000
/** Packets that overtake one another are not further apart, ms: reports come seconds apart. */
const OVERTAKING_MS = 1_000
/** Packets that do not match their key before it is noted: one may be left over from another call. */
const PACKETS = 2
/** How many reports of a source are kept, to tell those that the network doubles. */
const KEPT = 8

/** The reports of one source under one key. */
interface Source {
  readonly keysAt: number
  readonly remote: Endpoint
  readonly kept: { readonly index: number; readonly octets: string }[]
  highest: number
  highestAt: number
  unreadable: number
  garbled: number
}

const UNREADABLE: Kind = {
  rule: 'RFC 3711 §4.2',
  title: 'RTCP of encrypted calls is not authenticated with the key of the call',
}
const GARBLED: Kind = {
  rule: 'RFC 3711 §4.3.2',
  title: 'RTCP of encrypted calls is noise once it is decrypted',
  harm: 'Telephones cannot read the quality reports of encrypted calls: loss and delay are missing in their displays and in monitoring.',
  advice:
    'Look whether encrypted RTCP has session key and salt of its own (labels 3 and 5, not those of the audio), and whether RTCP was well-formed before.',
}
const READABLE: Kind = {
  gravity: 'exposure',
  cause: 'srtcp-unencrypted',
  rule: 'RFC 4568 §6.3.2',
  title: 'RTCP of encrypted calls is authenticated, but not encrypted',
  harm: 'Whoever is on the path reads the quality reports of encrypted calls, and the name of the device in them.',
  advice:
    'Switch encryption of RTCP on in the relay (rtpengine: no unencrypted_srtcp among the SDES options; libsrtp: sec_serv_conf_and_auth for RTCP too).',
}
const INDEX: Kind = {
  cause: 'srtcp-index',
  rule: 'RFC 3711 §3.4',
  title: 'The packet index of encrypted RTCP does not grow',
  harm: 'Telephones take the quality reports of encrypted calls for replays and drop all but the first: monitoring is wrong. Reports under the same index can also be decrypted without the key.',
  advice: 'Look whether the relay keeps the SRTCP index of each source for as long as its key is in use.',
}

export const srtcp: StandingCheck = {
  id: 'EXAM-SRTCP',
  text: {
    severity: 'fail',
    gravity: 'harm',
    cause: 'srtcp-unreadable',
    title: 'Encrypted RTCP is not as RFC 3711 has it',
    rule: 'RFC 3711 §3.4',
    provider: ['BH-4', 'BH-7'],
    harm: 'Telephones drop the quality reports of encrypted calls: loss and delay are missing in their displays and in monitoring.',
    advice:
      'Look whether relay or service authenticate RTCP with its own session key (label 4, not that of the audio) and with a tag of 80 bits, also where that of the audio has 32.',
  },
  watch({ legs }, report) {
    const sources = new WeakMap<Leg, Map<number, Source>>()
    return {
      onSecureLeg({ stream, event }) {
        if (event.plain !== undefined && event.fault === undefined) stream.decryptedAt = event.at
      },
      rtcp({ leg: own, event }) {
        const { at, local, remote, raw, srtcp: fields } = event
        if (fields === undefined || isClearRtcp(raw)) return
        // RTCP has the port of its RTP, or the next.
        const leg = own.ourProtocol === '' ? legs.at(local.address, local.port - 1) : own
        if (!leg.isSecure || leg.lastRemote?.address !== remote.address) return
        if (!isSettled(leg, at) || at > leg.endedAt || at - fields.keysAt < SETTLING_MS) return
        const ssrc = uint32At(raw, 4)
        const stream = leg.streams.get(ssrc)
        // A scenario sends under this SSRC what it likes, and the target may pass it on unread.
        if (stream?.ours?.imitated === true) return
        const source = sourceOf(sources, leg, ssrc, event, fields)
        if (source === undefined) return
        if (fields.authentic) {
          judgeFields(event, fields, source, report)
        } else if (stream !== undefined && stream.decryptedAt > fields.keysAt && ++source.unreadable === PACKETS) {
          // Audio of the same source is decrypted with the same master key.
          report({
            ...UNREADABLE,
            expected: 'SRTCP under the master key that decrypts the audio of the same source',
            actual: `${PACKETS} packets whose authentication tag does not match`,
          })
        }
      },
    }
  },
}

/** Undefined where there are too many. */
function sourceOf(
  sources: WeakMap<Leg, Map<number, Source>>,
  leg: Leg,
  ssrc: number,
  { at, remote }: MediaPacketEvent,
  { keysAt }: SrtcpSeen,
): Source | undefined {
  let ofLeg = sources.get(leg)
  if (ofLeg === undefined) sources.set(leg, (ofLeg = new Map<number, Source>()))
  const known = ofLeg.get(ssrc)
  // Under a new key, or from another relay, counting may begin anew.
  const isSame =
    known?.keysAt === keysAt && known.remote.port === remote.port && known.remote.address === remote.address
  if (isSame) return known
  if (known === undefined && ofLeg.size >= MOST_STREAMS) return undefined
  const source = { keysAt, remote, kept: [], highest: -1, highestAt: at, unreadable: 0, garbled: 0 }
  ofLeg.set(ssrc, source)
  return source
}

/** What an SRTCP packet says whose tag matches. */
function judgeFields(
  { at, raw, fault }: MediaPacketEvent,
  { index, encrypted, mayBeClear }: SrtcpSeen,
  source: Source,
  report: Report,
): void {
  const octets = raw.toString('latin1')
  if (source.kept.some((one) => one.octets === octets)) return
  if (!encrypted && !mayBeClear)
    report({ ...READABLE, expected: 'the E flag, as UNENCRYPTED_SRTCP was not agreed on', actual: 'RTCP without it' })

  if (encrypted && isNoRtcp(fault) && ++source.garbled === PACKETS)
    report({ ...GARBLED, expected: 'RTCP once it is decrypted', actual: `${PACKETS} packets that are none (${fault})` })

  const twice = source.kept.some((one) => one.index === index)
  const back = index < source.highest && at - source.highestAt > OVERTAKING_MS
  if (twice || back) {
    report({
      ...INDEX,
      expected: `an index above ${source.highest}`,
      actual: twice ? `index ${index} in two packets that differ` : `index ${index} after ${source.highest}`,
    })
  }
  source.kept.push({ index, octets })
  if (source.kept.length > KEPT) source.kept.shift()
  if (index > source.highest) {
    source.highest = index
    source.highestAt = at
  }
}

/** RTCP that does not even have the form of packets one behind the other. */
function isNoRtcp(fault: string | undefined): boolean {
  return fault === 'rtcp-version' || fault === 'rtcp-length'
}
