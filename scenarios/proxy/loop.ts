import { finding, inconclusive, must, onlyForProxies, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'proxy/loop',
  title: 'A call that is led back to the provider again and again comes to an end',
  area: 'proxy',
  purposes: ['PRX-LOOP'],
  rules: {
    detected: finding('RFC 5393 §4.2', 'a request that comes back unchanged is recognised and answered 482', {
      gravity: 'exposure',
      harm: 'Forwarding loops are not detected: one call can keep the servers busy.',
    }),
    bounded: must('RFC 3261 §16.6', 'each round of a loop takes one off Max-Forwards, so that it ends', {
      gravity: 'exposure',
      cause: 'max-forwards-not-counted',
      harm: 'Forwarding loops never end: Max-Forwards is not counted down.',
    }),
  },
  devices: { alice: {}, bob: {} },
  seconds: 12,
  reliesOn: 'call',
  harm: 'Forwarding loops keep the servers busy.',
  advice:
    'Let the proxy compare the Vias of a request with its own (RFC 5393), above all where one account can have several devices, and limit diversions. Kamailio: mf_process_maxfwd_header("10") bounds loops.',
  async run({ alice, bob, expect, waits }) {
    await alice.registers()
    await bob.registers()
    // A telephone that leads its calls back to where they came from, as a forwarding rule would.
    bob.answersRequests((request) => (request.method === 'INVITE' ? 'nothing' : undefined))
    const call = await alice.invites(bob)
    const sent = await bob.hears('INVITE').next(8_000)
    const own = alice.says('INVITE', { callId: call.id }).last
    onlyForProxies(own, sent)
    precondition(
      sent?.message.kind === 'request' && own?.message.kind === 'request',
      'the call did not arrive',
      'call-not-arrived',
    )
    const challenge = alice.hears(407, { callId: call.id }).last ?? alice.hears(401, { callId: call.id }).last
    const rounds = [sent.message.maxForwards ?? 0]
    const again = sent.message.clone()
    again.uri = own.message.uri
    again.headers.set('Max-Forwards', String((sent.message.maxForwards ?? 70) - 1))
    if (challenge?.message.kind === 'response') {
      for (const [name, value] of Object.entries(alice.credentialsFor(own.message, challenge.message, { nc: 2 })))
        again.headers.set(name, value)
    }
    const via = bob.composes('INVITE', own.message.uri).headers.get('Via') ?? ''
    again.headers.prepend('Via', via)
    const branch = again.via.branch
    await bob.transmits(again)
    await waits(2_000)
    const answer = bob.hears(undefined, {
      callId: call.id,
      where: ({ message }) => message.kind === 'response' && message.via.branch === branch && message.status >= 200,
    }).first
    const status = answer?.message.kind === 'response' ? answer.message.status : undefined
    if (status === 401 || status === 407 || status === 403)
      inconclusive(`a call that is led back needs a log-in (${status}), so nothing goes round`)
    const returned = bob.hears('INVITE', {
      where: ({ message }) => message.callId === sent.message.callId && message.via.branch !== sent.message.via.branch,
    }).first
    expect('detected', status ?? 'no final response', { seen: answer ?? returned }).toBeOneOf([482, 483])
    if (returned) rounds.push(returned.message.maxForwards ?? 0)
    const [first = 0, second = -1] = rounds
    expect('bounded', second, { seen: returned ?? answer, header: 'Max-Forwards' }).toSatisfy(
      `less than ${first - 1}`,
      (left) => left < first - 1,
    )
    bob.answersRequests()
    bob.rejects(486)
    void call.cancel()
    await waits(300)
  },
})
