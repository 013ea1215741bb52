import { finding, inconclusive, must, precondition, promised, scenario } from 'ringproof'

/** Seconds from 1900 to 1970. */
const NTP_UNIX_OFFSET = 2_208_988_800

export default scenario({
  id: 'dns/time',
  title: 'The time server answers, is synchronised, and tells the time',
  area: 'dns',
  purposes: ['NTP'],
  provider: ['EP-7'],
  rules: {
    answers: promised('EP-7', 'the time server answers', {
      gravity: 'harm',
      harm: 'The time server does not answer: telephones show a wrong time.',
    }),
    synchronised: finding('EP-7', 'the time server says that it is synchronised, of stratum 1 to 15', {
      gravity: 'harm',
      cause: 'time-unsynchronised',
      harm: 'The time server calls itself not synchronised: telephones ignore it.',
    }),
    origin: must('RFC 5905 §8', 'the answer of the time server repeats the time that the question carried', {
      gravity: 'letter',
      harm: 'The time server does not repeat the time of the question: answers can be forged.',
    }),
    offset: finding('EP-7', 'the time server tells the time of this machine, within five seconds', {
      gravity: 'harm',
      harm: 'The time server is {offset|more than five seconds} off: telephones show a wrong time.',
    }),
  },
  devices: { alice: { audio: false } },
  needs: ['ntp'],
  seconds: 10,
  reliesOn: 'nothing',
  harm: 'The time server does not work as it should.',
  advice: 'Look at the sources of the time server. If they are right, look at the clock of this machine.',
  async run({ alice, target, random, clock, expect, figure, waits }) {
    const { ntp } = target.document
    const [address] = (await target.addressesOf(ntp?.host ?? '')).filter((one) => !one.includes(':'))
    precondition(address, `${ntp?.host} has no IPv4 address`)
    const socket = await alice.bindsSocket()
    const came: { data: Buffer; unixMs: number }[] = []
    socket.onMessage = (data) => came.push({ data, unixMs: clock.unixMs() })
    // RFC 5905 §7.3: version 4, mode 3; what is sent as our time is random, and has to come back (RFC 8915 has the idea).
    const request = Buffer.alloc(48)
    request[0] = (4 << 3) | 3
    random.bytes(8).copy(request, 40)
    const sentAt = clock.unixMs()
    for (const pause of [800, 1_500, 2_500]) {
      if (came.length === 0) socket.send(request, { address, port: ntp?.port ?? 123 })
      for (let waited = 0; waited < pause && came.length === 0; waited += 50) await waits(50)
    }
    const [first] = came
    if (!expect('answers', first !== undefined && first.data.length >= 48).toBeTrue('an answer') || !first)
      inconclusive('the time server did not answer', 'no-answer')

    const { data, unixMs } = first
    const leap = (data[0] ?? 0) >> 6
    const stratum = data[1] ?? 0
    // RFC 5905 §7.4: stratum 0 with a word in place of the source is a kiss of death, and its times mean nothing.
    const kiss = data.subarray(12, 16).toString('latin1')
    precondition(
      stratum !== 0 || !['DENY', 'RSTR', 'RATE'].includes(kiss),
      `the time server refuses to serve this machine: ${kiss}`,
    )
    expect('synchronised', `leap indicator ${leap}, stratum ${stratum}`).toSatisfy(
      'leap indicator 0 to 2, stratum 1 to 15',
      () => leap !== 3 && stratum >= 1 && stratum <= 15,
    )
    expect('origin', data.subarray(24, 32).equals(request.subarray(40, 48))).toBeTrue('the same eight octets')
    const theirs = (data.readUInt32BE(40) - NTP_UNIX_OFFSET + data.readUInt32BE(44) / 2 ** 32) * 1000
    const offset = theirs - (sentAt + unixMs) / 2
    figure('offset', `${Math.round(Math.abs(offset) / 1000)} s`)
    expect('offset', offset / 1000).toBeWithin(-5, 5, 's')
  },
})
