import { encryptedEcho, must, precondition, promised, scenario, unsupported, whereReached } from 'ringproof'

// RFC 4568 §9.2: lifetime in packets, key identifier (MKI) with its length in octets.
const LIFETIME = 2n ** 31n
const MKI = { value: 1n, length: 4 }

const tag = must('RFC 4568 §5.1.2', 'the answer carries tag and suite of the accepted line', {
  gravity: 'outage',
  cause: 'crypto-answer-wrong',
  follows: ['encryption-dropped'],
  harm: 'Telephones whose SRTP keys have a lifetime or an identifier get an answer that they cannot use.',
})
const valid = must('RFC 4568 §6.1', 'lifetime and identifier of the key in the answer are valid ones', {
  gravity: 'outage',
  cause: 'crypto-answer-wrong',
  follows: ['encryption-dropped'],
  harm: 'Telephones drop encrypted calls: the key in the answer has a lifetime or an identifier that is not valid.',
})
const shared = {
  area: 'srtp',
  provider: ['EP-2', 'BH-7'],
  devices: { alice: { audio: false } },
  needs: ['echo', 'srtp'],
  step: 'talk',
  transports: ['tls'],
  families: ['ipv4'],
  seconds: 34,
  fitForLoad: true,
} as const

export default [
  scenario({
    ...shared,
    id: 'srtp/lifetime',
    title: 'An SRTP key with a lifetime is taken, and audio passes',
    purposes: ['SD-LIFETIME'],
    rules: {
      taken: promised('EP-2', 'an offer of SRTP whose key has a lifetime is accepted', {
        gravity: 'outage',
        follows: ['encryption-dropped'],
        harm: 'Telephones that give their SRTP key a lifetime, as many do, cannot call with encryption.',
      }),
      tag: whereReached(tag),
      valid: whereReached(valid),
      heard: whereReached(
        promised('SC-4', 'audio under a key with a lifetime is heard', {
          gravity: 'outage',
          follows: ['crypto-answer-wrong'],
          harm: 'Encrypted calls of telephones that give their SRTP key a lifetime, as many do, are silent.',
        }),
      ),
    },
    harm: 'Telephones that give their SRTP key a lifetime, as many do, have no encrypted calls.',
    advice:
      'Look at how a=crypto with "|2^31" behind the key is read: up to 2^48 packets it is valid (RFC 4568 §6.1, RFC 3711 §9.2).',
    async run({ alice, target, expect, ...tools }) {
      await alice.registers()
      const suite = target.document.media.srtp[0]
      const plain = await encryptedEcho(tools, alice, (audio) => audio.keyLine(1, suite))
      precondition(plain.heard, `without a lifetime ${plain.words} came back from the echo test`, 'no-audio')
      const { outcome, line, heard, words } = await encryptedEcho(tools, alice, (audio) =>
        audio.keyLine(1, suite, { lifetime: LIFETIME }),
      )
      const seen = alice.hears(outcome.status, { to: 'INVITE' }).last
      const answer = outcome.kind === 'taken' ? outcome.audio.protocol : `refused (${outcome.status})`
      if (!expect('taken', answer, { seen }).toMatch(/SAVPF?$/, 'RTP/SAVP')) return
      expect('tag', `${line?.tag} ${line?.suite}`, { seen }).toBe(`1 ${suite}`)
      if (!expect('valid', line?.faults[0]?.actual ?? 'valid', { seen }).toBe('valid')) return
      expect('heard', words).toSatisfy('its own voice', () => heard)
    },
  }),
  scenario({
    ...shared,
    id: 'srtp/mki',
    title:
      'Where an SRTP key with an identifier (MKI) is taken, packets are read by it, and those that come have what the answer says',
    purposes: ['SD-MKI'],
    rules: {
      tag,
      valid: whereReached(valid),
      own: whereReached(
        must('RFC 4568 §6.1', 'packets carry the key identifier of the answer, and none where the answer has none', {
          gravity: 'outage',
          follows: ['crypto-answer-wrong'],
          harm: 'Encrypted calls of telephones whose keys have an identifier are silent: the answer repeats the identifier, and the packets do not carry it.',
        }),
      ),
      heard: whereReached(
        must('RFC 3711 §3.1', 'audio whose packets carry the key identifier of the offer is heard', {
          gravity: 'outage',
          follows: ['crypto-answer-wrong'],
          harm: 'Encrypted calls of telephones whose keys have an identifier (MKI) are silent: it is accepted, and not looked for in the packets.',
        }),
      ),
    },
    harm: 'Encrypted calls of telephones whose SRTP keys have an identifier are silent.',
    advice:
      'Look at what becomes of "|1:4" behind the key in a=crypto: where packets with an MKI are not understood, such a line is to be passed over. The MKI in the answer is that of its own key.',
    async run({ alice, target, expect, ...tools }) {
      await alice.registers()
      const suite = target.document.media.srtp[0]
      const plain = await encryptedEcho(tools, alice, (audio) => audio.keyLine(1, suite))
      precondition(plain.heard, `without an MKI ${plain.words} came back from the echo test`, 'no-audio')
      const { outcome, line, heard, words, read, withoutMki } = await encryptedEcho(tools, alice, (audio) =>
        audio.keyLine(1, suite, { lifetime: LIFETIME, mki: MKI }),
      )
      // RFC 4568 §7.1.2: a key parameter may be against the policy of who answers.
      if (outcome.kind === 'refused') unsupported(`a key with an MKI is refused with ${outcome.status}`)
      precondition(/SAVPF?$/.test(outcome.audio.protocol), `${outcome.audio.protocol} was answered`, 'feature-lacking')
      const seen = alice.hears(outcome.status, { to: 'INVITE' }).last
      expect('tag', `${line?.tag} ${line?.suite}`, { seen }).toBe(`1 ${suite}`)
      if (!expect('valid', line?.faults[0]?.actual ?? 'valid', { seen }).toBe('valid')) return
      const mki = line?.attribute?.keys[0]?.mki
      const wrong = `${withoutMki} packets without the MKI ${mki?.value} that the answer tells`
      // Without one, packets that carry it all the same look like those of another key.
      if (!expect('own', withoutMki > read ? wrong : 'as told').toBe('as told')) return
      expect('heard', words).toSatisfy('its own voice', () => heard)
    },
  }),
]
