import { inconclusive, loginTaken, precondition, promised, scenario } from 'ringproof'

/** More than so many messages about one call are a circle that was not noticed. */
const MOST_MESSAGES = 30
const PATIENCE_MS = 15_000

export default scenario({
  id: 'services/diversion-circle',
  title: 'A call between accounts that divert to each other ends soon',
  area: 'services',
  purposes: ['SPIRAL'],
  provider: ['SC-14'],
  rules: {
    ends: promised('SC-14', 'a call that is diverted in a circle is rejected, or rings in the end', {
      gravity: 'harm',
    }),
    bounded: promised(
      'SC-14',
      'the caller of a call that is diverted in a circle gets a few messages, not one for each time round',
      { gravity: 'harm' },
    ),
  },
  devices: { alice: {}, bob: {}, carol: { isDivertedTo: true } },
  reliesOn: 'call',
  needs: ['codes:divertAll', 'diversion'],
  seconds: 80,
  harm: 'A call to customers who divert to each other goes round without end and loads the servers.',
  advice:
    'Count diversions, or the accounts that a call has been at, and reject the call at a limit (RFC 5393: how a proxy detects a loop).',
  async run({ alice, bob, carol, services, expect, within, waits, clock, note }) {
    const code = services.codes.divertAll ?? ''
    for (const device of [alice, bob, carol]) await device.registers()
    bob.rings()
    carol.rings()
    /** Which of the two rings on a call to one of them; how many messages there were about it. */
    const calls = async (whom: typeof bob, patienceMs: number) => {
      const since = clock.now()
      const rings = [bob, carol].map((device) => device.hears('INVITE', { since }).reaches(1, patienceMs))
      const call = await alice.invites(whom)
      await within(Promise.race([call.answered, ...rings]), patienceMs)
      await waits(300)
      const final = call.final
      loginTaken(final)
      const messages = alice.hears(undefined, { callId: call.id }).count
      await within(call.hangUp(), 4_000)
      const rung = [bob, carol].filter((device) => device.hears('INVITE', { since }).count > 0)
      return { rung, final, messages, seen: alice.hears(undefined, { callId: call.id }).last }
    }
    // Diversions are switched on where they are not: bob's leads to carol.
    if ((await calls(bob, 4_000)).rung.includes(bob)) await bob.switches(code)
    precondition(
      (await calls(bob, 4_000)).rung.includes(carol),
      'a call to the account that diverts is not diverted',
      'not-reached',
    )
    // Carol's leads to carol herself, as diversions lead to her.
    await carol.switches(code)
    const circle = await calls(bob, PATIENCE_MS)
    if (circle.rung.length > 0) note('the call rang in the end: diverted calls are not diverted for ever')
    if (circle.final && circle.final.status < 300) inconclusive('another party took the call, such as a mailbox')
    expect('ends', circle.rung.length > 0 ? 'it rings' : (circle.final?.status ?? 'no answer'), {
      seen: circle.seen,
    }).toSatisfy('a rejection, or that it rings', (end) => end !== 'no answer')
    expect('bounded', circle.messages, { seen: circle.seen }).toBeWithin(1, MOST_MESSAGES, 'messages')
  },
})
