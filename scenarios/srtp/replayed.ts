import { outcomeOfOffer, precondition, scenario, should } from 'ringproof'

export default scenario({
  id: 'srtp/replayed',
  title: 'SRTP packets that are sent a second time are dropped where the encryption ends',
  area: 'srtp',
  purposes: ['SRTP-AUTH'],
  provider: ['EP-2', 'BH-7'],
  rules: {
    dropped: should('RFC 3711 §3.3.2', 'an SRTP packet that arrives a second time is dropped', {
      gravity: 'exposure',
    }),
  },
  devices: { alice: { audio: false, transport: 'tls' }, bob: { transport: 'udp', srtp: false } },
  needs: ['srtp'],
  reliesOn: 'audio',
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 10,
  harm: 'An attacker on the path can play recorded words of an encrypted call into it again.',
  advice: 'Switch on replay protection in what decrypts the audio (RFC 3711 §3.3.2: a window of at least 64 packets).',
  async run({ alice, bob, target, random, expect, within, waits }) {
    await alice.registers()
    await bob.registers()
    const audio = await alice.speaksByHand()
    const key = audio.keyLine(1, target.document.media.srtp[0])
    const call = await alice.invites(bob, { sdp: audio.describes({ crypto: [key.line] }) })
    const outcome = await outcomeOfOffer(call, { within })
    const theirs = outcome.kind === 'taken' ? outcome.audio.crypto[0]?.attribute : undefined
    precondition(theirs, `encrypted audio was rejected, or answered without a key (${outcome.status})`, 'call-refused')
    const [listener] = bob.mediaSessions
    // Where the key goes through to the other end, the encryption does not end at the target.
    precondition(listener && !listener.negotiated?.crypto, 'the target does not decrypt the audio', 'not-applicable')
    audio.follows(call.remoteSdp)
    audio.protects(key.attribute, theirs)
    const sent: Buffer[] = []
    await audio.speaks(random.int(2 ** 24), 1_000, (wire) => {
      sent.push(wire)
      return wire
    })
    await waits(800)
    const before = listener.report().received.packets
    precondition(before > sent.length / 2, 'the audio did not reach the called device', 'no-audio')
    const recorded = sent.slice(-25)
    for (const wire of recorded) {
      audio.throws(wire)
      await waits(20)
    }
    await waits(300)
    // What was late is no replay: not more than was sent may arrive.
    const more = Math.max(0, listener.report().received.packets - Math.max(before, sent.length))
    expect('dropped', `${more} of ${recorded.length} came through`).toBe(`0 of ${recorded.length} came through`)
    await within(call.hangUp(), 4_000)
  },
})
