import { callerIdentity, finding, isOf, must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'security/somebody-elses-number',
  title: "A customer cannot call under another customer's number by writing it into From",
  area: 'security',
  purposes: ['ID-OTHER', 'ID-FROM'],
  rules: {
    asserted: must('RFC 3325 §5', 'P-Asserted-Identity carries the identity that logged in, not the one in From', {
      gravity: 'exposure',
    }),
    shown: finding('security', "another customer's number in From does not reach the called device", {
      gravity: 'exposure',
    }),
  },
  // Carol lends her number.
  devices: { alice: {}, bob: {}, carol: {} },
  reliesOn: 'call',
  transports: ['udp', 'tls'],
  seconds: 20,
  provokesBans: true,
  harm: "Any customer can call under another customer's number: From is passed on unchecked.",
  advice:
    'Compare the user in From with the numbers of the account that logged in, and reject or replace it (Kamailio: $fU against $au). Number spoofing is forbidden by law in many countries.',
  async run({ alice, bob, carol, expect, within, note, clock }) {
    await alice.registers()
    await bob.registers()
    const usual = await alice.tries(bob)
    await within(usual.call.hangUp(), 4_000)
    precondition(usual.arrived, "a call under the caller's own number did not arrive either", 'call-not-arrived')
    const since = clock.now()
    const call = await alice.invites(bob, { from: `<sip:${carol.number}@${alice.domain}>` })
    const final = await within(call.answered, 6_000)
    await within(call.hangUp(), 4_000)
    const seen = bob.hears('INVITE', { since }).first
    precondition(final, 'the call got no final response', 'no-answer')
    if (!seen) {
      // Challenged again though it brought credentials: about this From, if the same log-in is still good for the caller's own.
      const isChallenged = final.status === 401 || final.status === 407
      const again = isChallenged ? await alice.tries(bob) : undefined
      if (again) await within(again.call.hangUp(), 4_000)
      const isRejected = [400, 403, 404, 433, 603].includes(final.status) || again?.arrived !== undefined
      precondition(isRejected, `the call got ${final.status}`, 'call-refused')
      note(`a call under another number is rejected with ${final.status}`)
    }
    const shown = seen && callerIdentity(seen.message)
    const isCarols = (number: string) => isOf(carol.account, number) && !isOf(alice.account, number)
    expect('asserted', shown?.asserted.filter(isCarols) ?? [], { seen, header: 'P-Asserted-Identity' }).toBeEmpty()
    expect('shown', [shown?.from ?? []].flat().filter(isCarols), { seen, header: 'From' }).toBeEmpty()
  },
})
