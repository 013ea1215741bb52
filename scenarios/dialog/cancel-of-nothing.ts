import { must, scenario, should } from 'ringproof'

export default scenario({
  id: 'dialog/cancel-of-nothing',
  title: 'A CANCEL for a call to a service that was never made is told so',
  area: 'dialog',
  purposes: ['TX-CANCEL481'],
  provider: ['SC-4'],
  rules: {
    refused: should('RFC 3261 §9.2', 'a CANCEL that matches nothing is answered 481', {
      gravity: 'harm',
      harm: 'A caller believes that it has hung up, while the other side goes on ringing.',
    }),
    notChallenged: must('RFC 3261 §9.2', 'a CANCEL is never asked for credentials: it cannot be sent again with them', {
      gravity: 'letter',
    }),
  },
  devices: { alice: {} },
  needs: ['echo'],
  transports: ['udp', 'tcp', 'tls'],
  seconds: 8,
  harm: 'A caller believes that it has hung up, while the other side goes on ringing.',
  advice: 'Look at how the server finds the INVITE of a CANCEL, and at what it does when there is none.',
  async run({ alice, services, expect }) {
    await alice.registers()
    const uri = `sip:${services.echo}@${alice.agent.account.domain}`
    const cancel = alice.composes('CANCEL', uri, { to: `<${uri}>`, contact: false })
    const answer = await alice.asks(cancel)
    const status = answer?.message.kind === 'response' ? answer.message.status : undefined
    expect('refused', status, { seen: answer }).toBe(481)
    expect('notChallenged', status, { seen: answer }).toSatisfy(
      'neither 401 nor 407',
      (code) => code !== 401 && code !== 407,
    )
  },
})
