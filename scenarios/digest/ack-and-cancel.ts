import { must, precondition, scenario, type SipSighting } from 'ringproof'

export default scenario({
  id: 'digest/ack-and-cancel',
  title: 'ACK and CANCEL are never challenged: they cannot be sent again with credentials',
  area: 'digest',
  purposes: ['DIG-ACKCANCEL'],
  rules: {
    cancel: must('RFC 3261 §22.1', 'a CANCEL is not challenged', {
      gravity: 'harm',
      cause: 'cancel-refused',
      harm: 'CANCEL is challenged: telephones go on ringing after the caller has hung up.',
    }),
    ack: must('RFC 3261 §22.1', 'an ACK is not challenged', {
      gravity: 'outage',
      harm: 'ACK is challenged: answered calls are cut off after about 32 s.',
    }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 12,
  fitForLoad: true,
  reliesOn: 'call',
  step: 'call',
  harm: 'Requests that cannot carry credentials are challenged.',
  advice:
    'Exempt ACK and CANCEL from authentication. Kamailio: handle CANCEL (t_check_trans(), t_relay()) and ACK before the authentication route, as the default kamailio.cfg does.',
  async run({ alice, bob, expect, within, waits }) {
    await alice.registers()
    await bob.registers()
    bob.rings()
    const ringing = await alice.invites(bob, { media: false })
    precondition(await within(ringing.ringing, 6_000), 'ringing did not reach the caller', 'call-not-arrived')
    await within(ringing.cancel(), 4_000)
    await within(ringing.ended, 4_000)
    const toCancel = alice.hears(undefined, { to: 'CANCEL', where: isChallenge })
    expect('cancel', toCancel.status, { seen: toCancel.first }).toBeEmpty()
    precondition(alice.says('CANCEL').count > 0, 'no CANCEL was sent')

    bob.answers()
    const call = await alice.invites(bob, { automatic: { acknowledge: false } })
    const final = await within(call.answered, 6_000)
    precondition(final && final.status < 300, 'the call was not answered', 'call-refused')
    await call.acknowledge({ headers: { 'Proxy-Authorization': undefined, Authorization: undefined } })
    await waits(1_000)
    const toAck = alice.hears(undefined, { to: 'ACK', where: isChallenge })
    expect('ack', toAck.status, { seen: toAck.first }).toBeEmpty()
    await within(call.hangUp({ impatient: true }), 4_000)
  },
})

const isChallenge = ({ message }: SipSighting) =>
  message.kind === 'response' && (message.status === 401 || message.status === 407)
