import { must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'nat/two-flows',
  title: 'A device with two connections to its provider is called over one of them at a time',
  area: 'nat',
  purposes: ['OB-FLOW'],
  provider: ['BH-9'],
  rules: {
    oneAtATime: must('RFC 5626 §7', 'of the flows of one device a call is sent over one only', {
      gravity: 'harm',
      follows: ['outbound-ignored'],
      harm: 'A telephone with two connections rings twice for one call.',
    }),
    answered: must('RFC 5626 §7', 'what the device has answered is not asked again over its other flow', {
      gravity: 'harm',
      follows: ['outbound-ignored'],
      harm: 'A call that a telephone has refused is sent to it again over its other connection.',
    }),
  },
  devices: { alice: { audio: false }, second: { sharesAccountOf: 'alice', audio: false }, bob: { audio: false } },
  needs: ['outbound'],
  transports: ['tcp', 'udp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 14,
  fitForLoad: true,
  reliesOn: 'call',
  harm: 'A telephone with two connections is called over both.',
  advice: 'Look at how the proxy groups bindings with the same +sip.instance.',
  async run({ alice, second, bob, expect, within, waits }) {
    await alice.registersFlow({ regId: 1 })
    await second.registersFlow({ instance: alice.instance, regId: 2 })
    await bob.registers()
    const heard = () => [alice, second].map((device) => new Set(device.hears('INVITE').branch).size)
    for (const device of [alice, second]) device.rings()
    const call = await bob.invites(alice)
    const rang = () => alice.hears('INVITE').first ?? second.hears('INVITE').first
    await Promise.race([alice.hears('INVITE').next(4_000), second.hears('INVITE').next(4_000)])
    precondition(rang(), 'the call did not arrive', 'call-not-arrived')
    await waits(500)
    expect('oneAtATime', heard(), { seen: rang() }).toSatisfy('one flow', ([a = 0, b = 0]) => a + b === 1)
    if (call.state !== 'ended') await within(call.hangUp(), 3_000)
    await waits(300)
    const [before = 0, there = 0] = heard()
    for (const device of [alice, second]) device.rejects(486)
    const { call: again } = await bob.tries(alice, 1_500)
    await within(again.ended, 3_000)
    await waits(500)
    const [after = 0, thereAfter = 0] = heard()
    const more = after - before + thereAfter - there
    precondition(more > 0, 'the second call did not arrive', 'call-not-arrived')
    expect('answered', more, { seen: second.hears('INVITE').last ?? alice.hears('INVITE').last }).toBe(
      1,
      'INVITE for each call',
    )
  },
})
