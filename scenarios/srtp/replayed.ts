import { AudioPattern, isFault, outcomeOfOffer, parseRtp, precondition, scenario, should } from 'ringproof'

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
  async run({ alice, bob, target, random, expect, within, waits, clock }) {
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
    const spoken: string[] = []
    const voice = random.int(2 ** 24)
    const pattern = new AudioPattern(voice)
    await audio.speaks(voice, 1_000, (wire, index) => {
      sent.push(wire)
      spoken.push(pattern.frame(index, 'PCMA').toString('hex'))
      return wire
    })
    await waits(800)
    precondition(
      listener.report().received.packets > sent.length / 2,
      'the audio did not reach the called device',
      'no-audio',
    )
    const recorded = sent.slice(-25)
    const replayedAt = clock.now()
    for (const wire of recorded) {
      audio.throws(wire)
      await waits(20)
    }
    await waits(300)
    // What a relay sends of its own, such as comfort noise, is no replay: it has not the words that were recorded.
    const words = new Set(spoken.slice(-25))
    const arrived = bob.packets.filter(
      ({ direction, kind, plain }) => direction === 'in' && kind === 'rtp' && words.has(wordsOf(plain)),
    )
    const before = arrived.filter(({ at }) => at <= replayedAt).length
    const once = spoken.filter((one) => words.has(one)).length
    precondition(before < 1.5 * once, 'packets arrived several times before they were replayed')
    // What was lost the first time does not arrive a second time.
    const lost = Math.max(0, once - before)
    const more = Math.max(0, arrived.length - before - lost)
    expect('dropped', `${more} of ${recorded.length} came through`).toBe(`0 of ${recorded.length} came through`)
    await within(call.hangUp(), 4_000)
  },
})

/** What a packet carries. */
function wordsOf(plain: Buffer | undefined): string {
  const packet = plain && parseRtp(plain)
  return packet === undefined || isFault(packet) ? '' : packet.payload.toString('hex')
}
