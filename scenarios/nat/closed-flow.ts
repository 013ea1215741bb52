import { finding, must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'nat/closed-flow',
  title:
    'With the connection of a device its binding ends: nobody looks for it elsewhere, and callers are told at once',
  area: 'nat',
  purposes: ['OB-CLOSED'],
  provider: ['BH-9', 'BH-3'],
  rules: {
    ended: must('RFC 5626 §7', 'a binding whose flow was closed is not used: no call comes by another way', {
      gravity: 'letter',
    }),
    told: finding('RFC 5626 §7', 'a caller of the device gets a final answer at once', { gravity: 'letter' }),
    listed: finding('RFC 5626 §7', 'the registrar does not list the binding any more', { gravity: 'letter' }),
  },
  devices: { alice: { audio: false }, watcher: { sharesAccountOf: 'alice', audio: false }, bob: { audio: false } },
  needs: ['outbound'],
  transports: ['tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 24,
  harm: 'Callers of a telephone that has lost its network hear nothing for half a minute, instead of being diverted or told.',
  advice:
    'Look at whether the proxy learns of closed connections, and what it does with the bindings that were made on them.',
  async run({ alice, watcher, bob, expect, waits, within }) {
    const { exchange } = await alice.registersFlow()
    await bob.registers()
    alice.rejects(486)
    const first = await bob.tries(alice, 4_000)
    precondition(first.arrived, 'the call did not arrive while the connection was open')
    await within(first.call.ended, 2_000)
    const before = alice.hears('INVITE').count
    precondition(exchange.flow, 'the registration was made on no connection')
    exchange.flow.close()
    await waits(1_000)
    const call = await bob.invites(alice)
    const final = await within(call.answered, 4_000)
    precondition(final?.status !== 401 && final?.status !== 407, 'the caller could not log in')
    if (call.state !== 'ended') await within(call.hangUp(), 2_000)
    const later = alice.hears('INVITE').all[before]
    expect('ended', later === undefined, { seen: later }).toBeTrue('no INVITE at the device')
    expect('told', final?.status ?? 'nothing within 4 s', { seen: bob.says('INVITE').last }).toSatisfy(
      'a final answer within 4 s',
      (status) => typeof status === 'number',
    )
    const left = (await watcher.bindings()).filter(({ params }) =>
      params.get('+sip.instance')?.includes(alice.instance),
    )
    expect('listed', left.length, { seen: watcher.hears(200, { to: 'REGISTER' }).last, header: 'Contact' }).toBe(0)
  },
})
