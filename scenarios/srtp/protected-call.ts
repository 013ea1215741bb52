import { inconclusive, must, promised, scenario, SessionDescription } from 'ringproof'

export default scenario({
  id: 'srtp/protected-call',
  title:
    'A call between two devices on TLS with encrypted audio stays protected on both sides, and both hear each other',
  area: 'srtp',
  purposes: ['LEAK', 'MED-TWOWAY'],
  provider: ['BH-7', 'EP-2'],
  rules: {
    offered: promised('BH-7', 'the called device on TLS is offered encrypted audio, with a key', {
      gravity: 'harm',
      harm: 'Customers who pay for encryption are heard by anyone on the way.',
    }),
    answered: promised('BH-7', 'the caller is answered with encrypted audio', {
      gravity: 'harm',
      harm: 'Customers who pay for encryption are heard by anyone on the way.',
    }),
    oneKey: must('RFC 4568 §5.1.2', 'exactly one of the offered crypto lines is accepted', {
      gravity: 'harm',
      harm: 'Customers who pay for encryption hear nothing: their device is given no key, or several.',
    }),
    calleeHears: promised('BH-7', 'the called device can read what the caller says', {
      gravity: 'harm',
      harm: 'Customers who pay for encryption hear nothing.',
    }),
    callerHears: promised('BH-7', 'the caller can read what the called device says', {
      gravity: 'harm',
      harm: 'Customers who pay for encryption hear nothing.',
    }),
    nothingInClear: promised('BH-7', 'no packet of audio travels unencrypted', {
      gravity: 'harm',
      harm: 'Customers who pay for encryption are heard by anyone on the way.',
    }),
  },
  devices: { alice: { srtp: true }, bob: { srtp: true } },
  needs: ['srtp'],
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 10,
  fitForLoad: true,
  harm: 'Customers who pay for encryption are heard by anyone on the way, or hear nothing at all.',
  advice: 'Look at what the proxy writes into the m= line and the crypto lines towards devices on TLS.',
  async run({ alice, bob, expect, within, waits }) {
    await alice.registers()
    await bob.registers()
    const call = await alice.invites(bob)
    const ringing = await bob.nextCall(6_000)
    const arrived = bob.hears('INVITE').last
    if (ringing && arrived) {
      const offered = SessionDescription.parse(arrived.message.body).media[0]
      const protection = offered && `${offered.protocol} with ${offered.crypto.length > 0 ? 'a key' : 'no key'}`
      if (!expect('offered', protection, { seen: arrived }).toMatch(/SAVPF? with a key$/)) return
    }
    const final = await within(call.answered, 8_000)
    if (!final || final.status >= 300 || !ringing) {
      // Neither here nor there: encryption cannot be told from a call that is not set up.
      await alice.reaches(bob)
      inconclusive(
        `the encrypted call was not set up (${final?.status ?? 'no answer'}), though a later one was`,
        final ? 'call-refused' : 'no-answer',
      )
    }
    const answer = SessionDescription.parse(final.body).media[0]
    const seen = alice.hears(200, { to: 'INVITE' }).last
    expect('answered', answer?.protocol, { seen }).toMatch(/SAVPF?$/)
    expect('oneKey', answer?.crypto.length, { seen }).toBe(1)
    await waits(2_500)
    const [ours, theirs] = [call.media, ringing.media]
    expect(
      'calleeHears',
      theirs?.report().heard.some((audio) => audio.patternId === ours?.patternId),
    ).toBeTrue("alice's voice")
    expect(
      'callerHears',
      ours?.report().heard.some((audio) => audio.patternId === theirs?.patternId),
    ).toBeTrue("bob's voice")
    const inClear = [...alice.packets, ...bob.packets].filter(
      (packet) => packet.kind === 'rtp' && packet.plain !== undefined && packet.raw.equals(packet.plain),
    )
    expect('nothingInClear', inClear.length).toBe(0)
  },
})
