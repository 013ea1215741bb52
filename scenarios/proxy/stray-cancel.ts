import { ringsAt, must, scenario, should, wasProxied, whereReached } from 'ringproof'

const STRAY_ACCEPTED = {
  gravity: 'letter',
  cause: 'stray-cancel-accepted',
  harm: 'A CANCEL that belongs to no call is answered with success.',
} as const

export default scenario({
  id: 'proxy/stray-cancel',
  title: 'A CANCEL that belongs to no call ends none',
  area: 'proxy',
  purposes: ['PRX-CANCEL'],
  rules: {
    notTaken: whereReached(
      must(
        'RFC 3261 §16.10',
        'a proxy forwards a CANCEL that belongs to no call, and does not answer it as if it had cancelled one',
        STRAY_ACCEPTED,
      ),
    ),
    refused: whereReached(
      should(
        'RFC 3261 §9.2',
        'a back-to-back user agent refuses a CANCEL that belongs to no call with 481',
        STRAY_ACCEPTED,
      ),
    ),
    untouched: must('RFC 3261 §9.2', 'a call goes on ringing when a CANCEL for another call comes', {
      gravity: 'exposure',
      harm: 'A CANCEL for another call ends the call that rings: strangers can end calls.',
    }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp'],
  seconds: 10,
  fitForLoad: true,
  reliesOn: 'call',
  harm: 'A CANCEL that belongs to no call is not treated as it should be.',
  advice:
    'Look at how the proxy finds the INVITE of a CANCEL: by branch and sent-by of the topmost Via. Kamailio: t_check_trans() before t_relay(); unmatched_cancel of tm.',
  async run({ alice, bob, expect, within, waits }) {
    await alice.registers()
    await bob.registers()
    const { call, incoming } = await ringsAt(alice, bob, within)
    const uri = `sip:${bob.number}@${alice.domain}`
    const cancel = alice.composes('CANCEL', uri, { to: `<${uri}>`, contact: false })
    await alice.transmits(cancel)
    await waits(2_000)
    const answers = alice.hears(undefined, { callId: cancel.callId })
    const arrived = bob.hears('INVITE', { callId: incoming.id }).first
    expect(
      wasProxied(alice.says('INVITE', { callId: call.id }).last, arrived) ? 'notTaken' : 'refused',
      answers.status.filter((status) => status < 300),
      { seen: answers.first },
    ).toBeEmpty()
    const cancels = bob.hears('CANCEL', { callId: incoming.id })
    expect('untouched', [cancels.count, incoming.state], { seen: cancels.first }).toEqual([0, 'early'])
    await within(call.cancel(), 4_000)
  },
})
