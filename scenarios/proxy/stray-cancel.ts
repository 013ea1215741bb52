import { must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'proxy/stray-cancel',
  title: 'A CANCEL that belongs to no call ends none',
  area: 'proxy',
  purposes: ['PRX-CANCEL'],
  rules: {
    notTaken: must(
      'RFC 3261 §16.10',
      'a CANCEL that belongs to no call is forwarded or dropped, not answered as if it had cancelled one',
      { gravity: 'harm', harm: 'A caller believes that it has hung up, and the other side goes on ringing.' },
    ),
    untouched: must('RFC 3261 §16.10', 'a call goes on ringing when a CANCEL for another call comes', {
      gravity: 'harm',
      harm: 'Strangers can end other people’s calls while they ring.',
    }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp'],
  seconds: 10,
  harm: "Strangers can end other people's calls while they ring; a caller believes that it has hung up, and the other side goes on ringing.",
  advice: 'Look at how the proxy finds the INVITE of a CANCEL: by branch and sent-by of the topmost Via.',
  async run({ alice, bob, expect, within, waits }) {
    await alice.registers()
    await bob.registers()
    bob.rings()
    const rung = bob.nextCall()
    const call = await alice.invites(bob)
    const incoming = await rung
    precondition(incoming && (await within(call.ringing, 4_000)), 'the call did not ring')
    const uri = `sip:${bob.number}@${alice.agent.account.domain}`
    const cancel = alice.composes('CANCEL', uri, { to: `<${uri}>`, contact: false })
    await alice.transmits(cancel)
    await waits(2_000)
    const answers = alice.hears(undefined, { callId: cancel.callId })
    expect(
      'notTaken',
      answers.status.filter((status) => status < 300),
      { seen: answers.first },
    ).toBeEmpty()
    const cancels = bob.hears('CANCEL', { callId: incoming.id })
    expect('untouched', [cancels.count, incoming.state], { seen: cancels.first }).toEqual([0, 'early'])
    await within(call.cancel(), 4_000)
  },
})
