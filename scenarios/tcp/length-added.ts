import { loginTaken, must, precondition, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'tcp/length-added',
  title: 'What a device on UDP sends without Content-Length reaches a device on TCP with it',
  area: 'tcp',
  purposes: ['TR-FRAME'],
  provider: ['BH-3'],
  rules: {
    arrives: must('RFC 3261 §18.3', 'over UDP a request is complete without Content-Length, and is sent on', {
      gravity: 'harm',
      follows: ['stream-framing'],
      harm: 'Requests without Content-Length, permitted over UDP, do not reach telephones on TCP.',
    }),
    added: whereReached(
      must('RFC 3261 §16.6', 'the proxy adds Content-Length where the request leaves over a stream', {
        // As the standing check has it: the connection of whoever is called breaks.
        gravity: 'outage',
        cause: 'content-length-missing',
        harm: 'Telephones on TCP or TLS lose their connection, and every call on it, when they get messages without Content-Length. Over UDP devices may leave it out.',
      }),
    ),
  },
  devices: { alice: { audio: false }, bob: { transport: 'tcp', audio: false } },
  seconds: 20,
  reliesOn: 'call',
  harm: 'Requests without Content-Length are not completed for TCP.',
  advice: 'Let the proxy add Content-Length to messages that come without it before they leave over TCP or TLS.',
  async run({ alice, bob, expect, target, within, clock }) {
    await alice.registers()
    await bob.registers()
    bob.rejects(486)
    const usual = await alice.tries(bob)
    precondition(
      usual.arrived?.transport === 'tcp',
      'a usual call from a device on UDP did not arrive on TCP',
      'call-not-arrived',
    )
    await within(usual.call.ended, 4_000)
    const since = clock.now()
    precondition(target.facts.serves.lateOffer !== false, 'the target refuses calls without a session description')
    const call = await alice.invites(bob, {
      sdp: false,
      edit: (request) => {
        request.headers.remove('Content-Length')
        return request
      },
    })
    await within(call.ended, 6_000)
    loginTaken(call.final)
    const invite = bob.hears('INVITE', { since }).first
    const sent = alice.says('INVITE', { since }).last
    expect('arrives', invite?.message.headers.get('CSeq') ?? null, { seen: invite ?? sent }).toBePresent()
    if (invite) {
      expect('added', invite.message.headers.get('Content-Length') ?? 'none', { seen: invite }).toBe(
        String(invite.message.body.length),
      )
    }
  },
})
