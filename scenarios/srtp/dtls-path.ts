import { handshakeOf, must, outcomeOfOffer, precondition, scenario, unsupported } from 'ringproof'

/** After a second, and after two more, what was lost is sent again (RFC 6347 §4.2.4.1). */
const HANDSHAKE_MS = 12_000

const WAYS = [
  {
    id: 'srtp/dtls-loss',
    title: 'A DTLS handshake comes to its end though its first packets are lost',
    rule: must('RFC 6347 §4.2.4', 'a flight of the handshake that gets no answer is sent again', {
      gravity: 'outage',
      harm: 'Encrypted calls are silent now and then: one lost packet, and the DTLS handshake never comes to its end.',
    }),
    dtls: { losesFirst: 2 },
    advice:
      'Look whether the relay drives its DTLS timer: with OpenSSL DTLSv1_handle_timeout has to be called when DTLSv1_get_timeout says so.',
  },
  {
    id: 'srtp/dtls-fragments',
    title: 'A DTLS handshake in many small pieces is put together',
    rule: must('RFC 6347 §4.2.3', 'fragments of a handshake message are put together', {
      gravity: 'outage',
      harm: 'Encrypted calls are silent for telephones with long certificates or small packets: pieces of the DTLS handshake are not put together.',
    }),
    dtls: { mtu: 200 },
    advice:
      'Look for a DTLS stack that takes each record for a whole message, and for firewalls that drop the second packet.',
  },
] as const

export default WAYS.map(({ id, title, rule, dtls, advice }) =>
  scenario({
    id,
    title,
    area: 'srtp',
    purposes: ['DTLS-KEYS'],
    provider: ['BH-8'],
    rules: { completed: rule },
    devices: { alice: { srtp: 'dtls' }, bob: { srtp: 'dtls', dtls } },
    needs: ['echo'],
    transports: ['udp'],
    families: ['ipv4'],
    seconds: 30,
    harm: rule.harm ?? title,
    advice,
    async run({ alice, bob, services, clock, expect, within }) {
      await alice.registers()
      await bob.registers()
      const plain = await alice.invites(services.echo ?? '')
      const outcome = await outcomeOfOffer(plain, { within })
      if (outcome.kind === 'refused') unsupported(`DTLS-SRTP is refused with ${outcome.status}`)
      const good = await handshakeOf(plain.media, HANDSHAKE_MS, clock)
      precondition(good.complete, `no DTLS handshake on a good path: ${good.words}`, 'no-audio')
      await within(plain.hangUp(), 4_000)
      const call = await bob.invites(services.echo ?? '')
      const second = await outcomeOfOffer(call, { within })
      precondition(second.kind === 'taken', `the second offer was rejected with ${second.status}`, 'call-refused')
      const seen = await handshakeOf(call.media, HANDSHAKE_MS, clock)
      expect('completed', seen.words).toSatisfy('a complete handshake', () => seen.complete)
      await within(call.hangUp(), 4_000)
    },
  }),
)
