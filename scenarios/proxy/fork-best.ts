import { must, onlyForProxies, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'proxy/fork-best',
  title: 'When one telephone is busy and the other declines for all, the caller gets the 6xx',
  area: 'proxy',
  purposes: ['PRX-BEST'],
  rules: {
    sixth: must('RFC 3261 §16.7', 'of several failures one of the 6xx class is chosen, if there is any', {
      gravity: 'letter',
      follows: ['status-changed'],
      harm: 'When one telephone is busy and another declines with 6xx, the caller does not get the 6xx.',
    }),
    once: must('RFC 3261 §16.7', 'the caller of several telephones gets one final response', {
      gravity: 'letter',
      harm: 'The caller of several telephones gets several final responses.',
    }),
  },
  devices: { alice: {}, desk: {}, kitchen: { sharesAccountOf: 'desk' } },
  needs: ['shared-credentials:fork'],
  seconds: 12,
  reliesOn: 'call',
  harm: 'The response to a forked call is not the one the RFC chooses.',
  advice:
    'Look at how the proxy chooses among the responses of several telephones. Kamailio: disable_6xx_block of tm must be off.',
  async run({ alice, desk, kitchen, expect, within, waits }) {
    await alice.registers()
    await desk.registers()
    await kitchen.registers()
    desk.rejects(486)
    kitchen.rejects(603)
    const call = await alice.invites(desk)
    const final = await within(call.answered, 8_000)
    await waits(500)
    precondition(
      desk.hears('INVITE').count > 0 && kitchen.hears('INVITE').count > 0,
      'the call did not reach both telephones',
      'call-not-arrived',
    )
    onlyForProxies(alice.says('INVITE', { callId: call.id }).last, desk.hears('INVITE').first)
    const finals = alice.hears(undefined, {
      callId: call.id,
      to: 'INVITE',
      where: ({ message, again }) =>
        !again && 'status' in message && message.status >= 200 && ![401, 407].includes(message.status),
    })
    expect('sixth', final?.status ?? 'no final response', { seen: finals.last }).toBe(603)
    expect('once', finals.count, { seen: finals.last }).toBe(1, 'final response')
  },
})
