import { must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'tcp/beside-udp',
  title: 'Where the server takes datagrams it takes connections too, on the same address and port',
  area: 'tcp',
  purposes: ['TR-BOTH'],
  provider: ['EP-1', 'BH-2', 'BH-3'],
  rules: {
    listens: must(
      'RFC 3261 §18.2.1',
      'each UDP port is a TCP port as well, for messages that are too large for a datagram',
      { gravity: 'letter' },
    ),
    answers: must('RFC 3261 §18.2.1', 'requests on the TCP port beside each UDP port are answered', {
      gravity: 'letter',
    }),
  },
  devices: { alice: {} },
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  harm: 'Calls with long messages (many codecs, encryption, forwarding) fail while others work: what does not fit into a datagram has nowhere to go.',
  advice: 'Check that the server listens on TCP on the port it publishes, and that the firewall lets it through.',
  async run({ alice, target, expect }) {
    const domain = target.domain('udp')
    const ask = () => alice.composes('OPTIONS', `sip:${domain}`, { to: `<sip:${domain}>` })
    precondition(await alice.asks(ask()), 'an OPTIONS over UDP got no answer')
    const over = ask()
    over.headers.set('Via', (over.headers.get('Via') ?? '').replace('SIP/2.0/UDP', 'SIP/2.0/TCP'))
    let trouble = ''
    try {
      const connection = await alice.connects({ kind: 'tcp', timeoutMs: 4_000 })
      connection.write(over.toBytes())
    } catch (error) {
      trouble = error instanceof Error ? error.message : String(error)
    }
    expect('listens', trouble).toBe('')
    const answer = trouble === '' ? await alice.hears(undefined, { callId: over.callId }).next(2_000) : undefined
    expect('answers', answer?.message.headers.get('CSeq'), { seen: answer }).toBePresent()
  },
})
