import { must, scenario, should } from 'ringproof'

export default scenario({
  id: 'dialog/cancel-of-nothing',
  title: 'A CANCEL that matches no call is answered 481',
  area: 'dialog',
  purposes: ['TX-CANCEL481'],
  provider: ['SC-4'],
  rules: {
    refused: should('RFC 3261 §9.2', 'a CANCEL that matches nothing is answered 481', {
      gravity: 'letter',
      cause: 'stray-cancel-accepted',
      follows: ['cancel-refused'],
    }),
    notChallenged: must('RFC 3261 §22.1', 'a CANCEL is not challenged: it cannot be sent again with credentials', {
      gravity: 'letter',
      cause: 'cancel-refused',
      harm: 'A CANCEL is challenged for credentials, which no telephone can answer.',
    }),
  },
  devices: { alice: {} },
  needs: ['echo'],
  transports: ['udp', 'tcp', 'tls'],
  seconds: 8,
  harm: 'A caller whose CANCEL matched no call is told that it has hung up; the other side may go on ringing.',
  advice:
    'Look at how the server finds the INVITE of a CANCEL (branch and sent-by of the Via), and what it answers where there is none.',
  async run({ alice, services, expect }) {
    await alice.registers()
    const uri = `sip:${services.echo}@${alice.domain}`
    const cancel = alice.composes('CANCEL', uri, { to: `<${uri}>`, contact: false })
    const answer = await alice.asks(cancel)
    const status = answer?.message.kind === 'response' ? answer.message.status : undefined
    expect('refused', status ?? 'no answer', { seen: answer }).toBe(481)
    expect('notChallenged', status ?? 'no answer', { seen: answer }).toSatisfy(
      'neither 401 nor 407',
      (code) => code !== 401 && code !== 407,
    )
  },
})
