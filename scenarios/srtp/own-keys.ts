import { must, outcomeOfOffer, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'srtp/own-keys',
  title: 'Every answer carries an SRTP key of its own, another for each call',
  area: 'srtp',
  purposes: ['SD-UNIQUE'],
  provider: ['EP-2', 'BH-7'],
  rules: {
    notOurs: must('RFC 4568 §7.1.2', 'the key of the answer differs from those of the offer', {
      gravity: 'exposure',
      cause: 'key-reused',
      harm: 'Encrypted calls may be decrypted without the key: the answer uses the key of the offer.',
    }),
    notAgain: must('RFC 3711 §9.1', 'no master key is used for two sessions', {
      gravity: 'exposure',
      cause: 'key-reused',
      harm: 'Encrypted calls may be decrypted without the key: one key is used for several calls.',
    }),
  },
  devices: { alice: { audio: false } },
  needs: ['echo', 'srtp'],
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 12,
  fitForLoad: true,
  harm: 'Encrypted calls may be decrypted without the key: SRTP keys are used twice.',
  advice:
    'Look where relay or service take the key of their answer from: it must be random and new for each call and direction.',
  async run({ alice, services, target, expect, within }) {
    await alice.registers()
    const theirs: string[] = []
    const ours: string[] = []
    for (let calls = 0; calls < 3; calls++) {
      const audio = await alice.speaksByHand()
      const key = audio.keyLine(1, target.document.media.srtp[0])
      const call = await alice.invites(services.echo ?? '', { sdp: audio.describes({ crypto: [key.line] }) })
      const outcome = await outcomeOfOffer(call, { within })
      precondition(outcome.kind === 'taken', `encrypted audio was rejected with ${outcome.status}`, 'call-refused')
      ours.push(key.attribute.keys[0]?.keySalt.toString('hex') ?? '')
      theirs.push(...outcome.audio.crypto.flatMap((line) => line.attribute?.keys[0]?.keySalt.toString('hex') ?? []))
      await within(call.hangUp(), 4_000)
    }
    precondition(theirs.length >= 3, 'an answer has no key')
    const seen = alice.hears(200, { to: 'INVITE' }).last
    expect('notOurs', theirs.filter((key) => ours.includes(key)).length, { seen }).toBe(
      0,
      "key of the caller in the provider's description",
    )
    expect('notAgain', new Set(theirs).size, { seen }).toBe(theirs.length)
  },
})
