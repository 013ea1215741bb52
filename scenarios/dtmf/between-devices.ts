import { precondition, promised, scenario } from 'ringproof'

export default scenario({
  id: 'dtmf/between-devices',
  title: 'Keys that one customer presses in a call reach the other, both ways',
  area: 'dtmf',
  purposes: ['EP-10', 'EV-END', 'EV-REPEAT'],
  provider: ['EP-10'],
  rules: {
    toCallee: promised('EP-10', 'the called device gets the digits of the caller, each once and in their order', {
      gravity: 'letter',
    }),
    toCaller: promised('EP-10', 'the caller gets the digits of the called device, each once and in their order', {
      gravity: 'letter',
    }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 14,
  fitForLoad: true,
  harm: "Customers cannot use other customers' voice menus, mailboxes or door openers.",
  advice: 'Look at whether the relay forwards packets of the telephone-event type, and its number on either side.',
  async run({ alice, bob, expect, waits }) {
    await alice.registers()
    await bob.registers()
    const { caller, callee } = await alice.calls(bob)
    precondition(
      caller.media?.negotiated?.dtmf && callee.media?.negotiated?.dtmf,
      'telephone-events were not agreed on',
    )
    const listen = [
      caller.media.hears(callee.media.patternId, 3_000),
      callee.media.hears(caller.media.patternId, 3_000),
    ]
    precondition(!(await Promise.all(listen)).includes(false), 'the two do not hear each other')
    await caller.sendDigits('19955#')
    await callee.sendDigits('*2880')
    await Promise.all([callee.media.hearsDigits(6, 3_000), caller.media.hearsDigits(5, 3_000)])
    await waits(500)
    expect('toCallee', callee.media.report().digits).toBe('19955#')
    expect('toCaller', caller.media.report().digits).toBe('*2880')
  },
})
