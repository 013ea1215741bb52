import { finding, loginTaken, must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'nat/closed-flow',
  title: 'When the connection of a device closes, its binding ends and callers are told at once',
  area: 'nat',
  purposes: ['OB-CLOSED'],
  provider: ['BH-9', 'BH-3'],
  rules: {
    ended: must('RFC 5626 §7', 'a binding whose flow was closed is not used: no call comes by another way', {
      gravity: 'letter',
      follows: ['outbound-ignored'],
      harm: 'Calls to a device whose connection was closed are tried by another way.',
    }),
    told: finding('RFC 5626 §7', 'a caller of the device gets a final answer at once', {
      gravity: 'harm',
      follows: ['outbound-ignored'],
      harm: 'Callers of a telephone that has lost its connection get no answer within 4 s. No diversion, no error tone.',
    }),
    listed: finding('RFC 5626 §7', 'the registrar does not list the binding any more', {
      gravity: 'letter',
      follows: ['outbound-ignored'],
      harm: 'The registrar still lists a binding whose connection was closed.',
    }),
  },
  devices: { alice: { audio: false }, watcher: { sharesAccountOf: 'alice', audio: false }, bob: { audio: false } },
  needs: ['outbound'],
  transports: ['tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 24,
  reliesOn: 'call',
  harm: 'A binding outlives the connection that it was made on.',
  advice:
    'Let the proxy remove the bindings of a connection that closes. Kamailio: handle_lost_tcp of usrloc (off by default), with outbound_mode of registrar.',
  async run({ alice, watcher, bob, expect, waits, within }) {
    const { exchange } = await alice.registersFlow()
    await bob.registers()
    alice.rejects(486)
    const first = await bob.tries(alice, 4_000)
    precondition(first.arrived, 'no call arrived while the connection was open', 'call-not-arrived')
    await within(first.call.ended, 2_000)
    const before = alice.hears('INVITE').count
    precondition(exchange.flow, 'the REGISTER was sent over no connection')
    exchange.flow.close()
    await waits(1_000)
    const call = await bob.invites(alice)
    const final = await within(call.answered, 4_000)
    loginTaken(final)
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
    expect('listed', left.length, { seen: watcher.hears(200, { to: 'REGISTER' }).last, header: 'Contact' }).toBe(
      0,
      'binding listed',
    )
  },
})
