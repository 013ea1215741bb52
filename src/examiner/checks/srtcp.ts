/** EXAM-SRTCP: encrypted RTCP has the tag of its key, the E flag, and an index that grows (RFC 3711 §3.4, §4.2). */
import { isClearRtcp } from '../../media/rtcp.js'
import { uint32At } from '../../media/rtp.js'
import { type SrtcpEvent, type SrtcpFault, SrtcpSources } from '../../media/srtcp-source.js'
import type { Kind, StandingCheck } from '../check.js'
import { isSettled, type Leg, MOST_STREAMS } from '../memory/legs.js'

/** What was on its way when keys changed has come by then, ms. */
const SETTLING_MS = 2_000

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
    const sources = new WeakMap<Leg, SrtcpSources>()
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
        // That the key is known shows where audio of the same source is decrypted with it.
        if (!fields.authentic && (stream === undefined || stream.decryptedAt <= fields.keysAt)) return
        const seen = { ...event, srtcp: fields }
        const source = sourcesOf(sources, leg).of(seen)
        if (source === undefined) return
        const { highest } = source
        for (const fault of source.judge(seen)) report({ ...KINDS[fault], ...TOLD[fault](seen, highest) })
      },
    }
  },
}

const KINDS: Readonly<Record<SrtcpFault, Kind>> = {
  unauthentic: UNREADABLE,
  unencrypted: READABLE,
  noise: GARBLED,
  'index-twice': INDEX,
  'index-back': INDEX,
}

/** What was expected and what came, by fault. */
const TOLD: Readonly<Record<SrtcpFault, (seen: SrtcpEvent, highest: number) => { expected: string; actual: string }>> =
  {
    unauthentic: () => ({
      expected: 'SRTCP under the master key that decrypts the audio of the same source',
      actual: 'packets whose authentication tag does not match',
    }),
    unencrypted: () => ({
      expected: 'the E flag, as UNENCRYPTED_SRTCP was not agreed on',
      actual: 'RTCP without it',
    }),
    noise: ({ fault }) => ({
      expected: 'RTCP once it is decrypted',
      actual: `packets that are none (${fault})`,
    }),
    'index-twice': ({ srtcp: { index } }, highest) => ({
      expected: `an index above ${highest}`,
      actual: `index ${index} in two packets that differ`,
    }),
    'index-back': ({ srtcp: { index } }, highest) => ({
      expected: `an index above ${highest}`,
      actual: `index ${index} after ${highest}`,
    }),
  }

function sourcesOf(known: WeakMap<Leg, SrtcpSources>, leg: Leg): SrtcpSources {
  let sources = known.get(leg)
  if (sources === undefined) known.set(leg, (sources = new SrtcpSources(MOST_STREAMS)))
  return sources
}
