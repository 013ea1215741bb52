import { promised, scenario } from 'ringproof'

export default scenario({
  id: 'ipv6/protected',
  title: 'A protected call (TLS and encrypted audio) between IPv6 and IPv4 is heard on both sides',
  area: 'ipv6',
  purposes: ['MED-V4V6', 'MED-TWOWAY'],
  provider: ['BH-7', 'EP-9', 'EP-2'],
  rules: {
    calleeHears: promised('BH-7', 'the called device on IPv4 can read what the caller says', { gravity: 'letter' }),
    callerHears: promised('BH-7', 'the caller on IPv6 can read what the called device says', { gravity: 'letter' }),
    encrypted: promised('BH-7', 'both sides are encrypted', {
      gravity: 'harm',
      harm: 'Customers who want encryption have none between IPv6 and IPv4.',
    }),
  },
  devices: { alice: { family: 'ipv6', srtp: true }, bob: { family: 'ipv4', srtp: true } },
  needs: ['srtp'],
  transports: ['tls'],
  seconds: 10,
  harm: 'Customers who want encryption must stay with the old internet, or are silent towards it.',
  advice: 'Look at the keys on either side of the relay, and at the family of its addresses.',
  async run({ alice, bob, expect, waits }) {
    await alice.registers()
    await bob.registers()
    const { caller, callee } = await alice.calls(bob)
    await waits(2_500)
    const [ours, theirs] = [caller.media?.report(), callee.media?.report()]
    expect('encrypted', ours?.srtp !== undefined && theirs?.srtp !== undefined).toBeTrue()
    expect(
      'calleeHears',
      theirs?.heard.some((audio) => audio.patternId === caller.media?.patternId),
    ).toBeTrue("alice's voice")
    expect(
      'callerHears',
      ours?.heard.some((audio) => audio.patternId === callee.media?.patternId),
    ).toBeTrue("bob's voice")
  },
})
