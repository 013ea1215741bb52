import { callerIdentity, finding, isOf, must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'security/somebody-elses-number',
  title: 'A customer cannot call under another customer’s number',
  area: 'security',
  purposes: ['ID-OTHER', 'ID-FROM'],
  rules: {
    asserted: must(
      'RFC 3325 §5',
      'what is asserted is the identity that logged in, not one that was written into From',
      { gravity: 'letter' },
    ),
    shown: finding('security', 'another customer’s number in From does not reach the called device', {
      gravity: 'harm',
      harm: 'Customers are called by "their neighbour" or "their own bank", and the neighbour gets the complaints.',
    }),
  },
  // Carol lends her number.
  devices: { alice: {}, bob: {}, carol: {} },
  transports: ['udp', 'tls'],
  seconds: 12,
  harm: 'Customers are called by "their neighbour" or "their own bank", and the neighbour gets the complaints.',
  advice:
    'Let the proxy compare From with the numbers of the account that logged in, and refuse or replace it. Number spoofing is forbidden by law in many countries.',
  async run({ alice, bob, carol, expect, within, note, clock }) {
    await alice.registers()
    await bob.registers()
    const usual = await alice.tries(bob)
    await within(usual.call.hangUp(), 4_000)
    precondition(usual.arrived, 'a call under the caller’s own number did not arrive either')
    const since = clock.now()
    const call = await alice.invites(bob, { from: `<sip:${carol.number}@${alice.agent.account.domain}>` })
    const final = await within(call.answered, 6_000)
    await within(call.hangUp(), 4_000)
    const seen = bob.hears('INVITE', { since }).first
    precondition(final, 'the call got no final answer')
    if (!seen) {
      precondition([400, 403, 404, 433, 603].includes(final.status), `the call was answered ${final.status}`)
      note(`a call under another number is refused: ${final.status}`)
    }
    const shown = seen && callerIdentity(seen.message)
    const isCarols = (number: string) => isOf(carol.account, number) && !isOf(alice.account, number)
    expect('asserted', shown?.asserted.filter(isCarols) ?? [], { seen, header: 'P-Asserted-Identity' }).toBeEmpty()
    expect('shown', [shown?.from ?? []].flat().filter(isCarols), { seen, header: 'From' }).toBeEmpty()
  },
})
