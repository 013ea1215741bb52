import { must, outsideAddress, precondition, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'nat/rport',
  title: 'A device behind NAT is answered at the address and port that its request came from',
  area: 'nat',
  purposes: ['NAT-RPORT'],
  provider: ['BH-9'],
  rules: {
    answered: must('RFC 3581 §4', 'the response goes to the source address and port where rport is asked for', {
      gravity: 'outage',
      cause: 'reply-address-wrong',
      harm: 'The parameter rport is ignored: customers behind a router cannot register on UDP.',
    }),
    received: whereReached(
      must('RFC 3581 §4', 'the response tells the source address of the request in received', {
        gravity: 'harm',
        cause: 'received-missing',
        harm: 'The parameter received is missing: telephones behind a router do not learn their outside address.',
      }),
    ),
    rport: whereReached(
      must('RFC 3581 §4', 'the response tells the source port of the request in rport', {
        gravity: 'harm',
        cause: 'received-missing',
        harm: 'The parameter rport is not filled in: telephones behind a router do not learn their outside port.',
      }),
    ),
    sameSource: whereReached(
      must('RFC 3581 §4', 'the response comes from the address and port that was asked', {
        gravity: 'outage',
        cause: 'reply-source-wrong',
        harm: 'Answers come from another address or port than the one asked: routers drop them.',
      }),
    ),
  },
  devices: {
    alice: { nat: { mappingTimeoutMs: 20_000, filtering: 'endpoint-independent' }, audio: false },
    bob: { audio: false },
  },
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  fitForLoad: true,
  reliesOn: 'reach',
  step: 'register',
  harm: 'Devices behind NAT are not answered as they should be.',
  advice:
    'Answer where the request came from. Kamailio: force_rport(). Asterisk: force_rport=yes. Look also at load balancers that rewrite ports.',
  async run({ alice, bob, target, random, expect }) {
    const uri = `sip:${target.domain('udp')}`
    const ask = async (device: typeof alice) => {
      const callId = random.token(24)
      const request = device.composes('OPTIONS', uri, { callId })
      await device.transmits(request)
      const heard = device.hears(undefined, { callId })
      const first = await heard.next(1_500)
      if (first) return first
      // One datagram may be lost.
      await device.transmits(request)
      return heard.next(2_000)
    }
    const plain = await ask(bob)
    precondition(plain, 'OPTIONS of a device without NAT got no answer either', 'no-answer')
    const answer = await ask(alice)
    expect('answered', answer !== undefined).toBeTrue('an answer that passes the NAT')
    if (!answer) return
    const [mapping] = alice.nat?.mappings().filter(({ inside }) => inside.port === answer.local.port) ?? []
    precondition(mapping, 'the NAT has no mapping for the request')
    const { via } = answer.message
    // Where this machine itself sits behind a NAT, the target sees both devices under the address of that.
    const outside = outsideAddress(mapping.outside.address, plain.message.via.received)
    expect('received', via.received ?? 'none', { seen: answer, header: 'Via' }).toBe(outside)
    const isTranslated = outside !== mapping.outside.address
    if (isTranslated) {
      expect('rport', via.rport ?? null, { seen: answer, header: 'Via' }).toSatisfy(
        "a port, chosen by the NAT before this machine's network",
        (port) => typeof port === 'number',
      )
    } else {
      expect('rport', via.rport ?? 'none', { seen: answer, header: 'Via' }).toBe(mapping.outside.port)
    }
    const { remote } = alice.hop
    expect('sameSource', `${answer.remote.address} port ${answer.remote.port}`, { seen: answer }).toBe(
      `${remote.address} port ${remote.port}`,
    )
  },
})
