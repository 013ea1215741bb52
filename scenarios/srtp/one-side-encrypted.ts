import { must, promised, scenario, SessionDescription, voiceAt, whereReached } from 'ringproof'

export default scenario({
  id: 'srtp/one-side-encrypted',
  title: 'A device with SRTP and one without hear each other',
  area: 'srtp',
  purposes: ['MED-TWOWAY', 'SD-TAG', 'SD-UNIQUE'],
  provider: ['BH-5', 'EP-2'],
  rules: {
    tag: must('RFC 4568 §5.1.2', 'the answer carries the tag of the crypto line that it accepts', {
      gravity: 'outage',
      cause: 'crypto-answer-wrong',
      harm: 'Customers with SRTP have no audio: the answer does not carry the tag of the key line that it accepts.',
    }),
    ownKey: whereReached(
      must('RFC 4568 §7.1.2', 'the answer carries a key of its own, not that of the offer', {
        gravity: 'exposure',
        cause: 'key-reused',
        harm: 'Encrypted calls may be decrypted without the key: both directions use the same one.',
      }),
    ),
    callerHears: promised('EP-2', 'the caller with SRTP hears the called device without', {
      gravity: 'outage',
      cause: 'no-audio',
      follows: ['crypto-answer-wrong'],
      harm: 'Customers with SRTP hear nothing from customers without.',
    }),
    calleeHears: promised('EP-2', 'the called device without SRTP hears the caller with it', {
      gravity: 'outage',
      cause: 'no-audio',
      follows: ['crypto-answer-wrong'],
      harm: 'Customers without SRTP hear nothing from customers with it.',
    }),
    intact: whereReached(
      promised('EP-2', 'audio between SRTP and plain RTP arrives as it was sent', {
        gravity: 'outage',
        cause: 'audio-altered',
        follows: ['audio-lost'],
        harm: 'Customers with SRTP and customers without hear noise from each other: audio is altered on its way.',
      }),
    ),
  },
  devices: { alice: { srtp: true, transport: 'tls' }, bob: { transport: 'udp', srtp: false } },
  needs: ['srtp'],
  reliesOn: 'call',
  step: 'talk',
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 10,
  fitForLoad: true,
  harm: 'Customers with SRTP and customers without cannot talk to each other.',
  advice:
    'Look whether the relay decrypts with the key of the TLS side and sends plain RTP to the other. rtpengine: transport protocol RTP/AVP towards devices without TLS, RTP/SAVP towards those with it, in offer and answer.',
  async run({ alice, bob, expect, waits }) {
    await alice.registers()
    await bob.registers()
    const { caller, callee } = await alice.calls(bob)
    const offered = keyLines(caller.localSdp)
    const [answered] = keyLines(caller.remoteSdp)
    const seen = alice.hears(200, { to: 'INVITE' }).last
    const chosen = offered.find((line) => line.tag === answered?.tag)
    expect('tag', answered ? `${answered.tag} ${answered.suite}` : 'no key', { seen }).toBeOneOf(
      offered.map((line) => `${line.tag} ${line.suite}`),
    )
    if (answered?.key !== undefined) {
      const key = answered.key === chosen?.key ? 'the key of the offer' : 'another key'
      expect('ownKey', key, { seen }).toBe('another key')
    }
    await waits(2_500)
    const atAlice = voiceAt(alice, caller.media, callee.media?.patternId)
    const atBob = voiceAt(bob, callee.media, caller.media?.patternId)
    expect('callerHears', atAlice.words).toSatisfy("the called device's audio", () => atAlice.audible)
    expect('calleeHears', atBob.words).toSatisfy("the caller's audio", () => atBob.audible)
    if (atAlice.audible || atBob.audible) expect('intact', [atAlice, atBob]).toBeIntact()
  },
})

function keyLines(sdp: string | undefined) {
  const lines = sdp === undefined ? [] : (SessionDescription.parse(sdp).media[0]?.crypto ?? [])
  return lines.flatMap(({ attribute }) =>
    attribute ? [{ tag: attribute.tag, suite: attribute.suite, key: attribute.keys[0]?.keySalt.toString('hex') }] : [],
  )
}
