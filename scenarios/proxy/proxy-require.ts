import { must, onlyWhereProxied, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'proxy/proxy-require',
  title: 'A request that insists on what the proxy does not know is refused, and told why',
  area: 'proxy',
  purposes: ['PRX-420'],
  rules: {
    refused: must('RFC 3261 §16.3', 'an unknown word in Proxy-Require is answered 420', { gravity: 'letter' }),
    named: must('RFC 3261 §16.3', 'the 420 names the unknown extension in Unsupported', { gravity: 'letter' }),
    notForwarded: must('RFC 3261 §16.3', 'a request with an unknown word in Proxy-Require is not forwarded', {
      gravity: 'letter',
    }),
  },
  devices: { alice: {}, bob: {} },
  seconds: 12,
  harm: 'Devices that depend on a feature of the provider believe that it works, where it does not.',
  advice: 'Look at whether the proxy checks Proxy-Require at all.',
  async run({ alice, bob, expect, within }) {
    await alice.registers()
    await bob.registers()
    await onlyWhereProxied(alice, bob)
    bob.rejects(486)
    const before = bob.hears('INVITE').count
    const call = await alice.invites(bob, { headers: { 'Proxy-Require': 'x-ringproof-unheard-of' } })
    const final = await within(call.answered, 8_000)
    precondition(final?.status !== 401 && final?.status !== 407, 'the caller could not log in')
    const answer = alice.hears(undefined, { callId: call.id, to: 'INVITE' }).last
    expect('refused', final?.status, { seen: answer }).toBe(420)
    expect('named', final?.headers.values('Unsupported') ?? [], { seen: answer, header: 'Unsupported' }).toContain(
      'x-ringproof-unheard-of',
    )
    const forwarded = bob.hears('INVITE').all.slice(before)
    expect('notForwarded', forwarded.length, { seen: forwarded[0], header: 'Proxy-Require' }).toBe(0)
  },
})
