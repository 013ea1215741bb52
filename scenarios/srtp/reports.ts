import { isClearRtcp, must, precondition, scenario, type SrtcpEvent, type SrtcpFault, SrtcpSources } from 'ringproof'

/** Reports come every five seconds, half as many more at the latest (RFC 3550 §6.3.1); so many of them are compared. */
const REPORTS = 3
const WAIT_MS = 22_000
/** What overtook the answer that tells its key has come by then, ms. */
const SETTLING_MS = 2_000

export default scenario({
  id: 'srtp/reports',
  title: 'RTCP of encrypted calls is authenticated, encrypted and counted',
  area: 'srtp',
  purposes: ['SRTCP'],
  provider: ['EP-2', 'BH-4', 'BH-7'],
  rules: {
    authentic: must('RFC 3711 §4.2', 'the tag of every SRTCP packet is that of the key of the answer', {
      gravity: 'harm',
      cause: 'srtcp-unreadable',
    }),
    readable: must('RFC 3711 §3.4', 'SRTCP is RTCP once it is decrypted with its own session key and salt', {
      gravity: 'harm',
      cause: 'srtcp-unreadable',
    }),
    encrypted: must('RFC 4568 §6.3.2', 'SRTCP is encrypted where UNENCRYPTED_SRTCP was not agreed on', {
      gravity: 'exposure',
      cause: 'srtcp-unencrypted',
      harm: 'Whoever is on the path reads the quality reports of encrypted calls, and the name of the device in them.',
    }),
    counted: must('RFC 3711 §3.4', 'the index of a source grows with every SRTCP packet', {
      gravity: 'harm',
      cause: 'srtcp-index',
      harm: 'Telephones take the quality reports of encrypted calls for replays and drop all but the first: monitoring is wrong. Reports under the same index can also be decrypted without the key.',
    }),
  },
  devices: { alice: { srtp: true } },
  needs: ['echo', 'srtp'],
  transports: ['tls'],
  families: ['ipv4'],
  seconds: 32,
  harm: 'Telephones drop the quality reports of encrypted calls: loss and delay are missing in their displays and in monitoring.',
  advice:
    'Look whether relay or service protect RTCP with session keys of its own (labels 3 to 5, not those of the audio), with a tag of 80 bits also where that of the audio has 32, and with an index that is kept for each source.',
  async run({ alice, services, clock, expect, waits }) {
    await alice.registers()
    const call = await alice.reaches(services.echo ?? '')
    const { media } = call
    precondition(media?.negotiated?.crypto && media.remote, 'the key of the answer cannot be used', 'no-audio')
    const { remote } = media
    const since = clock.now() + SETTLING_MS
    /** Of sources of the call's audio; clear RTCP and packets that the network doubled are judged elsewhere. */
    const reports = () => {
      const own = alice.packets.filter(({ direction }) => direction === 'in')
      const sources = new Set(own.flatMap(({ kind, raw, plain }) => (kind === 'rtp' && plain ? [ssrcAt(raw, 8)] : [])))
      const seen = new Set<string>()
      return own.filter((event): event is SrtcpEvent => {
        const { kind, at, raw, srtcp, remote: from } = event
        if (kind !== 'rtcp' || srtcp === undefined || from.address !== remote.address || isClearRtcp(raw)) return false
        const octets = raw.toString('latin1')
        if (at < since || !sources.has(ssrcAt(raw, 4)) || seen.has(octets)) return false
        seen.add(octets)
        return true
      })
    }
    for (let waited = 0; waited < WAIT_MS && reports().length < REPORTS; waited += 500) await waits(500)
    const all = reports()
    precondition(media.report().received.packets > 0, 'no encrypted audio came that could be decrypted', 'no-audio')
    precondition(all.length > 1, `${all.length} encrypted reports came within ${WAIT_MS / 1000} s`)
    const sources = new SrtcpSources()
    const faults = all.flatMap((event) => sources.of(event)?.judge(event) ?? [])
    const told = (fault: SrtcpFault) => faults.filter((one) => one === fault).length
    expect('authentic', told('unauthentic')).toBe(0, 'source whose tags do not match')
    const authentic = all.filter(({ srtcp }) => srtcp.authentic).length
    precondition(authentic > 1, `${authentic} of ${all.length} reports are authentic: too few to be compared`)
    expect('encrypted', told('unencrypted')).toBe(0, 'report that is only authenticated')
    expect('readable', told('noise')).toBe(0, 'source whose reports are noise')
    expect('counted', told('index-twice') + told('index-back')).toBe(0, 'report whose index does not grow')
  },
})

const ssrcAt = (raw: Buffer, at: number): number => (raw.length >= at + 4 ? raw.readUInt32BE(at) : -1)
