import { must, promised, scenario, SessionDescription } from 'ringproof'

export default scenario({
  id: 'srtp/one-side-encrypted',
  title: 'A device with encrypted audio and one without hear each other: the provider translates',
  area: 'srtp',
  purposes: ['MED-TWOWAY', 'SD-TAG', 'SD-UNIQUE'],
  provider: ['BH-5', 'EP-2'],
  rules: {
    tag: must('RFC 4568 §5.1.2', 'the answer carries the tag of the crypto line that it accepts', {
      gravity: 'letter',
    }),
    ownKey: must('RFC 4568 §7.1.2', 'the answer brings a key of its own, not that of the offer', {
      gravity: 'harm',
      harm: 'Both directions of an encrypted call use one key: who has one reads both.',
    }),
    callerHears: promised('EP-2', 'the caller with encryption hears the called device without', { gravity: 'letter' }),
    calleeHears: promised('EP-2', 'the called device without encryption hears the caller with it', {
      gravity: 'letter',
    }),
  },
  devices: { alice: { srtp: true, transport: 'tls' }, bob: { transport: 'udp', srtp: false } },
  needs: ['srtp'],
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 10,
  harm: 'Customers with encryption and customers without cannot talk to each other: the call is silent or noise.',
  advice:
    'Look at the relay of the call: does it decrypt with the key of the TLS side and send plain audio to the other?',
  async run({ alice, bob, expect, waits }) {
    await alice.registers()
    await bob.registers()
    const { caller, callee } = await alice.calls(bob)
    const offered = keyLines(caller.localSdp)
    const [answered] = keyLines(caller.remoteSdp)
    const seen = alice.hears(200, { to: 'INVITE' }).last
    const chosen = offered.find((line) => line.tag === answered?.tag)
    expect('tag', `${answered?.tag} ${answered?.suite}`, { seen }).toBeOneOf(
      offered.map((line) => `${line.tag} ${line.suite}`),
    )
    expect('ownKey', answered?.key !== undefined && answered.key !== chosen?.key, { seen }).toBeTrue('another key')
    await waits(2_500)
    const heardBy = (listener: typeof caller | typeof callee, speaker: typeof caller | typeof callee) =>
      listener.media?.report().heard.some((audio) => audio.patternId === speaker.media?.patternId)
    expect('callerHears', heardBy(caller, callee)).toBeTrue("bob's voice")
    expect('calleeHears', heardBy(callee, caller)).toBeTrue("alice's voice")
  },
})

function keyLines(sdp: string | undefined) {
  const lines = sdp === undefined ? [] : (SessionDescription.parse(sdp).media[0]?.crypto ?? [])
  return lines.flatMap(({ attribute }) =>
    attribute ? [{ tag: attribute.tag, suite: attribute.suite, key: attribute.keys[0]?.keySalt.toString('hex') }] : [],
  )
}
