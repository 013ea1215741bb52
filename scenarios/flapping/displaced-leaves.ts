import { precondition, promised, scenario } from 'ringproof'

export default scenario({
  id: 'flapping/displaced-leaves',
  title: 'A device that unregisters removes only its own contact, not that of the device that displaced it',
  area: 'flapping',
  purposes: ['REG-SHARED', 'REG-EXPIRES'],
  provider: ['BH-10'],
  rules: {
    stays: promised('BH-10', 'the device that holds the account is still called when the other one unregisters', {
      gravity: 'outage',
      cause: 'unregister-removes-others',
    }),
  },
  devices: {
    desk: { transport: 'udp', audio: false },
    mobile: { sharesAccountOf: 'desk', transport: 'tls', audio: false },
    caller: { audio: false },
  },
  needs: ['shared-credentials'],
  reliesOn: 'call',
  families: ['ipv4', 'ipv6'],
  seconds: 14,
  harm: 'Switching off one telephone cuts off the other one of its account until it registers again.',
  advice: 'Look at how the registrar carries out expires=0: it must remove the contact that is named, and no other.',
  async run({ desk, mobile, caller, target, expect, within }) {
    const refuses = target.document.policy.sharedCredentials === 'refuse'
    await caller.registers()
    desk.rejects(486)
    mobile.rejects(486)
    const [first, second] = refuses ? [mobile, desk] : [desk, mobile]
    // Where the later one is refused, it is the later one who leaves; else the one that was displaced, or joined.
    await first.asksToRegister()
    await second.asksToRegister()
    const [stays, leaves] = refuses ? [first, second] : [second, first]
    const before = await caller.tries(stays)
    await within(before.call.ended, 1_500)
    precondition(before.arrived, `${stays.name} was not called to begin with`, 'call-not-arrived')
    await within(leaves.asksToRegister({ expires: 0, contacts: [`<${leaves.contactUri}>`] }), 4_000)
    const { call, arrived } = await caller.tries(stays)
    await within(call.ended, 1_500)
    expect('stays', arrived !== undefined, { seen: leaves.says('REGISTER').last }).toBeTrue('the call arrives')
  },
})
