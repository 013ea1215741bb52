import { arrivesAt, must, precondition, scenario, should, type SipSighting, wasProxied, whereReached } from 'ringproof'

export default scenario({
  id: 'retransmission/response-copies',
  title: 'Responses carry the Vias, From, Call-ID and CSeq of their request, and one To tag',
  area: 'retransmission',
  purposes: ['TX-COPY'],
  rules: {
    from: must('RFC 3261 §8.2.6.2', 'a response has the From of its request, parameters and all', {
      gravity: 'letter',
      cause: 'response-changed',
    }),
    callId: must('RFC 3261 §8.2.6.2', 'a response has the Call-ID of its request', {
      gravity: 'letter',
      cause: 'response-changed',
    }),
    cseq: must('RFC 3261 §8.2.6.2', 'a response has the CSeq of its request', {
      gravity: 'letter',
      cause: 'response-changed',
    }),
    vias: must('RFC 3261 §8.2.6.2', 'a response has all Vias of its request, in their order', {
      gravity: 'letter',
      cause: 'response-changed',
    }),
    tag: whereReached(
      must('RFC 3261 §8.2.6.2', 'all responses of one answering side have the same To tag', {
        gravity: 'letter',
        cause: 'to-tag-changed',
        harm: 'The To tag of a call’s responses changes. Most telephones take it for a forked call and go on.',
      }),
    ),
    tagKept: whereReached(
      should('RFC 3261 §16.7', 'a proxy keeps the To tag of a refusal that it forwards', {
        gravity: 'letter',
        cause: 'to-tag-changed',
        harm: 'The To tag of a call’s responses changes. Most telephones take it for a forked call and go on.',
      }),
    ),
    timestamp: whereReached(
      must('RFC 3261 §8.2.6.1', 'a 100 copies the Timestamp of the request', {
        gravity: 'letter',
        harm: 'A 100 does not copy the Timestamp of its request. Hardly any telephone sends one.',
      }),
    ),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 5,
  fitForLoad: true,
  reliesOn: 'call',
  harm: 'Responses do not carry back what the request said.',
  advice: 'Look at what the server changes in responses on their way to the caller: topology hiding, number rewriting.',
  async run({ alice, bob, expect, within, waits }) {
    await alice.registers()
    await bob.registers()
    bob.waitsForTheStory()
    const lower = 'SIP/2.0/UDP behind.invalid:5070;branch=z9hG4bKlower;x-floor=3'
    const { call, incoming } = await arrivesAt(alice, bob, {
      from: `"A. Caller, 2nd" <${alice.aor}>;x-desk=7`,
      headers: { Timestamp: '54.2' },
      edit: (request) => {
        request.headers.add('Via', lower)
        return request
      },
    })
    await incoming.ring()
    precondition(await within(call.ringing, 4_000), 'ringing did not reach the caller')
    await incoming.reject(486)
    await within(call.answered, 4_000)
    await waits(100)
    const sent = alice.says('INVITE', { callId: call.id }).last
    precondition(sent, 'no INVITE was sent')
    const responses = alice.hears(undefined, { callId: call.id, cseq: sent.message.cseq.number, to: 'INVITE' }).all
    const all = (read: (message: SipSighting['message']) => string) => [
      ...new Set(responses.map(({ message }) => read(message))),
    ]
    // Equal in what it says: another order of parameters and other white space are no matter.
    const fromOf = ({ from: { display, uri, params } }: SipSighting['message']) =>
      `"${display ?? ''}" <${uri}> ${[...params]
        .map(([name, value]) => `;${name}=${value ?? ''}`)
        .toSorted()
        .join('')}`
    const cseqOf = ({ cseq: { number, method } }: SipSighting['message']) => `${number} ${method}`
    const last = { seen: responses.at(-1) }
    expect('from', all(fromOf), { ...last, header: 'From' }).toEqual([fromOf(sent.message)])
    expect(
      'callId',
      all(({ callId }) => callId),
      last,
    ).toEqual([call.id])
    expect('cseq', all(cseqOf), last).toEqual([cseqOf(sent.message)])
    // The server may add to them (received, rport), and takes nothing away.
    const viasOf = (message: SipSighting['message']) =>
      message
        .vias()
        .map(({ host, branch, params }) => [host, branch, params.get('x-floor') ?? []].flat().join(' '))
        .join(', ')
    const vias = responses.map(({ message }) => viasOf(message))
    expect('vias', [...new Set(vias)], { ...last, header: 'Via' }).toEqual([viasOf(sent.message)])
    // Of the callee: what others say after its refusal (an announcement) has a tag of its own.
    const own = responses.filter(
      ({ message }) => 'status' in message && (message.status === 180 || message.status === 486),
    )
    // A proxy's refusals are its own (§16.7, item 6): what it takes over from the callee's it need not.
    expect(
      wasProxied(sent, bob.hears('INVITE', { callId: incoming.id }).first) ? 'tagKept' : 'tag',
      own.map(({ message }) => message.to.tag ?? null),
      { seen: own.at(-1), header: 'To' },
    ).toBeConstant()
    const trying = responses.find(({ message }) => 'status' in message && message.status === 100)
    if (trying) {
      const copied = trying.message.headers.get('Timestamp')?.split(/\s+/)[0]
      expect('timestamp', copied ?? 'none', { seen: trying, header: 'Timestamp' }).toBe('54.2')
    }
  },
})
