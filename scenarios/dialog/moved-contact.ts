import { must, parseUri, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'dialog/moved-contact',
  title: 'After a re-INVITE with another Contact, requests of the call go to the new one',
  area: 'dialog',
  purposes: ['DLG-TARGET'],
  provider: ['SC-6'],
  rules: {
    replaced: must('RFC 3261 §12.2.2', 'the Contact of a re-INVITE replaces the one before', { gravity: 'harm' }),
  },
  devices: { alice: {} },
  needs: ['codes:credit'],
  transports: ['udp', 'tcp'],
  seconds: 28,
  harm: 'A device that changes its network during a call is not told when the other side hangs up.',
  advice: 'Look whether the service takes the Contact of a re-INVITE as its new remote target.',
  async run({ alice, services, expect, within }) {
    await alice.registers()
    const call = await alice.reaches(services.codes.credit ?? '')
    const moved = alice.contactUri.replace(/^(sips?:)[^@]*@/, '$1moved-here@')
    const changed = await within(call.reinvite({ headers: { Contact: `<${moved}>` } }), 6_000)
    precondition(changed?.status === 200, `the re-INVITE was answered with ${changed?.status ?? 'nothing'}`)
    const bye = await alice.hears('BYE', { callId: call.id }).next(20_000)
    precondition(bye?.message.kind === 'request', 'the announcement sent no BYE within 20 s')
    // Host and port may be those that the target saw, not those that the device wrote.
    expect('replaced', parseUri(bye.message.uri).userDecoded ?? null, { seen: bye }).toBe('moved-here')
  },
})
