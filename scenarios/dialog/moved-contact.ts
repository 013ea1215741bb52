import { must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'dialog/moved-contact',
  title: 'A device that moves during a call is reached at its new contact',
  area: 'dialog',
  purposes: ['DLG-TARGET'],
  provider: ['SC-6'],
  rules: {
    replaced: must('RFC 3261 §12.2.2', 'the Contact of a re-INVITE takes the place of the one before', {
      gravity: 'letter',
    }),
  },
  devices: { alice: {} },
  needs: ['codes:credit'],
  transports: ['udp', 'tcp'],
  seconds: 28,
  harm: 'When a device changes its network during a call, the end of the call does not reach it: it stays off-hook, or is cut off later.',
  advice: 'Look at what the answering side keeps of the Contact in a re-INVITE.',
  async run({ alice, services, expect, within }) {
    await alice.registers()
    const call = await alice.reaches(services.codes.credit ?? '')
    const moved = alice.agent.contactUri.replace(/^(sips?:)[^@]*@/, '$1moved-here@')
    const changed = await within(call.reinvite({ headers: { Contact: `<${moved}>` } }), 6_000)
    precondition(changed?.status === 200, `the re-INVITE was answered ${changed?.status ?? 'with silence'}`)
    const bye = await alice.hears('BYE', { callId: call.id }).next(20_000)
    precondition(bye?.message.kind === 'request', 'the announcement did not hang up in time')
    expect('replaced', bye.message.uri.replace(/;.*/, ''), { seen: bye }).toBe(moved.replace(/;.*/, ''))
  },
})
