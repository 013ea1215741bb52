import { precondition, scenario, should } from 'ringproof'

export default scenario({
  id: 'digest/asked-once',
  title: 'A challenge to an INVITE is sent once, not repeated by timers',
  area: 'digest',
  purposes: ['DIG-ONCE'],
  rules: {
    once: should('RFC 3261 §26.3.2.4', 'a challenge is not repeated by a timer', { gravity: 'exposure' }),
  },
  devices: { alice: {}, bob: {} },
  seconds: 8,
  fitForLoad: true,
  harm: 'Challenges are repeated until an ACK comes. With forged packets the provider can be made to flood others.',
  advice: 'Send the challenge without a transaction. Kamailio: force_stateless_reply of the auth module.',
  async run({ alice, bob, expect, random, target, waits }) {
    const uri = `sip:${bob.number}@${alice.domain}`
    const callId = random.token(24)
    const branch = `z9hG4bK${random.token(16)}`
    const from = `<${alice.aor}>;tag=${random.token(10)}`
    await alice.transmits(alice.composes('INVITE', uri, { callId, branch, from, to: `<${uri}>` }))
    const answers = alice.hears(undefined, { callId, to: 'INVITE', where: isFinal })
    precondition(await answers.reaches(1, 4_000), 'the INVITE got no answer', 'no-answer')
    const { first } = answers
    precondition(
      first?.message.kind === 'response' && [401, 407].includes(first.message.status),
      'the INVITE was not challenged',
    )
    // Nobody acknowledges it: a server that keeps a transaction repeats it after T1, 2·T1, 4·T1 …
    await waits(8 * target.timers.T1)
    expect('once', answers.count, { seen: answers.last }).toBe(1, 'challenge')
    const to = first.message.headers.get('To') ?? `<${uri}>`
    await alice.transmits(alice.composes('ACK', uri, { callId, branch, from, to, contact: false }))
  },
})

const isFinal = ({ message }: { message: { kind: string; status?: number } }) =>
  message.kind === 'response' && (message.status ?? 0) >= 200
