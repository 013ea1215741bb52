import {
  finding,
  inconclusive,
  must,
  onlyForProxies,
  precondition,
  scenario,
  type SipSighting,
  whereReached,
} from 'ringproof'

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
    bounded: whereReached(
      must('RFC 3261 §16.6', 'each round of a loop takes one off Max-Forwards, so that it ends', {
        gravity: 'exposure',
        cause: 'max-forwards-not-counted',
        harm: 'Forwarding loops never end: Max-Forwards is not counted down.',
      }),
    ),
  },
  devices: { alice: {}, bob: {} },
  seconds: 18,
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
    const { message: arrived } = sent
    const hops = sent.message.maxForwards ?? 70
    const ofCall = ({ message }: SipSighting) => message.callId === sent.message.callId
    /** Leads the call back to the target, and what comes of it: an answer, or the call once more. */
    const leadsBack = async (uri: string, nc: number) => {
      const again = arrived.clone()
      again.uri = uri
      again.headers.set('Max-Forwards', String(hops - 1))
      if (challenge?.message.kind === 'response') {
        for (const [name, value] of Object.entries(alice.credentialsFor(again, challenge.message, { nc })))
          again.headers.set(name, value)
      }
      again.headers.prepend('Via', bob.composes('INVITE', uri).headers.get('Via') ?? '')
      const { branch } = again.via
      const known = new Set(bob.hears('INVITE', { where: ofCall }).branch)
      const answers = bob.hears(undefined, {
        callId: call.id,
        where: ({ message }) => message.kind === 'response' && message.via.branch === branch && message.status >= 200,
      })
      const returns = bob.hears('INVITE', {
        where: (seen) => ofCall(seen) && !known.has(seen.message.via.branch ?? null),
      })
      // One datagram may be lost.
      for (let copies = 0; copies < 2 && answers.count + returns.count === 0; copies += 1) {
        await bob.transmits(again)
        await Promise.race([answers.reaches(1, 1_500), returns.reaches(1, 1_500)])
      }
      await waits(300)
      const answer = answers.first
      return { answer, status: answers.status[0], returned: returns.first }
    }
    const looped = await leadsBack(own.message.uri, 2)
    if (looped.status === 401 || looped.status === 407 || looped.status === 403)
      inconclusive(`a call that is led back needs a log-in (${looped.status}), so nothing goes round`)
    precondition(looped.status ?? looped.returned, 'what was led back got no answer and did not return', 'no-answer')
    expect('detected', looped.status ?? 'no final response', { seen: looped.answer ?? looped.returned }).toBeOneOf([
      482, 483,
    ])
    // Another Request-URI makes a spiral of the loop (RFC 3261 §16.3, item 4): it may go round, as long as Max-Forwards is counted.
    const spiral = looped.returned ? looped : await leadsBack(`${own.message.uri};round=2`, 3)
    if (spiral.returned) {
      expect('bounded', spiral.returned.message.maxForwards ?? null, {
        seen: spiral.returned,
        header: 'Max-Forwards',
      }).toSatisfy(`less than ${hops - 1}`, (left) => left !== null && left < hops - 1)
    }
    bob.answersRequests()
    bob.rejects(486)
    void call.cancel()
    await waits(300)
  },
})
