import { loginTaken, must, onlyWhereProxied, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'proxy/proxy-require',
  title: 'A request with an unknown word in Proxy-Require is refused, and the word is named',
  area: 'proxy',
  purposes: ['PRX-420'],
  rules: {
    refused: must('RFC 3261 §16.3', 'an unknown word in Proxy-Require is answered 420', {
      gravity: 'letter',
      harm: 'An unknown word in Proxy-Require is not refused with 420. Telephones hardly ever send the header.',
    }),
    named: whereReached(
      must('RFC 3261 §16.3', 'the 420 names the unknown extension in Unsupported', {
        gravity: 'letter',
        harm: 'An extension refused from Proxy-Require is not named in Unsupported.',
      }),
    ),
    notForwarded: must('RFC 3261 §16.3', 'a request with an unknown word in Proxy-Require is not forwarded', {
      gravity: 'letter',
      harm: 'A request with an unknown word in Proxy-Require is forwarded.',
    }),
  },
  devices: { alice: {}, bob: {} },
  seconds: 12,
  reliesOn: 'call',
  harm: 'Proxy-Require is ignored.',
  advice:
    'Let the proxy check Proxy-Require. Kamailio: sanity_check() does with flag 512, which the sample configuration leaves out.',
  async run({ alice, bob, expect, within }) {
    await alice.registers()
    await bob.registers()
    await onlyWhereProxied(alice, bob)
    bob.rejects(486)
    const before = bob.hears('INVITE').count
    const call = await alice.invites(bob, { headers: { 'Proxy-Require': 'x-ringproof-unheard-of' } })
    const final = await within(call.answered, 8_000)
    loginTaken(final)
    const answer = alice.hears(undefined, { callId: call.id, to: 'INVITE' }).last
    if (expect('refused', final?.status ?? 'no final response', { seen: answer }).toBe(420)) {
      expect('named', final?.headers.values('Unsupported') ?? [], { seen: answer, header: 'Unsupported' }).toContain(
        'x-ringproof-unheard-of',
      )
    }
    const forwarded = bob.hears('INVITE').all.slice(before)
    expect('notForwarded', forwarded.length, { seen: forwarded[0], header: 'Proxy-Require' }).toBe(
      0,
      'request forwarded',
    )
  },
})
