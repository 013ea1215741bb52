import { must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'tcp/length-added',
  title: 'What a device on UDP sends without Content-Length reaches a device on TCP with it',
  area: 'tcp',
  purposes: ['TR-FRAME'],
  provider: ['BH-3'],
  rules: {
    arrives: must('RFC 3261 §18.3', 'over UDP a request is complete without Content-Length, and is sent on', {
      gravity: 'letter',
    }),
    added: must('RFC 3261 §16.6', 'the proxy adds Content-Length where the request leaves over a stream', {
      gravity: 'letter',
    }),
  },
  devices: { alice: { audio: false }, bob: { transport: 'tcp', audio: false } },
  seconds: 20,
  harm: 'Some calls to telephones on TCP or TLS ring and never come about: the telephone cannot tell where the ACK ends, and closes its connection.',
  advice:
    'Look at whether the proxy completes messages that come without Content-Length before they go out on TCP or TLS.',
  async run({ alice, bob, expect, within, clock }) {
    await alice.registers()
    await bob.registers()
    bob.rejects(486)
    const usual = await alice.tries(bob)
    precondition(usual.arrived?.transport === 'tcp', 'a usual call from a device on UDP did not arrive on TCP')
    await within(usual.call.ended, 4_000)
    const since = clock.now()
    const call = await alice.invites(bob, {
      sdp: false,
      edit: (request) => {
        request.headers.remove('Content-Length')
        return request
      },
    })
    await within(call.ended, 6_000)
    precondition(call.final?.status !== 401 && call.final?.status !== 407, 'the caller could not log in')
    const invite = bob.hears('INVITE', { since }).first
    const sent = alice.says('INVITE', { since }).last
    expect('arrives', invite?.message.headers.get('CSeq'), { seen: invite ?? sent }).toBePresent()
    expect('added', invite?.message.headers.get('Content-Length'), { seen: invite ?? sent }).toBe('0')
  },
})
