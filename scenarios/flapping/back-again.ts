import { precondition, promised, scenario } from 'ringproof'

export default scenario({
  id: 'flapping/back-again',
  title: 'When one of two devices unregisters, the other is called again after its next registration',
  area: 'flapping',
  purposes: ['FLAP', 'REG-SHARED'],
  provider: ['BH-10'],
  rules: {
    free: promised('BH-10', 'once a device has unregistered, the other one can register', {
      gravity: 'outage',
      cause: 'second-device-refused',
      follows: ['registration-refused'],
      harm: 'A telephone cannot register again after another one of the same account has left.',
    }),
    reachable: promised('BH-10', 'once a device has unregistered, the next call reaches the other one', {
      gravity: 'outage',
      cause: 'binding-lost',
      harm: 'A telephone that registers again after another one of its account has left is not called.',
    }),
    gone: promised('BH-10', 'a device that has unregistered is not called any more', {
      gravity: 'harm',
      cause: 'binding-not-removed',
      harm: 'A telephone that has unregistered is still called.',
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
  seconds: 18,
  harm: 'After a second telephone of an account has left, the first one does not work as before.',
  advice:
    'Look at what the registrar stores when a device that was displaced registers again, and what it keeps of one that unregistered.',
  async run({ desk, mobile, caller, expect, within, waits }) {
    await caller.registers()
    desk.rejects(486)
    mobile.rejects(486)
    await desk.registers()
    const alone = await caller.tries(desk)
    await within(alone.call.ended, 1_500)
    precondition(alone.arrived, 'desk is not called although it is alone', 'call-not-arrived')
    // Where the provider refuses the second one, it was never in the way.
    await mobile.asksToRegister()
    await within(mobile.unregisters(), 4_000)
    const again = await desk.asksToRegister()
    const seen = desk.hears(again.status, { to: 'REGISTER' }).last
    if (!expect('free', again.status, { seen }).toBe(200)) return
    const before = mobile.hears('INVITE').count
    const { call, arrived } = await caller.tries(desk)
    await waits(300)
    await within(call.ended, 1_500)
    expect('reachable', arrived !== undefined, { seen: caller.says('INVITE').last }).toBeTrue('the call arrives')
    expect('gone', mobile.hears('INVITE').count - before).toBe(0, 'call to the old place')
  },
})
