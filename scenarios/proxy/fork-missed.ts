import { callsBoth, finding, precondition, saysAnsweredElsewhere, scenario } from 'ringproof'

export default scenario({
  id: 'proxy/fork-missed',
  title: 'A telephone that stops ringing is told that the call was answered at another one',
  area: 'proxy',
  purposes: ['PRX-MISSED'],
  rules: {
    told: finding(
      'RFC 3326 §1',
      'the CANCEL to a telephone that did not answer says that the call was answered elsewhere (Reason)',
      {
        gravity: 'harm',
        harm: 'Telephones show calls as missed that were answered at another telephone of the account.',
      },
    ),
  },
  devices: { alice: {}, desk: {}, kitchen: { sharesAccountOf: 'desk' } },
  needs: ['shared-credentials:fork'],
  transports: ['udp', 'tcp'],
  seconds: 12,
  reliesOn: 'call',
  step: 'call',
  harm: 'Calls that were answered are shown as missed.',
  advice:
    'Have the CANCEL to the other telephones carry Reason: SIP;cause=200;text="Call completed elsewhere". Kamailio: local_cancel_reason of tm; Asterisk: option c of Dial(); FreeSWITCH: hangup cause LOSE_RACE.',
  async run({ alice, desk, kitchen, expect, within }) {
    desk.waitsForTheStory()
    kitchen.rings()
    const { call, atOne: winner, atOther: loser } = await callsBoth(alice, desk, kitchen)
    precondition(winner && loser, 'the call did not reach both telephones', 'call-not-arrived')
    await winner.answer()
    await within(call.answered, 4_000)
    await within(loser.cancelled, 4_000)
    const cancel = kitchen.hears('CANCEL', { callId: loser.id }).first
    precondition(cancel, 'no CANCEL came to the telephone that did not answer')
    expect('told', cancel.message.headers.get('Reason') ?? null, { seen: cancel, header: 'Reason' }).toSatisfy(
      'SIP;cause=200',
      () => saysAnsweredElsewhere(cancel.message),
    )
    await within(call.hangUp(), 4_000)
  },
})
