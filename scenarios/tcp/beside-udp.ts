import { must, precondition, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'tcp/beside-udp',
  title: 'Each UDP port of the server is a TCP port as well',
  area: 'tcp',
  purposes: ['TR-BOTH'],
  provider: ['EP-1', 'BH-2', 'BH-3'],
  rules: {
    listens: must(
      'RFC 3261 §18.2.1',
      'each UDP port is a TCP port as well, for messages that are too large for a datagram',
      {
        gravity: 'harm',
        cause: 'not-reachable',
        harm: 'Nothing listens on TCP beside UDP: requests too large for a datagram have nowhere to go.',
      },
    ),
    answers: whereReached(
      must('RFC 3261 §18.2.1', 'requests on the TCP port beside each UDP port are answered', {
        gravity: 'harm',
        harm: 'The TCP port beside UDP accepts connections and answers nothing.',
      }),
    ),
  },
  devices: { alice: {} },
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  fitForLoad: true,
  reliesOn: 'reach',
  harm: 'TCP beside UDP does not work.',
  advice:
    'Check that the server listens on TCP on the port that it publishes, and that firewalls let it through. Kamailio: a listen=tcp:… line, and no disable_tcp=yes.',
  async run({ alice, target, expect }) {
    const domain = target.domain('udp')
    const ask = () => alice.composes('OPTIONS', `sip:${domain}`, { to: `<sip:${domain}>` })
    precondition(await alice.asks(ask()), 'OPTIONS over UDP got no answer', 'no-answer')
    const over = ask()
    over.headers.set('Via', (over.headers.get('Via') ?? '').replace('SIP/2.0/UDP', 'SIP/2.0/TCP'))
    let trouble = ''
    try {
      const connection = await alice.connects({ kind: 'tcp', timeoutMs: 4_000 })
      connection.write(over.toBytes())
    } catch (error) {
      trouble = error instanceof Error ? error.message : String(error)
    }
    if (!expect('listens', trouble || 'connected').toBe('connected')) return
    const answer = await alice.hears(undefined, { callId: over.callId }).next(2_000)
    expect('answers', answer?.message.headers.get('CSeq') ?? null, { seen: answer }).toBePresent()
  },
})
