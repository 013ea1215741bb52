import { must, precondition, scenario, type SipSighting } from 'ringproof'

export default scenario({
  id: 'digest/ack-and-cancel',
  title: 'ACK and CANCEL are never asked for a log-in: they cannot be sent again',
  area: 'digest',
  purposes: ['DIG-ACKCANCEL'],
  rules: {
    cancel: must('RFC 3261 §22.1', 'a CANCEL is not challenged', {
      gravity: 'harm',
      harm: 'Callers who hang up early leave the other telephone ringing.',
    }),
    ack: must('RFC 3261 §22.1', 'an ACK is not challenged', {
      gravity: 'harm',
      harm: 'Answered calls end after half a minute.',
    }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 12,
  harm: 'Callers who hang up early leave the other telephone ringing; answered calls end after half a minute.',
  advice: 'Look at which methods the proxy exempts from authentication.',
  async run({ alice, bob, expect, within, waits }) {
    await alice.registers()
    await bob.registers()
    bob.rings()
    const ringing = await alice.invites(bob, { media: false })
    precondition(await within(ringing.ringing, 6_000), 'the called device did not ring')
    await within(ringing.cancel(), 4_000)
    await within(ringing.ended, 4_000)
    const toCancel = alice.hears(undefined, { to: 'CANCEL', where: isChallenge })
    expect('cancel', toCancel.status, { seen: toCancel.first }).toBeEmpty()
    precondition(alice.says('CANCEL').count > 0, 'no CANCEL was sent')

    bob.answers()
    const call = await alice.invites(bob, { automatic: { acknowledge: false } })
    const final = await within(call.answered, 6_000)
    precondition(final && final.status < 300, 'the call was not answered')
    await call.acknowledge({ headers: { 'Proxy-Authorization': undefined, Authorization: undefined } })
    await waits(1_000)
    const toAck = alice.hears(undefined, { to: 'ACK', where: isChallenge })
    expect('ack', toAck.status, { seen: toAck.first }).toBeEmpty()
    await within(call.hangUp({ impatient: true }), 4_000)
  },
})

const isChallenge = ({ message }: SipSighting) =>
  message.kind === 'response' && (message.status === 401 || message.status === 407)
