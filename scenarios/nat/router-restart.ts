import { precondition, promised, scenario } from 'ringproof'

export default scenario({
  id: 'nat/router-restart',
  title: 'A device whose router has restarted is called at its new place once it has registered again',
  area: 'nat',
  purposes: ['NAT-REBOOT'],
  provider: ['BH-9'],
  rules: {
    back: promised('BH-9', 'a call is sent to where the last REGISTER came from', {
      gravity: 'outage',
      cause: 'nat-source-old',
      follows: ['binding-doubled', 'stream-not-reused', 'nat-unreachable', 'signalling-unpublished'],
      harm: 'Customers whose router has restarted, or has got another address, cannot be called although their telephone has registered again.',
    }),
  },
  devices: { alice: { nat: { mappingTimeoutMs: 60_000 }, audio: false }, bob: { audio: false } },
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4'],
  seconds: 22,
  reliesOn: 'call',
  step: 'call',
  harm: 'Customers whose router has restarted cannot be called.',
  advice:
    'Let every REGISTER tell anew where the device is: its source address and port, or its connection. Kamailio: fix_nated_register() on refreshes, too; Asterisk: rewrite_contact=yes.',
  async run({ alice, bob, expect, target, note, within, waits }) {
    precondition(target.facts.serves.lateOffer !== false, 'the target refuses calls without a session description')
    const { exchange } = await alice.registers()
    await bob.registers()
    alice.rejects(486)
    const first = await bob.tries(alice, 4_000)
    precondition(first.arrived, 'no call arrived before the router restarted', 'call-not-arrived')
    await within(first.call.ended, 2_000)
    alice.nat?.restart()
    note("alice's router restarts: it has forgotten alice")
    // Nobody hears of the end of this connection: a telephone that finds it dead opens another one.
    exchange.flow?.close()
    await waits(200)
    await alice.registers()
    const again = await bob.tries(alice, 4_000)
    expect('back', again.arrived !== undefined, { seen: bob.says('INVITE').last }).toBeTrue('the call arrives')
    if (again.call.state !== 'ended') await within(again.call.ended, 2_000)
  },
})
